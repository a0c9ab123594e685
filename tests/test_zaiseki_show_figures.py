"""How the figures of the shop are read: parts in words, shares in per cent, targets and gaps beside them."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from metrics_engines import Engine
from shop_world import LAST, RULES, busy_shop
from zaiseki_command import Command

from metrics.gaps import TOUCH_SOURCES
from metrics.koopman import LEVELS
from metrics.shop_line import ShopLine
from metrics.shop_scores import shop_lines
from sync.store import Store
from zaiseki.part_words import level_words, part_words, source_words
from zaiseki.shop_scoring import keep_shop

AS_OF = date(2026, 10, 31)
LINES = [
    ShopLine("repeat_rate", "F2@90", Decimal("0.293"), 40),
    ShopLine("repeat_rate", "F2@180", Decimal("0.35"), 30),
    ShopLine("funnel_people", "action", Decimal(7), 20),
    ShopLine("funnel_people", "attention", Decimal(9), 20),
    ShopLine("funnel_people", "memory", Decimal(4), 20),
    ShopLine("satisfaction_share", "delighted", Decimal("0.5"), 20),
    ShopLine("response_rate", "", Decimal("0.125"), 20),
    ShopLine("koopman_level", "tea 2026", Decimal("0.193"), 9),
    ShopLine("gap_source", "cases", Decimal(1), 0),
    ShopLine("gap_source", "leads", Decimal(0), 4),
    ShopLine("gap_no_data", "k_invite", Decimal(1), 0),
    ShopLine("gap_no_target", "repeater_ratio", Decimal(1), 4),
    ShopLine("target_value", "repeat_rate F2@90", Decimal("0.25"), 40),
    ShopLine("target_difference", "repeat_rate F2@90", Decimal("0.043"), 40),
    ShopLine("target_met", "repeat_rate F2@90", Decimal(1), 40),
    ShopLine("target_value", "repeat_rate", Decimal("0.4"), 0),
    ShopLine("target_difference", "repeat_rate", None, 0),
    ShopLine("target_met", "repeat_rate", None, 0),
]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("COLUMNS", "200")
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        store.bind("reporting currency", "JPY")
        keep_shop(store, AS_OF, LINES)
    (tmp_path / "zaiseki.toml").write_text('[shopify]\nshop = "tea.myshopify.com"\n', encoding="utf-8")
    return Command(tmp_path / "zaiseki.toml", capsys)


def rows(told: str) -> list[list[str]]:
    """The cells of every row of every table."""
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in told.splitlines() if "│" in line]


def test_a_target_stands_beside_the_actual_value_and_says_whether_it_is_met(command: Command) -> None:
    found = {tuple(row[1:]) for row in rows(command("metrics", "--shop").out) if len(row) == 6}
    assert ("F2@90", "25.00 %", "29.30 %", "+4.30 points", "yes") in found
    japanese = {tuple(row[1:]) for row in rows(command("metrics", "--shop", lang="ja").out) if len(row) == 6}
    assert ("F2@90", "25.00 %", "29.30 %", "+4.30 ポイント", "達成") in japanese


def test_a_target_for_no_part_says_which_parts_there_are(command: Command) -> None:
    told = " ".join(command("metrics", "--shop").out.split())
    assert '"repeat_rate F2@180", "repeat_rate F2@90"' in told
    assert 'The target "repeat_rate" is for no figure there is.' in told
    assert 'The target "repeat_rate F2@90"' not in told


def test_what_is_missing_is_told_under_the_figures(command: Command) -> None:
    told = " ".join(command("metrics", "--shop").out.split())
    assert "Not connected, or telling nothing yet: cases." in told
    assert "Without data yet: K-Factor, by Invitations." in told
    assert "Without a target: 1 figures" in told
    assert "ケース(苦情など)。" in command("metrics", "--shop", lang="ja").out


def test_shares_of_satisfaction_are_never_told_without_the_response_rate(command: Command) -> None:
    shown = [row[0] for row in rows(command("metrics", "satisfaction_share", "--shop").out)]
    assert shown == ["satisfaction_share", "response_rate"]
    told = json.loads(command("metrics", "satisfaction_share", "--shop", "--json").out)
    assert [one["id"] for one in told["figures"]] == ["satisfaction_share", "response_rate"]


def test_one_metric_alone_shows_the_codes_that_settings_know_its_parts_by(command: Command) -> None:
    shown = rows(command("metrics", "funnel_people", "--shop", lang="ja").out)
    assert [(row[2], row[3]) for row in shown] == [
        ("注目", "attention"),
        ("記憶", "memory"),
        ("購買行動", "action"),
    ]


def test_numbers_in_parts_stand_by_their_size(command: Command) -> None:
    shown = [row[2] for row in rows(command("metrics", "--shop").out) if row[0] == "repeat_rate"]
    assert shown == ["F2@90", "F2@180"]


def test_the_list_of_gaps_is_told_in_words(command: Command) -> None:
    sources = rows(command("metrics", "gap_source", "--shop", lang="ja").out)
    assert [row[2] for row in sources] == ["ケース(苦情など)", "リード"]
    assert rows(command("metrics", "gap_no_data", "--shop").out)[0][2] == "K-Factor, by Invitations"
    aims = rows(command("metrics", "target_value", "--shop", lang="ja").out)
    assert "リピート率(F2転換率・Fn転換率) F2@90" in [row[2] for row in aims]


def test_amounts_have_their_currency_named(command: Command) -> None:
    assert "JPY" in command("metrics", "--shop").out.splitlines()[0]


def test_of_figures_by_month_the_latest_are_shown_and_of_others_all(tmp_path: Path, command: Command) -> None:
    months = [
        ShopLine("month_net_sales", f"{year}-{month:02}", Decimal(9), 9)
        for year in range(2018, 2026)
        for month in range(1, 13)
    ]
    many = [ShopLine("gap_no_target", f"figure_{number}", Decimal(1), 1) for number in range(90)]
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        keep_shop(store, AS_OF, [*months, *many])
    shown = [row[2] for row in rows(command("metrics", "month_net_sales", "--shop").out)]
    assert (shown[0], shown[-1], len(shown)) == ("2021-01", "2025-12", 60)
    assert len(rows(command("metrics", "gap_no_target", "--shop").out)) == 90


def test_two_targets_for_one_figure_have_each_its_own_difference(tmp_path: Path, command: Command) -> None:
    lines = [
        ShopLine("month_net_sales", "2026-09", Decimal(400), 9),
        *(ShopLine("target_value", "month_net_sales 2026-09", Decimal(aim), 9) for aim in (300, 450)),
    ]
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        keep_shop(store, AS_OF, lines)
    shown = {tuple(row[2:]) for row in rows(command("metrics", "--shop").out) if len(row) == 6}
    assert {("300", "400", "100", "yes"), ("450", "400", "-50", "no")} <= shown


def test_parts_of_no_month_and_the_latest_months_are_offered_to_a_target(
    tmp_path: Path, command: Command
) -> None:
    parts = ["memory>action", *(f"2026-{month:02} memory>action" for month in range(1, 13))]
    lines = [ShopLine("funnel_conversion", part, Decimal("0.5"), 9) for part in parts]
    aim = ShopLine("target_value", "funnel_conversion", Decimal("0.3"), 0)
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        keep_shop(store, AS_OF, [*lines, aim])
    told = " ".join(command("metrics", "--shop").out.split())
    assert '[targets]: "funnel_conversion memory>action", "funnel_conversion 2026-12 memory>action"' in told
    assert "2026-01 memory>action" not in told


def test_stages_stand_in_their_order_not_in_that_of_the_alphabet(command: Command) -> None:
    shown = [row[2] for row in rows(command("metrics", "--shop").out) if row[0] == "funnel_people"]
    assert shown == ["Attention", "Memory", "Action"]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_level_of_koopman_is_named(lang: Literal["en", "ja"]) -> None:
    for level in LEVELS:
        line = ShopLine("koopman_level", "tea 2026", level.at_least, 9)
        assert level_words(line, lang) == (level.japanese if lang == "ja" else level.english)
    assert "2.8" in str(level_words(ShopLine("koopman_level", "tea 2026", Decimal(0), 9), lang))
    assert level_words(ShopLine("market_share", "tea 2026", Decimal("0.193"), 9), lang) is None


@pytest.mark.parametrize(
    ("name", "part", "english", "japanese"),
    [
        (
            "migration_people",
            "best_active>best_lapsed",
            "Best – Active → Best – Lapsed",
            "優良現役客 → 優良離脱客",
        ),
        ("migration_people", "new>first_active", "new → First Purchase – Active", "新規 → 初回現役客"),
        ("lapsed_share", "2026-09 trend", "2026-09 Fast Spender", "2026-09 流行"),
        ("channel_net", "2026-09 store", "2026-09 Store", "2026-09 店舗"),
        ("funnel_conversion", "2026-09 memory>action", "2026-09 Memory → Action", "2026-09 記憶 → 購買行動"),
        ("satisfaction_share", "unknown", "Not Known Yet", "未確認"),
        ("new_by_source", "2026-09 unknown", "2026-09 unknown", "2026-09 不明"),
        ("viral_growth", "100 after 3 cycles", "100 after 3 cycles", "100人から3巡後"),
        ("product_repeat", "90 days: 9 all new tea", "90 days: 9 all new tea", "90日以内: 9 all new tea"),
        ("referral_refused", "self", "people do not refer themselves", "本人による紹介"),
        ("market_share", "all tea 2026", "all tea 2026", "all tea 2026"),
    ],
)
def test_a_part_is_told_in_words(name: str, part: str, english: str, japanese: str) -> None:
    line = ShopLine(name, part, Decimal(1), 1)
    assert (part_words(line, "en"), part_words(line, "ja")) == (english, japanese)


def test_every_source_of_facts_has_a_name_in_both_languages() -> None:
    for source in TOUCH_SOURCES:
        assert source_words(source, "en") != source_words(source, "ja")


def test_no_part_of_a_busy_shop_is_a_code_in_japanese(engine: Engine) -> None:
    lines = shop_lines(
        busy_shop(1).frames(engine), as_of_day=LAST, rules=RULES, materialise=engine.materialise
    )
    free = ("market_share", "koopman_level", "return_model", "expected_", "product_repeat", "rfm_")
    told = {line.name: part_words(line, "ja") for line in lines if not line.name.startswith(free)}
    assert {name: part for name, part in told.items() if re.search(r"[a-z]{3}", part)} == {}
