"""Personal codes that look wrong, one by one: for the merchant to look at, nothing is refused for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import narwhals as nw

from metrics.calendar import day_of
from metrics.purchases import Frame, valid_purchases
from metrics.referral_codes import ambiguous_codes, overused_codes, unknown_codes
from sync import frames
from sync.decisions import Ref
from sync.store import Store
from zaiseki.counting import purchase_rules
from zaiseki.last_scores import LastScores, last_scores

MOST_HOLDERS = 5
# The oldest record of each holder that is there and no guest: somebody can open it.
_HOLDERS = f"""
WITH held AS (
    SELECT c.code, c.person_id, m.platform, m.account, m.object, m.id FROM referral_codes c
    JOIN members m USING (person_id) JOIN live_records r USING (platform, account, object, id)
    WHERE m.object <> 'guest' AND list_contains(?, c.code)
    QUALIFY row_number() OVER (PARTITION BY c.code, c.person_id
        ORDER BY r.created_at NULLS LAST, m.platform, m.account, m.object, m.id) = 1)
SELECT code, platform, account, object, id FROM held
QUALIFY row_number() OVER (PARTITION BY code ORDER BY person_id) <= {MOST_HOLDERS} ORDER BY code, person_id"""


@dataclass(frozen=True, slots=True)
class SuspectCode:
    """A code, how many people hold it or orders bear it, and a record of each of the first holders."""

    code: str
    count: int
    holders: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Suspects:
    """All codes of one kind in number, and the first of them, the greatest `count` first."""

    total: int
    codes: tuple[SuspectCode, ...]


@dataclass(frozen=True, slots=True)
class CodeReport:
    """What looks wrong as of a day: codes that several people hold, codes redeemed on more than
    `max_redemptions` orders, codes of the merchant's pattern that nobody holds. None: no setting asks."""

    as_of: date
    max_redemptions: int | None
    shared: Suspects
    overused: Suspects | None
    unknown: Suspects | None


def suspect_codes(config: Path, *, at_most: int) -> CodeReport:
    """The codes behind the figures `codes_shared`, `codes_overused` and `codes_unknown`, by the settings of
    now; at most so many of each kind. Raises as `last_scores` does."""
    with last_scores(config) as last:
        given, store = last.settings.referral, last.store
        last.refresh_frames()
        codes, valid = frames.frame(store, "referral_codes"), _valid(last)
        overused = unknown = None
        if given.max_redemptions is not None:
            many = overused_codes(valid, codes, max_redemptions=given.max_redemptions)
            overused = _suspects(store, many, "redemptions", at_most)
        if given.code_pattern is not None:
            stray = unknown_codes(valid, codes, pattern=given.code_pattern)
            unknown = _suspects(store, stray, "orders", at_most)
        shared = _suspects(store, ambiguous_codes(codes), "holders", at_most)
        store.release()
        return CodeReport(last.as_of, given.max_redemptions, shared, overused, unknown)


def _valid(last: LastScores) -> Frame:
    orders, refunds = frames.frame(last.store, "person_orders"), frames.frame(last.store, "person_refunds")
    rules = purchase_rules(last.settings)
    return valid_purchases(orders, refunds, as_of_day=day_of(last.as_of), rules=rules)


def _suspects(store: Store, codes: Frame, count: str, at_most: int) -> Suspects:
    """The codes with the greatest number in the column `count`, with their holders."""
    every = store.materialise(codes.select("code", nw.col(count).alias("count")))
    rows = every.sort("count", "code", descending=[True, False]).head(at_most).collect().rows()
    total = int(every.select(nw.len()).collect().row(0)[0])
    holders = _holders(store, [code for code, _ in rows])
    return Suspects(
        total, tuple(SuspectCode(code, int(count), tuple(holders.get(code, ()))) for code, count in rows)
    )


def _holders(store: Store, codes: Sequence[str]) -> Mapping[str, list[Ref]]:
    found: dict[str, list[Ref]] = defaultdict(list)
    for code, *ref in store.rows(_HOLDERS, list(codes)):
        found[code].append(Ref(*ref))
    return found
