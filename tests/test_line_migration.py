"""`zaiseki migration`: between any two dates, everybody is in one row and one column, as their orders say."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from conftest import write_scenario
from line_small import TOML, customers, orders
from line_support import Line, small

from zaiseki.cli.main import run
from zaiseki.cli.shell import Shell


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Three people of June 2025, one of whom bought again in July and November; two of April 2026."""
    folder = tmp_path_factory.mktemp("migration")
    rows = {
        "shopify_customers": customers(range(5)),
        "shopify_orders": orders(range(3), "2025-06-01")
        + orders(range(1), "2025-07-01", start=1_001)
        + orders(range(1), "2025-11-01", start=1_002)
        + orders(range(3, 5), "2026-04-01", start=3_001),
    }
    with small(folder / "job", write_scenario(folder / "scenario", rows, TOML)) as made:
        made.configure(plain=True, best_spend=1_000_000)
        made.provision()
        made.sync()
        yield made


def told(line: Line, capsys: pytest.CaptureFixture[str], *options: str, code: int = 0) -> str:
    capsys.readouterr()
    asked = ["--config", str(line.folder / "zaiseki.toml"), *options]
    assert run(asked, Shell(line.folder / "zaiseki.toml", "en")) == code
    out, err = capsys.readouterr()
    return out + err


def moves(
    line: Line, capsys: pytest.CaptureFixture[str], *options: str
) -> dict[tuple[str, str], tuple[int, str]]:
    found = json.loads(told(line, capsys, "migration", *options, "--json"))
    return {(move["from"], move["to"]): (move["people"], move["share"]) for move in found["moves"]}


def test_people_move_as_their_orders_say(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    assert moves(line, capsys, "--from", "2025-06-15", "--to", "2025-07-15") == {
        ("first_active", "fledgling_active"): (1, "0.3333"),
        ("first_active", "first_active"): (2, "0.6667"),
    }
    # 240 days after 2025-06-01 is 2026-01-27.
    assert moves(line, capsys, "--from", "2026-01-26", "--to", "2026-04-15") == {
        ("new", "first_active"): (2, "1.0000"),
        ("first_active", "first_lapsed"): (2, "1.0000"),
        ("steady_active", "steady_active"): (1, "1.0000"),
    }


def test_it_is_shown_in_words(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(line, capsys, "--lang", "ja", "migration", "--from", "2025-05-01", "--to", "2025-06-15")
    assert "(まだ購入なし)" in shown and "100.0 %" in shown


def test_dates_that_cannot_be_told_are_refused(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    for begin, end in (("2025-07-01", "2025-07-01"), ("2026-01-01", "2099-01-01")):
        assert "the earlier date must come first" in told(
            line, capsys, "migration", "--from", begin, "--to", end, code=1
        )
