"""Two shops in two time zones and currencies, and one org: one store, one identity, one currency."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import write_scenario
from line_readback import Held, read_salesforce, read_shopify
from line_small import LATER, NOW, contacts, customers, orders, sales
from line_support import Line

from sandbox.server import running

ANNA, BEN = 1, 2
TOKYO, NEW_YORK = "tokyo.myshopify.com", "new-york.myshopify.com"
TOKYO_TOML = f'now = "{NOW}"\n[shopify]\nshop = "{TOKYO}"\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n'
NEW_YORK_TOML = (
    f'now = "{NOW}"\n[shopify]\nshop = "{NEW_YORK}"\ntimezone = "America/New_York"\ncurrency = "USD"\n'
)
RATES = "\n[currency]\nrates = { USD = 150 }\n"
REQUESTS = 30


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


def rows() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the two sandboxes hold: Anna buys everywhere, Ben in New York only.

    Her first order is of the next day in Tokyo, her second of the day before in New York.
    """
    mail = "anna@example.com"
    first = {
        "shopify_customers": customers([ANNA], email=mail),
        "shopify_orders": orders([ANNA], "2026-01-10", total="1000", processed_at="2026-01-10T16:00:00Z"),
        "salesforce_Contact": contacts([ANNA], Email=mail),
        "salesforce_Order": sales([ANNA], "2026-04-01"),
    }
    second = {
        "shopify_customers": [*customers([ANNA], email=mail), *customers([BEN])],
        "shopify_orders": [
            *orders([ANNA], "2026-03-02", total="20.00", processed_at="2026-03-02T03:00:00Z"),
            *orders([BEN], "2026-05-01", start=2, total="30.00"),
        ],
    }
    return first, second


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Shops]:
    first, second = rows()
    with ExitStack() as stack:
        ready = stack.enter_context(running(write_scenario(tmp_path / "one", first, TOKYO_TOML)))
        other = stack.enter_context(running(write_scenario(tmp_path / "two", second, NEW_YORK_TOML)))
        (tmp_path / "job").mkdir()
        line = Shops(tmp_path / "job", ready, inside=True, second=other)
        line.configure_shops("tokyo", "new_york")
        line.provision()
        yield line


def store(line: Shops, sql: str) -> list[tuple[Any, ...]]:
    """What the store says."""
    with duckdb.connect(str(line.store), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_one_person_of_two_shops_and_an_org_has_every_order_on_its_own_shops_day(shops: Shops) -> None:
    told = shops.sync().json
    assert (told["persons"], told["records"], told["balanced"]) == (2, 4, True)
    tokyo, new_york, org = shops.held()
    anna = tokyo["1001"]
    assert anna["first_purchase_on"] == date(2026, 1, 11), "already the next day in Tokyo"
    assert anna["last_purchase_on"] == date(2026, 4, 1)
    assert anna["net_spend"] == 1_000 + 20 * 150 + 10 * 150
    assert (anna["purchases"], anna["tenure_days"]) == (3, 80)
    assert new_york["1001"] == anna
    assert list(org.values()) == [anna]
    days = dict(
        store(shops, "SELECT account, min(ordered_on) FROM orders WHERE platform = 'shopify' GROUP BY 1")
    )
    assert days == {TOKYO: date(2026, 1, 11), NEW_YORK: date(2026, 3, 1)}
    assert new_york["1002"]["net_spend"] == Decimal(30 * 150)


def test_every_line_of_the_balance_sheet_says_which_shop(shops: Shops) -> None:
    told = shops.sync().json
    assert {name for name in told["streams"] if name.startswith("shopify")} == {
        f"shopify:{shop}.{stream}"
        for shop in ("tokyo", "new_york")
        for stream in ("customers", "orders", "abandoned_checkouts", "draft_orders")
    }
    assert {name: line["planned"] for name, line in told["writes"].items()} == {
        "shopify:tokyo": 1,
        "shopify:new_york": 2,
        "salesforce": 1,
    }
    api = told["api"]
    assert api["shopify"]["requests"] == sum(
        api[name]["requests"] for name in ("shopify:tokyo", "shopify:new_york")
    )


def test_a_second_run_writes_nothing_and_a_day_in_one_shop_reaches_the_other(shops: Shops) -> None:
    shops.sync()
    again = shops.sync().json
    assert (again["planned"], again["balanced"]) == (0, True)
    assert sum(again["api"][name]["requests"] for name in ("shopify", "salesforce")) <= REQUESTS
    more = orders([ANNA], "2026-10-02", start=9, total="500", updated_at=LATER)
    shops.apply(shops.folder / "more", {"shopify_orders": more}, LATER)
    Line.apply(Line(shops.folder, shops.second), shops.folder / "none", {}, LATER)
    assert shops.sync().json["written"] == 3
    _, new_york, _ = shops.held()
    assert new_york["1001"]["last_purchase_on"] == date(2026, 10, 2)


def test_the_first_shop_gives_the_currency_of_every_sum(shops: Shops) -> None:
    shops.configure_shops("new_york", "tokyo", more="\n[currency]\nrates = { JPY = 0.01 }\n")
    shops.provision()
    shops.sync()
    _, new_york, _ = shops.held()
    assert new_york["1001"]["net_spend"] == Decimal("40.00"), "10.00 from Tokyo, 20.00, and 10.00 of the org"


def test_an_order_without_a_rate_is_set_aside_until_there_is_one(shops: Shops) -> None:
    shops.configure_shops("tokyo", "new_york", more="")
    told = shops.sync(code=3).json
    assert told["streams"]["shopify:new_york.orders"]["quarantined"] == 2
    assert (told["balanced"], shops.held()[0]["1001"]["net_spend"]) == (True, 1_000)
    shops.configure_shops("tokyo", "new_york")
    told = shops.sync().json
    assert told["streams"]["shopify:new_york.orders"]["inserted"] == 2
    assert shops.held()[0]["1001"]["net_spend"] == 5_500


def test_a_shop_that_is_added_is_read_whole_and_the_other_only_onwards(shops: Shops) -> None:
    shops.configure_shops("tokyo")
    assert shops.sync().json["persons"] == 1
    shops.configure_shops("tokyo", "new_york")
    told = shops.sync().json
    assert (told["persons"], told["people"]["new"]) == (2, 1)
    assert told["streams"]["shopify:new_york.customers"]["inserted"] == 2
    assert told["streams"]["shopify:tokyo.customers"]["inserted"] == 0


def test_a_shop_that_was_read_cannot_just_be_left_out(shops: Shops) -> None:
    shops.sync()
    shops.configure_shops("tokyo")
    ran = shops.sync(code=1)
    assert ran.json["error"]["code"] == "store_other_settings"
    assert NEW_YORK in ran.json["error"]["message"]


def test_missing_secrets_of_one_shop_are_named(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shops, "secrets", property(Line.secrets.fget))  # type: ignore[attr-defined]
    error = shops.sync(code=1).json["error"]
    assert error["code"] == "secret_missing"
    assert "ZAISEKI_SHOPIFY_TOKYO_CLIENT_ID" in error["next_step"]


def test_a_shop_that_does_not_answer_is_named(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = shops.secrets | {"ZAISEKI_SHOPIFY_NEW_YORK_CLIENT_SECRET": "wrong"}
    monkeypatch.setattr(Shops, "secrets", wrong)
    error = shops.sync(code=1).json["error"]
    assert error["message"].startswith("Shopify (new_york): Shopify refuses")
