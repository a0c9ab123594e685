"""Is everything there? The store beside the platform's count, and the sweep that settles a difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sync_rows import NOW, SHOP, SHOPIFY, SITES, PlayedConnector, customer, pull

from sync import bookmarks
from sync.intake import StreamCount
from sync.store import Store
from zaiseki.balance import StreamLine
from zaiseki.completeness import check
from zaiseki.surveying import Source

LATER = "2026-11-21T05:00:00Z"
"""After the run began."""


@dataclass
class Swept(PlayedConnector):
    """A connector whose sweep finds these ids."""

    ids: Sequence[str] = field(default_factory=tuple)
    asked: int = 0

    def sweep(self, stream: str) -> Iterator[Sequence[str]]:
        """The ids, all at once."""
        self.asked += 1
        yield list(self.ids)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "zaiseki.duckdb") as opened:
        yield opened


def looked_at(
    store: Store, *, counted: int, ids: Sequence[int] = (), whole_history: bool | None = True
) -> tuple[StreamLine, Swept]:
    """The line of the customers, where the platform counts `counted` and a sweep finds `ids`."""
    connector = Swept("shopify", (), ids=[str(number) for number in ids])
    site = replace(SITES["shopify"], counts={"customers": counted}, whole_history=whole_history)
    assert site.server_time == NOW
    return check(store, Source(connector, site, "customers", SHOPIFY), StreamCount()), connector


def known(store: Store, *numbers: int, **more: str) -> None:
    pull(store, "shopify.customers", [customer(n, f"{n}@example.com", **more) for n in numbers])


def test_where_the_counts_agree_nothing_is_swept(store: Store) -> None:
    known(store, 1, 2, 3)
    line, connector = looked_at(store, counted=3)
    assert (line.gap(), connector.asked) == (0, 0)


def test_a_row_that_vanished_since_the_count_is_no_gap(store: Store) -> None:
    known(store, 1, 2)
    line, connector = looked_at(store, counted=3, ids=[1, 2])
    assert (line.gap(), line.on_platform, connector.asked) == (0, 2, 1)
    assert bookmarks.of(store, "shopify", SHOP, ["customers"])["customers"] is not None


def test_a_row_that_is_there_but_was_not_read_is_a_gap_and_the_stream_is_read_anew(store: Store) -> None:
    known(store, 1, 2)
    line, _ = looked_at(store, counted=3, ids=[1, 2, 3])
    assert (line.gap(), line.on_platform, line.live) == (1, 3, 2)
    assert bookmarks.of(store, "shopify", SHOP, ["customers"]) == {"customers": None}


def test_rows_that_came_after_the_count_are_left_to_the_next_run(store: Store) -> None:
    known(store, 1, 2, 3)
    line, _ = looked_at(store, counted=2, ids=[1, 2, 8, 9])
    assert (line.gap(), line.live) == (0, 2)


def test_a_change_during_the_run_does_not_hide_a_deletion(store: Store) -> None:
    known(store, 1, 2)
    known(store, 3, updatedAt=LATER)
    line, connector = looked_at(store, counted=2, ids=[1, 3])
    assert (line.gap(), line.live, connector.asked) == (0, 2, 1)


def test_a_row_that_was_made_during_the_run_explains_itself(store: Store) -> None:
    known(store, 1, 2)
    known(store, 3, createdAt=LATER, updatedAt=LATER)
    line, connector = looked_at(store, counted=2)
    assert (line.gap(), connector.asked) == (0, 0)


def test_where_older_orders_are_hidden_customers_are_still_counted(store: Store) -> None:
    known(store, 1, 2)
    line, connector = looked_at(store, counted=1, ids=[2], whole_history=False)
    assert (line.gap(), line.live, connector.asked) == (0, 1, 1)
