"""People in a store of their own after one run, for what `zaiseki why` tells of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from stored_people import AT, ORG, SHOP, put, record, refund
from stored_people import order as order_of
from zaiseki_command import Command

from metrics.calendar import day_of
from metrics.fields import Language
from metrics.scores import score_persons
from metrics.segment import Thresholds
from sync import runs
from sync.identify import IdentityRules, identify
from sync.model import Order, Record, Refund, Touch
from sync.store import Store
from zaiseki import word_of_mouth
from zaiseki.cli.shell import FILE_WIDTH, Shell
from zaiseki.counting import purchase_rules, refresh_frames, score_rules
from zaiseki.disclosure import as_json
from zaiseki.explanation import Explanation
from zaiseki.planning import thresholds_as_text
from zaiseki.scoring import given_of
from zaiseki.settings import Settings, read_settings
from zaiseki.show_why import show_why
from zaiseki.why import explain_record

AS_OF = date(2026, 11, 21)
TODAY = day_of(AS_OF)
CONTACT, PERSON, PERSON_CONTACT, LEAD, COMPANY = (
    "003000000000001AAA",
    "001000000000005AAA",
    "003000000000005AAA",
    "00Q000000000001AAA",
    "001000000000006AAA",
)
TOML = f"""
[shopify]
shop = "{SHOP}"
[salesforce]
domain = "acme.my.salesforce.com"
"""
Fill = Callable[..., Command]
"""What `fill_store` takes but the folder, to the command line over that store."""


def order(order_id: str, day: int, amount: str = "1000", **more: Any) -> Order:
    """Ann's order in the shop, so many days ago."""
    return order_of(order_id, TODAY - day, amount, **{"record_id": "1", "name": f"#{order_id}", **more})


ANN = (
    record("1", email_key="e1", email_consent="subscribed", han_given=7),
    record(CONTACT, "Contact", email_key="e1", email_consent="unsubscribed", phone_refused=True),
)
HISTORY = [
    order("1001", 700, "61000"),
    order("1002", 300, "9000"),
    order("1003", 300, "1000"),
    order("1004", 20, "10000"),
    order("1005", 10, "3000", cancelled_day=TODAY - 9),
    order("1006", 8, "5000", is_test=True),
    order("1007", 5, "4000"),
]


def fill_store(
    folder: Path,
    records: Sequence[Record],
    orders: Sequence[Order] = (),
    refunds: Sequence[Refund] = (),
    settings: str = "",
    *,
    touches: Sequence[Touch] = (),
    whole_history: bool = True,
) -> Path:
    """A store after one run over these rows; its settings file."""
    config = folder / "zaiseki.toml"
    config.write_text(TOML + settings, encoding="utf-8")
    with Store.open(folder / "zaiseki.duckdb") as store:
        store.bind("reporting currency", "JPY")
        given = {"records": records, "orders": orders, "refunds": refunds, "touches": touches}
        for table, rows in given.items():
            put(store, table, rows)
        run(store, read_settings(config), Thresholds(Decimal(70000)), whole_history=whole_history)
    return config


def fill_with_ann(folder: Path) -> Path:
    """The settings file of a store with Ann: a customer, one merged into it, a contact and its lead."""
    lead = record(
        LEAD,
        "Lead",
        write_target=False,
        linked_platform="salesforce",
        linked_account=ORG,
        linked_id=CONTACT,
    )
    old = record("9", deleted=True, merged_into="1")
    back = [refund("1004", TODAY - 1, "700"), refund("1007", TODAY - 1, "4000", "r2")]
    return fill_store(folder, [*ANN, lead, old], HISTORY, back)


def run(
    store: Store, settings: Settings, limits: Thresholds, *, whole_history: bool = True, run_id: str = "run1"
) -> None:
    """Identify and score as a run does, and note the run."""
    runs.begin(store, run_id, AT)
    rules = IdentityRules(max_members=settings.identity.max_members)
    identify(store, run_id=run_id, at=AT, rules=rules)
    counted = purchase_rules(settings)
    refresh_frames(store, counted, as_of_day=TODAY)
    named, friends = word_of_mouth.named_and_friends(store, as_of_day=TODAY, rules=counted)
    word_of_mouth.keep(store, named)
    scored = score_persons(
        given_of(store, friends),
        as_of_day=TODAY,
        rules=score_rules(settings, limits),
        materialise=store.materialise,
    )
    store.con.execute(f"CREATE OR REPLACE TABLE scores AS {scored.to_native().sql_query()}")
    thresholds = thresholds_as_text(limits) if whole_history else None
    runs.finish(
        store, run_id, state="written", exit_code=0, finished_at=AT, as_of=AS_OF, thresholds=thresholds
    )


def told(command: Command, name: str) -> dict[str, Any]:
    """The object of --json."""
    found: dict[str, Any] = json.loads(command("why", name, "--json").out)
    return found


@dataclass
class Explained:
    """Everybody of a store, each explained once, and what is shown of it."""

    config: Path
    found: dict[str, Explanation] = field(default_factory=dict)

    def of(self, name: str) -> Explanation:
        """The explanation itself."""
        if name not in self.found:
            self.found[name] = explain_record(self.config, name)
        return self.found[name]

    def facts(self, name: str) -> dict[str, Any]:
        """The object of --json."""
        facts: dict[str, Any] = json.loads(json.dumps(as_json(self.of(name))))
        return facts

    def text(self, name: str, lang: Language = "en") -> str:
        """What is printed."""
        out = StringIO()
        console = Console(file=out, width=FILE_WIDTH, soft_wrap=True, highlight=False)
        show_why(Shell(self.config, lang, out=console), self.of(name))
        return out.getvalue()
