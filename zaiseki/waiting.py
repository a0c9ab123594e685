"""What becomes of one person's codes by waiting alone, day by day as announced: no event is awaited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw

from metrics.calendar import EPOCH, day_of
from metrics.given_back import speaking
from metrics.next_action import next_action
from metrics.purchases import Frame, PurchaseRules
from metrics.satisfaction import UNKNOWN, satisfaction
from metrics.scores import Given, ScoreRules
from sync.store import Store

MOST_DAYS = 16
"""More announced days than the rules can make of one person: four spans of evidence, near, and the lapse."""


@dataclass(frozen=True, slots=True)
class Change:
    """On the day `on` the field `key` turns from one code to another, if nothing happens before."""

    on: date
    key: str
    before: str
    after: str


def changes_by_waiting(
    store: Store, given: Given, score: Mapping[str, Any], *, as_of: date, rules: ScoreRules, acting: bool
) -> tuple[Change, ...]:
    """Every change of segment, satisfaction and next action that time alone brings, the earliest first.

    `given`: one person's frames, `score` the row they come to as of `as_of`. `acting`: whether segment and
    next action are known; without the whole history satisfaction alone is told.
    """
    seen = _seen(store, given, day_of(as_of), rules.purchases)
    state = _state(store, seen, score, as_of, rules)
    found: list[Change] = []
    for _ in range(MOST_DAYS):
        on = min(state.pending, default=None)
        if on is None:
            break
        later = _state(store, seen, score, on, rules)
        found += [
            Change(on, key, code, later.codes[key])
            for key, code in state.codes.items()
            if later.codes[key] != code and (acting or key == "satisfaction")
        ]
        state = later
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _State:
    codes: dict[str, str]
    pending: frozenset[date]


def _seen(store: Store, given: Given, as_of_day: int, rules: PurchaseRules) -> dict[str, Frame]:
    """What had happened by the day; what is dated later has not."""
    ended, day = nw.col("ended_day"), nw.col("day")
    touches, refunds = speaking(
        given.touches.filter(day <= as_of_day),
        given.refunds,
        given.orders,
        as_of_day=as_of_day,
        rules=rules,
        materialise=store.materialise,
    )
    return {
        "persons": store.materialise(given.persons.select("person_id")),
        "touches": store.materialise(touches.with_columns(ended_day=nw.when(ended <= as_of_day).then(ended))),
        "refunds": store.materialise(refunds),
        "told": store.materialise(given.told.filter(day <= as_of_day)),
        "handed": store.materialise(_handed(given).filter(day <= as_of_day)),
    }


def _state(
    store: Store, seen: Mapping[str, Frame], score: Mapping[str, Any], on: date, rules: ScoreRules
) -> _State:
    """The codes on a day, and the days on which they may turn after it."""
    day = day_of(on)
    person = _person(seen, score, on)
    thought = satisfaction(
        seen["touches"], seen["refunds"], seen["told"], person, as_of_day=day, rules=rules.satisfaction
    )
    placed = store.materialise(person.join(thought, on="person_id", how="left"))
    acting = next_action(placed, as_of_day=day)
    row = placed.join(acting, on="person_id", how="left").collect().rows(named=True)[0]
    codes = {name: row[name] for name in ("segment", "satisfaction", "next_action")}
    codes["satisfaction"] = codes["satisfaction"] or UNKNOWN
    days = [row[name] for name in ("expires_day", "until_day", "lapses_day")]
    announced = {EPOCH + timedelta(days=one) for one in days if one is not None and one > day}
    return _State(codes, frozenset(announced))


def _handed(given: Given) -> Frame:
    """When there was a way to tell a friend; no rows where nothing tells."""
    return given.told.filter(nw.lit(False)) if given.handed is None else given.handed


def _person(seen: Mapping[str, Frame], score: Mapping[str, Any], on: date) -> Frame:
    """One row: what waiting does not change, and the half of the segment, which it does."""
    code, lapses_on = score["segment"], score["lapses_on"]
    if lapses_on and lapses_on <= on:
        code = code.replace("_active", "_lapsed")
    days = {
        "lapses_day": lapses_on,
        "first_purchase_day": score["first_purchase_on"],
        "last_purchase_day": score["last_purchase_on"],
        "newest_friend_day": score["newest_friend_on"],
    }
    ((newest_code_day,),) = seen["handed"].select(nw.col("day").max()).collect().rows()
    return seen["persons"].with_columns(
        newest_code_day=nw.lit(newest_code_day).cast(nw.Int64),
        **{name: nw.lit(day_of(one) if one else None).cast(nw.Int64) for name, one in days.items()},
        **{name: nw.lit(score[name]) for name in ("purchases", "funnel_stage", "exited", "subscriber")},
        segment=nw.lit(code),
    )
