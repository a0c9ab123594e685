"""Explaining one person: satisfaction, funnel, next action and channels, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from metrics.action_terms import TermDays
from metrics.explain import OrderTold
from metrics.fields import CHANNELS
from metrics.funnel import AUDIENCES
from metrics.next_action import TABLE


@dataclass(frozen=True, slots=True)
class SatisfactionTold:
    """What a person thought of it. `code`, `evidence`, `strength`, `recovered`, `answered` as in
    `satisfaction.satisfaction`; `on` is the evidence's day and `value` what was answered that day (null
    unless something was); `counts_until`: the first day on which the evidence does not count any more."""

    code: str
    evidence: str | None
    strength: str | None
    value: str | None
    on: date | None
    counts_until: date | None
    recovered: bool
    recovered_on: date | None
    answered: bool


@dataclass(frozen=True, slots=True)
class FunnelTold:
    """How far a person came toward the first purchase; the codes are those of `funnel.funnel`. `audience` is
    what the merchant's school calls whoever is at this stage (`target`, `prospect`), if it has a word.
    `left_because` and `left_on` are null unless the person left."""

    stage: str
    audience: str | None
    evidence: str | None
    on: date | None
    left_because: str | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A row of the table that would hold first, since the day `on`, if this person subscribed to nothing."""

    code: str
    row: int
    on: date


@dataclass(frozen=True, slots=True)
class ActionTold:
    """The suggestion: row `row` (from 1) of the published table is the first that holds. `on` is the day of
    what makes it hold (null where a state does), `until` the first day on which waiting alone ends it.
    `passed_over`: what an active subscription keeps from being suggested instead, None where nothing is."""

    code: str
    row: int
    on: date | None
    until: date | None
    passed_over: PassedOver | None


@dataclass(frozen=True, slots=True)
class ChannelTold:
    """One channel a person bought in: on how many days, and when last."""

    code: str
    purchase_days: int
    last_on: date


_DAY_OF_ROW = {
    "resolve_complaint": "satisfaction_on",
    "confirm_recovery": "recovered_on",
    "thank_referrer": "newest_friend_on",
    "invite_referral": "satisfaction_on",
    "leave_alone": "exit_on",
    "remind": "funnel_on",
    "help_decide": "funnel_on",
    "offer_first": "funnel_on",
    "introduce": "funnel_on",
}
"""The score that dates what makes a row of the table hold; the others hang on the lapse date."""


def satisfaction_told(
    score: Mapping[str, Any], touches: Iterable[Mapping[str, Any]], *, days: int
) -> SatisfactionTold:
    """In: the row of `scores.score_persons`; `touches`: rows with `kind`, `on`, `value`; `days`: how long
    evidence counts (`evidence.SatisfactionRules`)."""
    evidence, on = score["satisfaction_evidence"], score["satisfaction_on"]
    same_day = [one["value"] for one in touches if (one["kind"], one["on"]) == (evidence, on) and on]
    return SatisfactionTold(
        code=score["satisfaction"],
        evidence=evidence,
        strength=score["satisfaction_strength"],
        value=_answer(evidence, same_day),
        on=on,
        counts_until=on + timedelta(days=days) if on else None,
        recovered=score["recovered"],
        recovered_on=score["recovered_on"],
        answered=score["answered"],
    )


def funnel_told(score: Mapping[str, Any]) -> FunnelTold:
    """In: the row of `scores.score_persons`."""
    return FunnelTold(
        stage=score["funnel_stage"],
        audience=AUDIENCES.get(score["funnel_stage"]),
        evidence=score["funnel_evidence"],
        on=score["funnel_on"],
        left_because=score["exit_evidence"],
        left_on=score["exit_on"],
    )


def action_told(score: Mapping[str, Any], as_of: date) -> ActionTold:
    """In: the row of `scores.score_persons` as of that day."""
    code = score["next_action"]
    return ActionTold(
        code=code,
        row=_row(code),
        on=score[_DAY_OF_ROW.get(code, "lapses_on")],
        until=score["next_action_until"],
        passed_over=_passed_over(score, as_of),
    )


def _row(code: str) -> int:
    return 1 + [action.code for action in TABLE].index(code)


def _passed_over(score: Mapping[str, Any], as_of: date) -> PassedOver | None:
    """The row of those who are near their lapse date, which no subscriber ever gets."""
    lapses_on, segment = score["lapses_on"], score["segment"]
    if not score["subscriber"] or not segment.endswith("_active"):
        return None
    code = "invite_second" if segment == "first_active" else "prevent_lapse"
    since = max(lapses_on - timedelta(days=TermDays().near), score["last_purchase_on"])
    if not since <= as_of < lapses_on or _row(code) > _row(score["next_action"]):
        return None
    return PassedOver(code, _row(code), since)


def channels_told(orders: Iterable[OrderTold]) -> tuple[ChannelTold, ...]:
    """Where the orders that count were made, in the order of the catalogue: no channel comes first."""
    days: dict[str, set[date]] = {}
    for order in orders:
        if order.left_out is None and order.channel:
            days.setdefault(order.channel, set()).add(order.ordered_on)
    known = [code for code, _, _ in CHANNELS if code in days]
    return tuple(ChannelTold(code, len(days[code]), max(days[code])) for code in known)


def _answer(evidence: str | None, values: Sequence[str | None]) -> str | None:
    """The answer that was heard: of several on one day the least favourable."""
    order = ("worse", "as", "better") if evidence == "expectation" else tuple(str(n) for n in range(11))
    said = [order.index(value) for value in values if value in order]
    return order[min(said)] if said else None
