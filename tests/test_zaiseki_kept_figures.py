"""The figures that a run kept, as they are shown: who comes back stands before who is won, everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from metrics_engines import DuckDB, Engine
from shop_world import LAST, RULES, busy_shop
from zaiseki_command import Command

from metrics.shop_line import ShopLine
from metrics.shop_scores import shop_lines
from sync.store import Store
from zaiseki.kept_figures import kept_lines, last_figures
from zaiseki.shop_scoring import keep_shop

AS_OF = date(1970, 1, 1) + timedelta(LAST)
WON = {
    "month_new_buyers",
    "cohort_buyers",
    "new_by_source",
    "referral_share",
    "repeat_rate",
    "segment_people",
}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, duckdb_engine: Engine) -> Path:
    """A store with the figures of a busy shop of many products, and one that nothing knows any more."""
    world, folder = busy_shop(1), tmp_path_factory.mktemp("kept")
    for number, line in enumerate(world.lines):
        line["product_id"] = line["product_id"] if number % 3 else f"other {number}"
    lines = shop_lines(
        world.frames(duckdb_engine), as_of_day=LAST, rules=RULES, materialise=duckdb_engine.materialise
    )
    with Store.open(folder / "zaiseki.duckdb") as store:
        store.bind("reporting currency", "JPY")
        keep_shop(store, AS_OF - timedelta(40), [ShopLine("a_month_ago", "", Decimal(1), 1)])
        keep_shop(store, AS_OF, [ShopLine("forgotten_figure", "", Decimal(1), 1), *reversed(lines)])
    path = folder / "zaiseki.toml"
    path.write_text('[shopify]\nshop = "tea.myshopify.com"\n', encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def duckdb_engine() -> Iterator[Engine]:
    import duckdb

    with duckdb.connect() as con:
        yield DuckDB(con)


def first_seen(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


def in_order(names: list[str]) -> None:
    """Trial conversion first, then the products; everything about new customers after both."""
    seen = first_seen(names)
    assert seen[:2] == ["trial_conversion", "product_repeat"]
    assert WON & set(seen[2:])


def test_what_is_kept_is_read_in_the_order_of_telling_whatever_order_it_was_written_in(config: Path) -> None:
    kept = last_figures(config)
    names = [line.name for line in kept.lines]
    in_order(names)
    assert names[-1] == "forgotten_figure"
    assert len(first_seen(names)) == len(
        [name for name, after in zip(names, [*names[1:], ""], strict=True) if name != after]
    )
    months = [line.part for line in kept.lines if line.name == "month_new_buyers"]
    assert months == sorted(months) and len(months) > 12


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_table_begins_with_who_comes_back(
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lang: Literal["en", "ja"],
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    told = Command(config, capsys)("metrics", "--shop", lang=lang).out
    rows = [line.split("│")[1:4] for line in told.splitlines() if line.startswith("│")]
    in_order([row[0].strip() for row in rows])
    of_products = [row[2] for row in rows if row[0].strip() == "product_repeat"]
    assert ["90" in part for part in of_products].count(True) == 1, "not one of many products"
    assert len(of_products) == 2


def test_json_begins_with_who_comes_back(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told: dict[str, Any] = json.loads(Command(config, capsys)("metrics", "--shop", "--json").out)
    in_order([one["id"] for one in told["figures"]])
    assert {one["id"] for one in told["figures"]} >= WON


def test_one_figure_is_read_alone_by_its_parts(config: Path) -> None:
    with Store.open(config.parent / "zaiseki.duckdb") as store:
        lines = kept_lines(store, AS_OF, "new_by_source")
    assert {line.name for line in lines} == {"new_by_source"}
    assert [line.part for line in lines] == sorted(line.part for line in lines)
