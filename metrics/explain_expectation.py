"""What the models of return expect of one person, or why they expect nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import numpy as np

from metrics.expectation_counts import Histories
from metrics.expectation_evidence import BG_NBD, GAMMA_GAMMA, MBG_NBD, Evidence, return_model, spend_model
from metrics.expectation_models import alive, expected_purchases
from metrics.expectation_return import HORIZON_DAYS
from metrics.expectation_spend import expected_spend

_HUNDREDTH, _SHARE = Decimal("0.01"), Decimal("0.0001")
Missing = Literal["never_bought", "by_relay", "not_kept", "partial_history", "refused"]


@dataclass(frozen=True, slots=True)
class Bought:
    """One person's purchases as the models see them: purchase days after the first (`repeats`), days from
    the first to the last and from the first to the as-of day, and the net spent on the repeat days."""

    repeats: int
    tenure_days: int
    age_days: int
    repeat_spend: Decimal


@dataclass(frozen=True, slots=True)
class ExpectationTold:
    """Expected of one person within the next `days` days.

    `missing`: why nothing is expected, None where it is: nobody who never bought or may be several people
    (`by_relay`) is in the models, the last run kept none (`not_kept`) or did not know the whole history
    (`partial_history`), or MBG/NBD was `refused` (its evidence says why). `purchases` by MBG/NBD, to 2
    decimals; `still_customer`: the probability of not having left for good. `purchases_bg`: the same by
    BG/NBD, `day_spend`: what a further purchase day is worth, by Gamma-Gamma; None where that was refused.
    `spend`: purchases times worth. `models`: the evidence.
    """

    missing: Missing | None
    days: int = HORIZON_DAYS
    purchases: Decimal | None = None
    still_customer: Decimal | None = None
    purchases_bg: Decimal | None = None
    day_spend: Decimal | None = None
    spend: Decimal | None = None
    models: tuple[Evidence, ...] = ()

    def evidence(self, model: str) -> Evidence | None:
        """That of one model."""
        return next((one for one in self.models if one.model == model), None)


def expectation_told(
    bought: Bought, models: Sequence[Evidence], *, days: int = HORIZON_DAYS
) -> ExpectationTold:
    """What the fitted `models` expect of somebody who bought; what is expected of BG/NBD and Gamma-Gamma
    stands beside MBG/NBD and is left out where those were refused."""
    told = {one.model: one for one in models if one.refused is None}
    if MBG_NBD not in told:
        return ExpectationTold("refused" if models else "not_kept", days, models=tuple(models))
    history = _history(bought)
    mbg = return_model(told[MBG_NBD])
    purchases = float(expected_purchases(mbg, history, days=days)[0])
    day_spend = _day_spend(bought, told[GAMMA_GAMMA]) if GAMMA_GAMMA in told else None
    beside = None
    if BG_NBD in told:
        beside = float(expected_purchases(return_model(told[BG_NBD]), history, days=days)[0])
    return ExpectationTold(
        missing=None,
        days=days,
        purchases=_rounded(purchases, _HUNDREDTH),
        still_customer=_rounded(float(alive(mbg, history)[0]), _SHARE),
        purchases_bg=None if beside is None else _rounded(beside, _HUNDREDTH),
        day_spend=None if day_spend is None else _rounded(day_spend, _HUNDREDTH),
        spend=None if day_spend is None else _rounded(purchases * day_spend, _HUNDREDTH),
        models=tuple(models),
    )


def _history(bought: Bought) -> Histories:
    each = (bought.repeats, bought.tenure_days, bought.age_days, 1)
    return Histories(*(np.array([value], dtype=np.int64) for value in each))


def _day_spend(bought: Bought, fitted: Evidence) -> float:
    """As the model was fitted: repeat purchases of unknown worth say nothing."""
    known = bought.repeats if bought.repeat_spend > 0 else 0
    spend = float(bought.repeat_spend) if known else 0.0
    return float(expected_spend(spend_model(fitted), np.array([known]), np.array([spend]))[0])


def _rounded(value: float, step: Decimal) -> Decimal:
    return Decimal(repr(value)).quantize(step, rounding=ROUND_HALF_UP)
