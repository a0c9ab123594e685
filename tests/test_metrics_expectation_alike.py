"""Shops whose people do not differ, so that a spread runs away: refused for that, and finite if not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from cdnow_purchases import RULES, valid_rows
from expectation_worlds import drawn, together
from metrics_engines import Engine
from metrics_frames import order

from metrics.expectation_counts import Histories, Spends, Worths
from metrics.expectation_evidence import BG_NBD, GAMMA_GAMMA, MBG_NBD, evidence_of, model_lines, read_evidence
from metrics.expectation_fit import ALIKE, HARDLY, Maximum, Reason, Refusal, maximise
from metrics.expectation_models import BG, MBG, Model
from metrics.expectation_return import fit_return, tells
from metrics.expectation_shop import expectation_lines, return_lines, worth_lines
from metrics.expectation_spend import SpendModel, fit_spend
from metrics.explain_expectation import Bought, expectation_told
from metrics.shop_line import ShopLine
from metrics.tenure import tenure

YEN = Decimal(1)
BOTH = pytest.mark.parametrize("first", [MBG, BG])


def alike(
    seed: int, *, people: int = 0, leaves: Callable[[Any], float] | None = None
) -> list[tuple[int, list[int]]]:
    """Age and purchase days of people of one rate, once in 30 to 120 days; who leaves, leaves by chances of
    their own unless `leaves` draws them."""
    luck = np.random.default_rng(seed)
    people = people or int(luck.integers(500, 1500))
    rate, staying = 1 / luck.uniform(30, 120), luck.uniform(0.4, 0.9)
    found = []
    for _ in range(people):
        age, on, days = int(luck.uniform(1, 800)), 0.0, [0]
        chance = leaves(luck) if leaves else luck.beta(2, 2) * (1 - staying) * 2
        while luck.random() > chance and (on := on + luck.exponential(1 / rate)) <= age:
            if int(on) > days[-1]:
                days.append(int(on))
        found.append((age, days))
    return found


def histories(people: list[tuple[int, list[int]]]) -> Histories:
    """The same as the models see them."""
    columns = np.array([(len(days) - 1, days[-1], age) for age, days in people]).T
    return together(Histories(*columns, people=np.ones(len(people), dtype=np.int64)))


def spends(people: list[tuple[int, list[int]]], worth: Callable[[Any], float]) -> Spends:
    """What repeaters spent, if a purchase day is worth what `worth` draws."""
    luck = np.random.default_rng(1)
    days = np.array([len(days) - 1 for _, days in people if len(days) > 1], dtype=np.int64)
    spent = [sum(worth(luck) for _ in range(one)) for one in days]
    return Spends(days, np.array(spent, dtype=np.float64), np.ones(len(days), dtype=np.int64))


def finite_or_refused(shop: Histories, spent: Spends) -> dict[str, Reason | None]:
    """Why each model was refused; all that is told of the shop and of its people is none or a number that a
    store of 38 digits keeps."""
    mbg, bg, spend = fit_return(shop), fit_return(shop, first=BG), fit_spend(spent)
    fits = {MBG_NBD: mbg, BG_NBD: bg, GAMMA_GAMMA: spend}
    told = [evidence_of(name, found) for name, found in fits.items()]
    nothing = np.zeros(len(shop.people))
    worths = Worths(shop, nothing.astype(np.int64), nothing)
    lines = return_lines(shop, mbg, bg) + model_lines(told)
    lines += worth_lines(worths, mbg, spend, buyers=shop.buyers(), smallest=YEN)
    kept(lines)
    models = read_evidence(lines)
    assert models == tuple(told)
    for row in range(0, len(shop.people), 97):
        numbers = (int(column[row]) for column in (shop.repeats, shop.tenure_days, shop.age_days))
        person = expectation_told(Bought(*numbers, repeat_spend=Decimal(4000)), models)
        for amount in (person.purchases, person.still_customer, person.purchases_bg, person.spend):
            assert amount is None or (amount.is_finite() and 0 <= amount < 10**12)
    return {one.model: one.refused.reason if one.refused else None for one in told}


def kept(lines: list[ShopLine]) -> None:
    for line in lines:
        assert line.value is None or (line.value.is_finite() and abs(line.value) < 10**12), line


@pytest.mark.parametrize("seed", [0, 7])
def test_a_shop_where_everybody_buys_at_one_rate_is_refused_for_that(seed: int) -> None:
    # What was told of these: r 394 with an error of 2,900, and r 53,610 with one of 1,410,000.
    assert fit_return(histories(alike(seed))) == Refusal("one_rate")


@BOTH
def test_a_shop_that_everybody_leaves_with_one_chance_is_refused_for_that(first: int) -> None:
    model = Model(0.8, 12.0, 3e6, 7e6, first=first)
    found = [
        fit_return(together(drawn(model, 1500, days=500, spread=250, seed=seed)[0]), first=first)
        for seed in (3, 4)
    ]
    assert found == [Refusal("one_chance")] * 2


WORTHS: dict[str, Callable[[Any], float]] = {
    "equal money": lambda luck: 3000.0,
    "two prices": lambda luck: float(luck.choice([980, 3980])),
    "no mean": lambda luck: float((luck.pareto(0.7) + 1) * 500),
    "even money": lambda luck: float(luck.gamma(6, 500)),
}


@pytest.mark.parametrize(("seed", "worth"), list(enumerate(WORTHS, start=20)))
def test_of_people_of_one_rate_there_is_a_reason_or_a_number(seed: int, worth: str) -> None:
    people = alike(seed)
    reasons = finite_or_refused(histories(people), spends(people, WORTHS[worth]))
    if worth in ("equal money", "two prices"):
        assert reasons[GAMMA_GAMMA] == "one_worth"


@pytest.mark.parametrize(
    ("chance", "expected"),
    [(0.0, {"no_dropout"}), (1.0, {"few_repeaters"}), (0.5, {"one_rate", "one_chance"})],
)
def test_people_of_one_rate_who_never_leave_leave_at_once_or_with_one_chance(
    chance: float, expected: set[Reason]
) -> None:
    people = alike(31, people=900, leaves=lambda luck: chance)
    reasons = finite_or_refused(histories(people), spends(people, WORTHS["equal money"]))
    assert {reasons[MBG_NBD], reasons[BG_NBD]} <= expected


def test_people_who_all_left_on_one_day_or_bought_once_are_told_of_soberly() -> None:
    people = alike(33, people=900)
    gone = [(age + 400, days) for age, days in people]
    finite_or_refused(histories(gone), spends(gone, WORTHS["even money"]))
    once = [(age, days[:1]) for age, days in people]
    assert set(finite_or_refused(histories(once), spends(once, WORTHS["even money"])).values()) == {
        "few_repeaters"
    }


def test_the_lines_of_a_shop_of_one_rate_are_told_with_the_reason(engine: Engine) -> None:
    people = alike(7)
    orders = [
        order(f"{who}-{day}", str(who), 900 - age + day, "3000")
        for who, (age, days) in enumerate(people)
        for day in days
    ]
    valid = valid_rows(engine, orders, 900)
    buyers = engine.materialise(tenure(valid, rules=RULES))
    lines = expectation_lines(valid, buyers, as_of_day=900, smallest=YEN, materialise=engine.materialise)
    kept(lines)
    assert ShopLine("return_model", "mbg_nbd one_rate", None, 0) in lines
    assert ShopLine("return_model", "gamma_gamma one_worth", None, 0) in lines
    assert ShopLine("expected_purchases_shop", "", None, len(people)) in lines


def hill(top: float, error: float) -> Any:
    """A likelihood of one parameter: `top`, with that standard error of its logarithm."""

    def likelihood(at: Any) -> tuple[float, Any]:
        off = (at - np.log(top)) / error
        return -float(off @ off) / 2, -off / error

    return likelihood


@pytest.mark.parametrize(
    ("top", "error", "reason"),
    [
        (50.0, HARDLY * 0.99, None),
        (50.0, HARDLY * 1.01, "one_rate"),
        (0.9, HARDLY * 1.01, "flat"),
        (ALIKE * 0.999, 0.1, None),
        (ALIKE * 1.001, 0.1, "one_rate"),
    ],
)
def test_a_spread_is_refused_beyond_the_error_or_the_bound_and_no_earlier(
    top: float, error: float, reason: Reason | None
) -> None:
    found = maximise(hill(top, error), [[1.0], [2.0]], 1, {"one_rate": (0,)})
    assert found == Refusal(reason) if reason else isinstance(found, Maximum)


def test_a_parameter_that_is_no_spread_may_be_as_large_as_it_likes() -> None:
    assert isinstance(maximise(hill(ALIKE * 2, 0.1), [[1.0], [2.0]], 1, {"one_rate": ()}), Maximum)


def test_a_likelihood_that_is_no_number_is_no_maximum() -> None:
    def nowhere(at: Any) -> tuple[float, Any]:
        return float("nan"), np.full(1, np.nan)

    assert maximise(nowhere, [[1.0], [2.0]], 1) == Refusal("not_converged", 0, 2)


def test_a_place_from_which_no_climb_moves_is_no_maximum_while_it_slopes() -> None:
    level = maximise(lambda at: (0.0, np.full(1, 2e-5)), [[1.0], [1.0]], 1)
    assert level == Refusal("not_converged", 2, 2)


def test_a_model_that_tells_no_numbers_is_known_to() -> None:
    shop = histories(alike(1, people=20))
    assert tells(Model(0.8, 12.0, 0.9, 2.0), shop)
    for broken in (Model(np.nan, 12, 0.9, 2), Model(0.8, np.inf, 0.9, 2), Model(0.8, 12, 0.0, 2)):
        assert not tells(broken, shop)


def test_a_q_that_four_decimals_cannot_tell_from_one_has_no_mean() -> None:
    def told(q: float) -> Refusal | None:
        top = Maximum((9.0, q, 5.0), (0.1, 0.0001, 0.2), -9.0, 0.0, 3, 3)
        return evidence_of(GAMMA_GAMMA, SpendModel(9.0, q, 5.0, top, 0.0, 500)).refused

    assert told(1.0009) == Refusal("no_mean")
    assert told(1.001) is None


def test_a_model_that_is_told_as_refused_expects_nothing(engine: Engine) -> None:
    # Money so small that v, 0.0006, is nothing in 4 decimals, though the fit is a good one.
    luck = np.random.default_rng(2)
    orders = [
        order(f"{who}-{day}", str(who), day * 10, f"{max(luck.gamma(4, 1 / rate), 1):.0f}e-4")
        for who, rate in enumerate(luck.gamma(3, 1 / 6, 300))
        for day in range(4)
    ]
    valid = valid_rows(engine, orders, 200)
    buyers = engine.materialise(tenure(valid, rules=RULES))
    lines = expectation_lines(valid, buyers, as_of_day=200, smallest=YEN, materialise=engine.materialise)
    assert ShopLine("return_model", "gamma_gamma at_a_bound", None, 0) in lines
    assert ShopLine("expected_day_spend_shop", "", None, 0) in lines
