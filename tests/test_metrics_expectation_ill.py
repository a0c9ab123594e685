"""Shops that the models of return do not suit: each is refused for its reason or told soberly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from conftest import examples
from expectation_worlds import drawn, each, together
from hypothesis import given
from hypothesis import strategies as st

from metrics.expectation_counts import Histories
from metrics.expectation_fit import Refusal
from metrics.expectation_models import BG, MBG, Model, alive, expected_purchases
from metrics.expectation_return import Fit, fit_return, nobody_leaves

PEOPLE = 2000
TRUE = Model(0.8, 12.0, 0.9, 2.0)
BOTH = pytest.mark.parametrize("first", [MBG, BG])


def rows(repeats: Any, tenure: Any, age: Any) -> Histories:
    """People one by one, from a column each."""
    columns = np.broadcast_arrays(repeats, tenure, age)
    return together(each(list(zip(*(column.tolist() for column in columns), strict=True))))


def ages(seed: int = 3, least: int = 200, most: int = 700) -> Any:
    return np.random.default_rng(seed).integers(least, most, PEOPLE)


def bought(rates: Any, leaves: Any, after: int = 0) -> tuple[Histories, Any]:
    """People who buy `rates` times a day on average and leave with the chance `leaves`; and how many days
    they bought on in the `after` days that follow."""
    luck = np.random.default_rng(7)
    found, later = [], []
    for rate, leave, age in zip(rates, leaves, ages(), strict=True):
        on, days = 0.0, {0}
        while luck.random() >= leave and (on := on + luck.exponential(1 / rate)) < age + after:
            days.add(int(on))
        seen = [day for day in days if day <= age]
        found.append((len(seen) - 1, max(seen), int(age)))
        later.append(len(days) - len(seen))
    return together(each(found)), np.array(later)


def sober(found: Fit | Refusal, histories: Histories) -> None:
    """Nobody is expected to buy less than never or oftener than once a day; no chance is beyond 0 and 1."""
    if isinstance(found, Refusal):
        return
    expected = expected_purchases(found.model, histories, days=90)
    assert np.all((expected >= 0) & (expected <= 90))
    still = alive(found.model, histories)
    assert np.all((still >= 0) & (still <= 1))
    assert np.all(np.isfinite(found.evidence.errors)) and min(found.evidence.errors) > 0


def refused(histories: Histories, first: int) -> str | None:
    found = fit_return(histories, first=first)
    sober(found, histories)
    return found.reason if isinstance(found, Refusal) else None


@BOTH
def test_one_time_buyers_alone_tell_nothing_of_return(first: int) -> None:
    assert fit_return(rows(0, 0, ages()), first=first) == Refusal("few_repeaters", 0, 100)


@BOTH
def test_ten_buyers_are_too_few(first: int) -> None:
    people = drawn(TRUE, 10, days=400, spread=200)[0]
    assert fit_return(people, first=first) == Refusal("few_buyers", 10, 500)


@pytest.mark.parametrize(("days", "spread"), [(3000, 1), (30_000, 20_000)])
def test_people_of_one_age_and_eighty_years_of_history_give_back_the_truth(days: int, spread: int) -> None:
    truth = Model(0.8, 120.0, 0.9, 2.0)
    people = together(drawn(truth, 3000, days=days, spread=spread, seed=11)[0])
    found = fit_return(people)
    assert isinstance(found, Fit)
    sober(found, people)
    distance = np.log(np.array(found.evidence.parameters) / (0.8, 120.0, 0.9, 2.0))
    assert np.all(np.abs(distance) * found.evidence.parameters < 3.5 * np.array(found.evidence.errors))


@BOTH
def test_who_buys_every_day_never_left(first: int) -> None:
    assert refused(rows(ages(), ages(), ages()), first) == "no_dropout"
    assert refused(rows(400, 400, 400 + np.zeros(PEOPLE, dtype=int)), first) == "no_dropout"


@BOTH
def test_who_buys_by_the_calendar_never_left(first: int) -> None:
    months = ages() // 30
    assert refused(rows(months, months * 30, ages()), first) == "no_dropout"


@BOTH
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_dropout_none_is_invented(first: int, seed: int) -> None:
    stays = Model(1.0, 8.0, 1e-9, 1.0)
    people = together(drawn(stays, 800, days=400, spread=200, seed=seed)[0])
    assert refused(people, first) == "no_dropout"


@BOTH
def test_everybody_leaves_at_once(first: int) -> None:
    people, _ = bought(np.full(PEOPLE, 0.1), np.full(PEOPLE, 1.0))
    assert refused(people, first) == "few_repeaters"


@BOTH
def test_everybody_leaves_with_the_same_chance_or_after_as_many_purchases(first: int) -> None:
    people, _ = bought(np.full(PEOPLE, 0.1), np.full(PEOPLE, 0.7))
    assert refused(people, first) in ("one_rate", "one_chance")
    last = np.random.default_rng(1).integers(1, 60, PEOPLE)
    assert refused(rows(1, last, ages()), first) in ("one_rate", "one_chance")


@BOTH
def test_as_many_purchases_of_everybody_determine_no_spread(first: int) -> None:
    last = np.random.default_rng(2).integers(2, 199, PEOPLE)
    assert refused(rows(2, last, ages()), first) == "one_rate"


HEAVY = {
    "pareto": lambda luck: (luck.pareto(1.1, PEOPLE) + 1) * 0.002,
    "lognormal": lambda luck: np.minimum(np.exp(luck.normal(-5, 2, PEOPLE)), 2),
}


@pytest.mark.parametrize("tail", sorted(HEAVY))
def test_heavy_tails_bend_the_shops_sum_by_less_than_a_quarter(tail: str) -> None:
    luck = np.random.default_rng(5)
    people, later = bought(HEAVY[tail](luck), luck.beta(0.9, 6, PEOPLE), after=90)
    found = fit_return(people)
    assert isinstance(found, Fit)
    sober(found, people)
    expected = float((people.people * expected_purchases(found.model, people, days=90)).sum())
    assert abs(expected / later.sum() - 1) < 0.25


def test_one_customer_of_a_lifetime_does_not_carry_the_fit_away() -> None:
    people = together(drawn(TRUE, 3000, days=400, spread=200)[0])
    whale = (np.array([value]) for value in (5000, 9000, 9001, 1))
    columns = (people.repeats, people.tenure_days, people.age_days, people.people)
    joined = Histories(*(np.concatenate(pair) for pair in zip(columns, whale, strict=True)))
    alone, beside = fit_return(people), fit_return(joined)
    assert isinstance(alone, Fit) and isinstance(beside, Fit)
    sober(beside, joined)
    one, other = (expected_purchases(found.model, people, days=90).mean() for found in (alone, beside))
    assert other == pytest.approx(one, rel=0.35)


def test_nobody_leaves_where_everybody_is_surely_there_though_leaving_is_no_rarity() -> None:
    # a/(a + b) = 1 %: a hundredth of purchases are the last, far from b > 1,000 a. But all bought just now.
    model = Model(0.8, 12.0, 0.1, 9.9)
    fresh = each([(40, 300, 300), (9, 100, 100)])
    assert float(alive(model, fresh).min()) > 0.99 and model.b < 1000 * model.a
    assert nobody_leaves(model, fresh)
    one_is_idle = each([(40, 300, 300), (9, 100, 120)])
    assert 0.98 < float(alive(model, one_is_idle)[1]) < 0.99
    assert not nobody_leaves(model, one_is_idle)


def test_nobody_leaves_where_leaving_is_rarer_than_one_in_a_thousand() -> None:
    gone = each([(40, 10, 300)])
    assert nobody_leaves(Model(0.8, 12.0, 0.001, 1.01), gone)
    assert not nobody_leaves(Model(0.8, 12.0, 0.001, 0.99), gone)


def history(repeats: int, one: int, other: int) -> tuple[int, int, int]:
    """A possible one: no more purchase days than days, and no tenure without them."""
    tenure, age = sorted((one, other))
    repeats = min(repeats, tenure)
    return repeats, tenure if repeats else 0, age


HISTORY = st.builds(history, st.integers(0, 400), st.integers(0, 900), st.integers(0, 900))


@examples(8)
@given(st.lists(HISTORY, min_size=1, max_size=12), st.sampled_from([MBG, BG]))
def test_whatever_people_did_there_is_a_reason_or_a_sober_answer(
    kinds: Sequence[tuple[int, int, int]], first: int
) -> None:
    # Few kinds of people and many of each: the likelihood has ridges, bounds and corners.
    alike = together(each(list(kinds) * 2))
    people = Histories(alike.repeats, alike.tenure_days, alike.age_days, alike.people * 300)
    sober(fit_return(people, first=first), people)
