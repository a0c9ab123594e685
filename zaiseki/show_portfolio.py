"""The customers by segment, as a run prints them: how many there are, and who would move."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from metrics.fields import SEGMENTS
from metrics.plan import Move
from zaiseki.cli.shell import Shell
from zaiseki.messages import say
from zaiseki.outcome import Portfolio
from zaiseki.part_words import tier_words


def show_portfolio(shell: Shell, portfolio: Portfolio) -> None:
    """The customers by segment, active and lapsed, and their tenure."""
    table = Table(title=say("segment_table", shell.language), title_justify="left")
    table.add_column(say("segment_column", shell.language))
    table.add_column(say("active", shell.language), justify="right")
    table.add_column(say("lapsed", shell.language), justify="right")
    for tier, label in tier_words(shell.language).items():
        counts = (portfolio.segments.get(f"{tier}_{state}", 0) for state in ("active", "lapsed"))
        table.add_row(label, *(f"{count:,}" for count in counts))
    table.add_row(_segment_labels(shell)["prospect"], f"{portfolio.segments.get('prospect', 0):,}", "")
    shell.out.print(table)
    if portfolio.buyers:
        shell.say(
            "tenure_line",
            mean=portfolio.mean_tenure(),
            buyers=f"{portfolio.buyers:,}",
            mean_repeat=portfolio.mean_tenure_of_repeaters(),
            repeaters=f"{portfolio.repeaters:,}",
            longest=portfolio.tenure_longest,
        )
    if portfolio.unjoined_buyers > portfolio.buyers:
        shell.say(
            "tenure_unjoined",
            mean=portfolio.mean_tenure_unjoined(),
            records=f"{portfolio.unjoined_buyers:,}",
        )


def show_moves(shell: Shell, moves: Sequence[Move]) -> None:
    """From which segment to which the most records would move."""
    table = Table(title=say("biggest_movers", shell.language), title_justify="left")
    for head in ("from_segment", "to_segment"):
        table.add_column(say(head, shell.language))
    table.add_column(say("records_column", shell.language), justify="right")
    labels = _segment_labels(shell)
    for move in moves:
        table.add_row(labels.get(move.old, move.old), labels.get(move.new, move.new), f"{move.count:,}")
    shell.out.print(table)


def _segment_labels(shell: Shell) -> dict[str, str]:
    nth = 1 if shell.language == "en" else 2
    return {row[0]: row[nth] for row in SEGMENTS}
