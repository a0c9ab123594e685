"""The rules of the merchant's school as people read them, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from rich.table import Table

from metrics.fields import Language
from metrics.school import Rule, rules_known
from zaiseki.cli.shell import Shell
from zaiseki.messages import say

_VERDICTS = {
    "kept": "rule_kept",
    "rejected": "rule_rejected",
    "guide value": "rule_guide",
    "not yet": "rule_not_yet",
}
_ROOM = 100
"""Columns from which on there is room for since when and for the settings too."""
_SECTION = 13
"""What the longest name of a section takes, with a comma; ids of metrics need the room more."""


def show_rules(shell: Shell) -> None:
    """A table of the rules for each post; what a narrow screen leaves out, one rule told by itself has."""
    if shell.as_json:
        return
    wide = shell.out.width >= _ROOM
    for post, rules in groupby(rules_known(), key=lambda rule: post_of(rule, shell.language)):
        table = Table(title=post, title_justify="left")
        heads = ("metric_id", "rule_rule", "rule_verdict", "rule_kept_by")
        for head in (*heads, *(("metric_since",) if wide else ())):
            table.add_column(say(head, shell.language), overflow="fold")
        if wide:
            table.add_column(say("rule_settings", shell.language), max_width=_SECTION, overflow="fold")
        for rule in rules:
            row = [rule.id, name_of(rule, shell.language), _verdict(rule, shell.language)]
            row.append(", ".join(rule.metrics) or kept_by(rule, shell.language))
            if wide:
                row += [rule.since.split(" ")[0], ", ".join(_sections(rule.settings)) or "–"]
            table.add_row(*row)
        shell.out.print(table)
    shell.say("rules_hint")


def show_rule(shell: Shell, rule: Rule) -> None:
    """Everything of one rule but the values of its settings."""
    language = shell.language
    shell.say("metric_title", id=rule.id, name=name_of(rule, language))
    shell.say("rule_source", post=post_of(rule, language), text=source_of(rule, language))
    shell.say("metric_verdict", text=_verdict(rule, language))
    shell.say("metric_since_line", text=rule.since)
    shell.say("rule_here", text=kept_by(rule, language))
    if rule.metrics:
        shell.say("rule_metrics", ids=", ".join(rule.metrics))


def rules_as_json() -> list[dict[str, Any]]:
    """The rules in plain values; settings by their names."""
    return [asdict(rule) for rule in rules_known()]


def name_of(rule: Rule, language: Language) -> str:
    """The rule in few words."""
    return rule.japanese if language == "ja" else rule.english


def post_of(rule: Rule, language: Language) -> str:
    """Whose text it stands in."""
    return rule.post_japanese if language == "ja" else rule.post


def source_of(rule: Rule, language: Language) -> str:
    """What that text says, in our words."""
    return rule.source_japanese if language == "ja" else rule.source


def kept_by(rule: Rule, language: Language) -> str:
    """What keeps the rule here, or that it is not built."""
    return rule.kept_by_japanese if language == "ja" else rule.kept_by


def _verdict(rule: Rule, language: Language) -> str:
    return say(_VERDICTS[rule.verdict], language)


def _sections(settings: Sequence[str]) -> list[str]:
    """The sections that `settings` stand in, once each: a table has no room for every key."""
    return list(dict.fromkeys(key.partition(".")[0] for key in settings))
