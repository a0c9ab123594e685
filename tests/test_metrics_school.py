"""The rules of the merchant's school: each with source, verdict, since when, and what keeps it here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metrics.catalogue import metrics_known
from metrics.facts import Undescribed
from metrics.school import Rule, rules_in, rules_known
from zaiseki.measures import expanded

ROOT = Path(__file__).parent.parent
RULES = rules_known()
BY_ID = {metric.id: metric for metric in metrics_known()}
SOURCES = {"acquisition", "referral", "referral_codes", "referred_value", "viral", "word_of_mouth"}
"""The files of `metrics/` that say who came by whom, or by what."""
OF_SOURCES = [
    rule
    for rule in RULES
    if any(BY_ID[name].module.removeprefix("metrics.") in SOURCES for name in rule.metrics)
]
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
POSTS = {"A": "商品やサービスを継続的にリピートしてもらうには", "B": "新たなセールスフォースとは"}
COUNTS = {"A": 27, "B": 19}
VERDICTS = {"kept", "rejected", "guide value", "not yet"}
_TEXT = """The rules.

Post: Somebody, a post · ある人の記事

Rule: A1 · One · 一
Source: what it
    says · 述べて
    いること
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: tenure_days,
    segment
Kept by: both · 両方
Settings: none
"""


def test_every_rule_of_both_posts_is_there_in_its_order() -> None:
    expected = [f"{post}{number}" for post, count in COUNTS.items() for number in range(1, count + 1)]
    assert [rule.id for rule in RULES] == expected


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_everything_in_both_languages(rule: Rule) -> None:
    told = [(rule.english, rule.japanese), (rule.source, rule.source_japanese)]
    told += [(rule.kept_by, rule.kept_by_japanese), (rule.post, rule.post_japanese)]
    for english, japanese in told:
        assert english.strip() and JAPANESE.search(japanese) and english != japanese
    for english, _ in told[:3]:
        assert not JAPANESE.search(english)
    assert rule.verdict in VERDICTS and re.fullmatch(r"0\.\d\.0 \(2026-\d\d-\d\d\)", rule.since)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_its_author_and_the_post_of_its_letter(rule: Rule) -> None:
    for post in (rule.post, rule.post_japanese):
        assert "西村公児" in post and POSTS[rule.id[0]] in post


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_settings_and_metrics_that_exist(rule: Rule) -> None:
    expanded(rule.settings)
    assert set(rule.metrics) - set(BY_ID) == set() and len(set(rule.metrics)) == len(rule.metrics)


@pytest.mark.parametrize("rule", OF_SOURCES, ids=lambda rule: rule.id)
def test_a_rule_of_word_of_mouth_or_sources_names_every_setting_that_changes_its_figures(rule: Rule) -> None:
    changing = {key for name in rule.metrics for key in expanded(BY_ID[name].settings)}
    assert changing - set(expanded(rule.settings)) == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_not_kept_before_the_metrics_that_keep_it(rule: Rule) -> None:
    for name in rule.metrics:
        assert BY_ID[name].since.split(" ")[0] <= rule.since.split(" ")[0], name


def test_a_metric_that_rests_on_rejected_or_unkept_rules_does_not_exist() -> None:
    apart = {rule.id for rule in RULES if rule.verdict in ("rejected", "not yet")}
    assert apart == {"A8", "A9", "A23"}
    assert all(not rule.metrics and not rule.settings for rule in RULES if rule.id in apart)


def test_exactly_two_rules_are_rejected_and_nothing_here_does_what_they_say() -> None:
    rejected = {rule.id: rule for rule in RULES if rule.verdict == "rejected"}
    assert set(rejected) == {"A8", "A9"}
    for rule in rejected.values():
        assert rule.kept_by.startswith("not built") and rule.kept_by_japanese.startswith("作っていません")
    forbidden = re.compile(r"クロスメディア|cross.?media|リアルをメイン|(main|primary)_channel")
    for package in ("connectors", "sync", "metrics", "zaiseki"):
        for path in (ROOT / package).rglob("*.py"):
            found = forbidden.search(path.read_text(encoding="utf-8").lower())
            assert path.name == "school_tenure.py" or not found, path.name


def test_the_thirty_days_that_rules_speak_of_are_those_of_the_next_action() -> None:
    from metrics.action_terms import TermDays

    told = {rule.id: rule.kept_by for rule in RULES}
    assert f"{TermDays().near} days before it" in told["A18"]
    assert f"for {TermDays().delight} days from the delight" in told["B12"]


def test_a_block_is_read_over_several_lines_and_japanese_joins_without_a_blank() -> None:
    (rule,) = rules_in(_TEXT, "here")
    assert (rule.source, rule.source_japanese) == ("what it says", "述べていること")
    assert (rule.metrics, rule.settings) == (("tenure_days", "segment"), ())
    assert (rule.post, rule.post_japanese) == ("Somebody, a post", "ある人の記事")


@pytest.mark.parametrize("line", ["Source", "Since", "Verdict", "Metrics", "Kept by", "Settings"])
def test_a_rule_that_leaves_something_out_is_noticed(line: str) -> None:
    without = re.sub(rf"{line}: .*\n(    .*\n)*", "", _TEXT)
    with pytest.raises(Undescribed, match=rf"here: A1: {line}"):
        list(rules_in(without, "here"))


@pytest.mark.parametrize(
    ("given", "instead", "match"),
    [
        ("Kept by: both · 両方", "Kept by: both", "A1: Kept by in 2 parts"),
        ("Rule: A1 · One · 一", "Rule: A1 · One", "Rule in 3 parts"),
        ("Post: ", "", "Post"),
    ],
)
def test_a_rule_in_one_language_or_of_no_post_is_noticed(given: str, instead: str, match: str) -> None:
    with pytest.raises(Undescribed, match=match):
        list(rules_in(_TEXT.replace(given, instead), "here"))
