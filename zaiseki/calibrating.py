"""Calibrating: the thresholds in force beside those that the stored purchases propose; nobody is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import narwhals as nw

from metrics.calendar import day_of
from metrics.calibration import Proposal, Refusal, history, propose, segment_moves
from metrics.purchase_steps import purchase_steps
from metrics.purchases import valid_purchases
from metrics.return_curve import ReturnCurves, return_curves
from metrics.segment import Thresholds
from metrics.shop import BestSpend, TooFewOrders, derive_best_spend
from metrics.tenure import tenure
from sync import frames
from sync.money import rounded
from sync.store import Store
from zaiseki import approval
from zaiseki.counting import purchase_rules
from zaiseki.errors import Stop
from zaiseki.last_scores import LastScores, last_scored
from zaiseki.planning import thresholds_of
from zaiseki.settings import Settings
from zaiseki.thresholds import DEFAULT_LAPSE_DAYS, FILE, Accepted, read_accepted, write_accepted

Source = Literal["settings", "accepted", "derived", "preset"]


@dataclass(frozen=True, slots=True)
class InForce:
    """The thresholds that the next run scores with, and where M and L come from."""

    thresholds: Thresholds
    best_spend_from: Source
    lapse_from: Source


@dataclass(frozen=True, slots=True)
class Move:
    """So many `people` change from one segment to another, or stay where both are equal."""

    old: str
    new: str
    people: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was found, as of the day of the run scored last.

    `moves`: what the proposal would change if it held whole, though the settings pin some of it; empty
    where nothing is proposed. `accepted_in`: the file it was written to.
    """

    as_of: date
    currency: str
    in_force: InForce
    buyers: int
    days: int
    curves: ReturnCurves
    best_spend: BestSpend | TooFewOrders
    answer: Proposal | Refusal
    moves: tuple[Move, ...] = ()
    accepted_in: Path | None = None


def calibrate(config: Path, *, accept: bool) -> Calibration:
    """What the stored purchases propose; with `accept` a proposal is written to the thresholds file.

    Raises `Stop` where no run has scored yet or the order history is not whole; `StoreBusy` while a run
    holds the store.
    """
    folder = config.parent
    with last_scored(config) as last:
        if not last.run.thresholds:
            raise Stop("calibrate_partial_history")
        in_force = thresholds_in_force(last.settings, read_accepted(folder), thresholds_of(last.run))
        found = _found(last, in_force)
        return _accepted(last.store, folder, found) if accept else found


def thresholds_in_force(settings: Settings, accepted: Accepted | None, last: Thresholds) -> InForce:
    """The settings win over the accepted file; what neither says is as the last run scored, or the preset."""
    given = settings.segment
    best_spend_from: Source = "derived"
    lapse_from: Source = "preset"
    best_spend, lapse_days = last.best_spend, DEFAULT_LAPSE_DAYS
    if accepted:
        best_spend, best_spend_from = accepted.best_spend, "accepted"
        lapse_days, lapse_from = accepted.lapse_days, "accepted"
    if given.best_spend is not None:
        best_spend, best_spend_from = given.best_spend, "settings"
    if given.lapse_days is not None:
        lapse_days, lapse_from = given.lapse_days, "settings"
    thresholds = Thresholds(best_spend, given.steady_days, given.best_days, lapse_days)
    return InForce(thresholds, best_spend_from, lapse_from)


def _found(last: LastScores, in_force: InForce) -> Calibration:
    last.refresh_frames()
    store, rules, as_of_day = last.store, purchase_rules(last.settings), day_of(last.as_of)
    valid = valid_purchases(
        frames.frame(store, "person_orders"),
        frames.frame(store, "person_refunds"),
        as_of_day=as_of_day,
        rules=rules,
    )
    # Whoever is known only by a marketplace's address may be several people: their gaps tell nothing.
    known = store.materialise(_known(store, valid))
    seen = history(tenure(known, rules=rules), as_of_day=as_of_day)
    curves = return_curves(purchase_steps(known, rules=rules), as_of_day=as_of_day)
    best_spend = derive_best_spend(valid)
    answer = propose(curves, best_spend, seen)
    found = Calibration(
        as_of=last.as_of,
        currency=last.currency,
        in_force=in_force,
        buyers=seen.buyers,
        days=seen.days,
        curves=curves,
        best_spend=best_spend,
        answer=answer,
    )
    if isinstance(answer, Proposal):
        found = replace(found, moves=_moves(store, in_force.thresholds, answer, last.as_of))
    return found


def _known(store: Store, rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return rows.join(frames.frame(store, "relay_persons"), on="person_id", how="anti")


def _moves(store: Store, now: Thresholds, proposal: Proposal, as_of: date) -> tuple[Move, ...]:
    """The moves of everybody scored, those of most people first."""
    then = replace(now, best_spend=proposal.best_spend.value, lapse_days=proposal.lapse_days)
    scores = _known(store, nw.from_native(store.con.table("scores")))
    moves = segment_moves(scores, now=now, then=then, as_of=as_of).collect().rows()
    return tuple(sorted((Move(*row) for row in moves), key=lambda move: (-move.people, move.old, move.new)))


def _accepted(store: Store, folder: Path, found: Calibration) -> Calibration:
    """`found`, its proposal written down; a refusal writes nothing."""
    answer = found.answer
    if isinstance(answer, Refusal):
        return found
    best_spend, lapse_days = answer.best_spend.value, answer.lapse_days
    # First the approval: killed in between, it approves values that nothing uses yet.
    approval.remember(store, best_spend, lapse_days)
    accepted = Accepted(
        best_spend=best_spend,
        lapse_days=lapse_days,
        accepted_on=found.as_of,
        evidence=evidence(found, answer),
    )
    try:
        write_accepted(folder, accepted)
    except OSError as error:
        raise Stop("folder_unwritable", path=str(folder), cause=type(error).__name__) from error
    return replace(found, accepted_in=folder / FILE)


def evidence(found: Calibration, proposal: Proposal) -> str:
    """What the accepted values rest on, in one line of the file."""
    mean = rounded(Decimal(proposal.best_spend.mean), found.currency)
    percent = f"{proposal.returning * 100:.1f}"
    return (
        f"calibrate: {percent} % of those idle {proposal.lapse_days} days bought within 90 days "
        f"({found.buyers} buyers, {found.days} days of history); "
        f"7 x the mean of {proposal.best_spend.orders} counted orders, {mean} {found.currency}"
    )
