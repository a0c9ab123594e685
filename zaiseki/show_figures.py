"""The figures of the shop that the last run kept, as people read them, and as JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.table import Table

from metrics.catalogue import Metric
from metrics.fields import Language
from metrics.shop_line import ShopLine
from zaiseki.cli.shell import Shell
from zaiseki.kept_figures import KeptFigures
from zaiseki.messages import say
from zaiseki.metric_words import name_of, unit_of

MOST_LINES = 60
"""Lines of one metric that fit a screen or two."""
MOST_PARTS = 12
"""A metric with more parts than that is not told among all the others."""
APART = ("gap_", "target_")
"""Figures that look at the others, a line for each of them."""
_MONTH = re.compile(r"\d{4}-\d{2}")


def show_figures(shell: Shell, kept: KeptFigures, known: Mapping[str, Metric], metric: str | None) -> None:
    """Print the figures of the whole shop; of one `metric` every part, the latest months last."""
    if shell.as_json:
        return
    if metric is None:
        lines = _of_the_whole(kept.lines)
    else:
        lines = [line for line in kept.lines if line.name == metric]
    shell.say("figures_title", as_of=kept.as_of)
    table = Table()
    for head in ("metric_id", "metric_name", "figures_part", "figures_value", "metric_unit"):
        right = head == "figures_value"
        table.add_column(say(head, shell.language), justify="right" if right else "left", overflow="fold")
    table.add_column("n", justify="right")
    shown = lines if metric is None else lines[-MOST_LINES:]
    for line in shown:
        words = _words(known.get(line.name), shell.language)
        value = "–" if line.value is None else f"{_short(line.value):,f}"
        table.add_row(line.name, words[0], line.part, value, words[1], f"{line.base:,}")
    shell.out.print(table)
    if len(lines) > len(shown):
        shell.say("figures_more", count=len(lines) - len(shown))
    if metric is None:
        shell.say("figures_months")


def figures_as_json(kept: KeptFigures, metric: str | None) -> dict[str, Any]:
    """The figures in plain values, every part of each, or of one `metric`."""
    return {
        "as_of": kept.as_of.isoformat(),
        "currency": kept.currency,
        "figures": [
            {
                "id": line.name,
                "part": line.part,
                "value": None if line.value is None else f"{line.value:f}",
                "n": line.base,
            }
            for line in kept.lines
            if metric is None or line.name == metric
        ],
    }


def _of_the_whole(lines: Sequence[ShopLine]) -> list[ShopLine]:
    """What speaks of no single month, of every metric with few parts."""
    whole = [line for line in lines if not _MONTH.search(line.part) and not line.name.startswith(APART)]
    parts = Counter(line.name for line in whole)
    return [line for line in whole if parts[line.name] <= MOST_PARTS]


def _words(metric: Metric | None, language: Language) -> tuple[str, str]:
    """Name and unit; of a figure that an earlier version kept nothing is known any more."""
    return ("–", "–") if metric is None else (name_of(metric, language), unit_of(metric, language))


def _short(value: Decimal) -> Decimal:
    """Without the noughts that the store adds."""
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()
