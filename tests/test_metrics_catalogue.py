"""The catalogue: every metric is described in full, and says nothing that only its makers understand."""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from metrics import catalogue
from metrics.catalogue import metrics_known
from metrics.facts import Undescribed
from metrics.fields import KEYS, formulas
from metrics.gaps import gap_lines
from metrics.school import rules_known
from metrics.shop_line import ShopLine
from metrics.targets import against_targets, target_lines
from zaiseki.measures import expanded
from zaiseki.metric_words import definition_of, name_of, source_of, unit_of, verdict_of

ROOT = Path(__file__).parent.parent
METRICS = metrics_known()
BY_ID = {metric.id: metric for metric in METRICS}
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
UNITS = {
    *("days", "date", "people", "share", "code", "list of codes", "codes", "orders", "purchases", "score"),
    *("reporting currency", "people per customer", "people per invitation", "invitations per customer"),
    *("generations", "touches", "1 or 0", "that of the figure", "that of the part"),
}
SINCE = re.compile(r"(0\.\d\.0) \((2026-\d\d-\d\d)\)")
OF_THE_CODE = re.compile(r"\bNone\b(?! of)|as_of_day|(^|\s)(In|Out):\s")
"""What says something to who reads the code, not to who reads the definition."""
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
    assert SINCE.fullmatch(metric.since) and isinstance(metric.settings, tuple)
    assert metric.verdict.startswith(("kept", "ours", "guide value"))
    assert metric.source and (ROOT / f"{metric.module.replace('.', '/')}.py").exists()


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
def test_a_metric_says_it_in_both_languages_and_in_words_of_neither_code_nor_the_other(
    metric: catalogue.Metric,
) -> None:
    for words in (name_of, definition_of, unit_of, source_of, verdict_of):
        english, japanese = words(metric, "en"), words(metric, "ja")
        assert english.strip() and japanese.strip() and english != japanese, words.__name__
        assert not OF_THE_CODE.search(english) and not OF_THE_CODE.search(japanese), words.__name__
    assert JAPANESE.search(definition_of(metric, "ja")) and JAPANESE.search(verdict_of(metric, "ja"))


def test_a_version_has_one_day() -> None:
    since = {*(one.since for one in METRICS), *(rule.since for rule in rules_known())}
    pairs = {found.groups() for one in since if (found := SINCE.fullmatch(one))}
    assert len(pairs) == len({version for version, _ in pairs}) == 2


def test_every_line_of_the_shop_that_the_code_writes_is_described_as_one_of_the_shop() -> None:
    # The lines of a busy shop are compared elsewhere; here is what some shop may come to.
    written = {
        str(call.args[0].value)
        for path in (ROOT / "metrics").glob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "ShopLine" and call.args
        if isinstance(call.args[0], ast.Constant)
    }
    assert len(written) > 40 and written - {one.id for one in METRICS if one.of_shop} == set()


def test_gaps_and_targets_are_described_too() -> None:
    lines = [ShopLine("repeater_ratio", "", Decimal("0.4"), 10)]
    gaps = gap_lines(lines, {"cases": 0}, (), ("repeater_ratio", "direct_share"))
    aims = against_targets(lines, {"repeater_ratio": Decimal("0.5")}, this_month="2026-11")
    written = {line.name for line in (*gaps, *target_lines(aims))}
    assert written == {one.id for one in METRICS if one.id.startswith(("gap_", "target_"))}


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
    told = {*KEYS, *(formula.key for formula in formulas())}
    assert "days_since_last" in told and told - NO_FIGURES - set(BY_ID) == set()


def test_a_rule_that_a_metric_names_is_in_the_list() -> None:
    known = {rule.id for rule in rules_known()}
    for metric in METRICS:
        named = set(SCHOOL.findall(metric.source)) | set(re.findall(r"\b([AB]\d+)\b", metric.verdict))
        assert named <= known, metric.id


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


def test_every_fact_is_kept_whole_where_it_goes_on_in_the_next_line() -> None:
    long = """Something.

Metric: one · One of two
    that are long · 一つ目の
    長い名前
Unit: one:
    days
Source: somebody (2005);
    and somebody else,
    MBG/NBD: a model
Since: 0.2.0
    (2026-11-22)
Verdict: kept;
    the rest is ours
Settings: segment.*,
    purchases.exclude.*
"""
    (metric,) = catalogue._of(described(long))
    assert (metric.english, metric.japanese) == ("One of two that are long", "一つ目の長い名前")
    assert (metric.unit, metric.since) == ("days", "0.2.0 (2026-11-22)")
    assert metric.source == "somebody (2005); and somebody else, MBG/NBD: a model"
    assert metric.verdict == "kept; the rest is ours"
    assert metric.settings == ("segment.*", "purchases.exclude.*")


def test_since_when_may_differ_within_one_function() -> None:
    text = _TEXT.replace(
        "Since: 0.2.0 (2026-11-22)", "Since: two: 0.1.0 (2026-11-21); else 0.2.0 (2026-11-22)"
    )
    one, two = catalogue._of(described(text))
    assert (one.since, two.since) == ("0.2.0 (2026-11-22)", "0.1.0 (2026-11-21)")
    with pytest.raises(Undescribed, match="Since of two"):
        list(catalogue._of(described(_TEXT.replace("Since: 0", "Since: one: 0"))))


def test_what_stands_after_the_facts_is_noticed_not_lost() -> None:
    with pytest.raises(Undescribed, match="belongs to no fact"):
        list(catalogue._of(described(_TEXT + "\nAnd this.\n")))


def test_a_metric_without_a_name_in_both_languages_is_noticed() -> None:
    with pytest.raises(Undescribed, match="Metric 'one · One'"):
        list(catalogue._of(described(_TEXT.replace("one · One · 一", "one · One"))))
