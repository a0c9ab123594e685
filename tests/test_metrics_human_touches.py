"""Touches by hand: who was called, visited or written to in a month, and how often."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_touches import TOUCHES, seen_by, touch, touched

from metrics.calendar import EPOCH, day_of
from metrics.human_touches import human_touch_lines
from metrics.shop_line import ShopLine

OCTOBER = day_of(date(2026, 10, 1))
AS_OF = day_of(date(2026, 11, 15))


def told(engine: Engine, rows: list[dict[str, Any]], as_of: int = AS_OF, months: int = 24) -> list[ShopLine]:
    frame = engine.frame(rows, TOUCHES)
    return human_touch_lines(frame, as_of_day=as_of, months=months, materialise=engine.materialise)


def month(part: str, touches: int, people: int) -> list[ShopLine]:
    return [
        ShopLine("human_touches", part, Decimal(touches), people),
        ShopLine("human_touched_people", part, Decimal(people), people),
    ]


def test_touches_and_people_are_counted_by_month_and_a_month_without_any_is_told(engine: Engine) -> None:
    rows = [
        touch("a", "activity", OCTOBER - 31),
        touch("a", "activity", OCTOBER + 31),
        touch("a", "activity", OCTOBER + 31, touch_id="twice a day"),
        touch("a", "activity", OCTOBER + 40),
        touch("b", "activity", OCTOBER + 40),
    ]
    assert told(engine, rows) == [
        *month("2026-08", 1, 1),
        *month("2026-09", 0, 0),
        *month("2026-10", 0, 0),
        *month("2026-11", 4, 2),
    ]


@pytest.mark.parametrize(("day", "part"), [(OCTOBER - 1, "2026-09"), (OCTOBER, "2026-10")])
def test_a_touch_counts_in_the_month_of_its_own_day(engine: Engine, day: int, part: str) -> None:
    assert told(engine, [touch("a", "activity", day)], OCTOBER)[:2] == month(part, 1, 1)


@pytest.mark.parametrize(("as_of", "touches"), [(OCTOBER + 4, 1), (OCTOBER + 5, 2)])
def test_a_touch_of_a_later_day_is_not_known(engine: Engine, as_of: int, touches: int) -> None:
    rows = [touch("a", "activity", OCTOBER), touch("a", "activity", OCTOBER + 5)]
    assert told(engine, rows, as_of) == month("2026-10", touches, 1)


def test_only_what_a_human_did_with_somebody_who_is_known_counts(engine: Engine) -> None:
    others = ("campaign_sent", "invoice_sent", "case", "campaign_response", "nps", "opportunity", "lead")
    rows = [touch("a", kind, OCTOBER) for kind in others] + [touch(None, "activity", OCTOBER)]
    assert told(engine, rows) == []
    assert told(engine, [*rows, touch("a", "activity", AS_OF)]) == month("2026-11", 1, 1)


def test_only_the_last_months_are_told(engine: Engine) -> None:
    rows = [touch("a", "activity", OCTOBER - 31), touch("a", "activity", OCTOBER)]
    assert told(engine, rows, months=2) == [*month("2026-10", 1, 1), *month("2026-11", 0, 0)]
    assert told(engine, rows, months=1) == month("2026-11", 0, 0)


@examples(8)
@given(seed=st.integers(0, 10_000), as_of=st.integers(990, 1_070))
def test_the_counts_are_those_of_a_plain_count_on_every_engine_and_of_a_store_of_that_day(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    rows = touched(seed, ("activity", "activity", "campaign_sent", "case"))
    made: Counter[str] = Counter()
    people: dict[str, set[str]] = {}
    for one in rows:
        if one["kind"] == "activity" and one["person_id"] and one["day"] <= as_of:
            part = f"{EPOCH + timedelta(one['day']):%Y-%m}"
            made[part] += 1
            people.setdefault(part, set()).add(one["person_id"])
    answers = [told(engine, some, as_of) for engine in engines for some in (rows, seen_by(rows, as_of))]
    assert all(answer == answers[0] for answer in answers)
    found = {line.part: line for line in answers[0] if line.value and line.name == "human_touches"}
    assert {part: line.value for part, line in found.items()} == made
    assert {part: line.base for part, line in found.items()} == {
        part: len(who) for part, who in people.items()
    }
