"""What is measured here: every metric, read out of the docstrings that define them."""

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
from metrics.facts import Undescribed, fact, facts_of, keys_of

_METRIC = re.compile(r"(?P<id>[a-z0-9_]+) · (?P<english>.+?) · (?P<japanese>.+)")
_FIRST = re.compile(r"^Metric: ", re.MULTILINE)
_COLUMNS = re.compile(r"(?:(?<=\s)|^)(?:In|Out)(?::\s|, ).*?(?=\n\n|\Z)", re.DOTALL)
"""What a docstring says of a function's columns, which is no part of the definition."""
_SHOP_LEVEL = "list[ShopLine]"


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


@cache
def metrics_known() -> tuple[Metric, ...]:
    """Every metric, by file and place in it.

    A function that computes metrics ends its docstring with a line `Metric: id · English · Japanese` for
    each, and the facts, each of one line or more (`facts.facts_of`), with nothing after them:

    - `Unit: days` for all, or by id: `Unit: a, b: people; c: days; else share`
    - `Source: ...`: where the definition comes from, in words that mean something outside this project
    - `Since: version (day)`, by id as the unit is, and `Verdict: ...`
    - `Settings: section.key, section.*`, or "none". Those that say what is read and who is one person
      (`shopify`, `salesforce`, `history`, `identity`, `currency`) bear on everything, and are named only
      where a metric is about them

    Raises `Undescribed` where one of those is missing, also the unit of one of several.
    """
    return tuple(metric for function in _functions() for metric in _of(function))


def _functions() -> Iterator[Any]:
    """The functions of every module of `metrics/`, as they stand in the files."""
    for module in sorted(one.name for one in pkgutil.iter_modules(metrics.__path__)):
        of = importlib.import_module(f"metrics.{module}")
        here = (f for _, f in inspect.getmembers(of, inspect.isfunction) if f.__module__ == of.__name__)
        yield from sorted(here, key=lambda function: function.__code__.co_firstlineno)


def _of(function: Any) -> Iterator[Metric]:
    text, where = inspect.getdoc(function) or "", function.__qualname__
    first = _FIRST.search(text)
    if first is None:
        return
    facts = facts_of(text[first.start() :], where)
    units, since = (_by_id(fact(facts, name, where)) for name in ("Unit", "Since"))
    for said in facts["Metric"]:
        named = _METRIC.fullmatch(said)
        if named is None:
            raise Undescribed(f"{where}: Metric {said!r}")
        yield Metric(
            **named.groupdict(),
            definition=_definition(text[: first.start()]),
            unit=_told_of(named["id"], units, f"{where}: Unit"),
            source=fact(facts, "Source", where),
            since=_told_of(named["id"], since, f"{where}: Since"),
            verdict=fact(facts, "Verdict", where),
            settings=keys_of(facts, "Settings", where),
            module=function.__module__,
            of_shop=function.__annotations__.get("return") == _SHOP_LEVEL,
        )


def _definition(text: str) -> str:
    paragraphs = _COLUMNS.sub("", text).split("\n\n")
    return "\n\n".join(paragraph.strip() for paragraph in paragraphs if paragraph.strip())


def _by_id(told: str) -> dict[str, str]:
    """What is told by id; `else` holds for every id that is not named."""
    found: dict[str, str] = {}
    for clause in told.split("; "):
        ids, named, said = clause.partition(": ")
        if named:
            found |= dict.fromkeys(ids.split(", "), said)
        else:
            found["else"] = clause.removeprefix("else ")
    return found


def _told_of(name: str, told: dict[str, str], where: str) -> str:
    said = told.get(name, told.get("else"))
    if said is None:
        raise Undescribed(f"{where} of {name}")
    return said
