"""Fitting by maximum likelihood: several starts, checks of convergence, errors from the information."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy  # not its parts: they are loaded when they are used, and no other command waits for them

from metrics.expectation_counts import Floats

Likelihood = Callable[[Floats], tuple[float, Floats]]
"""The log-likelihood and its gradient, both of the logarithms of the parameters."""
Reason = Literal[
    "few_buyers",
    "short_history",
    "few_repeaters",
    "not_converged",
    "at_a_bound",
    "flat",
    "no_dropout",
    "one_rate",
    "one_chance",
    "one_worth",
    "no_mean",
    "not_finite",
]
Spreads = Mapping[Reason, tuple[int, ...]]
"""Which parameters tell how far people differ (they grow as people are more alike), by the reason to refuse a
model whose people do not differ."""
LOG_BOUND = 14.0
"""A parameter beyond e^14 or below e^-14 means that the data do not determine it."""
ALIKE = 1e4
"""Parameters of a spread above it are those of people who are all alike. With r = 10,000 rates differ by 1 %
(1/sqrt(r)); among 20 purchases each that widens the spread of numbers by a 500th beyond chance, which takes
500,000 people to tell by one standard error. With a or b = 10,000 chances to leave differ by half a percent
point at most, with p or q = 10,000 amounts by 1 %."""
HARDLY = 3.0
"""A parameter of a spread with an error above so many times itself cannot be told from its limit, where
people are all alike: 1/r is then a third of its error away from 0, and the fit gains 1/9 in twice the
log-likelihood over one rate for all, where chance alone gains as much in 37 of 100 samples. 57 of 60 invented
shops of 600 buyers who do as the model says stay below 2."""
_GRADIENT = 1e-5
_AGREE = 0.01
"""Two starts that end with log-likelihoods as close found the same maximum."""
_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no expectation is told. `have` is what there is, `need` what it would take, 0 where neither counts.

    `few_buyers`, `short_history` (days), `few_repeaters` (people); `not_converged`: of `need` starts only
    `have` found the best maximum, or the gradient does not vanish there; `at_a_bound`: a parameter runs away;
    `flat`: the data do not determine all parameters; `no_dropout`: no dropout identifiable, people look as if
    nobody ever left; `one_rate`, `one_chance`: people look as if everybody bought at one rate, or left with
    one chance; `one_worth`: as if somebody's purchases, or everybody's means, were all of one worth;
    `no_mean`: spend so uneven that it has no mean; `not_finite`: what the model expects is no finite number.
    """

    reason: Reason
    have: int = 0
    need: int = 0


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where the likelihood is highest.

    `parameters` and their standard `errors`, from the observed information at the maximum. `gradient`: the
    largest slope of the mean log-likelihood of a person along the logarithm of a parameter, 0 but for
    rounding. `agreeing`: how many of `starts` ended here.
    """

    parameters: tuple[float, ...]
    errors: tuple[float, ...]
    log_likelihood: float
    gradient: float
    agreeing: int
    starts: int


def maximise(
    likelihood: Likelihood, starts: Sequence[Sequence[float]], people: int, spreads: Spreads | None = None
) -> Maximum | Refusal:
    """Climb from each of `starts` (parameters above 0) and keep the highest point, if it can be trusted."""
    return trusted(likelihood, [climb(likelihood, start, people) for start in starts], people, spreads)


def trusted(
    likelihood: Likelihood,
    ends: Sequence[tuple[float, Floats]],
    people: int,
    spreads: Spreads | None = None,
) -> Maximum | Refusal:
    """The highest of `ends` (what `climb` gave from several starts) with its errors.

    Refused: a maximum that fewer than two starts found, one with a slope left, at a bound, or where the
    information matrix is not positive definite; and one of people who are all alike (`ALIKE`) or may as well
    be (`HARDLY`), by the reason of `spreads`.
    """
    best, at = highest(ends)
    agreeing = sum(best - height < _AGREE for height, _ in ends)
    alike = _reason(spreads, at > np.log(ALIKE))
    if alike:
        return Refusal(alike)
    if bool(np.any(np.abs(at) > LOG_BOUND - 0.01)):
        return Refusal("at_a_bound")
    slope = float(np.max(np.abs(likelihood(at)[1]))) / people
    if agreeing < 2 or not slope <= _GRADIENT:
        return Refusal("not_converged", agreeing, len(ends))
    errors = _errors(likelihood, at)
    if errors is None:
        return Refusal("flat")
    if bool(np.any(errors > HARDLY)):
        return Refusal(_reason(spreads, (errors > HARDLY) & (at > 0)) or "flat")
    found = np.exp(at)
    return Maximum(tuple(found.tolist()), tuple((found * errors).tolist()), best, slope, agreeing, len(ends))


def highest(ends: Sequence[tuple[float, Floats]]) -> tuple[float, Floats]:
    """The highest of what `climb` gave; one without a height is below all others."""
    return max(ends, key=lambda end: end[0] if np.isfinite(end[0]) else -np.inf)


def _reason(spreads: Spreads | None, unknown: npt.NDArray[np.bool_]) -> Reason | None:
    """Why a model is refused that does not determine these parameters; None if no spread is among them."""
    found = (reason for reason, places in (spreads or {}).items() if unknown[list(places)].any())
    return next(found, None)


def climb(
    likelihood: Likelihood, start: Sequence[float], people: int, *, free: int | None = None
) -> tuple[float, Floats]:
    """The highest log-likelihood reached from `start`, and where, in logarithms.

    Climbs with L-BFGS-B along the logarithms, so that parameters stay above 0. Only the first `free` of
    them move (all where None). Heights are per person while climbing: the tolerances then mean the same in
    a small shop and a large one.
    """
    began = np.log(np.asarray(start, dtype=np.float64))
    moving = len(began) if free is None else free
    fixed = began[moving:]

    def downhill(at: Floats) -> tuple[float, Floats]:
        height, slope = likelihood(np.concatenate((at, fixed)))
        return -height / people, -slope[:moving] / people

    found = scipy.optimize.minimize(
        downhill,
        began[:moving],
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LOG_BOUND, LOG_BOUND)] * moving,
        options={"ftol": 1e-14, "gtol": 1e-7, "maxiter": 150, "maxcor": 20},
    )
    return -float(found.fun) * people, np.concatenate((found.x, fixed))


def _errors(likelihood: Likelihood, at: Floats) -> Floats | None:
    """Standard errors of the logarithms: the root of the diagonal of the inverse information."""
    steps = np.eye(len(at)) * _STEP
    slopes = [(likelihood(at - step)[1] - likelihood(at + step)[1]) / (2 * _STEP) for step in steps]
    information = np.array(slopes)
    information = (information + information.T) / 2
    if not np.all(np.isfinite(information)):
        return None
    values, vectors = np.linalg.eigh(information)
    if values[0] <= 0:
        return None
    errors: Floats = np.sqrt((vectors**2 / values).sum(axis=1))
    return errors
