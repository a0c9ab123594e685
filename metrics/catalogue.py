"""What is measured here: every metric and every rule, read out of the docstrings that define them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import metrics
from metrics import school

_METRIC = re.compile(r"^Metric: (?P<id>[a-z0-9_]+) · (?P<english>.+?) · (?P<japanese>.+)$")
_RULE = re.compile(
    r"^Rule: (?P<id>[A-Z]\d+) · (?P<english>.+?) · (?P<japanese>.+?) · (?P<verdict>.+?) · (?P<kept_by>.+)$"
)
_COLUMNS = re.compile(r"(?:(?<=\s)|^)(?:In|Out)(?:: |, ).*?(?=\n\n|\Z)", re.DOTALL)
"""What a docstring says of a function's columns, which is no part of the definition."""
_SHOP_LEVEL = "list[ShopLine]"


class Undescribed(Exception):
    """A docstring names a metric but not all that has to be said of it."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure and its definition. `module` is the file of `metrics/` that computes it, `since` a version and
    its day; `settings` are the keys of `zaiseki.toml` that change it (`segment.*`: the whole section), empty
    where none does; `of_shop`: a figure of the whole shop, else of one person or of an analysis."""

    id: str
    english: str
    japanese: str
    definition: str
    unit: str
    source: str
    since: str
    verdict: str
    settings: tuple[str, ...]
    module: str
    of_shop: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the merchant's school: its verdict, and what keeps it (or that it is not built)."""

    id: str
    english: str
    japanese: str
    verdict: str
    kept_by: str


@cache
def metrics_known() -> tuple[Metric, ...]:
    """Every metric, by file and place in it.

    A function that computes metrics ends its docstring with a line `Metric: id · English · Japanese` for
    each, and the facts, each of one line or more:

    - `Unit: days` for all, or by id: `Unit: a, b: people; c: days; else share`
    - `Source: ...`: where the definition comes from, in words that mean something outside this project
    - `Since: version (day)` and `Verdict: ...`
    - `Settings: section.key, section.*`, or "none"

    Raises `Undescribed` where one of those is missing, also the unit of one of several.
    """
    return tuple(metric for function in _functions() for metric in _of(function))


@cache
def rules_known() -> tuple[Rule, ...]:
    """Every rule of the school, from the docstring of `metrics.school`."""
    found = (_RULE.match(line) for line in (school.__doc__ or "").splitlines())
    return tuple(Rule(**match.groupdict()) for match in found if match)


def _functions() -> Iterator[Any]:
    """The functions of every module of `metrics/`, as they stand in the files."""
    for module in sorted(one.name for one in pkgutil.iter_modules(metrics.__path__)):
        of = importlib.import_module(f"metrics.{module}")
        here = (f for _, f in inspect.getmembers(of, inspect.isfunction) if f.__module__ == of.__name__)
        yield from sorted(here, key=lambda function: function.__code__.co_firstlineno)


def _of(function: Any) -> Iterator[Metric]:
    text, where = inspect.getdoc(function) or "", function.__qualname__
    named = [match for line in text.splitlines() if (match := _METRIC.match(line))]
    if not named:
        return
    units = _units(_fact(text, "Unit", where, "; "))
    settings = _fact(text, "Settings", where, ", ")
    for match in named:
        unit = units.get(match["id"], units.get("else"))
        if unit is None:
            raise Undescribed(f"{where}: Unit of {match['id']}")
        yield Metric(
            **match.groupdict(),
            definition=_definition(text),
            unit=unit,
            source=_fact(text, "Source", where, "; "),
            since=_fact(text, "Since", where, "; "),
            verdict=_fact(text, "Verdict", where, "; "),
            settings=() if settings == "none" else tuple(settings.split(", ")),
            module=function.__module__,
            of_shop=function.__annotations__.get("return") == _SHOP_LEVEL,
        )


def _definition(text: str) -> str:
    paragraphs = _COLUMNS.sub("", text.split("\nMetric: ", 1)[0]).split("\n\n")
    return "\n\n".join(paragraph.strip() for paragraph in paragraphs if paragraph.strip())


def _units(told: str) -> dict[str, str]:
    """The unit by id; `else` is that of every id which is not named."""
    units: dict[str, str] = {}
    for clause in told.split("; "):
        ids, named, unit = clause.partition(": ")
        if named:
            units |= dict.fromkeys(ids.split(", "), unit)
        else:
            units["else"] = clause.removeprefix("else ")
    return units


def _fact(text: str, name: str, where: str, between: str) -> str:
    found = re.findall(rf"^{name}: (.+)$", text, re.MULTILINE)
    if not found:
        raise Undescribed(f"{where}: {name}")
    return between.join(line.strip() for line in found)
