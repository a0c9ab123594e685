"""Gamma-Gamma: what a purchase day of somebody is worth, own mean and everybody's weighed by evidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy  # not its parts: they are loaded when they are used, and no other command waits for them

from metrics.expectation_counts import Floats, Ints, Spends, over_people
from metrics.expectation_fit import Likelihood, Maximum, Refusal, Spreads, maximise

LEAST_REPEATERS = 100
"""Fewer people who bought again, with known amounts, say little of how much people differ."""
_SPREADS: Spreads = {"one_worth": (0, 1)}
_STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 0.5), (0.5, 8.0, 5.0))


@dataclass(frozen=True, slots=True)
class SpendModel:
    """A fitted Gamma-Gamma model; `v` in the reporting currency.

    `evidence`: the maximum as fitted, with standard errors in the order p, q, v. `correlation`: of purchase
    days and mean spend among `repeaters`; the model takes them as independent, so far from 0 it misleads.
    """

    p: float
    q: float
    v: float
    evidence: Maximum
    correlation: float
    repeaters: int


def fit_spend(spends: Spends) -> SpendModel | Refusal:
    """Fit to repeaters; one-time buyers say nothing of a repeat purchase and take everybody's mean later.

    ln L = lnG(px+q) - lnG(px) - lnG(q) + q ln v + (px-1) ln m + px ln x - (px+q) ln(v+xm), m the mean net of
    x repeat purchase days. Refused besides where `maximise` refuses: under `LEAST_REPEATERS`; where q is 1
    or less, or not above 1 by more than its standard error (of logarithms): the mean of all people, p v /
    (q - 1), does not exist there, and is any number near it.
    """
    repeaters = int(spends.people.sum())
    if repeaters < LEAST_REPEATERS:
        return Refusal("few_repeaters", repeaters, LEAST_REPEATERS)
    # In units of the mean the start is good in any currency; the density of m scales with it.
    unit = over_people(spends.people, spends.spend / spends.repeats) / repeaters
    found = maximise(spend_likelihood(spends, unit), _STARTS, repeaters, _SPREADS)
    if isinstance(found, Refusal):
        return found
    p, q, v = found.parameters
    if np.log(q) <= found.errors[1] / q:
        return Refusal("no_mean")
    evidence = Maximum(
        (p, q, v * unit),
        (*found.errors[:2], found.errors[2] * unit),
        found.log_likelihood - repeaters * float(np.log(unit)),
        found.gradient,
        found.agreeing,
        found.starts,
    )
    return SpendModel(p, q, v * unit, evidence, _correlation(spends), repeaters)


def spend_likelihood(spends: Spends, unit: float) -> Likelihood:
    """The log-likelihood of mean spends told in multiples of `unit`, with its gradient, by log(p, q, v)."""
    distinct, row = np.unique(spends.repeats, return_inverse=True)
    return partial(_log_likelihood, spends, spends.spend / unit, distinct.astype(np.float64), row)


def _log_likelihood(
    spends: Spends, spend: Floats, distinct: Floats, row: Ints, logs: Floats
) -> tuple[float, Floats]:
    p, q, v = np.exp(logs)
    people = spends.people
    holders = np.bincount(row, people)
    log_spend, log_all = np.log(spend), np.log(v + spend)
    upper, shape = p * distinct + q, p * distinct
    gammaln = scipy.special.gammaln
    alone = gammaln(upper) - gammaln(shape) - gammaln(q) + q * logs[2]
    height = over_people(holders, alone + np.log(distinct))
    height += over_people(people, (shape[row] - 1) * log_spend - upper[row] * log_all)
    digamma, by_upper = scipy.special.digamma, scipy.special.digamma(upper)
    own = over_people(holders, distinct * (by_upper - digamma(shape)))
    slope = np.array(
        [
            own + over_people(people, distinct[row] * (log_spend - log_all)),
            over_people(holders, by_upper - digamma(q) + logs[2]) - over_people(people, log_all),
            people.sum() * q / v - over_people(people, upper[row] / (v + spend)),
        ]
    )
    return height, slope * np.exp(logs)


def expected_spend(model: SpendModel, repeats: Ints, spend: Floats) -> Floats:
    """What a further purchase day of each person is worth: E[M], by the Gamma-Gamma model.

    = p (v + spend) / (p x + q - 1), with x repeat purchase days on which `spend` was spent net: between the
    own mean and everybody's, the nearer to the own one the more days it rests on. Everybody's mean
    p v / (q - 1) for one-time buyers (x = 0, spend 0).

    Metric: expected_day_spend · Expected worth of a further purchase day · 次回以降の購入1回あたりの期待金額
    Unit: reporting currency
    Source: Fader, Hardie and Lee, Journal of Marketing Research 42 (2005)
    Source: Fader and Hardie, The Gamma-Gamma Model of Monetary Value (2013)
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    return expected_total(model, repeats, spend, np.ones_like(repeats))


def expected_total(model: SpendModel, repeats: Ints, spend: Floats, people: Ints) -> Floats:
    """The sum of `expected_spend` over the `people` of each row, who have `repeats` each and `spend`
    together."""
    worth: Floats = model.p * (people * model.v + spend) / (model.p * repeats + model.q - 1)
    return worth


def _correlation(spends: Spends) -> float:
    weights, days = spends.people, spends.repeats.astype(np.float64)
    both = np.cov(days, spends.spend / days, fweights=weights)
    spread = float(np.sqrt(both[0, 0] * both[1, 1]))
    return float(both[0, 1]) / spread if spread > 0 else 0.0
