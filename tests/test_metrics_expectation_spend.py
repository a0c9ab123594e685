"""Gamma-Gamma: the published estimate, an invented shop whose truth is known, and what it refuses."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from expectation_worlds import counted, sample_as_published
from metrics_engines import Engine

from metrics.calendar import day_of
from metrics.expectation_counts import Spends
from metrics.expectation_fit import Refusal
from metrics.expectation_spend import SpendModel, expected_spend, fit_spend, spend_likelihood

SEPTEMBER_END = day_of(date(1997, 9, 30))


@pytest.fixture(scope="module")
def spends(engine: Engine) -> Spends:
    return counted(engine, sample_as_published(), SEPTEMBER_END)[1]


def fitted(spends: Spends) -> SpendModel:
    found = fit_spend(spends)
    assert isinstance(found, SpendModel), found
    return found


def invented(p: float, q: float, v: float, people: int, *, seed: int = 1) -> Spends:
    luck = np.random.default_rng(seed)
    days = luck.integers(1, 6, people)
    rate = luck.gamma(q, 1 / v, people)
    return Spends(days, luck.gamma(p * days, 1 / rate), np.ones(people, dtype=np.int64))


def test_the_cdnow_sample_gives_the_published_estimate(spends: Spends) -> None:
    found = fitted(spends)
    assert (found.p, found.q, found.v) == pytest.approx((6.2488, 3.7446, 15.4477), rel=5e-4)
    assert found.evidence.log_likelihood == pytest.approx(-4055.92, abs=0.005)
    assert found.repeaters == 946 and found.correlation == pytest.approx(0.114, abs=5e-4)
    # The published point lies on the same top: not higher, and hardly lower.
    height, _ = spend_likelihood(spends, 1.0)(np.log([6.2488, 3.7446, 15.4477]))
    assert 0 <= found.evidence.log_likelihood - height < 1e-4


def test_one_time_buyers_take_the_mean_of_all_and_repeaters_move_towards_their_own(
    spends: Spends,
) -> None:
    found = fitted(spends)
    worth = expected_spend(found, np.array([0, 1, 50]), np.array([0.0, 100.0, 5000.0]))
    assert worth[0] == pytest.approx(35.17, abs=0.01)
    assert 35.17 < worth[1] < worth[2] < 100


def test_an_invented_shop_gives_back_its_truth_within_the_errors() -> None:
    distances = []
    for seed in (1, 2, 3):
        found = fitted(invented(4.0, 3.0, 9000.0, 5000, seed=seed)).evidence
        distances.append((np.array(found.parameters) - (4, 3, 9000)) / np.array(found.errors))
    assert np.max(np.abs(distances)) < 4
    assert 0.3 < np.sqrt(np.mean(np.square(distances))) < 2


def test_the_currency_changes_nothing_but_the_scale(spends: Spends) -> None:
    yen = Spends(spends.repeats, spends.spend * 150, spends.people)
    one, other = fitted(spends), fitted(yen)
    assert (other.p, other.q, other.v) == pytest.approx((one.p, one.q, one.v * 150), rel=1e-4)
    assert other.evidence.errors == pytest.approx(
        (*one.evidence.errors[:2], one.evidence.errors[2] * 150), rel=1e-3
    )
    lower = one.evidence.log_likelihood - 946 * np.log(150)
    assert other.evidence.log_likelihood == pytest.approx(lower, abs=1e-3)


def test_counting_people_together_changes_nothing() -> None:
    one = Spends(np.array([1, 1, 3]), np.array([5.0, 5.0, 40.0]), np.ones(3, dtype=np.int64))
    counted_together = Spends(np.array([1, 3]), np.array([5.0, 40.0]), np.array([2, 1]))
    at = np.log([2.0, 3.0, 8.0])
    alone, together = spend_likelihood(one, 1.0)(at), spend_likelihood(counted_together, 1.0)(at)
    assert alone[0] == pytest.approx(together[0]) and alone[1] == pytest.approx(together[1])


def test_the_gradient_is_the_slope_of_the_likelihood() -> None:
    likelihood = spend_likelihood(invented(4.0, 3.0, 9.0, 200), 2.0)
    for at in np.log([[1.0, 2.0, 3.0], [6.0, 0.5, 20.0]]):
        slopes = [(likelihood(at + step)[0] - likelihood(at - step)[0]) / 2e-5 for step in np.eye(3) * 1e-5]
        assert likelihood(at)[1] == pytest.approx(slopes, rel=1e-5, abs=1e-4)


def test_too_few_repeaters_and_spend_without_a_mean_are_refused() -> None:
    assert fit_spend(invented(4, 3, 9, 99)) == Refusal("few_repeaters", 99, 100)
    assert isinstance(fit_spend(invented(4, 3, 9, 100)), SpendModel | Refusal)
    assert fit_spend(invented(4.0, 0.6, 9.0, 5000)) == Refusal("no_mean")


def test_spend_that_is_as_even_within_a_person_or_between_people_as_can_be_is_refused() -> None:
    luck = np.random.default_rng(3)
    days = luck.integers(1, 6, 400)
    alone, everybody = np.ones(400, dtype=np.int64), Refusal("one_worth")
    assert fit_spend(Spends(days, days * 3000.0, alone)) == everybody
    assert fit_spend(Spends(days, days * luck.integers(1, 20, 400) * 500.0, alone)) == everybody
    # Every purchase of everybody is drawn alike: 980 or 3,980.
    drawn = np.array([float(luck.choice([980, 3980], one).sum()) for one in days])
    assert fit_spend(Spends(days, drawn, alone)) == everybody


def test_a_mean_that_may_as_well_be_endless_is_none() -> None:
    # The mean is p v / (q - 1), which q = 1.04 with its error makes anything up to infinity.
    luck = np.random.default_rng(8)
    near_one = [fit_spend(invented(4.0, 1.04, 9.0, 400, seed=int(seed))) for seed in luck.integers(1, 999, 6)]
    assert Refusal("no_mean") in near_one
    for found in near_one:
        assert isinstance(found, Refusal) or np.log(found.q) > found.evidence.errors[1] / found.q
    # Alike as people are, it is q that is unknown, and the mean is not: 3,000 within a fiftieth.
    alike = np.random.default_rng(10)
    days = alike.integers(1, 6, 200)
    found = fitted(Spends(days, alike.gamma(6 * days, 500), np.ones(200, dtype=np.int64)))
    assert found.evidence.errors[1] > 2 * found.q
    assert found.p * found.v / (found.q - 1) == pytest.approx(3000, rel=0.02)
