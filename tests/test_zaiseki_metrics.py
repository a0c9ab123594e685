"""`zaiseki metrics`: the list, one metric with its settings as they are, the rules; and the document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zaiseki_command import Command

from metrics.catalogue import metrics_known
from zaiseki.metric_words import japanese as japanese_words
from zaiseki.show_metrics import plain

ROOT = Path(__file__).parent.parent
SETTINGS = """\
[shopify]
shop = "example.myshopify.com"
[segment]
steady_days = 60
"""
ACCEPTED = """\
[segment]
best_spend = 70000
lapse_days = 200
accepted_on = 2026-10-01
evidence = "calibrate"
"""


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """The command line beside no settings file yet."""
    yield Command(tmp_path / "zaiseki.toml", capsys)


def answer(command: Command, *arguments: str) -> Any:
    told = command("metrics", *arguments, "--json")
    assert (told.code, told.err) == (0, "")
    return json.loads(told.out)


def test_every_metric_is_listed_once_by_its_id(command: Command) -> None:
    listed = answer(command)["metrics"]
    ids = [one["id"] for one in listed]
    assert ids == sorted(metric.id for metric in metrics_known())
    assert set(listed[0]) >= {"english", "japanese", "unit", "since", "verdict", "settings", "file"}


@pytest.mark.parametrize(
    ("lang", "heads", "name"),
    [("en", ("metric", "unit", "since"), "Repeater ratio"), ("ja", ("指標", "単位", "導入"), "リピーター率")],
)
def test_the_table_speaks_the_language(
    command: Command, lang: Any, heads: tuple[str, ...], name: str
) -> None:
    told = command("metrics", lang=lang)
    assert told.code == 0 and "repeater_ratio" in told.out and name in told.out
    assert all(head in told.out.splitlines()[1] for head in heads)


def test_one_metric_is_told_in_full(command: Command) -> None:
    told = command("metrics", "koopman_level")
    for said in (
        "koopman_level · Koopman level",
        "share",
        "rule B9",
        "0.2.0",
        "never inferred",
        "metrics/koopman.py",
    ):
        assert said in told.out
    assert "market.total: –" in told.out
    japanese = command("metrics", "koopman_level", lang="ja").out
    for said in ("単位: 比率", "お店が申告した市場規模", "判定: 採用(B9)", "market.total: –"):
        assert said in japanese
    assert "出典: 教えB9。クープマン目標値" in japanese
    assert "Definition" not in japanese and "share of the market" not in japanese
    assert "No setting changes it" in command("metrics", "contact_by").out


def test_every_metric_has_its_words_in_japanese_and_no_words_are_left_over() -> None:
    known, words = metrics_known(), japanese_words()
    assert set(words["definitions"]) == {metric.id for metric in known}
    assert set(words["units"]) == {metric.unit for metric in known}
    assert set(words["verdicts"]) == {metric.verdict for metric in known}
    assert set(words["sources"]) == {metric.source for metric in known}
    for text in (*words["definitions"].values(), *words["verdicts"].values()):
        assert re.search("[ぁ-ん一-龠]", text)


def test_a_metric_is_defined_in_japanese_once() -> None:
    listed = re.findall(
        r"^ids = \[(.+)\]$",
        (ROOT / "zaiseki" / "messages" / "metrics_ja.toml").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    ids = [one for line in listed for one in re.findall(r'"(\w+)"', line)]
    assert len(ids) == len(set(ids))


def test_settings_are_those_of_the_file_then_what_was_accepted_then_the_defaults(command: Command) -> None:
    def of_segment() -> dict[str, str]:
        found: dict[str, str] = answer(command, "segment")["metric"]["settings"]
        return found

    assert of_segment()["segment.steady_days"] == "90"
    command.config.write_text(SETTINGS, encoding="utf-8")
    assert of_segment()["segment.steady_days"] == "60"
    assert of_segment()["segment.lapse_days"] == "–"
    (command.config.parent / "zaiseki.thresholds.toml").write_text(ACCEPTED, encoding="utf-8")
    assert (of_segment()["segment.best_spend"], of_segment()["segment.lapse_days"]) == ("70000", "200")
    command.config.write_text(SETTINGS + "lapse_days = 300\n", encoding="utf-8")
    assert of_segment()["segment.lapse_days"] == "300"
    assert of_segment()["purchases.exclude.b2b"] == "false"


def test_an_unknown_metric_is_refused_with_the_nearest(command: Command) -> None:
    told = command("metrics", "repeater_rato")
    assert told.code == 1 and "'repeater_ratio'" in told.err and told.out == ""


def test_an_id_is_known_whatever_its_letter_case(command: Command) -> None:
    assert answer(command, "Koopman_LEVEL")["metric"]["id"] == "koopman_level"


def test_a_settings_file_that_cannot_be_read_is_told_not_passed_over(command: Command) -> None:
    command.config.write_text("[segment", encoding="utf-8")
    assert command("metrics").code == 0
    assert command("metrics", "segment").code == 1


def test_values_read_as_people_write_them() -> None:
    assert [plain(one) for one in (None, True, (), ("a", "b"), 4, {"a": 1})] == [
        *("–", "true", "–", "a, b", "4", "a = 1")
    ]


def test_the_document_lists_every_metric_as_the_catalogue_has_it() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z0-9_]+)` \| (.+) \|$", text, re.MULTILINE)
    expected = [
        (
            one.id,
            " | ".join((one.english, one.japanese, one.unit, "yes" if one.of_shop else "–", one.verdict)),
        )
        for one in sorted(metrics_known(), key=lambda metric: metric.id)
    ]
    assert listed == expected
