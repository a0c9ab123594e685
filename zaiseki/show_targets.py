"""What the merchant aims at, beside what is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from rich.table import Table

from metrics.catalogue import Metric
from metrics.shop_line import ShopLine
from metrics.targets import is_met
from zaiseki.cli.shell import Shell
from zaiseki.messages import say
from zaiseki.metric_words import difference_text, name_of, value_text
from zaiseki.part_words import part_words

OF_A_MONTH = re.compile(r"\d{4}-\d{2}")
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
        difference, met = _against(actual, target)
        table.add_row(
            name if metric is None else name_of(metric, shell.language),
            part_words(ShopLine(name, part, None, 0), shell.language),
            value_text(target.value, metric),
            value_text(actual.value if actual else None, metric),
            difference_text(difference, metric, shell.language),
            _met(shell, met),
        )
    shell.out.print(table)
    for target in targets:
        _tell_parts(shell, target.part, lines)


def _against(actual: ShopLine | None, target: ShopLine) -> tuple[Decimal | None, bool | None]:
    """The difference, and whether the target is met; of what is not known neither."""
    if actual is None or actual.value is None or target.value is None:
        return None, None
    return actual.value - target.value, is_met(actual, target.value)


def _met(shell: Shell, met: bool | None) -> str:
    return "–" if met is None else say("target_yes" if met else "target_no", shell.language)


def _tell_parts(shell: Shell, aim: str, lines: Sequence[ShopLine]) -> None:
    """Of a target that is for no part, where the figure has only parts: which ones there are."""
    name, _, part = aim.partition(" ")
    parts = [line.part for line in lines if line.name == name]
    if parts and part not in parts:
        # Those of no month first, then the latest months.
        parts.sort(key=lambda one: one[:7] if OF_A_MONTH.match(one) else "9999", reverse=True)
        told = ", ".join(f'"{name} {one}"' for one in parts[:8])
        shell.say("target_parts", aim=aim, parts=told + (" …" if len(parts) > 8 else ""))
