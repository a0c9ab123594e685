"""What a subscription keeps from being suggested is what would be suggested without it."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

from metrics_engines import Engine
from metrics_frames import rows
from test_metrics_next_action import AS_OF, BLANK, PEOPLE, evidence

from metrics.calendar import EPOCH
from metrics.explain_experience import ActionTold, PassedOver, action_told
from metrics.fields import SEGMENTS
from metrics.next_action import TABLE, next_action

TODAY = EPOCH + timedelta(days=AS_OF)
CODES = [action.code for action in TABLE]


def acts(engine: Engine, people: list[dict[str, Any]], *, subscriber: bool) -> list[dict[str, Any]]:
    """The row of the table for each of `people`, with or without a subscription."""
    numbered = [
        one | {"person_id": f"{number:05}", "subscriber": subscriber} for number, one in enumerate(people)
    ]
    return rows(next_action(engine.frame(numbered, PEOPLE), as_of_day=AS_OF))


def score_of(one: dict[str, Any], acting: dict[str, Any], *, subscriber: bool) -> dict[str, Any]:
    """The part of a row of the scores that an action is told by."""
    lapses, until = one["lapses_day"], acting["until_day"]
    on = None if lapses is None else EPOCH + timedelta(days=lapses)
    days = dict.fromkeys(("satisfaction_on", "recovered_on", "newest_friend_on", "exit_on", "funnel_on"))
    return days | {
        "segment": one["segment"],
        "next_action": acting["next_action"],
        "next_action_until": None if until is None else EPOCH + timedelta(days=until),
        "lapses_on": on,
        "last_purchase_on": None if on is None else on - timedelta(days=240),
        "subscriber": subscriber,
    }


def people() -> list[dict[str, Any]]:
    """Every segment, near its lapse date and far from it, calm, complaining and delighted."""
    moods = ({}, evidence("dissatisfied", AS_OF - 5), evidence("delighted", AS_OF - 5))
    found = []
    for (segment, _, _), near, mood in product(SEGMENTS, (0, 1, 2, 29, 30, 31, 100), moods):
        lapses = AS_OF - near if segment.endswith("_lapsed") else AS_OF + near
        if segment.endswith("_active") and not near:
            continue
        bought = {"funnel_stage": "action", "lapses_day": lapses} if segment != "prospect" else {}
        found.append(BLANK | {"segment": segment} | bought | mood)
    return found


def test_a_row_is_passed_over_exactly_where_the_table_would_name_it_without_the_subscription(
    engine: Engine,
) -> None:
    everybody = people()
    with_it, without = (acts(engine, everybody, subscriber=flag) for flag in (True, False))
    seen = set()
    for one, mine, free in zip(everybody, with_it, without, strict=True):
        told = action_told(score_of(one, mine, subscriber=True), TODAY)
        passed = told.passed_over.code if told.passed_over else None
        expected = free["next_action"] if free["next_action"] != mine["next_action"] else None
        assert passed == expected, one
        assert action_told(score_of(one, free, subscriber=False), TODAY).passed_over is None
        seen.add(passed)
    assert seen == {None, "invite_second", "prevent_lapse"}


def test_what_is_passed_over_bears_its_row_and_the_day_it_would_hold_since() -> None:
    one = BLANK | {"segment": "best_active", "lapses_day": AS_OF + 5}
    acting = {"next_action": "treat_special", "until_day": AS_OF + 5}
    score = score_of(one, acting, subscriber=True)
    assert action_told(score, TODAY) == ActionTold(
        "treat_special",
        14,
        TODAY + timedelta(days=5),
        TODAY + timedelta(days=5),
        PassedOver("prevent_lapse", 9, TODAY - timedelta(days=25)),
    )
    bought = TODAY - timedelta(days=3)
    passed = action_told(score | {"last_purchase_on": bought}, TODAY).passed_over
    assert passed == PassedOver("prevent_lapse", 9, bought), "no earlier than the purchase"
