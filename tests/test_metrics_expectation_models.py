"""MBG/NBD and BG/NBD: published values, integrals made anew, and invented people who do what was expected."""

from __future__ import annotations

import numpy as np
import pytest
from expectation_worlds import drawn, each, together
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from metrics.expectation_chances import points
from metrics.expectation_counts import Histories
from metrics.expectation_fit import ALIKE, LOG_BOUND
from metrics.expectation_models import (
    BG,
    MBG,
    Model,
    alive,
    expected_of_new,
    expected_purchases,
    likelihood_of,
)

PUBLISHED_BG = Model(0.2425945, 4.4136019, 0.7929199, 2.4258881, first=BG)
PUBLISHED_MBG = Model(0.5248, 6.1830, 0.8914, 1.6140)
HISTORIES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 300), st.integers(0, 300)).map(
        lambda told: (told[0], min(told[1], told[2]) if told[0] else 0, max(told[1], told[2]))
    ),
    min_size=1,
    max_size=20,
)
LOGS = st.tuples(*[st.floats(-3, 3)] * 4).map(np.array)


def in_weeks(repeats: int, last: float, age: float) -> Histories:
    """A history in days of a hundredth week: published examples are no whole days."""
    return Histories(*(np.array([value]) for value in (repeats, last * 7, age * 7, 1)))


def test_the_published_examples() -> None:
    told = in_weeks(2, 30.43, 38.86)
    assert expected_purchases(PUBLISHED_BG, told, days=39 * 7)[0] == pytest.approx(1.2259, abs=5e-5)
    assert alive(PUBLISHED_BG, told)[0] == pytest.approx(0.7266, abs=5e-5)
    assert expected_of_new(PUBLISHED_BG, days=39 * 7) == pytest.approx(1.1950, abs=5e-5)
    assert alive(PUBLISHED_MBG, in_weeks(0, 0, 38.86))[0] == pytest.approx(0.3897, abs=5e-5)
    # By `ModifiedBetaGeoFitter` of Lifetimes 0.11.3.
    assert expected_purchases(PUBLISHED_MBG, told, days=39 * 7)[0] == pytest.approx(1.2627, abs=2e-4)
    assert alive(PUBLISHED_MBG, told)[0] == pytest.approx(0.70613, abs=5e-5)
    assert expected_of_new(PUBLISHED_MBG, days=39 * 7) == pytest.approx(1.18228, abs=2e-4)


def test_a_one_time_buyer_is_surely_a_customer_in_bg_and_not_in_mbg() -> None:
    once = each([(0, 0, 272), (0, 0, 0)])
    assert alive(PUBLISHED_BG, once).tolist() == [1, 1]
    assert alive(PUBLISHED_MBG, once)[0] < alive(PUBLISHED_MBG, once)[1] < 1


ROWS = pytest.mark.parametrize(
    "row", [(0, 0, 0), (0, 0, 700), (3, 200, 260), (900, 1500, 1501), (20, 30, 31)]
)


def by_integral(model: Model, row: tuple[int, int, int]) -> float:
    """What is expected of a history within 90 days, if whoever bought has not left."""
    x, _, age = row
    shape, scale, span = model.r + x, model.alpha + age / 7, 90 / 7

    def bought(quantile: float) -> float:
        # Over the rates in closed form, over the chances of leaving by number, one quantile after another.
        p = max(float(special.betaincinv(model.a, model.b + x + model.first, quantile)), 1e-300)
        return float(-np.expm1(-shape * np.log1p(p * span / scale)) / p)

    return float(integrate.quad(bought, 0, 1, limit=400, epsabs=1e-12, epsrel=1e-9)[0])


@ROWS
@pytest.mark.parametrize("first", [BG, MBG])
@pytest.mark.parametrize(("a", "b"), [(0.79, 2.4), (1.0, 1.6), (1 + 3e-7, 1.6), (3.5, 0.7), (0.02, 9.0)])
def test_what_is_expected_is_the_integral_over_all_rates_and_chances(
    first: int, a: float, b: float, row: tuple[int, int, int]
) -> None:
    model, histories = Model(0.3, 1.5, a, b, first=first), each([row])
    expected = by_integral(model, row) * alive(model, histories)[0]
    assert expected_purchases(model, histories, days=90)[0] == pytest.approx(expected, rel=1e-7)


@ROWS
@pytest.mark.parametrize(
    "model",
    [
        Model(1_000.0, 10_395.0, 5.373, 5.879),
        Model(9_999.0, 103_940.0, 5.373, 5.879),
        Model(9_999.0, 9_999.0, 0.9, 2.0, first=BG),
        Model(81_863.0, 850_947.0, 5.373, 5.879),
        Model(0.8, 12.0, 3_000.0, 9_000.0),
        Model(5_000.0, 60_000.0, 9_000.0, 900.0),
        Model(0.01, 0.3, 4_000.0, 9_999.0, first=BG),
    ],
)
def test_people_who_are_nearly_alike_have_the_same_integral(model: Model, row: tuple[int, int, int]) -> None:
    histories = each([row])
    expected = by_integral(model, row) * alive(model, histories)[0]
    assert expected_purchases(model, histories, days=90)[0] == pytest.approx(expected, rel=1e-7)


