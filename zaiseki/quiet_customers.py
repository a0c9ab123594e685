"""Best customers whom nobody has spoken to and whom one may contact (「再開のアナウンス」), one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw

from metrics.calendar import EPOCH, day_of
from metrics.contacts import ContactRules, first_to_contact, quiet_best
from metrics.purchases import Frame
from sync import frames
from sync.decisions import Ref
from sync.people_frames import refresh_people
from sync.store import Store
from zaiseki.last_scores import last_scores

# Who is known only by a marketplace's address may be several people; nobody else reads it either.
_PEOPLE = """
SELECT person_id, segment, tenure_days, net_spend, last_purchase_on - DATE '1970-01-01' AS last_purchase_day,
    contact_by
FROM scores ANTI JOIN relay_persons USING (person_id)"""
_RECORDS = """
SELECT m.person_id, m.platform, m.account, m.object, m.id FROM members m
JOIN live_records r USING (platform, account, object, id)
SEMI JOIN ({listed}) l ON l.person_id = m.person_id
WHERE m.object <> 'guest'
ORDER BY r.created_at NULLS LAST, m.platform, m.account, m.object, m.id"""


@dataclass(frozen=True, slots=True)
class QuietCustomer:
    """One of them: the records to open, the oldest first; `contact_by` are the permitted media.

    `last_contact_on` is None where nobody ever spoke to this customer.
    """

    records: tuple[Ref, ...]
    segment: str
    tenure_days: int
    net_spend: Decimal
    last_purchase_on: date
    last_contact_on: date | None
    contact_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuietList:
    """`people` are the first of the `permitted` ones among all `quiet` best customers: those who neither
    bought nor were spoken to for `quiet_days` days before `as_of`. Amounts are in `currency`."""

    as_of: date
    currency: str
    quiet_days: int
    quiet: int
    permitted: int
    people: tuple[QuietCustomer, ...]


def quiet_customers(config: Path, *, at_most: int) -> QuietList:
    """The longest tenure first, then the highest spend; never by the order count.

    Raises as `last_scores` does.
    """
    with last_scores(config) as last:
        store, rules = last.store, ContactRules(last.settings.contacts.quiet_days)
        refresh_people(store)
        people: Frame = nw.from_native(store.con.sql(_PEOPLE))
        touches = frames.frame(store, "person_touches")
        quiet = store.materialise(quiet_best(people, touches, as_of_day=day_of(last.as_of), rules=rules))
        listed = store.materialise(first_to_contact(quiet, at_most=at_most))
        records = _records(store, listed)
        rows = listed.sort("place").collect().rows(named=True)
        found = QuietList(
            as_of=last.as_of,
            currency=last.currency,
            quiet_days=rules.quiet_days,
            quiet=_count(quiet),
            permitted=_count(quiet.filter(nw.col("is_permitted"))),
            people=tuple(_customer(row, records) for row in rows),
        )
        store.release()
        return found


def _customer(row: Mapping[str, Any], records: Mapping[str, list[Ref]]) -> QuietCustomer:
    contacted = row["last_contact_day"]
    return QuietCustomer(
        records=tuple(records.get(row["person_id"], ())),
        segment=row["segment"],
        tenure_days=row["tenure_days"],
        net_spend=row["net_spend"],
        last_purchase_on=EPOCH + timedelta(days=row["last_purchase_day"]),
        last_contact_on=None if contacted is None else EPOCH + timedelta(days=contacted),
        contact_by=tuple(row["contact_by"].split(";")),
    )


def _records(store: Store, listed: Frame) -> dict[str, list[Ref]]:
    """The records of those who are listed."""
    query = _RECORDS.format(listed=listed.to_native().sql_query())
    found: dict[str, list[Ref]] = defaultdict(list)
    for person_id, *ref in store.rows(query):
        found[person_id].append(Ref(*ref))
    return found


def _count(frame: Frame) -> int:
    return int(frame.select(nw.len().alias("people")).collect().row(0)[0])
