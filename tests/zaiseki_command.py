"""The command line in a folder of its own: settings, secrets, what it prints, what reached the platforms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import requests

from zaiseki.cli.main import run
from zaiseki.cli.shell import Shell

Start = Callable[..., dict[str, Any]]
TOML = 'now = "2026-10-01T12:00:00Z"\n'
SEGMENT = "[metrics]\nshop = false\n[segment]\nbest_spend = 100\n"
WRITES = ("metafieldsSet", "metafieldsDelete", "stagedUploadsCreate")
SALESFORCE_WRITES = ("/composite/sobjects", "/jobs/ingest", "/deployRequest")


@dataclass(frozen=True)
class Told:
    """How a command ended, and everything it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Command:
    """The command line over one settings file, in this process."""

    config: Path
    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, lang: Literal["en", "ja"] = "en") -> Told:
        """Run one command and hear it out."""
        self.capture.readouterr()
        code = run(["--config", str(self.config), "--lang", lang, *arguments], Shell(self.config, lang))
        out, err = self.capture.readouterr()
        # A traceback means a bug, whatever else was said.
        assert "Traceback" not in err, err
        return Told(code, out, err)


def write_settings(folder: Path, ready: Mapping[str, Any], more: str = SEGMENT) -> Path:
    """A settings file for both platforms of a sandbox."""
    path = folder / "zaiseki.toml"
    path.write_text(
        f'[shopify]\nshop = "{ready["shopify"]["shop"]}"\nurl = "{ready["shopify"]["url"]}"\n'
        f'[salesforce]\ndomain = "acme.my.salesforce.com"\nurl = "{ready["salesforce"]["url"]}"\n{more}',
        encoding="utf-8",
    )
    return path


def set_secrets(monkeypatch: pytest.MonkeyPatch, ready: Mapping[str, Any]) -> None:
    """The sandbox's credentials in the environment; a dead platform is given up at once."""
    for platform in ("shopify", "salesforce"):
        for name in ("client_id", "client_secret"):
            monkeypatch.setenv(f"ZAISEKI_{platform}_{name}".upper(), ready[platform][name])
    monkeypatch.setenv("ZAISEKI_RETRY_SECONDS", "0")


def set_faults(ready: Mapping[str, Any], *rules: Mapping[str, Any]) -> None:
    """Faults of the sandbox, and behind them a wire that notes every write to the shop."""
    wires = [
        {"platform": "shopify", "contains": word, "fault": "slow", "seconds": 0, "times": None}
        for word in WRITES
    ]
    answer = requests.post(f"{ready['shopify']['url']}/_sandbox/faults", json=[*rules, *wires], timeout=10)
    answer.raise_for_status()


def served(ready: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every request the sandbox has served."""
    answer = requests.get(f"{ready['shopify']['url']}/_sandbox/requests", timeout=10)
    found: list[dict[str, Any]] = answer.json()["requests"]
    return found


def forget_requests(ready: Mapping[str, Any]) -> None:
    """Begin the sandbox's log anew."""
    requests.delete(f"{ready['shopify']['url']}/_sandbox/requests", timeout=10).raise_for_status()


def writes(ready: Mapping[str, Any]) -> list[str]:
    """The requests that meant to write to either platform; the wires of `set_faults` must be laid."""
    return [
        f"{one['platform']} {one['method']} {one['path']}"
        for one in served(ready)
        if one["fault"] == "slow"
        or (one["platform"] == "salesforce" and one["method"] in ("PATCH", "PUT", "DELETE"))
        or (
            one["platform"] == "salesforce"
            and one["method"] == "POST"
            and any(part in one["path"] for part in SALESFORCE_WRITES)
        )
    ]


def people() -> dict[str, list[dict[str, object]]]:
    """A small shop and org: one buyer in both, one in each alone."""
    return {
        "shopify_customers": [
            {"id": 1, "email": "a@example.com", "created_at": "2025-01-01T00:00:00Z"},
            {"id": 2, "email": "b@example.com", "created_at": "2025-01-02T00:00:00Z"},
        ],
        "shopify_orders": [
            {"id": 11, "customer_id": 1, "processed_at": "2026-01-05T00:00:00Z", "total": "50.00"},
            {"id": 12, "customer_id": 1, "processed_at": "2026-09-05T00:00:00Z", "total": "70.00"},
            {"id": 13, "customer_id": 2, "processed_at": "2026-09-01T00:00:00Z", "total": "20.00"},
        ],
        "salesforce_Account": [{"Id": "001000000000001AAA", "Name": "Household"}],
        "salesforce_Contact": [
            {"Id": "003000000000001AAA", "LastName": "A", "Email": "a@example.com"},
            {"Id": "003000000000002AAA", "LastName": "C", "Email": "c@example.com"},
        ],
        "salesforce_Order": [
            {
                "Id": "801000000000001AAA",
                "AccountId": "001000000000001AAA",
                "BillToContactId": "003000000000002AAA",
                "EffectiveDate": "2026-08-03",
                "Status": "Activated",
                "TotalAmount": "30.10",
            }
        ],
    }
