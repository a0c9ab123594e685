"""What happens to the households until the second day: merges, new records, deletions, erasures."""

from dataclasses import replace
from pathlib import Path
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING

from sandbox import household_rates as rates
from sandbox.household_records import Life, Planned, plan_again
from sandbox.household_rows import STEMS, Row, record_id, record_row, truth_row
from sandbox.household_writing import NOBODY
from sandbox.scenario_writer import ScenarioWriter
from sandbox.synthetic_customers import DAYS

if TYPE_CHECKING:
    from sandbox.households import Households

NOW = 'now = "2026-10-02T12:00:00+09:00"\n'
CHANGED_AT = "2026-10-02T10:00:00+09:00"
_CHANGED = ("updated_at", "LastModifiedDate")


class SecondDay:
    """The folder that `/_sandbox/apply` lays on top of the first one, written while that is written."""

    def __init__(self, folder: Path) -> None:
        self.writer = ScenarioWriter(folder)

    def __enter__(self) -> "SecondDay":
        self.writer.__enter__()
        (self.writer.folder / "scenario.toml").write_text(NOW, encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.__exit__(kind, error, trace)

    def put(self, stem: str, row: Row, *, deleted: bool = False, into: str = "") -> None:
        """Write a row of what is new, changed or gone, as of that morning."""
        if stem == "truth":
            self.writer.row(stem, **row)
            return
        now = {name: CHANGED_AT for name in _CHANGED if name in row}
        self.writer.row(stem, **row | now, deleted="true" if deleted else "", merged_into=into)

    def after(self, life: Life, made: "Households", rng: Random, day: int) -> None:
        """Decide what becomes of one person's records, at most one thing a person."""
        customers, contacts = life.of("customer"), life.of("Contact")
        accounts = life.of("PersonAccount")
        if len(customers) > 1 and rng.random() < rates.CUSTOMERS_MERGED:
            self._change(life, customers[1], day, into=customers[0].id)
        elif len(contacts) > 1 and rng.random() < rates.CONTACTS_MERGED:
            self._change(life, contacts[0], day, into=contacts[1].id)
        elif len(accounts) > 1 and rng.random() < rates.CONTACTS_MERGED:
            self._change(life, accounts[0], day, into=accounts[1].id)
        elif rng.random() < rates.NEW_RECORD:
            self._add(life, made, rng)
        elif rng.random() < rates.DELETED:
            self._change(life, life.records[-1], day)
        elif customers and rng.random() < rates.REDACTED:
            self._erase(life, customers[0], day)
        elif customers and life.person.second_email and rng.random() < rates.NEW_EMAIL:
            self._move(life, customers[0], day)
        elif customers and rng.random() < rates.NEW_ORDER:
            made.shop_order(customers[0], len(DAYS) - 1, rng, new=True)

    def _change(self, life: Life, record: Planned, day: int, *, into: str = "") -> None:
        """A record goes: deleted, or merged into another one of the person."""
        if record.kind == "guest":
            return
        stem, row = record_row(life, record, day=day, changed=day)
        self.put(stem, row, deleted=not into, into=into)
        self._truth(life, record, "merged" if into else "deleted", into)

    def _truth(self, life: Life, record: Planned, change: str, into: str = "") -> None:
        self.put("truth", truth_row(record, life=life, change=change, into=into))

    def _add(self, life: Life, made: "Households", rng: Random) -> None:
        """One more record of somebody who is known: staff type them in, once more or for the first time."""
        record = plan_again(life, rng)
        made.records += 1
        record.id = record_id(record.kind, made.records)
        stem, row = record_row(life, record, day=len(DAYS) - 1, changed=len(DAYS) - 1)
        self.put(stem, row | {"CreatedDate": ""})
        self._truth(life, record, "new")

    def _erase(self, life: Life, customer: Planned, day: int) -> None:
        blank = replace(customer, name=NOBODY, email="", email_of="", phone="", phone_of="")
        self.put(STEMS["customer"], record_row(life, blank, day=day, changed=day)[1])
        self._truth(life, blank, "redacted")

    def _move(self, life: Life, customer: Planned, day: int) -> None:
        email = life.person.second_email
        if any(one.email == email for one in life.of("customer")):
            return
        moved = replace(customer, email=email, email_of=email)
        self.put(STEMS["customer"], record_row(life, moved, day=day, changed=day)[1])
        self._truth(life, moved, "moved")
