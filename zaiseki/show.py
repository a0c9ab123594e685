"""A finished run as a merchant reads it: what was read, who they are, what was written, if it adds up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.table import Table

from connectors.base import Finding
from metrics.guard import Hold
from zaiseki.balance import Balance
from zaiseki.causes import cause_words, some
from zaiseki.cli.shell import Shell
from zaiseki.messages import explain, say
from zaiseki.messages import texts as known_texts
from zaiseki.outcome import TWINS, Outcome
from zaiseki.platform_messages import platform_message
from zaiseki.show_portfolio import show_moves, show_portfolio
from zaiseki.world import title

STREAM_COLUMNS = ("fetched", "inserted", "updated", "unchanged", "quarantined")
WRITE_COLUMNS = ("planned", "written", "equal", "rejected", "held")


def show_outcome(shell: Shell, outcome: Outcome) -> None:
    """Print everything about a run: results to stdout, remarks to stderr."""
    balance = outcome.balance
    title = "sync_title" if outcome.writing else "plan_title"
    shell.say(title, run_id=balance.run_id, as_of=balance.as_of)
    for connector, finding in outcome.warnings:
        _warn(shell, connector, finding)
    for note in outcome.notes:
        shell.remark(note.key, **note.details)
    shell.out.print(stream_table(shell, balance))
    people = balance.people
    shell.say(
        "people",
        records=f"{people.records:,}",
        persons=f"{people.persons:,}",
        unattributed=f"{people.orders_unattributed:,}",
    )
    _show_people(shell, outcome.balance)
    if outcome.portfolio.segments:
        show_portfolio(shell, outcome.portfolio)
    _show_writes(shell, outcome)
    _show_cost(shell, balance)
    _show_books(shell, outcome)


def _show_people(shell: Shell, balance: Balance) -> None:
    """What changed about who is who, and what waits for somebody or was left out."""
    people = balance.people
    if people.joins or people.splits or people.gone:
        shell.say("joins", joins=people.joins, splits=people.splits, gone=people.gone)
    if people.review:
        shell.say("review_waiting", count=f"{people.review:,}")
    if people.excluded:
        shell.say("excluded_line", count=f"{people.excluded:,}")
    if people.by_relay:
        shell.say("relay_line", count=f"{people.by_relay:,}")
    if forgotten := balance.forgotten:
        shell.say("forgotten_line", count=f"{forgotten:,}")
    if people.duplicates:
        shell.say("duplicates_line", count=f"{people.duplicates:,}")
    if balance.left_out:
        shell.say("left_out_line", because=_reasons(shell, balance.left_out))
    if people.possible_twins:
        shell.say("twins_line", count=f"{people.possible_twins:,}")


def _reasons(shell: Shell, left_out: Mapping[str, int]) -> str:
    """Why orders do not count, the commonest reason first."""
    ranked = sorted(left_out.items(), key=lambda one: (-one[1], one[0]))
    parts = (
        say("left_out_part", shell.language, count=f"{count:,}", reason=say(f"why_out_{why}", shell.language))
        for why, count in ranked
    )
    return ", ".join(parts) if shell.language == "en" else "、".join(parts)


def stream_table(shell: Shell, balance: Balance) -> Table:
    """What was read, a line a stream, beside the platform's own count."""
    table = Table(title=say("stream", shell.language), title_justify="left")
    table.add_column("")
    for head in (*STREAM_COLUMNS, "on_platform"):
        table.add_column(say(head, shell.language), justify="right")
    for name, line in balance.streams.items():
        counts = [f"{getattr(line, column):,}" for column in STREAM_COLUMNS]
        table.add_row(name, *counts, f"{line.on_platform:,}" + (" ✗" if line.gap() else " ✓"))
    return table


def hold_text(shell: Shell, hold: Hold) -> str:
    """Why a plan is held, as a sentence."""
    key = f"hold_{hold.code}"
    if key in known_texts():
        return say(key, shell.language, **hold.details)
    details = ", ".join(f"{name} {value}" for name, value in hold.details.items())
    return say("hold_generic", shell.language, code=hold.code, details=details)


