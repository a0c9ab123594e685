"""What waits for somebody: which rows, why, and what has been looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sync_rows import open_store

from sync import attention
from sync.attention import SetAside
from sync.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def put(store: Store, stream: str, cause: str, *ids: str) -> None:
    store.con.executemany(
        """INSERT INTO quarantine BY NAME SELECT 'shopify' platform, 'a' account, ? stream, ? id, 'f' field,
        ? cause, false acknowledged""",
        [[stream, id_, cause] for id_ in ids],
    )


def test_the_first_five_ids_of_a_cause_are_told(store: Store) -> None:
    put(store, "orders", "missing", "12", "9", "100", "7", "8", "11", "10")
    put(store, "customers", "missing", "9")
    assert attention.unacknowledged(store, "").causes == (
        SetAside("shopify.orders", "f", "missing", 7, ("7", "8", "9", "10", "11")),
        SetAside("shopify.customers", "f", "missing", 1, ("9",)),
    )


def test_what_was_looked_at_is_still_told_and_stands_last(store: Store) -> None:
    put(store, "orders", "missing", "1", "2")
    attention.acknowledge(store)
    put(store, "orders", "missing", "3")
    seen = SetAside("shopify.orders", "f", "missing", 2, ("1", "2"), acknowledged=True)
    new = SetAside("shopify.orders", "f", "missing", 1, ("3",))
    assert attention.commonest(store, "").causes == (new, seen)
    open_ = attention.unacknowledged(store, "")
    assert (open_.quarantined, open_.causes) == (1, (new,))


def test_the_counts_are_of_all_causes_and_only_the_commonest_are_named(store: Store) -> None:
    for nth in range(4):
        put(store, "orders", f"cause{nth}", *map(str, range(nth + 1)))
    found = attention.unacknowledged(store, "", causes=2)
    assert found.quarantined == 10
    assert [one.count for one in found.causes] == [4, 3]
    assert replace(attention.commonest(store, "", causes=2), quarantined=10) == found
