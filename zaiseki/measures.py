"""Metrics and rules beside the settings: what each is, and what its settings are at present."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

from metrics.catalogue import Metric, metrics_known
from metrics.school import Rule, rules_known
from zaiseki.errors import Stop
from zaiseki.settings import Settings, documented_keys, read_settings
from zaiseki.settings_types import nearest
from zaiseki.thresholds import read_accepted


@dataclass(frozen=True, slots=True)
class Described:
    """A metric or rule, and its settings by key: as the file says, else as was accepted, else the default."""

    of: Metric | Rule
    settings: Mapping[str, Any]


def listed() -> tuple[Metric, ...]:
    """Every metric by its id."""
    return tuple(sorted(metrics_known(), key=lambda metric: metric.id))


def describe(config: Path, name: str) -> Described:
    """Everything of the metric or rule `name`. Raises `Stop` for one that is not known, naming the nearest.

    Works without a settings file too: the settings are then the defaults.
    """
    found = named(name)
    values = _values(config)
    return Described(found, {key: values[key] for key in expanded(found.settings)})


def named(name: str) -> Metric | Rule:
    """The metric or rule of an id, letter case aside. Raises `Stop` for one that is not known, naming the
    nearest."""
    every: tuple[Metric | Rule, ...] = (*metrics_known(), *rules_known())
    known, word = {one.id.casefold(): one for one in every}, name.casefold()
    if word not in known:
        raise Stop("metric_unknown", id=name, nearest=known[nearest(word, tuple(known))].id)
    return known[word]


def shop_figure(name: str) -> str:
    """The id of a figure of the whole shop. Raises `Stop` for one that is none, or not known."""
    found = named(name)
    if not (isinstance(found, Metric) and found.of_shop):
        raise Stop("figure_not_of_shop", id=found.id)
    return found.id


def expanded(keys: Sequence[str]) -> tuple[str, ...]:
    """The keys of the settings that `keys` name; `segment.*` stands for all of a section.

    Raises `KeyError` for a name that stands for none."""
    every, found = documented_keys(), []
    for key in keys:
        section = key.removesuffix("*")
        named = [one for one in every if one == key or (section != key and one.startswith(section))]
        if not named:
            raise KeyError(key)
        found += named
    return tuple(dict.fromkeys(found))


def _values(config: Path) -> dict[str, Any]:
    """Every key of the settings with what holds at present."""
    if not config.exists():
        return {key: _default(value) for key, value in documented_keys().items()}
    said = _flat(read_settings(config))
    accepted = read_accepted(config.parent)
    if accepted:
        for key in ("best_spend", "lapse_days"):
            if said[f"segment.{key}"] is None:
                said[f"segment.{key}"] = getattr(accepted, key)
    return said


def _flat(settings: Settings) -> dict[str, Any]:
    """The settings by documented key; None for a key of a section that is not there."""
    whole = settings.model_dump(by_alias=True)
    return {key: _at(whole, key.split(".")) for key in documented_keys()}


def _default(value: Any) -> Any:
    """A key without a default (`market.total`) is not set."""
    return None if value is PydanticUndefined else value


def _at(values: Any, path: Sequence[str]) -> Any:
    for name in path:
        values = values.get(name) if isinstance(values, Mapping) else None
    return values
