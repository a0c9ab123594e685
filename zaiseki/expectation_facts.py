"""What the models of return expect, in the plain values of `--json`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from metrics.expectation_evidence import Evidence
from metrics.explain_expectation import ExpectationTold
from sync.money import rounded
from zaiseki.expectation import ShopExpectation


def expectation_facts(told: ExpectationTold | None, currency: str) -> dict[str, Any] | None:
    """What is expected of one person in plain values."""
    if told is None:
        return None
    worth = {
        name: None if amount is None else f"{rounded(amount, currency):f}"
        for name, amount in (("day_spend", told.day_spend), ("spend", told.spend))
    }
    return {
        "missing": told.missing,
        "days": told.days,
        "purchases": _plain(told.purchases),
        "still_customer": _plain(told.still_customer),
        "purchases_bg": _plain(told.purchases_bg),
        **worth,
        "models": model_facts(told.models),
    }


def shop_facts(found: ShopExpectation) -> dict[str, Any]:
    """What is expected of the shop in plain values."""
    amounts = ("purchases", "purchases_bg", "still_customers", "spend", "day_spend")
    return {
        "as_of": found.as_of.isoformat(),
        "days": found.days,
        "buyers": found.buyers,
        **{name: _plain(getattr(found, name)) for name in amounts},
        "models": model_facts(found.models),
    }


def model_facts(models: Sequence[Evidence]) -> dict[str, Any]:
    """Each model with its evidence: `refused` (null where it was fitted) or parameters with errors."""
    return {one.model: _facts(one) for one in models}


def _facts(one: Evidence) -> dict[str, Any]:
    if one.refused:
        return {"refused": one.refused.reason, "have": one.refused.have, "need": one.refused.need}
    told = {
        name: {"value": _plain(value), "error": _plain(one.errors[name])}
        for name, value in one.parameters.items()
    }
    return {
        "refused": None,
        "people": one.people,
        "parameters": told,
        "log_likelihood": _plain(one.log_likelihood),
        "agreeing": one.agreeing,
        "starts": one.starts,
        "correlation": _plain(one.correlation),
        "hardly_determined": list(one.vague()),
    }


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
