"""Everybody's segment on every day by the plain definition, and the spans of the engines to hold against."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from metrics_definition import PEOPLE, SMALL, Events, Standing, standing
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, rows

from metrics.purchases import Frame, PurchaseRules, valid_purchases
from metrics.segment import Thresholds
from metrics.segment_spans import segment_spans
from metrics.tenure import tenure

FIRST_DAY = 90
"""Before the first event of `metrics_definition.eventful`."""


def small_thresholds(**limits: Any) -> Thresholds:
    limits = {**SMALL, **limits}
    return Thresholds(**{**limits, "best_spend": Decimal(limits["best_spend"])})


def spans_of(engine: Engine, events: Events, as_of: int, unit: Any = "day", **limits: Any) -> Frame:
    """`segment_spans`, materialised."""
    orders, refunds = events
    spans = segment_spans(
        engine.frame(orders, ORDERS),
        engine.frame(refunds, REFUNDS),
        as_of_day=as_of,
        rules=PurchaseRules(unit=unit),
        thresholds=small_thresholds(**limits),
        materialise=engine.materialise,
    )
    return engine.materialise(spans)


def bought_by(engine: Engine, events: Events, as_of: int, unit: Any = "day") -> tuple[Frame, Frame]:
    """Valid purchases and buyers as of a day."""
    rules = PurchaseRules(unit=unit)
    frames = engine.frame(events[0], ORDERS), engine.frame(events[1], REFUNDS)
    valid = engine.materialise(valid_purchases(*frames, as_of_day=as_of, rules=rules))
    return valid, engine.materialise(tenure(valid, rules=rules))


def standings(
    events: Events, last_day: int, unit: str = "day", **limits: Any
) -> dict[str, dict[int, Standing]]:
    """What each of `PEOPLE` stands at on every day from `FIRST_DAY` to `last_day`, worked out one by one."""
    orders, refunds = events
    theirs, back = defaultdict(list), defaultdict(list)
    for one in orders:
        theirs[one["person_id"]].append(one)
    for one in refunds:
        back[one["order_id"]].append(one)
    found = {}
    for person in PEOPLE:
        returned = [one for order in theirs[person] for one in back[order["order_id"]]]
        found[person] = {
            day: standing(theirs[person], returned, person, day, unit=unit, **{**SMALL, **limits})
            for day in range(FIRST_DAY, last_day + 1)
        }
    return found


def segments(events: Events, last_day: int, unit: str = "day", **limits: Any) -> dict[str, list[str]]:
    """The segments of `standings`, in the order of the days."""
    by_day = standings(events, last_day, unit, **limits)
    return {person: [one.segment for one in days.values()] for person, days in by_day.items()}


def unrolled(spans: Frame, last_day: int) -> dict[str, list[str]]:
    """The segments that spans tell, day by day, of `PEOPLE`: what `segments` must be."""
    told = {person: ["prospect"] * (last_day + 1 - FIRST_DAY) for person in PEOPLE}
    for row in rows(spans):
        until = last_day + 1 if row["until_day"] is None else row["until_day"]
        for day in range(row["from_day"], until):
            told[row["person_id"]][day - FIRST_DAY] = row["segment"]
    return told
