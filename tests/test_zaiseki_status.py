"""What `status` tells of rows that are set aside, and how a run's findings read."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from test_zaiseki_outcome import DONE, HELD
from zaiseki_command import Command

from metrics.fields import Language
from metrics.plan import Move
from sync.attention import Attention, Rejection, SetAside
from sync.store import Store
from zaiseki.cli.shell import Shell
from zaiseki.show import show_outcome

ROWS = [("orders", "7", "no_rate:EUR"), ("orders", "8", "no_rate:EUR"), ("customers", "9", "missing")]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line over a store with rows in quarantine."""
    config = tmp_path / "zaiseki.toml"
    config.write_text('[shopify]\nshop = "example.myshopify.com"\n', encoding="utf-8")
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        store.con.executemany(
            """INSERT INTO quarantine BY NAME SELECT 'shopify' platform, 'a' account, ? stream, ? id,
            'total' field, ? cause, false acknowledged""",
            ROWS,
        )
    return Command(config, capsys)


def shown(language: Language, *, writing: bool = True) -> str:
    """Everything that is printed about a run that is held, with rows set aside and segments moving."""
    both = io.StringIO()
    console = Console(file=both, width=200)
    open_ = Attention(
        3,
        7,
        (SetAside("shopify.orders", "total", "no_rate:EUR", 3, ("7", "8", "9")),),
        (Rejection("shopify", "LOCKED", "why", 7, ("1", "2")),),
    )
    summary = replace(DONE.summary, movers=(Move("first_active", "steady_lapsed", 2),))
    outcome = replace(DONE, summary=summary, unacknowledged=open_, holds=HELD, writing=writing, warnings=())
    show_outcome(Shell(Path("zaiseki.toml"), language, out=console, err=console), outcome)
    return both.getvalue()


def test_rows_set_aside_are_named_with_their_ids_and_the_cause_in_words(command: Command) -> None:
    told = command("status").out
    assert "no exchange rate for EUR" in told and "no_rate" not in told
    assert "7, 8" in told
    assert "--acknowledge" in told


def test_json_keeps_the_code_of_a_cause(command: Command) -> None:
    rows = json.loads(command("status", "--json").out)["quarantine"]
    assert rows[0] == {
        "stream": "shopify.orders",
        "field": "total",
        "cause": "no_rate:EUR",
        "count": 2,
        "ids": ["7", "8"],
        "acknowledged": False,
    }


def test_what_was_acknowledged_is_still_shown_with_a_mark(command: Command) -> None:
    told = command("status", "--acknowledge").out
    assert "Set aside: none." not in told
    assert told.count("✓") == 2
    assert "status --acknowledge" not in told
    rows = json.loads(command("status", "--json").out)["quarantine"]
    assert [row["acknowledged"] for row in rows] == [True, True]


def test_segment_moves_are_told_in_the_words_of_the_language() -> None:
    english, japanese = shown("en"), shown("ja")
    assert "First Purchase – Active" in english and "Steady – Lapsed" in english
    assert "コツコツ離脱客" in japanese
    assert "steady_lapsed" not in english + japanese


def test_why_a_plan_is_held_ends_as_a_sentence_before_the_next_step() -> None:
    assert "(1 → 2). Look at" in shown("en")
    assert "(1 → 2)。`zaiseki plan`" in shown("ja")
    assert "(1 → 2).\n" in shown("en", writing=False)


def test_a_run_names_ids_of_what_waits() -> None:
    told = shown("en")
    assert "3 rows set aside, total: no exchange rate for EUR. Ids: 7, 8, 9\n" in told
    assert "7 records: LOCKED (why). Ids: 1, 2, …" in told
