"""The words of the catalogue of metrics in the language that is spoken; its own are English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from metrics.catalogue import Metric
from metrics.fields import Language


def name_of(metric: Metric, language: Language) -> str:
    """The metric's name."""
    return metric.japanese if language == "ja" else metric.english


def unit_of(metric: Metric, language: Language) -> str:
    """The unit. Raises `KeyError` for one that has no Japanese word (a bug)."""
    return japanese()["units"][metric.unit] if language == "ja" else metric.unit


def verdict_of(metric: Metric, language: Language) -> str:
    """The verdict. Raises `KeyError` as `unit_of` does."""
    return japanese()["verdicts"][metric.verdict] if language == "ja" else metric.verdict


def definition_of(metric: Metric, language: Language) -> str:
    """What is counted, and how. Raises `KeyError` as `unit_of` does."""
    return japanese()["definitions"][metric.id] if language == "ja" else metric.definition


@cache
def japanese() -> Mapping[str, Mapping[str, str]]:
    """Japanese words: `units` and `verdicts` by the English ones, `definitions` by the metrics' ids."""
    told = tomllib.loads((files("zaiseki.messages") / "metrics_ja.toml").read_text(encoding="utf-8"))
    definitions = {name: one["text"].strip() for one in told["definitions"] for name in one["ids"]}
    return {"units": told["units"], "verdicts": told["verdicts"], "definitions": definitions}
