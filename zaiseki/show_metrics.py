"""Metrics, and everything of one metric or rule, as people read them and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rich.table import Table

from metrics.catalogue import Metric
from zaiseki.cli.shell import Shell
from zaiseki.measures import Described
from zaiseki.messages import say
from zaiseki.metric_words import definition_of, name_of, source_of, unit_of, verdict_of
from zaiseki.show_rules import show_rule


def show_metrics(shell: Shell, metrics: Iterable[Metric]) -> None:
    """A table of `metrics`."""
    if shell.as_json:
        return
    table = Table()
    for head in ("metric_id", "metric_name", "metric_unit", "metric_since"):
        table.add_column(say(head, shell.language), overflow="fold")
    for metric in metrics:
        name, unit = name_of(metric, shell.language), unit_of(metric, shell.language)
        table.add_row(metric.id, name, unit, metric.since.split(" ")[0])
    shell.out.print(table)
    shell.say("metrics_hint")


def show_described(shell: Shell, found: Described) -> None:
    """Everything of one metric or rule, and its settings as they are."""
    if isinstance(found.of, Metric):
        _show_metric(shell, found.of)
    else:
        show_rule(shell, found.of)
    if not found.settings:
        shell.say("metric_no_settings")
    for key, value in found.settings.items():
        shell.say("metric_setting", setting=key, value=plain(value))


def _show_metric(shell: Shell, metric: Metric) -> None:
    shell.say("metric_title", id=metric.id, name=name_of(metric, shell.language))
    shell.say("metric_definition", text=definition_of(metric, shell.language))
    shell.say("metric_unit_line", text=unit_of(metric, shell.language))
    shell.say("metric_source", text=source_of(metric, shell.language))
    shell.say("metric_since_line", text=metric.since)
    shell.say("metric_verdict", text=verdict_of(metric, shell.language))
    shell.say("metric_file", text=_file(metric))


def described_as_json(found: Described) -> dict[str, Any]:
    """One metric (`metric`) or rule (`rule`) in plain values, with the present values of its settings."""
    settings = {key: plain(value) for key, value in found.settings.items()}
    if isinstance(found.of, Metric):
        return {"metric": {**as_json(found.of), "settings": settings}}
    return {"rule": {**asdict(found.of), "settings": settings}}


def as_json(metric: Metric) -> dict[str, Any]:
    """A metric in plain values; settings by their names."""
    told = {**asdict(metric), "file": _file(metric)}
    del told["module"]
    return told


def plain(value: Any) -> str:
    """A value of the settings as it is read: a dash for none, lists with commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        value = [f"{key} = {plain(one)}" for key, one in value.items()]
    if isinstance(value, list | tuple):
        return ", ".join(plain(one) for one in value) or "–"
    return "–" if value is None else str(value)


def _file(metric: Metric) -> str:
    return f"{metric.module.replace('.', '/')}.py"
