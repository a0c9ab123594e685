"""The words of the catalogue of metrics in the language that is spoken; its own are English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files

from metrics.catalogue import Metric
from metrics.fields import Language

SHARE = "share"
"""The unit of figures that people read in per cent."""


def name_of(metric: Metric, language: Language) -> str:
    """The metric's name."""
    return metric.japanese if language == "ja" else metric.english


def unit_of(metric: Metric, language: Language) -> str:
    """The unit. Raises `KeyError` for one that has no Japanese word (a bug)."""
    return japanese()["units"][metric.unit] if language == "ja" else metric.unit


def verdict_of(metric: Metric, language: Language) -> str:
    """The verdict. Raises `KeyError` as `unit_of` does."""
    return japanese()["verdicts"][metric.verdict] if language == "ja" else metric.verdict


def source_of(metric: Metric, language: Language) -> str:
    """Where the definition comes from. Raises `KeyError` as `unit_of` does."""
    return japanese()["sources"][metric.source] if language == "ja" else metric.source


def definition_of(metric: Metric, language: Language) -> str:
    """What is counted, and how. Raises `KeyError` as `unit_of` does."""
    return japanese()["definitions"][metric.id] if language == "ja" else metric.definition


def value_text(value: Decimal | None, metric: Metric | None) -> str:
    """A value as people read it: shares in per cent, a dash for none."""
    if value is None:
        return "–"
    if metric is not None and metric.unit == SHARE:
        return f"{value * 100:,.2f} %"
    whole = value.to_integral_value()
    return f"{whole if whole == value else value.normalize():,f}"


def difference_text(value: Decimal | None, metric: Metric | None, language: Language) -> str:
    """A difference as people read it: that of two shares in points of per cent."""
    if value is not None and metric is not None and metric.unit == SHARE:
        return f"{value * 100:+,.2f} {'ポイント' if language == 'ja' else 'points'}"
    return value_text(value, metric)


@cache
def japanese() -> Mapping[str, Mapping[str, str]]:
    """Japanese: `units`, `sources` and `verdicts` by the English words, `definitions` by the metrics' ids."""
    told = tomllib.loads((files("zaiseki.messages") / "metrics_ja.toml").read_text(encoding="utf-8"))
    definitions = {name: one["text"].strip() for one in told["definitions"] for name in one["ids"]}
    by_words = {name: told[name] for name in ("units", "sources", "verdicts")}
    return {**by_words, "definitions": definitions}
