"""What one person thought of it, how far they came and what to do next, as a shopkeeper reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from rich.table import Table

from metrics.action_terms import TermDays
from metrics.explain_experience import ActionTold, PassedOver, SatisfactionTold
from metrics.fields import CHANNELS, FUNNEL_STAGES, LABELS, NEXT_ACTIONS, SATISFACTION, SEGMENTS
from metrics.satisfaction import UNKNOWN
from zaiseki.cli.shell import Shell
from zaiseki.explanation import Explanation
from zaiseki.messages import say

_CHOICES = {"segment": SEGMENTS, "satisfaction": SATISFACTION, "next_action": NEXT_ACTIONS}


def show_experience(shell: Shell, found: Explanation) -> None:
    """Print channels, satisfaction, funnel and next action, and what of it waiting alone will change."""
    _show_channels(shell, found)
    _show_satisfaction(shell, found)
    _show_funnel(shell, found)
    if found.action:
        _show_action(shell, found, found.action)
    _show_coming(shell, found)


def _show_channels(shell: Shell, found: Explanation) -> None:
    labels = _labels(shell, CHANNELS)
    used = [
        _say(shell, "why_channel", label=labels[one.code], days=one.purchase_days, last=one.last_on)
        for one in found.channels
    ]
    if used:
        shell.say("why_channels", channels=("、" if shell.language == "ja" else "; ").join(used))
    if len(used) > 1 and found.score:
        shell.say("why_preferred", label=labels[found.score["preferred_channel"]])


def _show_satisfaction(shell: Shell, found: Explanation) -> None:
    told = found.satisfaction
    if told is None:
        return
    label = _labels(shell, SATISFACTION)[told.code]
    shell.say("why_satisfaction", label=label, because=_because(shell, told))
    if told.counts_until:
        shell.say("why_counts_until", on=told.counts_until)
    if told.recovered and told.code != UNKNOWN:
        shell.say("why_recovered", on=told.recovered_on)


def _because(shell: Shell, told: SatisfactionTold) -> str:
    """What was heard and how strong that is. A complaint that was closed leaves open what is thought now."""
    if told.evidence is None:
        return _say(shell, "why_nothing_said")
    heard = told.value if told.evidence == "expectation" else told.evidence
    said = _say(shell, f"why_said_{heard}", on=told.on, value=told.value)
    if told.code == UNKNOWN:
        return _say(shell, "why_settled", said=said, on=told.recovered_on)
    return _say(shell, "why_said", said=said, strength=_say(shell, f"why_strength_{told.strength}"))


def _show_funnel(shell: Shell, found: Explanation) -> None:
    told = found.funnel
    if told is None:
        return
    step = f"why_step_{told.evidence}" if told.on else "why_step_undated"
    label = _labels(shell, FUNNEL_STAGES)[told.stage]
    shell.say("why_funnel", label=label, because=_say(shell, step, on=told.on))
    if told.left_because:
        left = "why_left" if told.left_on else "why_left_now"
        shell.say(left, because=_say(shell, f"why_left_{told.left_because}"), on=told.left_on)


def _show_action(shell: Shell, found: Explanation, told: ActionTold) -> None:
    terms, score = TermDays(), found.score or {}
    facts = {
        "on": told.on or "–",
        "segment": _labels(shell, SEGMENTS)[score["segment"]],
        "complaint": terms.complaint,
        "recovered": terms.recovered,
        "referral": terms.referral,
        "delight": terms.delight,
        "near": terms.near,
    }
    because = say(f"why_row_{told.code}", shell.language, **facts)
    label = _labels(shell, NEXT_ACTIONS)[told.code]
    shell.say("why_action", label=label, row=told.row, because=because)
    if told.passed_over:
        _show_passed_over(shell, told.passed_over, score["lapses_on"])
    if told.until:
        shell.say("why_action_until", on=told.until)
    elif not any(one.left_out == "later" for one in found.orders):
        shell.say("why_action_lasts")


def _show_passed_over(shell: Shell, passed: PassedOver, lapses_on: date) -> None:
    """What an active subscription keeps from being suggested."""
    label = _labels(shell, NEXT_ACTIONS)[passed.code]
    facts = {"row": passed.row, "since": passed.on, "on": lapses_on, "near": TermDays().near}
    shell.say("why_passed_over", label=label, **facts)


def _show_coming(shell: Shell, found: Explanation) -> None:
    """Everything that time alone brings."""
    if not found.coming:
        return
    table = Table(title=_say(shell, "why_coming"), title_justify="left")
    for head in ("date", "what", "becomes"):
        table.add_column(_say(shell, f"why_column_{head}"))
    for change in found.coming:
        what = LABELS[change.key][0 if shell.language == "en" else 1]
        table.add_row(str(change.on), what, _labels(shell, _CHOICES[change.key])[change.after])
    shell.out.print(table)


def _labels(shell: Shell, rows: Sequence[tuple[str, str, str]]) -> Mapping[str, str]:
    return {row[0]: row[1 if shell.language == "en" else 2] for row in rows}


def _say(shell: Shell, key: str, **details: object) -> str:
    return say(key, shell.language, **details)
