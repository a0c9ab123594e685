"""A calibration as a merchant reads it: what holds now, what is proposed, and what speaks for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rich.table import Table

from metrics.calibration import Proposal, Refusal
from metrics.fields import SEGMENTS, Language
from metrics.return_curve import IDLE_DAYS, Curve, at_risk
from metrics.shop import BestSpend
from sync.money import rounded
from zaiseki.calibrating import Calibration, Move
from zaiseki.cli.shell import Shell
from zaiseki.messages import Message, say
from zaiseki.show_orders import money

BAR = 40
"""Characters that 100 % fill."""
MOVES_SHOWN = 12


def show_calibration(shell: Shell, found: Calibration) -> None:
    """Print a calibration."""
    shell.say("calibrate_title", as_of=found.as_of, buyers=f"{found.buyers:,}", days=f"{found.days:,}")
    _show_now(shell, found)
    if not shell.as_json:
        shell.out.print(_curve_table(shell, found))
    if isinstance(found.answer, Proposal):
        _show_proposal(shell, found, found.answer)
    if found.accepted_in:
        shell.say("calibrate_accepted", path=found.accepted_in)
    elif isinstance(found.answer, Proposal):
        shell.say("calibrate_nothing_moved")
    _show_pinned(shell, found)


def refusal_told(found: Calibration, answer: Refusal, language: Language) -> Message:
    """Why nothing is proposed, and what then."""
    lowest = f"{answer.lowest * 100:.1f}" if answer.lowest is not None else "–"
    facts = {"have": f"{answer.have:,}", "need": f"{answer.need:,}", "lowest": lowest}
    text = say(f"calibrate_refused_{answer.reason}", language, **facts)
    now = str(found.in_force.thresholds.lapse_days)
    then = say("calibrate_refused_next", language, lapse_days=now)
    return Message(f"calibrate_{answer.reason}", text, then)


def as_json(found: Calibration, language: Language) -> dict[str, Any]:
    """Everything of a calibration in plain values; money as text in plain digits."""
    now, answer, best_spend = found.in_force, found.answer, found.best_spend
    told: dict[str, Any] = {
        "as_of": str(found.as_of),
        "currency": found.currency,
        "in_force": {
            "best_spend": f"{now.thresholds.best_spend:f}",
            "best_spend_from": now.best_spend_from,
            "lapse_days": now.thresholds.lapse_days,
            "lapse_days_from": now.lapse_from,
        },
        "buyers": found.buyers,
        "days": found.days,
        "proposed": None,
        "curve": [_point(found, days) for days in IDLE_DAYS],
        "moves": [asdict(move) for move in found.moves if move.old != move.new],
        "accepted": str(found.accepted_in) if found.accepted_in else None,
    }
    if isinstance(best_spend, BestSpend):
        told["orders"] = best_spend.orders
        told["mean_order"] = f"{rounded(best_spend.mean, found.currency):f}"
        told["median_order"] = f"{rounded(best_spend.median, found.currency):f}"
    if isinstance(answer, Proposal):
        told["proposed"] = {
            "best_spend": f"{answer.best_spend.value:f}",
            "lapse_days": answer.lapse_days,
            "returning": _plain(answer.returning),
            "error": _plain(answer.error),
            "rises_at": answer.rises_at,
        }
    else:
        message = refusal_told(found, answer, language)
        told["error"] = {"code": message.code, "message": message.text, "next_step": message.next_step}
    return told


def _show_now(shell: Shell, found: Calibration) -> None:
    now = found.in_force
    shell.say(
        "calibrate_now",
        lapse_days=now.thresholds.lapse_days,
        lapse_from=say(f"calibrate_from_{now.lapse_from}", shell.language),
        best_spend=_money(now.thresholds.best_spend, found.currency),
        best_spend_from=say(f"calibrate_from_{now.best_spend_from}", shell.language),
    )


def _show_proposal(shell: Shell, found: Calibration, answer: Proposal) -> None:
    shell.say(
        "calibrate_lapse",
        lapse_days=answer.lapse_days,
        percent=f"{answer.returning * 100:.1f}",
        error=f"{answer.error * 200:.1f}",
        gaps=f"{at_risk(found.curves.pooled, answer.lapse_days):,}",
    )
    if answer.rises_at is not None:
        shell.remark("calibrate_rises", days=answer.rises_at)
    best_spend = answer.best_spend
    shell.say(
        "calibrate_best_spend",
        best_spend=_money(best_spend.value, found.currency),
        mean=money(best_spend.mean, found.currency),
        orders=f"{best_spend.orders:,}",
        median=money(best_spend.median, found.currency),
    )
    if best_spend.skewed:
        shell.remark("thresholds_mean_far", median=money(best_spend.median, found.currency))
    _show_moves(shell, found)


def _show_moves(shell: Shell, found: Calibration) -> None:
    moves = [move for move in found.moves if move.old != move.new]
    shell.say(
        "calibrate_moves",
        people=f"{sum(move.people for move in found.moves):,}",
        lapsing=f"{_people(moves, '_active', '_lapsed'):,}",
        active=f"{_people(moves, '_lapsed', '_active'):,}",
        moving=f"{sum(move.people for move in moves):,}",
    )
    if not moves or shell.as_json:
        return
    labels = {row[0]: row[1 if shell.language == "en" else 2] for row in SEGMENTS}
    table = Table(title=say("calibrate_moves_title", shell.language), title_justify="left")
    table.add_column(say("from_segment", shell.language))
    table.add_column(say("to_segment", shell.language))
    table.add_column(say("calibrate_people", shell.language), justify="right")
    for move in moves[:MOVES_SHOWN]:
        table.add_row(labels[move.old], labels[move.new], f"{move.people:,}")
    shell.out.print(table)
    if rest := moves[MOVES_SHOWN:]:
        shell.say("calibrate_moves_more", count=len(rest), people=sum(move.people for move in rest))


def _show_pinned(shell: Shell, found: Calibration) -> None:
    """Which settings stand above the file."""
    now = found.in_force
    if now.lapse_from == "settings":
        shell.remark("calibrate_pinned", name="segment.lapse_days", value=now.thresholds.lapse_days)
    if now.best_spend_from == "settings":
        value = f"{now.thresholds.best_spend:f}"
        shell.remark("calibrate_pinned", name="segment.best_spend", value=value)


def _curve_table(shell: Shell, found: Calibration) -> Table:
    """The curve as bars, a line an idle time."""
    table = Table(title=say("calibrate_curve", shell.language), title_justify="left")
    table.add_column(say("calibrate_idle", shell.language), justify="right")
    table.add_column("", min_width=BAR, no_wrap=True)
    for head in ("pooled", "first", "later", "gaps"):
        table.add_column(say(f"calibrate_column_{head}", shell.language), justify="right")
    curves = found.curves
    for days in _told_days(found):
        pooled = curves.pooled.returns(days)
        table.add_row(
            f"{days}",
            _bar(pooled),
            *(_percent(curve, days) for curve in (curves.pooled, curves.after_first, curves.after_later)),
            f"{at_risk(curves.pooled, days):,}",
            style="bold" if _is_proposed(found, days) else None,
        )
    return table


def _told_days(found: Calibration) -> list[int]:
    """The usual idle times of which the data can tell something, and the proposed one."""
    proposed = [found.answer.lapse_days] if isinstance(found.answer, Proposal) else []
    return sorted({*(days for days in IDLE_DAYS if days <= found.curves.pooled.seen_days()), *proposed})


def _is_proposed(found: Calibration, days: int) -> bool:
    return isinstance(found.answer, Proposal) and found.answer.lapse_days == days


def _bar(returning: Decimal | None) -> str:
    return "█" * round(float(returning or 0) * BAR)


def _percent(curve: Curve, days: int) -> str:
    returning = curve.returns(days)
    return "–" if returning is None else f"{returning * 100:.1f} %"


def _point(found: Calibration, days: int) -> dict[str, Any]:
    curves = found.curves
    named = {"pooled": curves.pooled, "after_first": curves.after_first, "after_later": curves.after_later}
    shares = {name: _plain(curve.returns(days)) for name, curve in named.items()}
    return {"idle_days": days, **shares, "gaps": at_risk(curves.pooled, days)}


def _plain(share: Decimal | None) -> float | None:
    return None if share is None else round(float(share), 4)


def _people(moves: Iterable[Move], old: str, new: str) -> int:
    return sum(move.people for move in moves if move.old.endswith(old) and move.new.endswith(new))


def _money(amount: Decimal, currency: str) -> str:
    """A threshold as people write it: exact, it may have more digits than the currency."""
    return f"{amount:,f} {currency}"
