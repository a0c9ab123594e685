"""Return expectation: the purchases to expect of each person, or why none can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.calibration import LEAST_BUYERS, LEAST_HISTORY_DAYS
from metrics.expectation_counts import Histories
from metrics.expectation_fit import Likelihood, Maximum, Refusal, Spreads, climb, highest, trusted
from metrics.expectation_models import MBG, Model, alive, expected_purchases, likelihood_of

HORIZON_DAYS = 90
LEAST_REPEATERS = 100
_STARTS = ((1.0, 10.0, 1.0, 1.0), (0.3, 4.0, 0.8, 2.5), (2.0, 40.0, 0.3, 5.0))
STARTS = len(_STARTS)
"""From so many places the climb begins; at least two must find the same maximum."""
_NO_DROPOUT = 1e3
_ALL_ALIVE = 0.99
_LIKELIER = 9.21
"""Twice the log-likelihood that two parameters more gain by chance in 1 of 100 shops (chi-square)."""
_NEVER = 1e-12
_SPREADS: Spreads = {"one_rate": (0,), "one_chance": (2, 3)}


@dataclass(frozen=True, slots=True)
class Fit:
    """A model with its evidence: standard errors in the order r, alpha, a, b, and how many `buyers` told it.

    `gain`: twice the log-likelihood that the model has over one in which nobody ever leaves.
    """

    model: Model
    evidence: Maximum
    gain: float
    buyers: int


def fit_return(histories: Histories, *, first: int = MBG) -> Fit | Refusal:
    """MBG/NBD (or BG/NBD), fitted to a shop's histories by maximum likelihood, with a guard for ill fits.

    Expected purchases: purchase days to expect of somebody within the next 90 days, by the MBG/NBD model;
    probability of being a customer still: that somebody has not left for good. Evidence of a model, never a
    fact: no segment, list or action rests on them. Refused, never guessed: under 500 buyers, under 180 days
    of history, under 100 repeaters; where the fit did not converge or does not determine its parameters;
    where no dropout is identifiable (b > 1,000 a, everybody alive with more than 99 %, or a model in which
    nobody leaves explains the purchases as well); and where people cannot be told from people who all buy at
    one rate or leave with one chance (r, a or b above 10,000, or an error of more than 3 times the value).

    Metric: expected_purchases · Expected purchases in 90 days · 今後90日の期待購入回数
    Metric: still_customer · Probability of being a customer still · 顧客継続確率
    Unit: expected_purchases: purchases; still_customer: share
    Source: MBG/NBD: Batislam, Denizel and Filiztekin, IJRM 24 (2007)
    Source: BG/NBD: Fader, Hardie and Lee, Marketing Science 24 (2005)
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    thin = _too_thin(histories)
    if thin is not None:
        return thin
    likelihood, buyers = likelihood_of(histories, first=first), histories.buyers()
    stay = _if_nobody_left(likelihood, buyers)
    ends = [climb(likelihood, start, buyers) for start in _STARTS]
    height, at = highest(ends)
    gain = 2 * (height - stay)
    if gain < _LIKELIER or nobody_leaves(_model(np.exp(at).tolist(), first), histories):
        return Refusal("no_dropout")
    found = trusted(likelihood, ends, buyers, _SPREADS)
    if isinstance(found, Refusal):
        return found
    model = _model(found.parameters, first)
    return Fit(model, found, gain, buyers) if tells(model, histories) else Refusal("not_finite")


def _model(parameters: Sequence[float], first: int) -> Model:
    r, alpha, a, b = parameters
    return Model(r, alpha, a, b, first)


def tells(model: Model, histories: Histories) -> bool:
    """Whether all parameters are numbers above 0, and all that is expected of everybody is finite."""
    if not all(0 < one < np.inf for one in (model.r, model.alpha, model.a, model.b)):
        return False
    told = alive(model, histories) + expected_purchases(model, histories, days=HORIZON_DAYS)
    return bool(np.all(np.isfinite(told)))


def nobody_leaves(model: Model, histories: Histories) -> bool:
    """Whether a model says in effect that nobody ever leaves: b > 1,000 a, or everybody is alive with more
    than 99 %. What it would say of somebody's return is then the purchase rate alone."""
    if model.b > _NO_DROPOUT * model.a:
        return True
    return bool(np.all(alive(model, histories) > _ALL_ALIVE))


def _too_thin(histories: Histories) -> Refusal | None:
    repeaters = int(histories.people[histories.repeats > 0].sum())
    if histories.buyers() < LEAST_BUYERS:
        return Refusal("few_buyers", histories.buyers(), LEAST_BUYERS)
    if histories.days() < LEAST_HISTORY_DAYS:
        return Refusal("short_history", histories.days(), LEAST_HISTORY_DAYS)
    if repeaters < LEAST_REPEATERS:
        return Refusal("few_repeaters", repeaters, LEAST_REPEATERS)
    return None


def _if_nobody_left(likelihood: Likelihood, buyers: int) -> float:
    """The highest log-likelihood if nobody ever leaves (NBD): a fixed at next to nothing, b at 1."""
    starts = ((1.0, 10.0, _NEVER, 1.0), (0.3, 40.0, _NEVER, 1.0))
    return max(climb(likelihood, start, buyers, free=2)[0] for start in starts)
