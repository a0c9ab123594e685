"""Targets that the merchant set, beside what the figures really are (数値にコミットメント)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from metrics.shop_line import ShopLine

LESS_IS_BETTER = frozenset(
    {
        "best_not_contacted",
        "codes_overused",
        "codes_shared",
        "codes_unknown",
        "funnel_exits",
        "gap_no_data",
        "gap_no_target",
        "gap_source",
        "lapsed_people",
        "lapsed_share",
        "new_to_best_days",
        "no_next_touch",
        "referral_cycle_time",
        "referral_flagged",
        "referral_refused",
        "subscription_lapsed",
        "trial_only_buyers",
    }
)
"""Ids of which a lower figure is the better one; of all others the higher."""
LESS_IS_BETTER_PART: Mapping[str, tuple[str, ...]] = {
    "migration_people": ("_lapsed", ">gone"),
    "migration_share": ("_lapsed", ">gone"),
    "satisfaction_answers": ("dissatisfied",),
    "satisfaction_share": ("dissatisfied",),
    "segment_people": ("_lapsed",),
    "segment_share": ("_lapsed",),
}
"""Ids of which a lower figure is the better one in the parts that end so."""
_MONTH = re.compile(r"\d{4}-\d{2}")


class UnknownTarget(ValueError):
    """A target for something that is no figure of the shop; `nearest` is the id most like it."""

    def __init__(self, name: str, nearest: str) -> None:
        super().__init__(f"'{name}' is no figure of the shop; did you mean '{nearest}'?")
        self.name, self.nearest = name, nearest


@dataclass(frozen=True, slots=True)
class Against:
    """A target and the figure it is for. `part`: which line was looked at; `actual` None where the base
    `base` cannot say or no such line exists; `difference` = actual - target; `met` None where not known."""

    name: str
    part: str
    target: Decimal
    actual: Decimal | None
    base: int
    difference: Decimal | None
    met: bool | None


def check_targets(targets: Iterable[str], known: Sequence[str]) -> None:
    """Raise `UnknownTarget` for the first name in `targets` whose id is none of `known` (ids of the shop)."""
    for target in targets:
        name = _split(target)[0]
        if name not in known:
            likeness = {one: difflib.SequenceMatcher(None, name, one).ratio() for one in known}
            raise UnknownTarget(name, max(known, key=lambda one: likeness[one]))


def against_targets(
    lines: Sequence[ShopLine], targets: Mapping[str, Decimal], *, this_month: str
) -> list[Against]:
    """Each target beside its figure, in the targets' order.

    A target is named by a metric's id, "repeater_ratio", or by id and part, "repeat_rate F2@90". Without a
    part it is the whole shop's figure; where there is none, that of the last complete month (before
    `this_month`, "2026-10"). Met: actual >= target, or <= where less is better (`LESS_IS_BETTER`, and of
    `LESS_IS_BETTER_PART` the parts of people who are dissatisfied, lapsed or gone).
    """
    return [_against(lines, target, value, this_month) for target, value in targets.items()]


def target_lines(found: Iterable[Against]) -> list[ShopLine]:
    """What is aimed at beside what is; `part`: the id and part of the figure that the target is set for.

    target_value = the target as the settings said it then. target_difference = actual - target, in the unit
    of the figure; n is that of the figure. target_met: 1 or 0. These two have no value where the figure has
    none.

    Metric: target_value · Target · 目標
    Metric: target_difference · Difference to the target · 目標との差
    Metric: target_met · Target met · 目標の達成
    Unit: target_value, target_difference: that of the figure; target_met: 1 or 0
    Source: rule A27
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (A27); the targets are the merchant's own
    Settings: targets
    """
    lines = []
    for one in found:
        part = f"{one.name} {one.part}".strip()
        met = None if one.met is None else Decimal(int(one.met))
        lines.append(ShopLine("target_value", part, one.target, one.base))
        lines.append(ShopLine("target_difference", part, one.difference, one.base))
        lines.append(ShopLine("target_met", part, met, one.base))
    return lines


def _against(lines: Sequence[ShopLine], target: str, value: Decimal, this_month: str) -> Against:
    name, part = _split(target)
    line = _line(lines, name, part, this_month)
    if line is None or line.value is None:
        return Against(name, line.part if line else part, value, None, line.base if line else 0, None, None)
    met = is_met(line, value)
    return Against(name, line.part, value, line.value, line.base, line.value - value, met)


def is_met(line: ShopLine, target: Decimal) -> bool | None:
    """Whether a figure reaches what was aimed at; None where it has no value."""
    if line.value is None:
        return None
    return line.value <= target if _is_less_better(line) else line.value >= target


def _is_less_better(line: ShopLine) -> bool:
    return line.name in LESS_IS_BETTER or line.part.endswith(LESS_IS_BETTER_PART.get(line.name, ()))


def _line(lines: Sequence[ShopLine], name: str, part: str, this_month: str) -> ShopLine | None:
    found = {line.part: line for line in lines if line.name == name}
    if part or "" in found:
        return found.get(part)
    months = [month for month in found if _MONTH.fullmatch(month) and month < this_month]
    return found[max(months)] if months else None


def _split(target: str) -> tuple[str, str]:
    name, _, part = target.strip().partition(" ")
    return name, part.strip()
