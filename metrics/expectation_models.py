"""MBG/NBD and BG/NBD: people buy at a rate of their own until they leave, which nobody sees happen.

While somebody stays, purchases come at random at the rate lambda, which differs by a gamma distribution
(shape r, rate alpha) from person to person; at a purchase somebody leaves for good with the probability p,
which differs by a beta distribution (a, b). In BG/NBD nobody leaves at the first purchase; in MBG/NBD that
can happen, so that one-time buyers may be gone. Time is in weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy  # not its parts: they are loaded when they are used, and no other command waits for them

from metrics.expectation_chances import mean_until_leaving
from metrics.expectation_counts import Floats, Histories, Ints, over_people
from metrics.expectation_fit import Likelihood

WEEK = 7
BG, MBG = 0, 1
"""The models, by how often somebody may leave before the first repeat purchase."""


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model. `alpha` in weeks; `first`: `MBG` or `BG`."""

    r: float
    alpha: float
    a: float
    b: float
    first: int = MBG


def likelihood_of(histories: Histories, *, first: int) -> Likelihood:
    """The log-likelihood of MBG/NBD or BG/NBD of all people, with its gradient, by log(r, alpha, a, b).

    With k = x + `first` chances to leave that were not taken until the last purchase:
    ln L = ln[B(a,b+k)/B(a,b)] + lnG(r+x) - lnG(r) + r ln alpha
    + ln{(alpha+T)^-(r+x) + [k>0] a/(b+k-1) (alpha+t_x)^-(r+x)}.
    Functions of x or of a day alone are computed once for each x and day, not for each row.
    """
    return partial(_log_likelihood, _tables(histories), first)


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """`x`: distinct repeats, `holders`: people of each. `row`: for each history its place in `x`; `last` and
    `age`: its days; `people`: its weight. `weeks`: the weeks of day 0, 1, ..."""

    x: Floats
    holders: Floats
    row: Ints
    last: Ints
    age: Ints
    people: Floats
    weeks: Floats


def _tables(histories: Histories) -> _Tables:
    distinct, row = np.unique(histories.repeats, return_inverse=True)
    people = histories.people.astype(np.float64)
    return _Tables(
        x=distinct.astype(np.float64),
        holders=np.bincount(row, people).astype(np.float64),
        row=row,
        last=histories.tenure_days,
        age=histories.age_days,
        people=people,
        weeks=np.arange(histories.days() + 1) / WEEK,
    )


def _log_likelihood(tables: _Tables, first: int, logs: Floats) -> tuple[float, Floats]:
    r, alpha, a, b = np.exp(logs)
    x, k = tables.x, tables.x + first
    left = _log_leaving(a, b, k)
    log_day, by_day = np.log(alpha + tables.weeks), 1 / (alpha + tables.weeks)
    log_age, log_last = log_day[tables.age], log_day[tables.last]
    power = (r + x)[tables.row]
    odds = left[tables.row] + power * (log_age - log_last)
    gone, people = scipy.special.expit(odds), tables.people
    betaln, gammaln = scipy.special.betaln, scipy.special.gammaln
    alone = betaln(a, b + k) - betaln(a, b) + gammaln(r + x) - gammaln(r)
    height = over_people(tables.holders, alone + r * logs[1])
    height += over_people(people, np.logaddexp(0, odds) - power * log_age)
    all_gone: Floats = np.bincount(tables.row, people * gone, minlength=len(x)).astype(np.float64)
    total = tables.holders.sum()
    digamma = scipy.special.digamma
    both = digamma(a + b) - digamma(a + b + k)
    at_last = log_last * gone + log_age * (1 - gone)
    per_day = power * (by_day[tables.last] * gone + by_day[tables.age] * (1 - gone))
    rates = over_people(tables.holders, digamma(r + x) - digamma(r)) + total * logs[1]
    stays = over_people(tables.holders, both + digamma(b + k) - digamma(b))
    slope = np.array(
        [
            rates - over_people(people, at_last),
            total * r / alpha - over_people(people, per_day),
            over_people(tables.holders, both) + all_gone.sum() / a,
            stays - _over_chances(all_gone, b, k),
        ]
    )
    return height, slope * np.exp(logs)


def _log_leaving(a: float, b: float, k: Floats) -> Floats:
    """ln of a/(b+k-1): the odds of having left at the last chance; none where there was no chance."""
    with np.errstate(divide="ignore"):
        odds: Floats = np.where(k > 0, a / np.where(k > 0, b + k - 1, 1), 0)
        return np.log(odds)


def _over_chances(gone: Floats, b: float, k: Floats) -> float:
    return float(np.sum(gone[k > 0] / (b + k[k > 0] - 1)))


def alive(model: Model, histories: Histories) -> Floats:
    """P(alive): how likely each history's holder has not left, as of the day the histories end.

    = 1 / (1 + [k>0] a/(b+k-1) ((alpha+T)/(alpha+t_x))^(r+x)); always 1 for one-time buyers in BG/NBD.
    """
    x = histories.repeats.astype(np.float64)
    age, last = histories.age_days / WEEK, histories.tenure_days / WEEK
    grown = (model.r + x) * np.log1p((age - last) / (model.alpha + last))
    still: Floats = scipy.special.expit(-_log_leaving(model.a, model.b, x + model.first) - grown)
    return still


def expected_purchases(model: Model, histories: Histories, *, days: int) -> Floats:
    """E[Y(t)]: purchase days expected of each history's holder within the next `days` days.

    P(alive) times what is expected of somebody who stays: p is then beta(a, b+k) and lambda gamma(r+x,
    alpha+T), and E[(1 - e^(-lambda p t)) / p] is taken over both, over lambda in closed form.
    """
    # Whoever bought as often in as many days expects the same while staying, whenever the last purchase was.
    alike = histories.repeats * (histories.days() + 1) + histories.age_days
    _, one, row = np.unique(alike, return_index=True, return_inverse=True)
    x, age = histories.repeats[one].astype(np.float64), histories.age_days[one] / WEEK
    growth = days / WEEK / (model.alpha + age)
    staying = mean_until_leaving(model.a, model.b + x + model.first, model.r + x, growth)
    return alive(model, histories) * staying[row]


def expected_of_new(model: Model, *, days: int) -> float:
    """E[X(t)]: repeat purchase days expected of a new buyer within `days` days of the first purchase."""
    # Nobody has taken a chance to leave yet; in MBG/NBD the first purchase is one, (1 - p) of them stay.
    stays = model.b / (model.a + model.b) if model.first else 1.0
    b, shape, growth = model.b + model.first, model.r, days / WEEK / model.alpha
    each = mean_until_leaving(model.a, *(np.array([value]) for value in (b, shape, growth)))
    return stays * float(each[0])
