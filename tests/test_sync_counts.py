"""What the balance sheet asks of the store, and the sweep for vanished rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sync_rows import NOW, ORG, SHOP, contact, customer, open_store, order, pull

from sync import counts, runs
from sync.intake import StreamCount
from sync.store import Store


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


def test_a_sweep_marks_what_vanished_forgets_its_keys_and_tells_what_is_missing(store: Store) -> None:
    pull(store, "shopify.customers", [customer(n, f"{n}@example.com") for n in (1, 2, 3)])
    pull(store, "shopify.customers", [customer(4, createdAt=None)])
    marked = counts.sweep(store, "shopify", SHOP, "customers", [["1"], ["3", "9"]])
    assert marked == (1, 1)
    assert store.rows("SELECT id, email_key FROM records WHERE deleted") == [("2", None)]
    assert store.rows("SELECT count(*) FROM quarantine") == [(0,)]


def test_a_swept_row_that_comes_back_is_an_update(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, "1@example.com")])
    counts.sweep(store, "shopify", SHOP, "customers", [])
    assert pull(store, "shopify.customers", [customer(1, "1@example.com")]) == StreamCount(
        fetched=1, updated=1
    )
    assert counts.live(store, "shopify", SHOP, "customers") == 1


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
