"""A job on two shops in two time zones and currencies, and one org."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import write_scenario
from line_readback import Held, read_salesforce, read_shopify
from line_small import NOW
from line_support import Line

from sandbox.server import running

TOKYO, NEW_YORK = "tokyo.myshopify.com", "new-york.myshopify.com"
TOKYO_TOML = f'now = "{NOW}"\n[shopify]\nshop = "{TOKYO}"\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n'
NEW_YORK_TOML = (
    f'now = "{NOW}"\n[shopify]\nshop = "{NEW_YORK}"\ntimezone = "America/New_York"\ncurrency = "USD"\n'
)
RATES = "\n[currency]\nrates = { USD = 150 }\n"


@dataclass(frozen=True)
class Shops(Line):
    """A job on two shops and an org; the org is that of the first sandbox."""

    second: Mapping[str, Any] = field(default_factory=dict)

    @property
    def secrets(self) -> dict[str, str]:
        """Those of each shop bear its name."""
        named = {"TOKYO": self.ready, "NEW_YORK": self.second}
        return super().secrets | {
            f"ZAISEKI_SHOPIFY_{name}_CLIENT_{part.upper()}": ready["shopify"][f"client_{part}"]
            for name, ready in named.items()
            for part in ("id", "secret")
        }

    def configure_shops(self, *names: str, more: str = RATES) -> None:
        """Settings for these shops, in this order."""
        ready = {"tokyo": self.ready, "new_york": self.second}
        text = "".join(
            f'[[shopify]]\nname = "{name}"\nshop = "{ready[name]["shopify"]["shop"]}"\n'
            f'url = "{ready[name]["shopify"]["url"]}"\n\n'
            for name in names
        )
        org = '[salesforce]\ndomain = "zaiseki-demo.my.salesforce.com"\ncurrency = "USD"\n'
        text += f'{org}url = "{self.ready["salesforce"]["url"]}"\n\n[segment]\nbest_spend = 7000\n'
        text += "[metrics]\nshop = false\n"
        self.settings.write_text(text + more, encoding="utf-8")

    def held(self) -> tuple[Held, Held, Held]:
        """What an admin sees in Tokyo, in New York, and in the org."""
        return read_shopify(self.ready), read_shopify(self.second), read_salesforce(self.ready)


@contextmanager
def two_shops(folder: Path, first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Shops]:
    """The job, provisioned, over these rows of the two sandboxes."""
    with ExitStack() as stack:
        ready = stack.enter_context(running(write_scenario(folder / "one", first, TOKYO_TOML)))
        other = stack.enter_context(running(write_scenario(folder / "two", second, NEW_YORK_TOML)))
        (folder / "job").mkdir()
        line = Shops(folder / "job", ready, inside=True, second=other)
        line.configure_shops("tokyo", "new_york")
        line.provision()
        yield line
