"""Metrics and rules as people read them, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rich.table import Table

from metrics.catalogue import Metric, rules_known
from zaiseki.cli.shell import Shell
from zaiseki.measures import Described
from zaiseki.messages import say
from zaiseki.metric_words import definition_of, name_of, unit_of, verdict_of


def show_metrics(shell: Shell, metrics: Iterable[Metric]) -> None:
    """A table of `metrics`."""
    if shell.as_json:
        return
    table = _table(shell, "metric_id", "metric_name", "metric_unit", "metric_since")
    for metric in metrics:
        name, unit = name_of(metric, shell.language), unit_of(metric, shell.language)
        table.add_row(metric.id, name, unit, metric.since.split(" ")[0])
    shell.out.print(table)
    shell.say("metrics_hint")


def show_metric(shell: Shell, found: Described) -> None:
    """Everything of one metric."""
    metric = found.metric
    shell.say("metric_title", id=metric.id, name=name_of(metric, shell.language))
    shell.say("metric_definition", text=definition_of(metric, shell.language))
    shell.say("metric_unit_line", text=unit_of(metric, shell.language))
    shell.say("metric_source", text=metric.source)
    shell.say("metric_since_line", text=metric.since)
    shell.say("metric_verdict", text=verdict_of(metric, shell.language))
    shell.say("metric_file", text=_file(metric))
    if not found.settings:
        shell.say("metric_no_settings")
    for key, value in found.settings.items():
        shell.say("metric_setting", setting=key, value=plain(value))


def show_rules(shell: Shell) -> None:
    """A table of the school's rules."""
    if shell.as_json:
        return
    table = _table(shell, "metric_id", "rule_rule", "rule_verdict", "rule_kept_by")
    for rule in rules_known():
        text = rule.japanese if shell.language == "ja" else rule.english
        table.add_row(rule.id, text, say(_VERDICTS[rule.verdict], shell.language), rule.kept_by)
    shell.out.print(table)


def as_json(metric: Metric, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A metric in plain values; with `settings` their present values instead of their names alone."""
    told = {**asdict(metric), "file": _file(metric)}
    del told["module"]
    if settings is not None:
        told["settings"] = {key: plain(value) for key, value in settings.items()}
    return told


def rules_as_json() -> list[dict[str, str]]:
    """The school's rules in plain values."""
    return [asdict(rule) for rule in rules_known()]


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


_VERDICTS = {
    "kept": "rule_kept",
    "rejected": "rule_rejected",
    "guide value": "rule_guide",
    "not yet": "rule_not_yet",
}


def _file(metric: Metric) -> str:
    return f"{metric.module.replace('.', '/')}.py"


def _table(shell: Shell, *heads: str) -> Table:
    table = Table()
    for head in heads:
        table.add_column(say(head, shell.language), overflow="fold")
    return table
