"""The return curve: published numbers, and an estimate made anew person by person and day by day."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from cdnow_purchases import AS_OF, RULES, cdnow, purchase_days, steps_of
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_definition import eventful
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, order, rows

from metrics.purchase_steps import purchase_steps
from metrics.purchases import valid_purchases
from metrics.return_curve import (
    HORIZON_DAYS,
    LEAST_AT_RISK,
    ReturnCurves,
    gap_counts,
    product_limit,
    return_curves,
    return_lines,
)


@pytest.fixture(scope="module")
def curves(engine: Engine) -> ReturnCurves:
    return return_curves(steps_of(engine, cdnow()), as_of_day=AS_OF)


def told(curve: Any, *days: int) -> list[str]:
    return [f"{curve.returns(day):.3f}" for day in days]


def test_cdnow_with_its_amounts_of_0_has_the_published_shares(engine: Engine) -> None:
    # The published numbers count all 23,570 people, also the 68 who only have amounts of 0.
    everything = [row | {"amount_unknown": True} for row in cdnow()]
    found = return_curves(steps_of(engine, everything), as_of_day=AS_OF)
    assert told(found.pooled, 90, 150, 210, 240) == ["0.204", "0.142", "0.104", "0.093"]
    assert told(found.after_first, 90) == ["0.116"]
    assert told(found.after_later, 90) == ["0.310"]


def test_cdnow_with_amounts_above_0(curves: ReturnCurves) -> None:
    assert (curves.pooled.gaps, curves.after_first.gaps, curves.after_later.gaps) == (67_511, 23_502, 44_009)
    assert told(curves.pooled, 90, 150, 210, 240) == ["0.204", "0.142", "0.105", "0.093"]
    assert told(curves.after_first, 90, 240) == ["0.117", "0.066"]
    assert told(curves.after_later, 90, 240) == ["0.310", "0.160"]


@pytest.mark.parametrize("idle", [1, 30, 221, 365])
def test_it_is_the_estimate_made_anew_from_each_persons_days(curves: ReturnCurves, idle: int) -> None:
    gaps = [
        (after - before if after else AS_OF - before, after is not None)
        for days in purchase_days(cdnow()).values()
        for before, after in zip(days, [*days[1:], None], strict=True)
    ]
    stayed = 1.0
    for day in range(idle + 1, idle + HORIZON_DAYS + 1):
        at_risk = sum(length >= day for length, _ in gaps)
        stayed *= 1 - sum(length == day and bought for length, bought in gaps) / at_risk
    found = curves.pooled.returns(idle)
    assert found is not None and abs(float(found) - (1 - stayed)) < 1e-8


def test_without_open_gaps_it_is_the_plain_share() -> None:
    curve = product_limit([(10, True, 600), (50, True, 250), (200, True, 150)])
    assert curve.returns(9) == Decimal("0.850000000")
    assert curve.returns(10) == Decimal("0.625000000")
    # Greenwood without censoring is the binomial error.
    error = curve.error(10)
    assert error is not None and abs(float(error) - (0.625 * 0.375 / 400) ** 0.5) < 1e-8


def test_an_open_gap_counts_until_it_was_last_seen_and_no_longer() -> None:
    # 100 of 200 are seen up to day 30 only: of the 100 seen longer, 50 buy on day 40.
    curve = product_limit([(30, False, 100), (40, True, 50), (300, False, 50), (400, False, 100)])
    assert (curve.at_risk[30], curve.at_risk[31]) == (300, 200)
    assert curve.returns(20) == Decimal("0.25")
    # A purchase on the very day others were last seen is weighed against all of them.
    assert product_limit([(30, False, 100), (30, True, 100), (500, False, 100)]).returns(29) == pytest.approx(
        Decimal(1) / 3
    )


def test_where_too_few_were_seen_to_the_end_nothing_is_told() -> None:
    enough = product_limit([(10, True, 50), (120, False, LEAST_AT_RISK)])
    assert (enough.returns(30), enough.seen_days()) == (0, 30)
    assert enough.returns(31) is None and enough.error(31) is None
    fewer = product_limit([(10, True, 50), (120, False, LEAST_AT_RISK - 1)])
    assert fewer.returns(30) is None
    assert fewer.seen_days() < 0
    assert product_limit([]).returns(1) is None
    assert product_limit([]).seen_days() < 0


def test_gaps_are_between_distinct_days_and_nobodys_orders_have_none(engine: Engine) -> None:
    given_ = [order("1", "a", 10, "5"), order("2", "a", 10, "5"), order("3", "a", 17, "5")]
    given_ += [order("4", "b", 12, "5"), order("5", None, 12, "5"), order("6", None, 13, "5")]
    assert rows(gap_counts(steps_of(engine, given_, 20), as_of_day=20)) == [
        {"length": 3, "bought": False, "first": False, "gaps": 1},
        {"length": 7, "bought": True, "first": True, "gaps": 1},
        {"length": 8, "bought": False, "first": True, "gaps": 1},
    ]


@examples(15)
@given(seed=st.integers(0, 2**32), as_of=st.integers(100, 190))
def test_a_past_day_sees_nothing_of_later(engines: list[Engine], seed: int, as_of: int) -> None:
    orders, refunds = eventful(seed)
    earlier = [
        one | {"cancelled_day": None if (one["cancelled_day"] or 0) > as_of else one["cancelled_day"]}
        for one in orders
        if one["ordered_day"] <= as_of
    ]
    answers = []
    for engine in engines:
        for some in (orders, earlier):
            valid = valid_purchases(
                engine.frame(some, ORDERS),
                engine.frame(refunds, REFUNDS),
                as_of_day=as_of,
                rules=RULES,
            )
            answers.append(rows(gap_counts(purchase_steps(valid, rules=RULES), as_of_day=as_of)))
    assert all(answer == answers[0] for answer in answers)
    assert sum(row["gaps"] for row in answers[0] if row["first"]) >= sum(
        row["gaps"] for row in answers[0] if row["first"] and row["bought"]
    )


@given(
    gaps=st.lists(st.tuples(st.integers(1, 300), st.booleans(), st.integers(1, 200)), min_size=1, max_size=30)
)
def test_shares_lie_between_0_and_1_and_never_at_risk_more_than_before(
    gaps: list[tuple[int, bool, int]],
) -> None:
    curve = product_limit(gaps)
    assert list(curve.at_risk) == sorted(curve.at_risk, reverse=True)
    assert list(curve.stayed) == sorted(curve.stayed, reverse=True)
    known = [curve.returns(day) for day in range(320)]
    assert all(found is None or 0 <= found <= 1 for found in known)


def test_the_lines_tell_each_curve_with_its_sample(curves: ReturnCurves) -> None:
    lines = {(line.name, line.part): line for line in return_lines(curves)}
    longer = sum(
        after - before > 240
        for days in purchase_days(cdnow()).values()
        for before, after in zip(days, [*days[1:], AS_OF], strict=True)
    )
    line = lines["return_share", "240 days"]
    assert (line.value, line.base) == (Decimal("0.0930"), longer)
    assert lines["return_share_after_first", "90 days"].value == Decimal("0.1168")
