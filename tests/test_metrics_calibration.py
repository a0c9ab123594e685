"""Calibration: the thresholds real data propose, every refusal on its boundary, and who would move."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from cdnow_purchases import AS_OF, RULES, cdnow, steps_of, valid_rows
from metrics_engines import Engine
from metrics_frames import rows

from metrics.calibration import (
    LEAST_BUYERS,
    LEAST_HISTORY_DAYS,
    TARGET,
    History,
    Proposal,
    Refusal,
    history,
    propose,
    segment_moves,
    segments_under,
)
from metrics.return_curve import Curve, ReturnCurves, product_limit, return_curves
from metrics.segment import Thresholds
from metrics.shop import BestSpend, TooFewOrders, derive_best_spend
from metrics.tenure import tenure

SPEND = BestSpend(Decimal(70), Decimal(10), Decimal(10), 1_000, skewed=False)
ENOUGH = History(LEAST_BUYERS, LEAST_HISTORY_DAYS)
SCORES = pa.schema(
    {
        "person_id": pa.string(),
        "purchases": pa.int64(),
        "tenure_days": pa.int64(),
        "net_spend": pa.decimal128(18, 4),
        "last_purchase_on": pa.date32(),
    }
)


def alike(curve: Curve) -> ReturnCurves:
    return ReturnCurves(curve, curve, curve)


def proposed(*gaps: tuple[int, bool, int], found: History = ENOUGH) -> Proposal | Refusal:
    return propose(alike(product_limit(gaps)), SPEND, found)


def test_cdnow_proposes_221_days_and_250_dollars(engine: Engine) -> None:
    valid = valid_rows(engine, cdnow())
    seen = history(tenure(valid, rules=RULES), as_of_day=AS_OF)
    assert seen == History(23_502, 545)
    best_spend = derive_best_spend(valid)
    curves = return_curves(steps_of(engine, cdnow()), as_of_day=AS_OF)
    found = propose(curves, best_spend, seen)
    assert isinstance(found, Proposal)
    assert (found.lapse_days, found.rises_at, found.best_spend.value) == (221, None, 250)
    assert found.returning <= TARGET
    before = curves.pooled.returns(220)
    assert before is not None and before > TARGET
    assert Decimal("0.0020") < found.error < Decimal("0.0022")


@pytest.mark.parametrize(("returning", "reached"), [(100, True), (101, False)])
def test_ten_per_cent_exactly_is_at_most_ten_per_cent(returning: int, reached: bool) -> None:
    # `returning` of 1,000 gaps end on day 50; nobody returns after that.
    found = proposed((50, True, returning), (400, False, 1_000 - returning))
    assert isinstance(found, Proposal)
    assert found.lapse_days == (1 if reached else 50)


def test_who_buys_by_the_season_makes_the_curve_rise_again() -> None:
    found = proposed((5, True, 500), (360, True, 400), (600, False, 400))
    assert isinstance(found, Proposal)
    assert (found.lapse_days, found.rises_at) == (5, 270)


def test_a_rise_within_the_error_is_none() -> None:
    # 15 of 130 is 11.5 %, with an error of 2.8 points: no clear rise.
    found = proposed((5, True, 500), (200, True, 15), (600, False, 115))
    assert isinstance(found, Proposal)
    assert found.rises_at is None


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (replace(ENOUGH, buyers=499), Refusal("few_buyers", 499, 500)),
        (replace(ENOUGH, days=179), Refusal("short_history", 179, 180)),
        (ENOUGH, None),
    ],
)
def test_too_little_data_is_refused(found: History, answer: Refusal | None) -> None:
    told = proposed((10, True, 500), (400, False, 500), found=found)
    assert isinstance(told, Proposal) if answer is None else told == answer


def test_purchases_of_unknown_amount_alone_are_refused() -> None:
    curve = product_limit([(10, True, 500), (400, False, 500)])
    assert propose(alike(curve), TooFewOrders(99), ENOUGH) == Refusal("few_orders", 99, 100)


def test_a_target_that_is_never_reached_is_refused_and_not_carried_on() -> None:
    # Every day half a per cent buy; nobody was seen for longer than 200 days.
    gaps = [(day, True, 5) for day in range(1, 200)] + [(200, False, 1_000)]
    told = proposed(*gaps)
    assert isinstance(told, Refusal)
    assert (told.reason, told.have) == ("never_reached", 110)
    assert told.lowest is not None and told.lowest > TARGET


def test_gaps_that_were_hardly_seen_are_refused() -> None:
    assert proposed((80, False, 600)) == Refusal("too_thin", 600, 100)
    assert proposed() == Refusal("too_thin", 0, 100)


def test_nobody_has_no_history(engine: Engine) -> None:
    assert history(tenure(valid_rows(engine, []), rules=RULES), as_of_day=AS_OF) == History(0, 0)


PEOPLE: list[dict[str, Any]] = [
    {"person_id": "prospect", "purchases": 0, "net_spend": Decimal(0)},
    {"person_id": "once", "purchases": 1, "tenure_days": 0, "net_spend": 10, "last": date(2026, 3, 1)},
    {"person_id": "edge", "purchases": 1, "tenure_days": 0, "net_spend": 10, "last": date(2026, 6, 23)},
    {"person_id": "after", "purchases": 1, "tenure_days": 0, "net_spend": 10, "last": date(2026, 6, 24)},
    {"person_id": "rich", "purchases": 3, "tenure_days": 300, "net_spend": 70, "last": date(2026, 9, 1)},
]


def scores(engine: Engine) -> Any:
    made = [
        {
            "person_id": one["person_id"],
            "purchases": one["purchases"],
            "tenure_days": one.get("tenure_days"),
            "net_spend": Decimal(one["net_spend"]),
            "last_purchase_on": one.get("last"),
        }
        for one in PEOPLE
    ]
    return engine.frame(made, SCORES)


def test_segments_follow_from_the_thresholds_given(engine: Engine) -> None:
    as_of = date(2026, 10, 1)  # 100 days after June 23rd
    found = segments_under(scores(engine), Thresholds(Decimal(70), lapse_days=100), as_of=as_of)
    assert {row["person_id"]: row["segment"] for row in rows(found)} == {
        "prospect": "prospect",
        "once": "first_lapsed",
        "edge": "first_lapsed",
        "after": "first_active",
        "rich": "best_active",
    }


def test_moves_are_counted_and_add_up_to_everybody(engine: Engine) -> None:
    now, then = Thresholds(Decimal(70), lapse_days=240), Thresholds(Decimal(71), lapse_days=100)
    moves = rows(segment_moves(scores(engine), now=now, then=then, as_of=date(2026, 10, 1)))
    assert moves == [
        {"old": "best_active", "new": "steady_active", "people": 1},
        {"old": "first_active", "new": "first_active", "people": 1},
        {"old": "first_active", "new": "first_lapsed", "people": 2},
        {"old": "prospect", "new": "prospect", "people": 1},
    ]
