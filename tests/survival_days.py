"""A small shop and org from one day to the next: who is in them, and how changes are laid on top."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from conftest import Rows, write_scenario
from survival_door import Door, door_to
from survival_support import Place, balanced

from sandbox.server import prepared, serving
from sandbox.state import Kept

FIRST_DAY = """\
now = 2026-10-01T12:00:00+09:00
[shopify]
shop = "daily"
timezone = "Asia/Tokyo"
currency = "JPY"
[salesforce]
timezone = "Asia/Tokyo"
currency = "JPY"
"""
ANNA, BEN, CHIE, DAI, EMI = range(1, 6)
C_ANNA, C_DAI, C_FUMI, C_GEN, C_HANA = (f"003{n:012d}AAA" for n in range(1, 6))
ACME = "001000000000001AAA"
folders = count()


def customer(number: int, name: str, created: str, **more: object) -> dict[str, object]:
    stamp = f"{created}T10:00:00+09:00"
    given = {"id": number, "first_name": name, "last_name": "Test", "email": f"{name}@example.com"}
    return {**given, "created_at": stamp, "updated_at": stamp, **more}


def contact(record: str, name: str, created: str, **more: object) -> dict[str, object]:
    stamp = f"{created}T10:00:00+09:00"
    given = {"Id": record, "AccountId": ACME, "FirstName": name, "LastName": "Test"}
    return {**given, "Email": f"{name}@example.com", "CreatedDate": stamp, "LastModifiedDate": stamp, **more}


def order(number: int, buyer: object, on: str, total: object, **more: object) -> dict[str, object]:
    return {
        "id": number,
        "customer_id": buyer,
        "processed_at": f"{on}T15:00:00+09:00",
        "total": total,
        **more,
    }


def sale(number: int, buyer: str, on: str, total: object, **more: object) -> dict[str, object]:
    stamp = f"{on}T15:00:00+09:00"
    given = {"Id": f"801{number:012d}AAA", "AccountId": ACME, "BillToContactId": buyer, "EffectiveDate": on}
    return {**given, "Status": "Activated", "TotalAmount": total, "LastModifiedDate": stamp, **more}


BASE: Rows = {
    "shopify_customers": [
        customer(ANNA, "anna", "2025-01-10"),
        customer(BEN, "ben", "2025-02-10"),
        customer(CHIE, "chie", "2025-03-10"),
        customer(DAI, "dai", "2025-04-10"),
        customer(EMI, "emi", "2025-05-10"),
    ],
    "shopify_metafields": [
        {
            "owner_id": EMI,
            "namespace": "custom",
            "key": "referral_code",
            "type": "single_line_text_field",
            "value": "EMI-5",
        }
    ],
    "shopify_orders": [
        order(101, ANNA, "2026-01-10", 3000),
        order(102, ANNA, "2026-05-10", 4000),
        order(103, BEN, "2026-06-01", 5000),
        order(104, CHIE, "2026-07-01", 6000),
        order(105, DAI, "2026-07-02", 7000),
        order(106, EMI, "2026-07-03", 8000),
        order(107, "", "2026-07-04", 900, email="guest@example.com"),
    ],
    "salesforce_Account": [{"Id": ACME, "Name": "Walk-ins"}],
    "salesforce_Contact": [
        contact(C_ANNA, "anna", "2025-06-10"),
        contact(C_DAI, "daisuke", "2025-06-11", Shopify_Customer_Id__c=DAI),
        contact(C_FUMI, "fumi", "2025-06-12"),
        contact(C_GEN, "gen", "2025-06-13"),
        contact(C_HANA, "hana", "2025-06-14"),
    ],
    "salesforce_Order": [
        sale(1, C_FUMI, "2026-08-01", 1000),
        sale(2, C_DAI, "2026-08-02", 2000),
        sale(3, C_HANA, "2026-08-03", 2500),
    ],
}


@dataclass(frozen=True)
class FirstDay:
    """The first day, written to both platforms, with the job that wrote it; every test goes on from there."""

    scenario: Path
    job: Path
    platforms: Kept

    @contextmanager
    def again(self, folder: Path) -> Iterator[tuple[Place, Door]]:
        """The same on platforms of its own; the job calls them through the door."""
        shutil.copytree(self.job, folder / "job")
        with (
            prepared(self.scenario, self.platforms) as state,
            serving(state) as ready,
            door_to(ready["shopify"]["url"]) as door,
        ):
            yield Place(ready, folder / "job", door.url), door


def first_day(folder: Path) -> FirstDay:
    """Run the first day."""
    scenario = write_scenario(folder / "scenario", BASE, FIRST_DAY)
    with prepared(scenario) as state, serving(state) as ready:
        place = Place(ready, folder / "job")
        assert place.run("provision").code == 0
        assert balanced(place.run("sync")).facts["records"] == 11, "ten and a guest"
        return FirstDay(scenario, place.folder, state.keep(folder / "platforms"))


def next_day(place: Place, day: int, *changes: Rows) -> None:
    """Let changes happen in October, an hour before the next run.

    A row says nothing of columns that its set of changes does not name.
    """
    stamp = f"now = 2026-10-{day:02d}T{{hour}}:00:00+09:00\n"
    for rows in changes:
        place.apply(write_scenario(place.folder / f"changes{next(folders)}", rows, stamp.format(hour=11)))
    place.apply(write_scenario(place.folder / f"changes{next(folders)}", {}, stamp.format(hour=12)))
