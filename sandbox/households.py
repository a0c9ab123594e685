"""Households on both platforms with the truth beside them: `truth.csv` says which person every record is of.

How often things happen stands in `sandbox.household_rates`, each rate with its reason.
"""

import math
from pathlib import Path
from random import Random

from sandbox import household_rates as rates
from sandbox.household_later import SecondDay
from sandbox.household_people import invent_household
from sandbox.household_records import Life, Planned, plan_records
from sandbox.household_rows import (
    FIRST_REFUND,
    Row,
    account_of,
    account_row,
    contact_of,
    firm_id,
    household_id,
    org_order,
    record_id,
    record_row,
    shop_order,
    truth_row,
)
from sandbox.people import choose, pick
from sandbox.scenario_writer import ScenarioWriter
from sandbox.synthetic_customers import DAYS, local_time

SCENARIO = """\
# Written by scripts/generate_scenario.py: households, {records} records aimed at, seed {seed}.
now = 2026-10-01T12:00:00+09:00

[shopify]
shop = "zaiseki-households"
timezone = "Asia/Tokyo"
currency = "JPY"
plan = "plus"

[salesforce]
person_accounts = true
timezone = "Asia/Tokyo"
currency = "JPY"
daily_requests = 100000
"""


class Households:
    """Writes households into one folder, and what changes until the second day into another."""

    def __init__(self, writer: ScenarioWriter, later: SecondDay, seed: int) -> None:
        self.writer = writer
        self.later = later
        self.seed = seed
        self.records = self.people = self.households = self.orders = self.refunds = self.firms = 0
        self.places_open = 0
        """Members of staff whom the newest company still looks for."""
        self.old_mobiles: dict[str, list[str]] = {}
        """Numbers by country that only the org holds, and that a carrier may hand to somebody else."""

    def household(self, *, new: bool = False) -> None:
        """Write one more household; a new one appears on the second day only."""
        self.households += 1
        rng = Random(f"households/{self.seed}/{self.households}")
        people = invent_household(self.households, self.people + 1, rng)
        self.people += len(people)
        taken: set[str] = {""}
        lives: list[Life] = []
        if rng.random() < rates.FIRMS_PER_HOUSEHOLD and not new:
            self._open_firm(rng)
        for person in people:
            if (old := self.old_mobiles.get(person.country)) and rng.random() < rates.REUSED_MOBILE:
                person.mobile = old.pop()
            firm = self.firms if self.places_open else None
            lives.append(plan_records(person, rng, taken, firm))
            self.places_open -= firm is not None and bool(lives[-1].of("Contact"))
        if any(life.firm is None and life.of("Contact") for life in lives):
            family = people[0].spelling or str(people[0].family)
            self._put(*account_row(household_id(self.households), f"{family}家", "", self._day(rng)), new=new)
        for life in lives:
            self._life(life, rng, alone=len(lives) == 1, new=new)

    def _day(self, rng: Random) -> int:
        return int(rng.random() * (len(DAYS) - 30))

    def _put(self, stem: str, row: Row, *, new: bool = False) -> None:
        if new:
            self.later.put(stem, row)
        else:
            self.writer.row(stem, **row)

    def _open_firm(self, rng: Random) -> None:
        self.firms += 1
        self.records += 1
        self.places_open = choose(rng, rates.STAFF)
        day, account = self._day(rng), firm_id(self.firms)
        line = f"03-5{self.firms % 1_000:03d}-{self.firms // 1_000 % 10_000:04d}"
        self._put(*account_row(account, f"株式会社第{self.firms}商店", line, day))
        self.writer.row("truth", **truth_row(Planned("Contact", id=account), firm=self.firms))
        for _ in range(1 + int(rng.random() * 3)):
            self._org_order((account, ""), min(day + int(rng.random() * 400), len(DAYS) - 1), rng)

    def _life(self, life: Life, rng: Random, *, alone: bool, new: bool) -> None:
        """Number and write everything one person has."""
        if not life.records:
            return
        day = self._day(rng)
        for record in life.records:
            self.records += 1
            if record.kind != "guest":
                record.id = record_id(record.kind, self.records)
        changed = self._buy(life, day, rng, alone=alone, new=new)
        for record in life.records:
            if record.kind != "guest":
                self._put(*record_row(life, record, day=day, changed=changed), new=new)
            self._put("truth", truth_row(record, life=life, change="new" if new else ""), new=new)
        if not life.of("customer", "guest") and any(
            one.phone_of == life.person.mobile for one in life.records
        ):
            known = self.old_mobiles.setdefault(life.person.country, [])
            known[:] = [*known[-99:], life.person.mobile]
        if not new:
            self.later.after(life, self, rng, day)

    def _buy(self, life: Life, day: int, rng: Random, *, alone: bool, new: bool) -> int:
        """Write a person's orders; gives the day of the last one. Every guest record is one order."""
        count = pick(rng, tuple(enumerate(rates.ORDERS)))
        customers, org = life.of("customer"), life.of("Contact", "PersonAccount")
        last = day
        for place in range(count):
            on = min(day + int(rng.random() * 500), len(DAYS) - 1)
            last = max(last, on)
            if customers and (not org or place % 2 == 0):
                order = self.shop_order(customers[place % len(customers)], on, rng, new=new)
                if org and rng.random() < rates.MIRRORED:
                    self._mirror(self._buyer(life, org[0], rng, alone=False), order, on, rng, new=new)
            elif org:
                buyer = self._buyer(life, org[place % len(org)], rng, alone=alone)
                self._org_order(buyer, on, rng, new=new)
        for guest in life.of("guest"):
            on = min(day + int(rng.random() * 500), len(DAYS) - 1)
            guest.id = str(self.shop_order(guest, on, rng, new=new)["id"])
        return last

    def shop_order(self, customer: Planned, day: int, rng: Random, *, new: bool = False) -> Row:
        """Write an order of the shop, now and then refunded in part; gives its row."""
        self.orders += 1
        stem, row = shop_order(self.orders, customer=customer, day=day, amount=_amount(rng))
        if rng.random() < rates.REFUNDED:
            self.refunds += 1
            at = local_time(min(day + 9, len(DAYS) - 1), 80_000)
            row |= {"financial_status": "PARTIALLY_REFUNDED", "updated_at": at}
            refund = {"id": FIRST_REFUND + self.refunds, "order_id": row["id"], "processed_at": at}
            self._put("shopify_refunds", refund | {"amount": row["total"] // 3}, new=new)
        self._put(stem, row, new=new)
        return row

    def _buyer(self, life: Life, record: Planned, rng: Random, *, alone: bool) -> tuple[str, str]:
        """The account and the contact of an order; for a household's only contact it may name no contact."""
        if record.kind == "PersonAccount":
            return record.id, contact_of(record.id) if rng.random() < 0.5 else ""
        only = alone and life.firm is None and len(life.of("Contact")) == 1 and rng.random() < 0.1
        return account_of(life), "" if only else record.id

    def _mirror(self, buyer: tuple[str, str], order: Row, day: int, rng: Random, *, new: bool) -> None:
        """Write the shop's order again into the org, as the integration does."""
        self.orders += 1
        name = order["name"]
        ways: tuple[Row, ...] = (
            {"Shopify_Order__c": order["id"]},
            {"Shopify_Order__c": name},
            {"OrderReferenceNumber": name},
            {"PoNumber": name.removeprefix("#")},
        )
        marks = {} if rng.random() < rates.UNMARKED_MIRROR else choose(rng, ways)
        row = org_order(self.orders, buyer=buyer, day=day, amount=order["total"], marks=marks)
        self._put(*row, new=new)

    def _org_order(self, buyer: tuple[str, str], day: int, rng: Random, *, new: bool = False) -> None:
        self.orders += 1
        self._put(*org_order(self.orders, buyer=buyer, day=day, amount=_amount(rng), marks={}), new=new)


def _amount(rng: Random) -> int:
    return 500 + 10 * int(350 * -math.log(1 - rng.random()))


def write_households(folder: Path, later: Path, *, records: int, seed: int) -> dict[str, int]:
    """Write a scenario of about so many records, and the second day into `later`; gives rows per file.

    The same arguments give the same bytes. Both folders hold a `truth.csv`; that of the second day lists
    only what is new or changed.
    """
    with ScenarioWriter(folder) as writer, SecondDay(later) as second:
        made = Households(writer, second, seed)
        while made.records < records:
            made.household()
        for _ in range(math.ceil(made.households * rates.NEW_PEOPLE)):
            made.household(new=True)
    (folder / "scenario.toml").write_text(SCENARIO.format(records=records, seed=seed), encoding="utf-8")
    return writer.counts
