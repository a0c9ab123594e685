"""The catalogue: every metric is described in full, and says nothing that only its makers understand."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from metrics import catalogue, school
from metrics.catalogue import Undescribed, metrics_known, rules_known
from metrics.fields import KEYS
from zaiseki.measures import expanded

ROOT = Path(__file__).parent.parent
METRICS = metrics_known()
BY_ID = {metric.id: metric for metric in METRICS}
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
UNITS = {
    *("days", "date", "people", "share", "code", "codes", "orders", "purchases", "score", "generations"),
    *("reporting currency", "people per customer", "people per invitation", "invitations per customer"),
    *("1 or 0", "that of the figure", "that of the part"),
}
INSIDERS = re.compile(r"reference metrics|design section|labels\.md|issue \d")
SCHOOL = re.compile(r"\brules? ([AB]\d+)")
NO_FIGURES = {"person_id"}
"""Fields that hold nothing computed."""
_TEXT = """Something.

Metric: one · One · 一
Metric: two · Two · 二
Unit: one: days; two: people
Source: somebody
Since: 0.2.0 (2026-11-22)
Verdict: kept
Settings: none
"""


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(METRICS) > 90


def test_names_are_unique_within_a_language() -> None:
    # The share and the number of people are told apart, as are a person's figure and the shop's.
    for name in ("english", "japanese"):
        names = [(getattr(one, name), one.of_shop) for one in METRICS]
        assert len(set(names)) == len(names), sorted({one for one in names if names.count(one) > 1})


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
def test_a_metric_says_all_that_is_to_be_said(metric: catalogue.Metric) -> None:
    assert JAPANESE.search(metric.japanese) and not JAPANESE.search(metric.english)
    assert metric.definition and metric.unit in UNITS
    assert re.fullmatch(r"0\.\d\.0 \(2026-\d\d-\d\d\)", metric.since)
    assert metric.verdict.startswith(("kept", "ours", "guide value"))
    assert metric.source and (ROOT / f"{metric.module.replace('.', '/')}.py").exists()


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
def test_a_metric_names_settings_that_exist(metric: catalogue.Metric) -> None:
    expanded(metric.settings)


def test_a_setting_that_does_not_exist_is_noticed() -> None:
    with pytest.raises(KeyError, match="purchases"):
        expanded(["purchases"])
    assert expanded(["segment.*"])[0] == "segment.best_spend"


def test_nothing_a_reader_sees_speaks_of_papers_that_only_its_makers_have() -> None:
    for metric in METRICS:
        for said in (metric.definition, metric.source, metric.verdict):
            assert not INSIDERS.search(said), metric.id
    for path in (ROOT / "metrics").glob("*.py"):
        assert not INSIDERS.search(path.read_text(encoding="utf-8")), path.name


def test_every_field_that_is_written_is_described() -> None:
    assert set(KEYS) - NO_FIGURES - set(BY_ID) == set()


def test_a_rule_that_a_metric_names_is_in_the_list() -> None:
    known = {rule.id for rule in rules_known()}
    for metric in METRICS:
        named = set(SCHOOL.findall(metric.source)) | set(re.findall(r"\b([AB]\d+)\b", metric.verdict))
        assert named <= known, metric.id


def test_every_rule_is_read_and_has_both_languages() -> None:
    lines = [line for line in (school.__doc__ or "").splitlines() if line.startswith("Rule:")]
    rules = rules_known()
    assert len(rules) == len(lines) == len({rule.id for rule in rules})
    for rule in rules:
        assert JAPANESE.search(rule.japanese) and not JAPANESE.search(rule.english)
        assert rule.verdict in ("kept", "rejected", "guide value", "not yet")


def test_what_keeps_a_rule_exists() -> None:
    """A word with an underscore, or a lone word, is a metric's id; everything else is a plain statement."""
    for rule in rules_known():
        for word in rule.kept_by.split(", "):
            if re.fullmatch(r"[a-z0-9_]+", word) and rule.verdict != "rejected" and ":" not in rule.kept_by:
                assert word in BY_ID, (rule.id, word)


def test_exactly_two_rules_are_rejected_and_nothing_here_does_what_they_say() -> None:
    rejected = {rule.id: rule for rule in rules_known() if rule.verdict == "rejected"}
    assert set(rejected) == {"A8", "A9"}
    assert all(rule.kept_by.startswith("not built") for rule in rejected.values())
    forbidden = re.compile(r"クロスメディア|cross.?media|リアルをメイン|(main|primary)_channel")
    for package in ("connectors", "sync", "metrics", "zaiseki"):
        for path in (ROOT / package).rglob("*.py"):
            found = forbidden.search(path.read_text(encoding="utf-8").lower())
            assert path.name == "school.py" or not found, path.name


def units_of(told: str) -> list[str]:
    return [one.unit for one in catalogue._of(described(_TEXT.replace("one: days; two: people", told)))]


def described(text: str) -> Any:
    function = SimpleNamespace(__qualname__="f", __module__="metrics.f", __annotations__={})
    function.__doc__ = text
    return function


def test_units_are_told_one_by_one_or_for_all_the_rest() -> None:
    assert units_of("one: days; two: people") == ["days", "people"]
    assert units_of("two: people\nUnit: else days") == ["days", "people"]
    assert units_of("one, two: share") == units_of("share") == ["share", "share"]


@pytest.mark.parametrize("line", ["Unit", "Source", "Since", "Verdict", "Settings"])
def test_a_metric_that_leaves_something_out_is_noticed(line: str) -> None:
    with pytest.raises(Undescribed, match=line):
        list(catalogue._of(described(re.sub(rf"{line}: .*\n", "", _TEXT))))


def test_a_metric_without_a_unit_of_its_own_is_noticed() -> None:
    with pytest.raises(Undescribed, match="Unit of two"):
        list(catalogue._of(described(_TEXT.replace("; two: people", ""))))


def test_the_columns_of_a_function_are_no_part_of_a_definition() -> None:
    text = _TEXT.replace("Something.", "Something. In: `frame`\n(`column`).\n\nMore.\nOut: `x`.")
    assert next(iter(catalogue._of(described(text)))).definition == "Something.\n\nMore."
