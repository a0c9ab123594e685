"""Reviewing: what the rules of identity could not decide, and what somebody decides of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sync import decisions, keys
from sync.decisions import Decision, Ref, Verdict
from sync.keyed_lines import KeyedFile
from sync.owners import GUEST_ID
from sync.store import Store
from zaiseki.errors import Stop
from zaiseki.held_together import must_not_be_held_together
from zaiseki.job import DECISIONS_FILE, KEY_FILE
from zaiseki.named import name_of, record_named
from zaiseki.settings import read_settings

ITEM = re.compile(r"[0-9a-f]{12}")
# A decision speaks for the persons its two records are in, as in the run that will act on it.
_ITEMS = """
WITH whose AS (
    SELECT d.other_id IS NULL AS whole, a.person_id AS one, b.person_id AS other
    FROM decisions d
    JOIN members a ON (a.platform, a.account, a.id) = (d.platform, d.account, d.id)
    LEFT JOIN members b ON (b.platform, b.account, b.id) = (d.other_platform, d.other_account, d.other_id)),
about AS (
    SELECT v.*, a.person_id AS one, b.person_id AS other
    FROM match_review v
    LEFT JOIN members a ON (a.platform, a.account, a.id) = (v.platform, v.account, v.id)
    LEFT JOIN members b ON (b.platform, b.account, b.id) = (v.other_platform, v.other_account, v.other_id))
SELECT item, platform, account, object, id, other_platform, other_account, other_object, other_id,
    rule, reason, members, first_run
FROM about v
WHERE ? OR NOT EXISTS (FROM whose w WHERE CASE WHEN v.other_id IS NULL THEN w.whole AND w.one = v.one
    ELSE (w.one, w.other) IN ((v.one, v.other), (v.other, v.one)) END)
ORDER BY members DESC NULLS LAST, reason, platform, account, id, item"""
_ORDERS = f"""
SELECT {GUEST_ID.format(of="o")} AS guest, min(name) FROM orders o
WHERE NOT deleted AND guest IN (SELECT unnest(?::VARCHAR[])) GROUP BY guest"""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to decide: two records that share a value of `rule` and were left apart, or, without
    `other`, a person of so many `members`. `orders` names an order of each guest among them."""

    item: str
    one: Ref
    other: Ref | None
    rule: str | None
    reason: str
    members: int | None
    first_run: str
    orders: Mapping[Ref, str]

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The records it is about."""
        return (self.one, self.other) if self.other else (self.one,)

    def as_json(self) -> dict[str, Any]:
        """One element of `--json`."""
        return {
            "item": self.item,
            "reason": self.reason,
            "rule": self.rule,
            "members": self.members,
            "first_run": self.first_run,
            "records": [
                {
                    "record": name_of(ref),
                    "platform": ref.platform,
                    "account": ref.account,
                    "object": ref.object,
                    "order": self.orders.get(ref),
                }
                for ref in self.refs
            ],
        }


@dataclass(frozen=True, slots=True)
class Review:
    """The open store and the file of decisions; no platform is asked."""

    store: Store
    file: KeyedFile


@contextmanager
def open_review(config: Path) -> Iterator[Review]:
    """The review of a settings file. Raises `Stop` where no sync has run yet, `StoreBusy` while one runs."""
    settings, folder = read_settings(config), config.parent
    path = folder / settings.store.path
    if not path.exists():
        raise Stop("status_never_ran")
    with Store.open(path, memory=settings.store.memory_limit) as store:
        key = keys.load(folder / KEY_FILE)
        store.bind_key(key)
        yield Review(store, KeyedFile(folder / DECISIONS_FILE, "decisions", key))


def undecided(review: Review, *, decided_too: bool = False) -> list[Item]:
    """What waits for a decision, large persons first; also what was decided since the last run, if asked."""
    rows = review.store.rows(_ITEMS, decided_too)
    pairs = [(Ref(*row[1:5]), Ref(*row[5:9]) if row[8] is not None else None) for row in rows]
    orders = _orders_of(
        review.store, {ref for pair in pairs for ref in pair if ref and ref.object == "guest"}
    )
    return [
        Item(row[0], one, other, row[9], row[10], row[11], row[12], orders)
        for row, (one, other) in zip(rows, pairs, strict=True)
    ]


def decide(review: Review, verdict: Verdict, given: Sequence[str]) -> list[Decision]:
    """Keep the same decision on every item given, or on the two records given; it acts in the next run.

    What is decided can be decided the other way, by its item until the next run. Raises `Stop` where an item
    or record is not known, or links or other decisions hold together what is to be parted; nothing is decided
    then.
    """
    at = datetime.now(UTC)
    if all(ITEM.fullmatch(one) for one in given):
        known = {item.item: item for item in undecided(review, decided_too=True)}
        for one in given:
            if one not in known:
                raise Stop("review_item_unknown", item=one)
        made = [Decision(verdict, known[one].one, known[one].other, at) for one in dict.fromkeys(given)]
    else:
        one_record, other = _pair(review.store, given)
        if verdict == "reject":
            must_not_be_held_together(review.store, one_record, other)
        made = [Decision(verdict, one_record, other, at)]
    decisions.decide(review.store, review.file, made)
    return made


def _pair(store: Store, given: Sequence[str]) -> tuple[Ref, Ref]:
    if len(given) != 2:
        raise Stop("review_not_a_pair")
    one, other = (record_named(store, name) for name in given)
    if one == other:
        raise Stop("review_not_a_pair")
    return one, other


def _orders_of(store: Store, guests: set[Ref]) -> dict[Ref, str]:
    """An order of each guest: the only thing by which people can find one."""
    if not guests:
        return {}
    names = dict(store.rows(_ORDERS, [guest.id for guest in guests]))
    return {guest: names[guest.id] for guest in guests if names.get(guest.id)}
