"""One person's segment as a shopkeeper reads it: its reasons, its next change and its history."""

from __future__ import annotations

from datetime import timedelta

from rich.table import Table

from metrics.explain import SegmentTold
from metrics.fields import SEGMENTS
from metrics.segment import Thresholds
from zaiseki.cli.shell import Shell
from zaiseki.explanation import Explanation
from zaiseki.messages import say
from zaiseki.show_orders import money

MOST_SPANS = 12
"""How many spans of the history fit a screen."""


def show_segment(shell: Shell, found: Explanation) -> None:
    """Print the segment, what makes it, when it changes, and what it was before."""
    segment, score, limits = found.segment, found.score, found.thresholds
    if score is None or segment is None or limits is None:
        if score is not None:
            shell.say("why_no_history")
        return
    if segment.last_purchase_on:
        first, last = score["first_purchase_on"], score["last_purchase_on"]
        shell.say("why_tenure", first=first, last=last, days=segment.tenure_days)
    if found.own_interval is not None:
        shell.say("why_interval", days=found.own_interval)
    labels = {row[0]: row[1 if shell.language == "en" else 2] for row in SEGMENTS}
    because = _because(shell, found, segment, limits)
    shell.say("why_segment", label=labels[segment.code], because=because)
    if segment.lapses_on:
        half = "active" if segment.next_code else "lapsed"
        shell.say(
            f"why_{half}",
            days=segment.days_since,
            lapse_days=limits.lapse_days,
            on=segment.lapses_on,
            label=labels.get(segment.next_code or "", ""),
        )
    if found.left_truncated:
        shell.say("why_truncated", begin=found.data_begin_on)
    _show_history(shell, found)


def _because(shell: Shell, found: Explanation, segment: SegmentTold, limits: Thresholds) -> str:
    """What makes the segment, by the merchant's thresholds."""
    facts = {
        "count": segment.purchases,
        "days": segment.tenure_days,
        "amount": money(segment.net_spend, found.currency),
        "best_spend": money(limits.best_spend, found.currency),
        "steady_days": limits.steady_days,
        "best_days": limits.best_days,
    }
    return say(f"why_tier_{segment.tier}", shell.language, **facts)


def _show_history(shell: Shell, found: Explanation) -> None:
    """The segments there were, the newest last."""
    if len(found.segments) < 2:
        return
    labels = {row[0]: row[1 if shell.language == "en" else 2] for row in SEGMENTS}
    table = Table(title=say("why_history", shell.language), title_justify="left")
    for head in ("from", "until", "segment"):
        table.add_column(say(f"why_column_{head}", shell.language))
    for span in found.segments[-MOST_SPANS:]:
        last = str(span.until_on - timedelta(days=1)) if span.until_on else say("why_still", shell.language)
        table.add_row(str(span.from_on), last, labels[span.segment])
    shell.out.print(table)
    if len(found.segments) > MOST_SPANS:
        shell.say("why_history_more", count=len(found.segments) - MOST_SPANS)
