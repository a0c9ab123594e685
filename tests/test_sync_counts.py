"""What the balance sheet asks of the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import narwhals as nw
import pytest
from sync_rows import NOW, ORG, SHOP, contact, customer, open_store, order, pull

from sync import counts, runs
from sync.store import Store
from sync.writes import save_plan


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def test_live_rows_and_rows_apart_make_up_what_the_platform_counts(store: Store) -> None:
    pull(store, "shopify.orders", [order(1), order(2), order(3, processedAt=None)])
    pull(store, "shopify.orders", [order(2, processedAt=None)])
    pull(store, "salesforce.Contact", [contact(1), contact(2, IsDeleted=True)])
    assert counts.live(store, "shopify", SHOP, "orders") == 2
    assert counts.apart(store, "shopify", SHOP, "orders") == 1
    assert counts.live(store, "salesforce", ORG, "Contact") == 1


def test_rows_that_a_tombstone_keeps_out_are_counted_by_stream(store: Store) -> None:
    store.con.execute(
        "INSERT INTO forgotten VALUES ('shopify', ?, 'customers', 'k'), ('shopify', 'b', 'customers', 'k')",
        [SHOP],
    )
    assert counts.forgotten(store, "shopify", SHOP, "customers") == 1
    assert counts.forgotten(store, "shopify", SHOP, "orders") == 0


def test_a_row_that_only_changed_neither_came_nor_went(store: Store) -> None:
    rows = [
        customer(1, "1@example.com", updatedAt="2026-11-21T05:00:00Z"),
        customer(2, "2@example.com", createdAt="2026-11-21T05:00:00Z", updatedAt="2026-11-21T05:00:00Z"),
    ]
    pull(store, "shopify.customers", rows)
    pull(store, "salesforce.Contact", [contact(1, IsDeleted=True, SystemModstamp="2026-11-21T05:00:00Z")])
    assert counts.moved(store, "shopify", SHOP, "customers", NOW) == 1
    assert counts.moved(store, "salesforce", ORG, "Contact", NOW) == 1


def test_the_last_confirmed_run_is_over_everybody_and_knew_its_thresholds(store: Store) -> None:
    kept = {"best_spend": "70000"}
    changes = (
        "SELECT 'shopify' platform, 'a' account, 'customer' object, '1' id,"
        " 'segment' field, NULL old, 'x' new"
    )

    def ended(run_id: str, hour: int, state: str, thresholds: dict[str, str] | None) -> None:
        runs.begin(store, run_id, NOW.replace(hour=hour))
        runs.finish(
            store, run_id, state=state, exit_code=0, finished_at=NOW, thresholds=thresholds, balance={}
        )

    def confirmed() -> str | None:
        run = runs.last_confirmed(store)
        return run.run_id if run else None

    ended("planned", 4, "planned", kept)
    ended("nothing went out", 5, "failed", kept)
    assert confirmed() is None
    save_plan(store, "one platform", nw.from_native(store.con.sql(changes)), at=NOW)
    store.con.execute("UPDATE writes SET state = 'confirmed'")
    ended("one platform", 6, "failed", kept)
    assert confirmed() == "one platform"
    ended("everybody", 7, "written", kept)
    ended("a chosen few", 8, "written_in_part", kept)
    ended("history hidden", 9, "written", None)
    assert confirmed() == "everybody"


def test_runs_are_told_newest_first_with_what_they_came_to(store: Store) -> None:
    runs.begin(store, "r1", NOW)
    runs.begin(store, "r2", NOW.replace(hour=9))
    runs.finish(
        store, "r1", state="done", exit_code=0, finished_at=NOW, as_of=date(2026, 11, 21), balance={"n": 1}
    )
    newest, oldest = runs.last(store)
    assert (newest.run_id, newest.state, newest.finished_at) == ("r2", "running", None)
    assert (oldest.started_at, oldest.as_of, oldest.balance) == (NOW, date(2026, 11, 21), {"n": 1})
    assert [run.run_id for run in runs.last(store, state="done")] == ["r1"]
