"""The figures of the shop that the last run kept, as people read them, and as JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.table import Table

from metrics.catalogue import Metric
from metrics.fields import Language
from metrics.shop_line import ShopLine
from zaiseki.cli.shell import Shell
from zaiseki.kept_figures import KeptFigures
from zaiseki.messages import say
from zaiseki.metric_words import name_of, unit_of, value_text
from zaiseki.part_words import level_words, part_place, part_words
from zaiseki.show_gaps import show_gaps
from zaiseki.show_targets import OF_A_MONTH, show_targets

MOST_LINES = 60
"""Lines of one metric that fit a screen or two."""
MOST_PARTS = 12
"""A metric with more parts than that is not told among all the others."""
APART = ("gap_", "target_", "return_model")
"""Figures that look at the others, a line for each of them, and the models that `--expectation` tells of."""
BESIDE = {"satisfaction_share": ("response_rate",), "satisfaction_answers": ("response_rate",)}
"""What a metric is never shown without: how many were heard at all."""
_ONE_OF_MANY = re.compile(r"\d{4}-\d{2}|^\d+ days: ")
"""A part that speaks of one month, or of one product."""


def show_figures(shell: Shell, kept: KeptFigures, known: Mapping[str, Metric], metric: str | None) -> None:
    """Print the figures of the whole shop, then targets and gaps; of one `metric` every part, the latest
    months last."""
    if shell.as_json:
        return
    lines = _of_the_whole(kept.lines) if metric is None else _of_one(kept.lines, metric)
    shown = lines if metric is None else _latest(lines)
    shell.say("figures_title", as_of=kept.as_of, currency=kept.currency or "–")
    shell.out.print(_table(shell, shown, known, with_codes=metric is not None))
    if len(lines) > len(shown):
        shell.say("figures_more", count=len(lines) - len(shown))
    if metric is None:
        show_targets(shell, kept.lines, known)
        show_gaps(shell, kept.lines, known)
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
            for line in (kept.lines if metric is None else _of_one(kept.lines, metric))
        ],
    }


def _of_the_whole(lines: Sequence[ShopLine]) -> list[ShopLine]:
    """What speaks of no single month or product, of every metric with few parts."""
    whole = [line for line in lines if not _ONE_OF_MANY.search(line.part) and not line.name.startswith(APART)]
    parts = Counter(line.name for line in whole)
    few = [line for line in whole if parts[line.name] <= MOST_PARTS]
    return [
        line for _, ours in groupby(few, key=lambda line: line.name) for line in sorted(ours, key=part_place)
    ]


def _of_one(lines: Sequence[ShopLine], metric: str) -> list[ShopLine]:
    """Every part of one metric, and what it must never be read without."""
    names = (metric, *BESIDE.get(metric, ()))
    ours = [sorted((line for line in lines if line.name == name), key=part_place) for name in names]
    return [line for some in ours for line in some]


def _latest(lines: Sequence[ShopLine]) -> list[ShopLine]:
    """All lines, but of those by month the latest that fit a screen."""
    dropped = [line for line in lines if OF_A_MONTH.match(line.part)][:-MOST_LINES]
    return [line for line in lines if line not in dropped]


def _table(
    shell: Shell, lines: Sequence[ShopLine], known: Mapping[str, Metric], *, with_codes: bool
) -> Table:
    """A row for each line; with the codes that settings and files know its part by."""
    table = Table()
    codes = ["figures_code"] if with_codes and any(line.part for line in lines) else []
    for head in ("metric_id", "metric_name", "figures_part", *codes, "figures_value", "metric_unit"):
        right = head == "figures_value"
        table.add_column(
            say(head, shell.language),
            justify="right" if right else "left",
            overflow="fold",
            no_wrap=head == "metric_id",  # an id is there to be copied
        )
    table.add_column("n", justify="right")
    for line in lines:
        name, unit = _words(known.get(line.name), shell.language)
        cells = [line.name, name, part_words(line, shell.language), *([line.part] if codes else [])]
        value = level_words(line, shell.language) or value_text(line.value, known.get(line.name))
        table.add_row(*cells, value, unit, f"{line.base:,}")
    return table


def _words(metric: Metric | None, language: Language) -> tuple[str, str]:
    """Name and unit; of a figure that an earlier version kept nothing is known any more."""
    return ("–", "–") if metric is None else (name_of(metric, language), unit_of(metric, language))