def _show_writes(shell: Shell, outcome: Outcome) -> None:
    if not outcome.planned:
        shell.say("nothing_to_write")
        return
    table = Table(
        title=say("written" if outcome.writing else "to_write", shell.language), title_justify="left"
    )
    table.add_column("")
    shown = WRITE_COLUMNS if outcome.writing else WRITE_COLUMNS[:1]
    for column in shown:
        table.add_column(say(f"records_{column}", shell.language), justify="right")
    for connector, line in outcome.balance.writes.items():
        counts = (line.planned, line.written, line.unchanged, line.rejected, line.held)
        table.add_row(connector, *(f"{count:,}" for count in counts[: len(shown)]))
    shell.out.print(table)
    if not outcome.writing:
        _show_fields(shell, outcome)
    if outcome.summary.movers:
        show_moves(shell, outcome.summary.movers)


def _show_fields(shell: Shell, outcome: Outcome) -> None:
    platforms = list(dict.fromkeys(name.partition(":")[0] for name in outcome.balance.writes))
    table = Table()
    table.add_column(say("field_column", shell.language))
    for platform in platforms:
        table.add_column(platform, justify="right")
    counts = outcome.summary.fields
    for key in dict.fromkeys(key for _, key in counts):
        table.add_row(key, *(f"{counts.get((platform, key), 0):,}" for platform in platforms))
    shell.out.print(table)


def _show_cost(shell: Shell, balance: Balance) -> None:
    costs = balance.costs()
    shopify, salesforce = costs.get("shopify", {}), costs.get("salesforce", {})
    shell.say(
        "cost",
        shopify_requests=int(shopify.get("requests", 0)),
        shopify_cost=f"{int(shopify.get('cost', 0)):,}",
        waited=round(shopify.get("throttled_seconds", 0.0), 1),
        salesforce_requests=int(salesforce.get("requests", 0)),
        seconds=round(balance.seconds, 1),
    )


def _show_books(shell: Shell, outcome: Outcome) -> None:
    for connector, error in outcome.failures.items():
        message = platform_message(error, shell.language)
        shell.remark(
            "platform_failed",
            platform=title(connector),
            text=message.text,
            next_step=message.next_step,
        )
    _show_unacknowledged(shell, outcome)
    differences = outcome.balance.differences()
    if differences:
        message = explain(
            "unbalanced", shell.language, lines="; ".join(differences), run=outcome.balance.run_id
        )
        shell.remark("warning_line", text=message.text, next_step=message.next_step)
    elif not outcome.failures:
        shell.say("balanced")
    _show_holds(shell, outcome.held, outcome)


def _show_holds(shell: Shell, holds: Iterable[Hold], outcome: Outcome) -> None:
    reasons = [hold_text(shell, hold) for hold in holds]
    if not reasons:
        return
    if not outcome.writing:
        shell.remark("would_hold", reason="; ".join(reasons))
        return
    facts = {"reasons": "; ".join(reasons)}
    if any(hold.code == TWINS for hold in outcome.held):
        message = explain("held_for_twins", shell.language, **facts)
    else:
        message = explain("held", shell.language, **facts)
    shell.remark("warning_line", text=message.text, next_step=message.next_step)


def _show_unacknowledged(shell: Shell, outcome: Outcome) -> None:
    open_ = outcome.unacknowledged
    for no in open_.rejections:
        shell.remark(
            "rejected_line",
            platform=no.platform.capitalize(),
            count=no.count,
            code=no.code,
            reason=no.reason,
            ids=some(no.ids, no.count),
        )
    for aside in open_.causes:
        shell.remark(
            "quarantine_line",
            stream=aside.stream,
            count=aside.count,
            field=aside.field or "–",
            cause=cause_words(aside.cause, shell.language),
            ids=some(aside.ids, aside.count),
        )
    if open_.rejected or open_.quarantined:
        shell.remark("acknowledge_hint")


def _warn(shell: Shell, connector: str, finding: Finding) -> None:
    facts = {"platform": title(connector), **finding.details}
    message = explain(finding.code, shell.language, **facts)
    shell.remark("warning_line", text=message.text, next_step=message.next_step)