def test_from_the_bound_on_people_of_one_rate_are_told_the_same() -> None:
    # One rate (a tenth of a purchase a week): leaving alone differs, and p | x is beta(a, b + x + 1).
    rate, a, b, span = 0.1, 0.9, 2.0, 90 / 7
    for x, last, age in ((0, 0, 200), (3, 150, 400), (12, 690, 700), (12, 400, 700)):
        mean, _ = integrate.quad(
            lambda q, k=x: -np.expm1(-rate * span * (p := special.betaincinv(a, b + k + 1, q))) / p, 1e-12, 1
        )
        stays = 1 / (1 + a / (b + x) * np.exp(rate * (age - last) / 7))
        at_the_bound = expected_purchases(Model(ALIKE, ALIKE / rate, a, b), each([(x, last, age)]), days=90)
        assert at_the_bound[0] == pytest.approx(stays * mean, rel=0.005)


ANY = st.tuples(*[st.floats(-LOG_BOUND, LOG_BOUND)] * 4).map(np.exp)


@settings(deadline=None, max_examples=60)
@given(HISTORIES, ANY, st.sampled_from([BG, MBG]), st.integers(1, 3650))
def test_whatever_a_fit_may_come_to_what_is_expected_is_a_number(
    rows: list[tuple[int, int, int]], parameters: np.ndarray, first: int, days: int
) -> None:
    model, histories = Model(*parameters.tolist(), first=first), each(rows)
    most = (model.r + histories.repeats) * days / 7 / (model.alpha + histories.age_days / 7)
    found, still = expected_purchases(model, histories, days=days), alive(model, histories)
    assert np.all((still >= 0) & (still <= 1))
    assert np.all((found >= 0) & (found <= most * (1 + 1e-9)))
    assert 0 <= expected_of_new(model, days=days) <= model.r * days / 7 / model.alpha * (1 + 1e-9)
    assert expected_purchases(model, each([]), days=days).tolist() == []


def test_the_chances_and_their_weights_have_the_moments_of_a_beta_distribution() -> None:
    for a, b in ((0.9, 2.0), (0.5, 0.5), (0.01, 300.0), (8_000.0, 1.0), (1e6, 1e6)):
        chances, weights = points(a, np.array([b]))
        for moment in (0, 1, 2, 7):
            expected = np.exp(special.betaln(a + moment, b) - special.betaln(a, b))
            assert float((weights * chances**moment).sum()) == pytest.approx(expected, rel=1e-8)


def test_frequent_buyers_and_far_away_days_stay_finite() -> None:
    rows = [(x, age, age) for x in (1, 100, 3000) for age in (0, 5000)]
    for first in (BG, MBG):
        for a in (0.001, 0.9999999, 1.0, 2.0):
            model = Model(0.05, 0.02, a, 0.8, first=first)
            found = expected_purchases(model, each(rows), days=3650)
            assert np.all(np.isfinite(found)) and np.all(found > 0)


@settings(deadline=None, max_examples=40)
@given(HISTORIES, LOGS, st.sampled_from([BG, MBG]))
def test_counting_people_together_changes_nothing(
    rows: list[tuple[int, int, int]], logs: np.ndarray, first: int
) -> None:
    twice = each(rows + rows)
    alone = likelihood_of(twice, first=first)(logs)
    counted = likelihood_of(together(twice), first=first)(logs)
    assert alone[0] == pytest.approx(counted[0], rel=1e-11, abs=1e-11)
    assert alone[1] == pytest.approx(counted[1], rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(HISTORIES, LOGS, st.sampled_from([BG, MBG]))
def test_the_likelihood_is_the_published_formula(
    rows: list[tuple[int, int, int]], logs: np.ndarray, first: int
) -> None:
    r, alpha, a, b = np.exp(logs)
    expected = 0.0
    for x, last_days, age_days in rows:
        last, age = last_days / 7, age_days / 7
        rate = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
        stayed = special.betaln(a, b + x + first) - (r + x) * np.log(alpha + age)
        left = special.betaln(a + 1, b + x + first - 1) - (r + x) * np.log(alpha + last)
        both = np.logaddexp(stayed, left) if x + first > 0 else stayed
        expected += rate + both - special.betaln(a, b)
    assert likelihood_of(each(rows), first=first)(logs)[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(HISTORIES, LOGS, st.sampled_from([BG, MBG]))
def test_the_gradient_is_the_slope_of_the_likelihood(
    rows: list[tuple[int, int, int]], logs: np.ndarray, first: int
) -> None:
    likelihood = likelihood_of(each(rows), first=first)
    steps = np.eye(4) * 1e-5
    slopes = [(likelihood(logs + step)[0] - likelihood(logs - step)[0]) / 2e-5 for step in steps]
    assert likelihood(logs)[1] == pytest.approx(slopes, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("first", [BG, MBG])
def test_invented_people_buy_as_often_as_expected(first: int) -> None:
    model = Model(0.8, 12.0, 0.9, 2.0, first=first)
    histories, bought = drawn(model, 40_000, days=280, later=90, spread=120)
    expected = expected_purchases(model, histories, days=90)
    idle = histories.age_days - histories.tenure_days
    once = histories.repeats == 0
    for group in (once, ~once & (idle < 60), ~once & (idle >= 60), histories.repeats > 5):
        error = bought[group].std() / np.sqrt(group.sum())
        assert group.sum() > 500
        assert abs(bought[group].mean() - expected[group].mean()) < 4 * error + 0.01 * expected[group].mean()
