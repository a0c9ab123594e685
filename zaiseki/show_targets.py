"""What the merchant aims at, beside what is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table

from metrics.catalogue import Metric
from metrics.shop_line import ShopLine
from zaiseki.cli.shell import Shell
from zaiseki.messages import say
from zaiseki.metric_words import name_of, value_text
from zaiseki.part_words import part_words

_HEADS = ("metric_name", "figures_part", "target_head", "target_actual", "target_difference", "target_met")
_NUMBERS = ("target_head", "target_actual", "target_difference")


def show_targets(shell: Shell, lines: Sequence[ShopLine], known: Mapping[str, Metric]) -> None:
    """Print target, actual value, difference and whether it is met; nothing where there is no target."""
    of = {(line.name, line.part): line for line in lines}
    targets = [line for line in lines if line.name == "target_value"]
    if not targets:
        return
    table = Table(title=say("target_title", shell.language), title_justify="left")
    for head in _HEADS:
        right = head in _NUMBERS
        table.add_column(say(head, shell.language), justify="right" if right else "left", overflow="fold")
    for target in targets:
        name, _, part = target.part.partition(" ")
        actual, metric = of.get((name, part)), known.get(name)
        difference, met = of.get(("target_difference", target.part)), of.get(("target_met", target.part))
        table.add_row(
            name if metric is None else name_of(metric, shell.language),
            part_words(ShopLine(name, part, None, 0), shell.language),
            value_text(target.value, metric),
            value_text(actual.value if actual else None, metric),
            value_text(difference.value if difference else None, metric),
            _met(shell, met),
        )
    shell.out.print(table)
    for target in targets:
        _tell_parts(shell, target.part, lines)


def _met(shell: Shell, met: ShopLine | None) -> str:
    if met is None or met.value is None:
        return "–"
    return say("target_yes" if met.value else "target_no", shell.language)


def _tell_parts(shell: Shell, aim: str, lines: Sequence[ShopLine]) -> None:
    """Of a target that is for no part, where the figure has only parts: which ones there are."""
    name, _, part = aim.partition(" ")
    parts = [line.part for line in lines if line.name == name]
    if parts and part not in parts:
        told = ", ".join(f'"{name} {one}"' for one in parts[:8])
        shell.say("target_parts", aim=aim, parts=told + (" …" if len(parts) > 8 else ""))
