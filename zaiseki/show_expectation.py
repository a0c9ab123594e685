"""What the models of return expect, as a shopkeeper reads it: of one person, and of the whole shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from rich.table import Table

from metrics.expectation_evidence import BG_NBD, GAMMA_GAMMA, MBG_NBD, PARAMETERS, Evidence
from metrics.expectation_fit import Refusal
from metrics.explain_expectation import ExpectationTold
from zaiseki.cli.shell import Shell
from zaiseki.expectation import ShopExpectation
from zaiseki.explanation import Explanation
from zaiseki.messages import say
from zaiseki.show_orders import money

NAMES = {MBG_NBD: "MBG/NBD", BG_NBD: "BG/NBD", GAMMA_GAMMA: "Gamma-Gamma"}
SYMBOLS = {"alpha": "α"}


def show_expectation(shell: Shell, found: Explanation) -> None:
    """Print what is expected of one person, and by which model, or why nothing is."""
    told = found.expectation
    if told is None:
        return
    fitted = told.evidence(MBG_NBD)
    if told.purchases is None or told.still_customer is None or fitted is None:
        shell.say("why_no_expectation", because=_missing(shell, told))
        return
    shell.say(
        "why_expectation",
        days=told.days,
        purchases=told.purchases,
        of_ten=f"{told.purchases * 10:.1f}",
        still=_percent(told.still_customer),
    )
    if told.day_spend is not None and told.spend is not None:
        worth, whole = (money(amount, found.currency) for amount in (told.day_spend, told.spend))
        shell.say("why_expected_spend", day_spend=worth, spend=whole, days=told.days)
    shell.say(
        "why_expectation_by",
        people=f"{fitted.people:,}",
        as_of=found.run.as_of,
        parameters=_parameters(fitted),
        agreeing=fitted.agreeing,
        starts=fitted.starts,
        beside=_beside(shell, told),
    )
    _show_vague(shell, (fitted,))


def show_shop_expectation(shell: Shell, found: ShopExpectation) -> None:
    """Print what is expected of all buyers together, and how each model was fitted."""
    if shell.as_json:
        return
    shell.say("expectation_title", as_of=found.as_of)
    if found.purchases is not None:
        beside = "–" if found.purchases_bg is None else f"{found.purchases_bg:,.0f}"
        facts = {"purchases": f"{found.purchases:,.0f}", "buyers": f"{found.buyers:,}", "beside": beside}
        still = "–" if found.still_customers is None else _percent(found.still_customers)
        shell.say("expectation_purchases", days=found.days, still=still, **facts)
    if found.spend is not None:
        shell.say("expectation_spend", days=found.days, spend=money(found.spend, found.currency))
    if found.day_spend is not None:
        shell.say("expectation_day_spend", day_spend=money(found.day_spend, found.currency))
    for one in found.models:
        _show_model(shell, one)
    _show_parameters(shell, found.models)
    _show_vague(shell, found.models)
    shell.say("expectation_caution" if found.models else "expectation_not_kept")


def _missing(shell: Shell, told: ExpectationTold) -> str:
    fitted = told.evidence(MBG_NBD)
    if fitted is not None and fitted.refused:
        return _refused(shell, fitted.refused)
    return _say(shell, f"expectation_missing_{told.missing}")


def _refused(shell: Shell, refused: Refusal) -> str:
    have, need = f"{refused.have:,}", f"{refused.need:,}"
    return _say(shell, f"expectation_refused_{refused.reason}", have=have, need=need)


def _beside(shell: Shell, told: ExpectationTold) -> str:
    beside = told.evidence(BG_NBD)
    if told.purchases_bg is None:
        return _refused(shell, beside.refused) if beside and beside.refused else "–"
    return str(told.purchases_bg)


def _show_model(shell: Shell, one: Evidence) -> None:
    if one.refused:
        shell.say("expectation_refused", model=NAMES[one.model], because=_refused(shell, one.refused))
        return
    shell.say(
        "expectation_fitted",
        model=NAMES[one.model],
        people=f"{one.people:,}",
        agreeing=one.agreeing,
        starts=one.starts,
        log_likelihood=f"{one.log_likelihood:,.2f}",
    )
    if one.correlation is not None:
        shell.say("expectation_correlation", correlation=f"{one.correlation:.2f}")


def _show_parameters(shell: Shell, models: Sequence[Evidence]) -> None:
    table = Table()
    for head in ("model", "parameter", "value", "error"):
        table.add_column(_say(shell, f"expectation_column_{head}"))
    for one in models:
        for name, value in one.parameters.items():
            meaning = f"{_symbol(name)}: {_say(shell, f'expectation_means_{name}')}"
            table.add_row(NAMES[one.model], meaning, f"{value:,}", f"± {one.errors[name]:,}")
    if table.rows:
        shell.out.print(table)


def _show_vague(shell: Shell, models: Sequence[Evidence]) -> None:
    vague = [f"{NAMES[one.model]} {_symbol(name)}" for one in models for name in one.vague()]
    if vague:
        shell.say("expectation_vague", names=", ".join(vague))


def _parameters(one: Evidence) -> str:
    values: Mapping[str, Decimal] = one.parameters
    names = PARAMETERS[one.model]
    return ", ".join(f"{_symbol(name)} {values[name]} ± {one.errors[name]}" for name in names)


def _symbol(name: str) -> str:
    return SYMBOLS.get(name, name)


def _percent(share: Decimal) -> str:
    return f"{share * 100:.0f}"


def _say(shell: Shell, key: str, **details: object) -> str:
    return say(key, shell.language, **details)
