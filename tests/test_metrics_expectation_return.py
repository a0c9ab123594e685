"""Fits of return: published estimates, invented shops whose truth is known, and shops that tell nothing."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date
from typing import Any

import numpy as np
import pytest
from cdnow_purchases import AS_OF, sample
from expectation_worlds import counted, drawn, each, sample_as_published, together
from metrics_engines import Engine

from metrics.calendar import day_of
from metrics.expectation_counts import Histories
from metrics.expectation_fit import Maximum, Refusal, maximise
from metrics.expectation_models import BG, MBG, Model, expected_purchases
from metrics.expectation_return import Fit, fit_return

SEPTEMBER_END = day_of(date(1997, 9, 30))
TOO_LITTLE = ("few_buyers", "short_history", "few_repeaters")
TRUE = Model(0.8, 12.0, 0.9, 2.0)


@pytest.fixture(scope="module")
def published(engine: Engine) -> Histories:
    return counted(engine, sample_as_published(), SEPTEMBER_END)[0]


@pytest.fixture(scope="module")
def shop() -> Histories:
    return together(drawn(TRUE, 12_000, days=400, spread=200)[0])


def fitted(histories: Histories, first: int = MBG) -> Fit:
    found = fit_return(histories, first=first)
    assert isinstance(found, Fit), found
    return found


def test_bg_of_the_cdnow_sample_is_the_published_one(published: Histories) -> None:
    found = fitted(published, BG)
    assert found.evidence.parameters == pytest.approx((0.2426, 4.4136, 0.7929, 2.4259), abs=5e-5)
    assert found.evidence.log_likelihood == pytest.approx(-9582.43, abs=0.005)
    assert found.buyers == 2357


def test_mbg_of_the_cdnow_sample_is_the_published_one(published: Histories) -> None:
    found = fitted(published)
    assert found.evidence.parameters == pytest.approx((0.5248, 6.1830, 0.8914, 1.6140), abs=1e-4)
    assert found.evidence.log_likelihood == pytest.approx(-9582.13, abs=0.006)
    assert found.evidence.agreeing == found.evidence.starts == 3
    assert found.evidence.gradient < 1e-6


@pytest.mark.parametrize(("first", "expected"), [(BG, 1653.42), (MBG, 1576.74)])
def test_of_the_nine_months_that_followed_it_foresees_a_little_too_little(
    published: Histories, first: int, expected: float
) -> None:
    # The sums are those of Lifetimes 0.11.3; people bought 1,882 times, on days that count once.
    model = fitted(published, first).model
    foreseen = published.people @ expected_purchases(model, published, days=AS_OF - SEPTEMBER_END)
    assert foreseen == pytest.approx(expected, abs=0.1)
    days = {(row["person_id"], row["ordered_day"]) for row in sample()}
    followed = sum(day > SEPTEMBER_END for _, day in days)
    assert followed == 1882 and 0.83 < foreseen / followed < 0.9


@pytest.mark.parametrize("first", [BG, MBG])
def test_invented_shops_give_back_their_truth_within_the_errors(first: int) -> None:
    # Years pass between purchases, so that hardly two fall on one day; the errors are of the logarithms.
    truth = Model(0.8, 120.0, 0.9, 2.0, first=first)
    distances = []
    for seed in (101, 102, 103, 104):
        people, _ = drawn(truth, 3000, days=4000, spread=2000, seed=seed)
        told = fitted(together(people), first).evidence
        found = np.array(told.parameters)
        distances.append(np.log(found / astuple(truth)[:4]) * found / np.array(told.errors))
    assert np.max(np.abs(distances)) < 3.5
    assert 0.4 < np.sqrt(np.mean(np.square(distances))) < 1.8


def test_errors_shrink_with_the_root_of_the_people(shop: Histories) -> None:
    four = Histories(shop.repeats, shop.tenure_days, shop.age_days, shop.people * 4)
    small, large = fitted(shop).evidence, fitted(four).evidence
    assert large.parameters == pytest.approx(small.parameters, rel=1e-4)
    assert np.array(large.errors) * 2 == pytest.approx(small.errors, rel=1e-3)


def nobody_leaves(people: int) -> Histories:
    return drawn(Model(1.0, 8.0, 1e-9, 1.0), people, days=400, spread=200)[0]


@pytest.mark.parametrize("first", [BG, MBG])
def test_a_shop_that_nobody_leaves_is_refused(first: int) -> None:
    assert fit_return(nobody_leaves(3000), first=first) == Refusal("no_dropout")


def test_leavers_too_few_to_tell_from_chance_are_refused() -> None:
    model = Model(1.0, 8.0, 0.02, 8.0)
    assert fit_return(drawn(model, 600, days=200, spread=20)[0]) == Refusal("no_dropout")


def test_leavers_that_are_there_but_rare_beyond_measure_are_refused() -> None:
    # One in 2,500 purchases is the last: more than chance, but a = 0.9 with an error of 32.
    people = drawn(Model(1.0, 3.0, 0.02, 50.0), 1500, days=500, spread=20)[0]
    assert fit_return(together(people)) == Refusal("no_dropout")


def test_too_little_is_refused_with_what_it_would_take(shop: Histories) -> None:
    rows = [(1, 20, 180), *[(0, 0, 90)] * 498]
    assert fit_return(each(rows)) == Refusal("few_buyers", 499, 500)
    assert fit_return(each([(1, 20, 179)] * 500)) == Refusal("short_history", 179, 180)
    assert fit_return(each([(1, 20, 180)] * 99 + [(0, 0, 180)] * 401)) == Refusal("few_repeaters", 99, 100)
    at_the_least = fit_return(each([(1, 20, 180)] * 100 + [(0, 0, 180)] * 400))
    assert isinstance(at_the_least, Fit) or at_the_least.reason not in TOO_LITTLE


def test_people_who_are_all_alike_determine_no_spread() -> None:
    found = fit_return(each([(5, 150, 180)] * 600))
    assert isinstance(found, Refusal) and found.reason in ("at_a_bound", "flat", "no_dropout")


def hills(heights: tuple[float, float]) -> Any:
    """Two hills along one axis, so that starts end apart."""

    def likelihood(at: Any) -> tuple[float, Any]:
        left, right = (
            height * np.exp(-((at[0] - top) ** 2)) for height, top in zip(heights, (-3, 3), strict=True)
        )
        slope = -2 * (left * (at[0] + 3) + right * (at[0] - 3))
        return float(left + right), np.array([slope])

    return likelihood


def test_a_maximum_that_one_start_alone_found_is_refused() -> None:
    starts = [[np.exp(place)] for place in (-2.9, -3.1, 3.1)]
    assert maximise(hills((1, 2)), starts, 1) == Refusal("not_converged", 1, 3)
    assert isinstance(maximise(hills((2, 1)), starts, 1), Maximum)


def test_a_ridge_is_flat_and_a_slope_without_end_is_at_a_bound() -> None:
    def ridge(at: Any) -> tuple[float, Any]:
        off = at[0] + at[1]
        return -float(off**2), np.array([-2 * off, -2 * off])

    assert maximise(ridge, [[1, 1], [2, 3]], 1) == Refusal("flat")
    assert maximise(lambda at: (float(at[0]), np.ones(1)), [[1], [2]], 1) == Refusal("at_a_bound")
