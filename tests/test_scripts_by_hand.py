"""The scripts for hands: scoring, planning and writing back what a job's store holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_small import TOML, customers, orders
from line_support import Line, small

from sync.store import Store

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A small job that synced once."""
    folder = tmp_path_factory.mktemp("by_hand")
    rows = {"shopify_customers": customers(range(6)), "shopify_orders": orders(range(4), "2026-05-01")}
    with small(folder / "job", write_scenario(folder / "scenario", rows, TOML)) as made:
        made.provision()
        made.sync()
        yield made


def by_hand(line: Line, script: str, *words: str) -> list[dict[str, Any]]:
    secrets = {
        f"ZAISEKI_{platform.upper()}_CLIENT_{part.upper()}": line.ready[platform][f"client_{part}"]
        for platform in ("shopify", "salesforce")
        for part in ("id", "secret")
    }
    ended = subprocess.run(
        [sys.executable, ROOT / "scripts" / script, line.settings, *words],
        env={**os.environ, **secrets},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    return [json.loads(row) for row in ended.stdout.splitlines()]


def test_scores_can_be_looked_at(line: Line) -> None:
    scored = by_hand(line, "score_persons.py", "--as-of", "2026-05-02")
    assert len(scored) == 6
    assert sorted(row["segment"] for row in scored) == ["first_active"] * 4 + ["prospect"] * 2


def test_the_figures_of_the_shop_can_be_looked_at(line: Line) -> None:
    lines = by_hand(line, "shop_scores.py")
    people = {one["part"]: one["value"] for one in lines if one["name"] == "segment_people"}
    assert (people["first_active"], people["prospect"], len(people)) == ("4", "2", 11)
    assert {one["base"] for one in lines if one["name"] == "segment_people"} == {6}


def test_after_a_sync_nothing_differs_and_a_value_lost_since_does(line: Line) -> None:
    assert by_hand(line, "plan_writeback.py") == []
    with Store.open(line.store) as store:
        ((lost, held),) = store.rows("SELECT id, ours FROM records WHERE write_target ORDER BY id LIMIT 1")
        store.con.execute("UPDATE records SET ours = '{}' WHERE id = ?", [lost])
    found = by_hand(line, "plan_writeback.py")
    assert {row["id"] for row in found} == {lost}
    assert {row["field"]: row["new"] for row in found} == json.loads(held)


def test_what_the_last_run_could_not_send_is_sent(line: Line) -> None:
    with Store.open(line.store) as store:
        store.con.execute("UPDATE writes SET state = 'planned'")
    shopify, salesforce = by_hand(line, "write_back.py")
    assert (shopify["platform"], shopify["planned"], shopify["held"]) == ("shopify", 6, 0)
    assert shopify["written"] + shopify["unchanged"] == 6
    assert (salesforce["planned"], salesforce["held"]) == (0, 0)
    assert by_hand(line, "plan_writeback.py") == []
