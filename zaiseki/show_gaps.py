"""What is missing (抜け・漏れ), in a few lines: sources, figures without data, figures without a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metrics.catalogue import Metric
from metrics.shop_line import ShopLine
from zaiseki.cli.shell import Shell
from zaiseki.metric_words import name_of
from zaiseki.part_words import source_words


def show_gaps(shell: Shell, lines: Sequence[ShopLine], known: Mapping[str, Metric]) -> None:
    """Print what tells nothing; nothing of what is complete."""
    joint = "、" if shell.language == "ja" else ", "
    silent = [line.part for line in lines if line.name == "gap_source" and line.value]
    if silent:
        told = joint.join(source_words(source, shell.language) for source in silent)
        shell.say("gaps_sources", sources=told)
    empty = [line.part for line in lines if line.name == "gap_no_data" and line.value]
    if empty:
        named = [name_of(known[one], shell.language) if one in known else one for one in empty]
        shell.say("gaps_no_data", figures=joint.join(named))
    aimless = sum(1 for line in lines if line.name == "gap_no_target" and line.value)
    if aimless:
        shell.say("gaps_no_target", count=aimless)
