"""How the fits of the models of return ended: told as lines of the shop, and read back from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import get_args

from metrics.calibration import LEAST_BUYERS, LEAST_HISTORY_DAYS
from metrics.expectation_fit import Maximum, Reason, Refusal
from metrics.expectation_models import BG, MBG, Model
from metrics.expectation_return import LEAST_REPEATERS, STARTS, Fit
from metrics.expectation_spend import SpendModel
from metrics.shop_line import ShopLine

MBG_NBD, BG_NBD, GAMMA_GAMMA = "mbg_nbd", "bg_nbd", "gamma_gamma"
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    MBG_NBD: ("r", "alpha", "a", "b"),
    BG_NBD: ("r", "alpha", "a", "b"),
    GAMMA_GAMMA: ("p", "q", "v"),
}
"""Each model and its parameters: rates first, then leaving; alpha in weeks, v in the reporting currency."""
LINES = "return_model"
"""The name of the lines."""
_FITTED = "fitted"
_STEP = Decimal("0.0001")
_NEED: Mapping[str, int] = {
    "few_buyers": LEAST_BUYERS,
    "short_history": LEAST_HISTORY_DAYS,
    "few_repeaters": LEAST_REPEATERS,
    "not_converged": STARTS,
}
_REASONS: Mapping[str, Reason] = {reason: reason for reason in get_args(Reason)}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One model of `PARAMETERS`: why it was refused, or what was fitted to how many `people`.

    `parameters` and their standard `errors` by name, to 4 decimals; `agreeing` of `starts` found the same
    maximum. `correlation`: of spend and purchase days, which Gamma-Gamma takes as 0; None for the others.
    """

    model: str
    refused: Refusal | None = None
    people: int = 0
    parameters: Mapping[str, Decimal] = field(default_factory=dict)
    errors: Mapping[str, Decimal] = field(default_factory=dict)
    log_likelihood: Decimal = Decimal(0)
    agreeing: int = 0
    starts: int = 0
    correlation: Decimal | None = None

    def vague(self) -> tuple[str, ...]:
        """The parameters whose standard error is larger than they are: the data hardly determine them."""
        return tuple(name for name, value in self.parameters.items() if self.errors[name] > value)


def evidence_of(model: str, found: Fit | SpendModel | Refusal) -> Evidence:
    """A fit as it is told. One with a parameter that 4 decimals cannot tell is refused as at its bound, one
    whose q they cannot tell from 1 as without a mean."""
    if isinstance(found, Refusal):
        return Evidence(model, found)
    spend = found if isinstance(found, SpendModel) else None
    people = found.repeaters if isinstance(found, SpendModel) else found.buyers
    told = _fitted(model, found.evidence, people, spend.correlation if spend else None)
    if any(value < 10 * _STEP for value in told.parameters.values()):
        return Evidence(model, Refusal("at_a_bound"))
    if spend and told.parameters["q"] - 1 < 10 * _STEP:
        return Evidence(model, Refusal("no_mean"))
    return told


def model_lines(evidence: Iterable[Evidence]) -> list[ShopLine]:
    """The models of return with their evidence, a few lines for each; `part` begins with the model.

    "mbg_nbd fitted": the number of starts, n = how many of them found the maximum; where there is no fit, the
    reason, "mbg_nbd few_buyers": no value, n = what there is of what it takes. "mbg_nbd r": a parameter
    (alpha in weeks, v in the reporting currency), "mbg_nbd r error": its standard error, from the observed
    information; "mbg_nbd log_likelihood"; n = the people fitted to. "gamma_gamma correlation": of spend and
    purchase days of repeaters, which that model takes as 0.

    Metric: return_model · Models of return: parameters and errors · 再購入モデルの推定値と標準誤差
    Unit: that of the part
    Source: MBG/NBD: Batislam, Denizel and Filiztekin, IJRM 24 (2007)
    Source: BG/NBD: Fader, Hardie and Lee, Marketing Science 24 (2005)
    Source: Gamma-Gamma: Fader, Hardie and Lee, Journal of Marketing Research 42 (2005)
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    return [line for one in evidence for line in _lines(one)]


def read_evidence(lines: Iterable[ShopLine]) -> tuple[Evidence, ...]:
    """What `model_lines` told, in the order of `PARAMETERS`; a model without lines is left out."""
    by_model: dict[str, dict[str, ShopLine]] = {}
    for line in lines:
        if line.name == LINES:
            model, _, part = line.part.partition(" ")
            by_model.setdefault(model, {})[part] = line
    return tuple(_read(model, by_model[model]) for model in PARAMETERS if model in by_model)


def return_model(evidence: Evidence) -> Model:
    """The fitted MBG/NBD or BG/NBD model of `evidence`."""
    r, alpha, a, b = (float(evidence.parameters[name]) for name in PARAMETERS[evidence.model])
    return Model(r, alpha, a, b, first=MBG if evidence.model == MBG_NBD else BG)


def spend_model(evidence: Evidence) -> SpendModel:
    """The fitted Gamma-Gamma model of `evidence`; what was left of the slope is not kept and 0."""
    p, q, v = (float(evidence.parameters[name]) for name in PARAMETERS[GAMMA_GAMMA])
    errors = tuple(float(evidence.errors[name]) for name in PARAMETERS[GAMMA_GAMMA])
    height = float(evidence.log_likelihood)
    maximum = Maximum((p, q, v), errors, height, 0.0, evidence.agreeing, evidence.starts)
    return SpendModel(p, q, v, maximum, float(evidence.correlation or 0), evidence.people)


def _fitted(model: str, found: Maximum, people: int, correlation: float | None) -> Evidence:
    names = PARAMETERS[model]
    return Evidence(
        model,
        people=people,
        parameters=dict(zip(names, map(_told, found.parameters), strict=True)),
        errors=dict(zip(names, map(_told, found.errors), strict=True)),
        log_likelihood=_told(found.log_likelihood),
        agreeing=found.agreeing,
        starts=found.starts,
        correlation=None if correlation is None else _told(correlation),
    )


def _lines(one: Evidence) -> list[ShopLine]:
    if one.refused:
        return [ShopLine(LINES, f"{one.model} {one.refused.reason}", None, one.refused.have)]
    told = {_FITTED: Decimal(one.starts)}
    for name, value in one.parameters.items():
        told |= {name: value, f"{name} error": one.errors[name]}
    told["log_likelihood"] = one.log_likelihood
    if one.correlation is not None:
        told["correlation"] = one.correlation
    return [
        ShopLine(LINES, f"{one.model} {part}", value, one.agreeing if part == _FITTED else one.people)
        for part, value in told.items()
    ]


def _read(model: str, parts: Mapping[str, ShopLine]) -> Evidence:
    values = {part: line.value or Decimal(0) for part, line in parts.items()}
    if _FITTED not in parts:
        ((reason, line),) = parts.items()
        return Evidence(model, Refusal(_REASONS[reason], line.base, _NEED.get(reason, 0)))
    names = PARAMETERS[model]
    return Evidence(
        model,
        people=parts["log_likelihood"].base,
        parameters={name: values[name] for name in names},
        errors={name: values[f"{name} error"] for name in names},
        log_likelihood=values["log_likelihood"],
        agreeing=parts[_FITTED].base,
        starts=int(values[_FITTED]),
        correlation=values.get("correlation"),
    )


def _told(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_STEP, rounding=ROUND_HALF_UP)
