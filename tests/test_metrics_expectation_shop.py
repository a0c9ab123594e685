"""What is expected of a whole shop: the sum of its people, kept as lines and read back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import get_args

import numpy as np
import pytest
from cdnow_purchases import RULES, sample, valid_rows
from expectation_worlds import each
from metrics_engines import Engine

from metrics.calendar import day_of
from metrics.expectation_counts import Worths
from metrics.expectation_evidence import (
    BG_NBD,
    GAMMA_GAMMA,
    MBG_NBD,
    Evidence,
    evidence_of,
    model_lines,
    read_evidence,
    return_model,
    spend_model,
)
from metrics.expectation_fit import Maximum, Reason, Refusal
from metrics.expectation_models import Model, alive, expected_purchases
from metrics.expectation_return import STARTS, Fit
from metrics.expectation_shop import expectation_lines, return_lines, worth_lines
from metrics.expectation_spend import SpendModel, expected_spend
from metrics.shop_line import ShopLine
from metrics.tenure import tenure

SEPTEMBER_END = day_of(date(1997, 9, 30))
CENT = Decimal("0.01")
TOP = Maximum((0.8, 12.0, 0.9, 2.0), (0.1, 2.0, 0.3, 2.5), -1234.56789, 1e-8, 3, STARTS)
FIT = Fit(Model(0.8, 12.0, 0.9, 2.0), TOP, 99.0, 4)
SPEND = SpendModel(6.0, 4.0, 15.0, replace(TOP, parameters=(6.0, 4.0, 15.0), errors=(0.5, 0.4, 2.0)), 0.11, 3)
PEOPLE = each([(0, 0, 90), (3, 80, 200), (3, 80, 200), (7, 300, 310)])


def lines_by_place(lines: list[ShopLine]) -> dict[tuple[str, str], tuple[Decimal | None, int]]:
    found = {(line.name, line.part): (line.value, line.base) for line in lines}
    assert len(found) == len(lines)
    return found


@pytest.fixture(scope="module")
def cdnow_lines(engine: Engine) -> list[ShopLine]:
    """The sample to 1997-09-30; purchases of nothing are none."""
    valid = valid_rows(engine, sample(), SEPTEMBER_END)
    buyers = engine.materialise(tenure(valid, rules=RULES))
    return expectation_lines(
        valid, buyers, as_of_day=SEPTEMBER_END, smallest=CENT, materialise=engine.materialise
    )


def test_the_cdnow_sample_is_told_with_models_near_the_published_ones(cdnow_lines: list[ShopLine]) -> None:
    found = lines_by_place(cdnow_lines)
    paid = (row for row in sample() if row["amount"] > 0 and row["ordered_day"] <= SEPTEMBER_END)
    buyers = len({row["person_id"] for row in paid})
    # Not those themselves: they count 8 purchases of an amount of 0.
    for part, value in (("r", 0.5248), ("alpha", 6.183), ("a", 0.8914), ("b", 1.614)):
        told, people = found["return_model", f"mbg_nbd {part}"]
        error, _ = found["return_model", f"mbg_nbd {part} error"]
        assert told is not None and error is not None
        assert people == buyers
        assert abs(float(told) - value) < 0.25 * float(error)
    mbg, bg = found["expected_purchases_shop", ""], found["expected_purchases_shop", BG_NBD]
    assert mbg[0] is not None and bg[0] is not None and 0.8 < mbg[0] / bg[0] < 1.2
    spend, each_day = found["expected_spend_shop", ""], found["expected_day_spend_shop", ""]
    assert spend[0] is not None and each_day[0] is not None
    assert each_day[0] == pytest.approx(Decimal("35.17"), abs=Decimal("0.2"))
    # Whoever buys more often spends a little more a purchase, so it is above the plain product.
    assert 1 < spend[0] / (mbg[0] * each_day[0]) < Decimal("1.2")


def test_purchases_and_chances_are_summed_over_everybody() -> None:
    found = lines_by_place(return_lines(PEOPLE, FIT, Refusal("flat")))
    each_one = expected_purchases(FIT.model, PEOPLE, days=90)
    assert found["expected_purchases_shop", ""] == (Decimal(round(float(each_one.sum()))), 4)
    assert found["expected_purchases_shop", BG_NBD] == (None, 4)
    staying, n = found["still_customers_share", ""]
    assert n == 4 and float(staying or 0) == pytest.approx(alive(FIT.model, PEOPLE).mean(), abs=5e-5)
    refused = lines_by_place(return_lines(PEOPLE, Refusal("no_dropout"), Refusal("no_dropout")))
    assert set(refused.values()) == {(None, 4)}


def test_money_is_each_ones_purchases_times_each_ones_worth() -> None:
    # Two of one history in one row, with 90 + 240 together; the first bought once, the last has no amount.
    rows = each([(0, 0, 90), (3, 80, 200), (7, 300, 310)])
    together = Worths(
        replace(rows, people=np.array([1, 2, 1])), np.array([0, 3, 0]), np.array([0.0, 330.0, 0.0])
    )
    found = lines_by_place(worth_lines(together, FIT, SPEND, buyers=4, smallest=CENT))
    bought = expected_purchases(FIT.model, PEOPLE, days=90)
    worth = expected_spend(SPEND, np.array([0, 3, 3, 0]), np.array([0.0, 90.0, 240.0, 0.0]))
    by_hand = Decimal(repr(float((bought * worth).sum()))).quantize(CENT)
    assert found["expected_spend_shop", ""] == (by_hand, 4)
    assert found["expected_day_spend_shop", ""] == (Decimal("30.00"), 3)
    alone = lines_by_place(worth_lines(None, Refusal("no_dropout"), SPEND, buyers=4, smallest=CENT))
    assert alone["expected_spend_shop", ""] == (None, 4)
    assert alone["expected_day_spend_shop", ""] == (Decimal("30.00"), 3)
    nothing = worth_lines(None, FIT, Refusal("no_mean"), buyers=4, smallest=CENT)
    assert {line.value for line in nothing} == {None}


def test_what_was_fitted_is_read_back_as_it_was_told() -> None:
    told = tuple(
        evidence_of(name, fit) for name, fit in ((MBG_NBD, FIT), (BG_NBD, FIT), (GAMMA_GAMMA, SPEND))
    )
    lines = model_lines(told)
    assert len(lines_by_place(lines)) == len(lines)
    assert read_evidence([ShopLine("k_observed", "", None, 0), *reversed(lines)]) == told
    assert return_model(told[0]) == FIT.model
    again = spend_model(told[2])
    assert (again.p, again.q, again.v, again.repeaters, again.correlation) == (6.0, 4.0, 15.0, 3, 0.11)
    assert told[0].vague() == ("b",) and told[0].people == 4 and told[2].people == 3
    assert read_evidence([]) == ()


@pytest.mark.parametrize("reason", get_args(Reason))
def test_a_refusal_is_read_back_with_its_reason_and_tells_no_value(reason: Reason) -> None:
    need = {"few_buyers": 500, "short_history": 180, "few_repeaters": 100, "not_converged": 3}.get(reason, 0)
    refused = Evidence(MBG_NBD, Refusal(reason, 2, need))
    (line,) = model_lines([refused])
    assert (line.part, line.value, line.base) == (f"mbg_nbd {reason}", None, 2)
    assert read_evidence([line]) == (refused,)


def test_a_parameter_that_four_decimals_cannot_tell_is_refused() -> None:
    def told(a: float) -> Evidence:
        return evidence_of(MBG_NBD, replace(FIT, evidence=replace(TOP, parameters=(0.8, 12.0, a, 2.0))))

    assert told(0.0009).refused == Refusal("at_a_bound")
    assert told(0.001).refused is None
