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
from sync import runs
from sync.store import Store
from zaiseki.counting import purchase_rules, refresh_frames
from zaiseki.errors import Stop
from zaiseki.planning import thresholds_of
from zaiseki.settings import Settings, read_settings
from zaiseki.shop_scoring import shop_frames

USUAL_DAYS = 180
"""How far the two dates lie apart where only the later one is known."""
RUNS_LOOKED_AT = 100
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

    Raises `Stop` where no run has scored a whole history, or the dates are none that can be told; `StoreBusy`
    while a run holds the store.
    """
    settings = read_settings(config)
    path = config.parent / settings.store.path
    if not path.exists():
        raise Stop("status_never_ran")
    with Store.open(path, memory=settings.store.memory_limit) as store:
        last = next((run for run in runs.last(store, RUNS_LOOKED_AT) if run.as_of and run.thresholds), None)
        if last is None or last.as_of is None:
            raise Stop("status_never_ran")
        until = to_on or last.as_of
        begin = from_on or until - timedelta(days=USUAL_DAYS)
        if not begin < until <= last.as_of:
            raise Stop("migration_dates", begin=str(begin), end=str(until), as_of=str(last.as_of))
        found = _counted(store, settings, last, begin, until)
    return Migration(begin, until, last.as_of, found)


def _counted(store: Store, settings: Settings, last: runs.Run, begin: date, until: date) -> tuple[Move, ...]:
    rules = purchase_rules(settings)
    refresh_frames(store, rules, as_of_day=day_of(until))
    known = shop_frames(store, settings, tracked=False)
    spans = segment_spans(
        known.orders,
        known.refunds,
        as_of_day=day_of(until),
        rules=rules,
        thresholds=thresholds_of(last),
        materialise=store.materialise,
    )
    cells = migration(store.materialise(spans), from_day=day_of(begin), to_day=day_of(until)).collect().rows()
    store.release()
    base: dict[str, int] = {}
    for old, _, people in cells:
        base[old] = base.get(old, 0) + people
    moves = [Move(old, now, people, share(people, base[old])) for old, now, people in cells]
    return tuple(sorted(moves, key=lambda move: (_ORDER[move.old], _ORDER[move.now])))
