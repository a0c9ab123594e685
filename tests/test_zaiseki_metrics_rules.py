"""`zaiseki metrics --rules` and one rule by its id: in both languages, on any width of screen, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from zaiseki_command import Command

from metrics.school import rules_known
from zaiseki.cli.shell import Shell
from zaiseki.show_rules import show_rules

SETTINGS = """\
[shopify]
shop = "example.myshopify.com"
[contacts]
quiet_days = 45
"""
IDS = [rule.id for rule in rules_known()]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """The command line beside no settings file yet."""
    yield Command(tmp_path / "zaiseki.toml", capsys)


def answer(command: Command, *arguments: str) -> Any:
    told = command("metrics", *arguments, "--json")
    assert (told.code, told.err) == (0, "")
    return json.loads(told.out)


def table(width: int, language: Any) -> list[str]:
    paper = StringIO()
    show_rules(Shell(Path("zaiseki.toml"), language, out=Console(file=paper, width=width, soft_wrap=True)))
    return paper.getvalue().splitlines()


def test_one_rule_is_told_in_full(command: Command) -> None:
    command.config.write_text(SETTINGS, encoding="utf-8")
    english = command("metrics", "A5").out
    for said in (
        "A5 · Never judge good customers by the number of orders alone",
        "西村公児, 「商品やサービスを継続的にリピートしてもらうには」: who looked at",
        "Verdict: kept",
        "Since: 0.2.0 (2026-11-22)",
        "Here: best is who has tenure and spend",
        "Metrics: segment, best_not_contacted",
        "Setting contacts.quiet_days: 45",
        "Setting segment.steady_days: 90",
    ):
        assert said in english
    japanese = command("metrics", "A5", lang="ja").out
    for said in (
        "A5 · 売上件数だけで優良顧客を見ない",
        "継続的にリピート",
        "判定: 採用",
        "対応: 優良かどうかは",
    ):
        assert said in japanese
    assert "関係する指標: segment" in japanese and "設定 contacts.quiet_days: 45" in japanese
    assert not re.search(r"Source|Verdict|Here|Since", japanese)


def test_a_rejected_rule_says_that_it_is_not_built_and_has_no_settings(command: Command) -> None:
    told = command("metrics", "A8").out
    assert "Verdict: rejected" in told and "Here: not built" in told
    assert "Metrics:" not in told and "No setting changes it." in told


@pytest.mark.parametrize("name", IDS)
def test_every_rule_is_told_by_its_id_in_any_letter_case(command: Command, name: str) -> None:
    assert command("metrics", name.lower()).out.startswith(f"{name} · ")


def test_a_rule_as_json_has_every_field_and_the_present_values_of_its_settings(command: Command) -> None:
    command.config.write_text(SETTINGS, encoding="utf-8")
    told = answer(command, "a6")["rule"]
    (rule,) = [one for one in rules_known() if one.id == "A6"]
    assert told.pop("settings")["contacts.quiet_days"] == "45"
    expected = asdict(rule) | {"metrics": ["best_to_contact", "contact_by"]}
    assert told == {name: value for name, value in expected.items() if name != "settings"}


def test_the_rules_as_json_have_all_their_fields(command: Command) -> None:
    rules = answer(command, "--rules")["rules"]
    assert [rule["id"] for rule in rules] == IDS
    for told in rules:
        assert set(told) == set(asdict(rules_known()[0]))
        assert told["source"] and told["source_japanese"] and told["since"] and told["verdict"]
        assert isinstance(told["settings"], list) and isinstance(told["metrics"], list)


@pytest.mark.parametrize(("given", "meant"), [("A99", "A9"), ("b0", "B10"), ("koopman", "koopman_level")])
def test_an_id_nobody_has_is_refused_with_the_nearest_of_its_kind(
    command: Command, given: str, meant: str
) -> None:
    told = command("metrics", given)
    assert told.code == 1 and told.out == "" and f"metric or rule {given}." in told.err
    found = re.search(r"Did you mean '(.+)'\?", told.err)
    assert found and found[1] == meant


def test_a_rule_has_no_figures_and_an_id_stands_alone(command: Command) -> None:
    told = command("metrics", "A1", "--shop")
    assert told.code == 1 and "'A1' is no figure of the whole shop" in told.err
    assert command("metrics", "A1", "--rules").code == 1


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_the_table_fits_the_screen_and_names_every_rule_under_its_post(width: int, language: Any) -> None:
    lines = table(width, language)
    drawn = [line for line in lines if line and line[0] in "┏┡│└┃"]
    assert max(cell_len(line) for line in drawn) <= width
    assert [found[1] for line in drawn if (found := re.match(r"│ ([AB]\d+) ", line))] == IDS
    assert sum("西村公児" in line for line in lines) == 2


def test_a_wide_table_tells_since_when_and_the_settings_too() -> None:
    (row,) = [line for line in table(160, "en") if line.startswith("│ A5 ")]
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells[2:] == ["kept", "segment, best_not_contacted", "0.2.0", "segment,"]
    head = next(line for line in table(100, "ja") if line.startswith("┃"))
    assert [cell.strip() for cell in head.strip("┃").split("┃")] == [
        *("ID", "教え", "判定", "対応", "導入", "設定")
    ]
    narrow = next(line for line in table(99, "ja") if line.startswith("┃"))
    assert "導入" not in narrow and "設定" not in narrow


def test_a_rule_that_no_metric_keeps_says_in_the_table_what_does() -> None:
    (row,) = [line for line in table(160, "ja") if line.startswith("│ A8 ")]
    assert "クロスメディア" in row and "不採用" in row and "作っていません" in row and "not built" not in row
