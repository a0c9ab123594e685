"""Who moved between segments between two dates of the merchant's choice; no platform is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from metrics.calendar import day_of
from metrics.fields import SEGMENTS
from metrics.migration import GONE, NEW, migration
from metrics.segment_spans import segment_spans
from metrics.shop_line import share
from zaiseki.counting import purchase_rules
from zaiseki.errors import Stop
from zaiseki.last_scores import LastScores, last_scores
from zaiseki.planning import thresholds_of
from zaiseki.shop_scoring import shop_frames

USUAL_DAYS = 180
"""How far the two dates lie apart where only the later one is known."""
_ORDER = {code: place for place, code in enumerate((NEW, *(row[0] for row in SEGMENTS), GONE))}


@dataclass(frozen=True, slots=True)
class Move:
    """So many `people` were in the segment `old` (`new`: no buyers yet) and are in `now` (`gone`: every
    purchase taken back); `of_old`: their share of everybody who was in `old`."""

    old: str
    now: str
    people: int
    of_old: Decimal | None


@dataclass(frozen=True, slots=True)
class Migration:
    """The moves from the end of one day to the end of another, in the order of the segments; `as_of` is the
    day of the run whose thresholds hold."""

    from_on: date
    to_on: date
    as_of: date
    moves: tuple[Move, ...]


def moves_between(config: Path, from_on: date | None, to_on: date | None) -> Migration:
    """The moves by today's thresholds; `to_on` is the day of the last run if it is not given, `from_on` half
    a year before it.

    Raises `Stop` where the dates are none that can be told, and as `last_scores` does.
    """
    with last_scores(config) as last:
        until = to_on or last.as_of
        begin = from_on or until - timedelta(days=USUAL_DAYS)
        if not begin < until <= last.as_of:
            raise Stop("migration_dates", begin=str(begin), end=str(until), as_of=str(last.as_of))
        found = _counted(last, begin, until)
    return Migration(begin, until, last.as_of, found)


def _counted(last: LastScores, begin: date, until: date) -> tuple[Move, ...]:
    last.refresh_frames(until)
    store = last.store
    known = shop_frames(store, last.settings, tracked=False)
    spans = segment_spans(
        known.orders,
        known.refunds,
        as_of_day=day_of(until),
        rules=purchase_rules(last.settings),
        thresholds=thresholds_of(last.run),
        materialise=store.materialise,
    )
    cells = migration(store.materialise(spans), from_day=day_of(begin), to_day=day_of(until)).collect().rows()
    store.release()
    base: dict[str, int] = {}
    for old, _, people in cells:
        base[old] = base.get(old, 0) + people
    moves = [Move(old, now, people, share(people, base[old])) for old, now, people in cells]
    return tuple(sorted(moves, key=lambda move: (_ORDER[move.old], _ORDER[move.now])))
