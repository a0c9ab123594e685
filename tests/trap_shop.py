"""One shop and one org with a trap in every corner, synced once: each case has numbers of its own.

A case is written down as rows; afterwards tests ask who is whom, and what every customer's fields say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import write_scenario
from line_readback import Held, Value, read_both
from line_support import Line

from sandbox.salesforce.ids import make_id
from sandbox.server import running

NOW = "2026-10-01T12:00:00+09:00"
MADE = "2025-01-01T10:00:00+09:00"
TOML = f'now = "{NOW}"\n'
TOKYO = """\
[shopify]
shop = "traps"
timezone = "Asia/Tokyo"
currency = "JPY"
[salesforce]
timezone = "Asia/Tokyo"
currency = "JPY"
"""
SETTINGS = """\
[shopify]
shop = "{shop}"
url = "{url}"
[salesforce]
domain = "traps.my.salesforce.com"
url = "{url}"
shopify_id_field = "Shopify_Customer_Id__c"
order_reference = "Shopify_Order__c"
[segment]
best_spend = 70000
"""
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Traps:
    """The rows of all cases, and after the sync what the platforms hold."""

    rows: Rows = field(default_factory=lambda: defaultdict(list))
    held: Mapping[str, Held] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    line: Line | None = None

    def customer(self, number: int, first: str = "", last: str = "", **more: object) -> None:
        """A customer of the shop."""
        row = {"id": number, "first_name": first, "last_name": last, "created_at": MADE, "updated_at": MADE}
        self.rows["shopify_customers"].append(row | more)

    def contact(self, number: int, first: str = "", last: str = "-", **more: object) -> None:
        """A contact of the org."""
        row = {"Id": contact_id(number), "FirstName": first, "LastName": last or "-"}
        row["Shopify_Customer_Id__c"] = ""
        self.rows["salesforce_Contact"].append(row | {"CreatedDate": MADE, "LastModifiedDate": MADE} | more)

    def order(self, number: int, customer: object, on: str, total: object, **more: object) -> None:
        """An order of the shop, on a day or at a time."""
        at = on if "T" in on else f"{on}T12:00:00+09:00"
        row = {"id": number, "customer_id": customer, "processed_at": at, "updated_at": at, "total": total}
        self.rows["shopify_orders"].append(row | more)

    def refund(self, number: int, order: int, on: str, amount: object) -> None:
        """Money given back for an order."""
        row = {"id": number, "order_id": order, "processed_at": f"{on}T12:00:00+09:00", "amount": amount}
        self.rows["shopify_refunds"].append(row)

    def sale(self, number: int, contact: int, on: str, total: object, **more: object) -> None:
        """An order of the org."""
        stamp = f"{on}T15:00:00+09:00"
        row = {
            "Id": make_id("801", number),
            "BillToContactId": contact_id(contact),
            "EffectiveDate": on,
            "Status": "Activated",
            "TotalAmount": total,
            "CreatedDate": stamp,
            "LastModifiedDate": stamp,
            "Shopify_Order__c": "",
        }
        self.rows["salesforce_Order"].append(row | more)

    def of(self, record: int | str) -> Mapping[str, Value]:
        """What an admin sees on a customer, by its number, or on a record of the org, by its id."""
        if isinstance(record, int):
            return self.held["shopify"][str(record)]
        return self.held["salesforce"][record]

    def is_one(self, *records: int | str) -> bool:
        """Whether these records are one person; each of them is somebody."""
        ids = [self.of(record)["person_id"] for record in records]
        assert None not in ids
        return len(set(ids)) == 1

    def are_apart(self, *records: int | str) -> bool:
        """Whether no two of these records are one person."""
        ids = [self.of(record)["person_id"] for record in records]
        assert None not in ids
        return len(set(ids)) == len(ids)


def contact_id(number: int) -> str:
    """The id of the contact with this number."""
    return make_id("003", number)


@contextmanager
def synced(
    folder: Path, traps: Traps, *, code: int = 0, toml: str = TOKYO, more: str = ""
) -> Iterator[Traps]:
    """Serve the cases, sync them once, and read both platforms back."""
    scenario = write_scenario(folder / "scenario", traps.rows, TOML + toml)
    job = folder / "job"
    job.mkdir()
    with running(scenario) as ready:
        traps.line = Line(job, ready, inside=True)
        text = SETTINGS.format(shop=ready["shopify"]["shop"], url=ready["shopify"]["url"])
        text += "" if "[metrics]" in more else "[metrics]\nshop = false\n"
        traps.line.settings.write_text(text + more, encoding="utf-8")
        traps.line.provision()
        traps.told = traps.line.sync(code=code).json
        traps.held = read_both(ready)
        yield traps
