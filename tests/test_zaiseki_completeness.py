"""Is everything there? The store beside the platform's count, and the sweep that settles a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sync_rows import (
    NOW,
    SALESFORCE,
    SHOP,
    SHOPIFY,
    SITES,
    PlayedConnector,
    contact,
    customer,
    order,
    pull,
    sf_id,
)

from connectors.base import Swept
from sync import bookmarks
from sync.intake import StreamCount
from sync.store import Store
from zaiseki.balance import StreamLine
from zaiseki.completeness import check, is_due
from zaiseki.surveying import Source

LATER = "2026-11-21T05:00:00Z"
"""After the run began."""


@dataclass
class SweptConnector(PlayedConnector):
    """A connector whose sweep finds these rows, by stream, and notes what it was asked for."""

    rows: Mapping[str, Sequence[Swept]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def sweep(self, stream: str) -> Iterator[Sequence[Swept]]:
        """The rows, all at once."""
        self.asked.append(stream)
        yield list(self.rows.get(stream, ()))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "zaiseki.duckdb") as opened:
        yield opened


def looked_at(
    store: Store,
    *,
    counted: int,
    ids: Sequence[int] = (),
    orders: Sequence[Swept] = (),
    whole_history: bool | None = True,
    stream: str = "customers",
    sweep_due: bool = False,
) -> tuple[StreamLine, SweptConnector]:
    """The line of the customers, where the platform counts `counted` and a sweep finds `ids`."""
    connector = SweptConnector(
        "shopify", (), rows={"customers": [Swept(str(one)) for one in ids], "orders": orders}
    )
    source = source_of(connector, stream, counted=counted, whole_history=whole_history)
    return check(store, source, StreamCount(), sweep_due=sweep_due), connector


def source_of(
    connector: SweptConnector, stream: str = "customers", *, counted: int = 0, **more: Any
) -> Source:
    """A stream of the shop, which counts so many rows of it."""
    site = replace(SITES["shopify"], counts={stream: counted}, **more)
    return Source(connector, site, stream, SHOPIFY)


def known(store: Store, *numbers: int, **more: str) -> None:
    pull(store, "shopify.customers", [customer(n, f"{n}@example.com", **more) for n in numbers])


def test_where_the_counts_agree_nothing_is_swept(store: Store) -> None:
    known(store, 1, 2, 3)
    line, connector = looked_at(store, counted=3)
    assert (line.gap(), connector.asked) == (0, [])


def test_a_row_that_vanished_since_the_count_is_no_gap(store: Store) -> None:
    known(store, 1, 2)
    line, connector = looked_at(store, counted=3, ids=[1, 2])
    assert (line.gap(), line.on_platform, connector.asked) == (0, 2, ["customers"])
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
    assert (line.gap(), line.live, connector.asked) == (0, 2, ["customers"])


def test_a_row_that_was_made_during_the_run_explains_itself(store: Store) -> None:
    known(store, 1, 2)
    known(store, 3, createdAt=LATER, updatedAt=LATER)
    line, connector = looked_at(store, counted=2)
    assert (line.gap(), connector.asked) == (0, [])


def test_where_older_orders_are_hidden_customers_are_still_counted(store: Store) -> None:
    known(store, 1, 2)
    line, connector = looked_at(store, counted=1, ids=[2], whole_history=False)
    assert (line.gap(), line.live, connector.asked) == (0, 1, ["customers"])


def test_a_row_that_a_tombstone_keeps_out_is_accounted_for(store: Store) -> None:
    known(store, 1, 2)
    store.con.execute("INSERT INTO forgotten VALUES ('shopify', ?, 'customers', 'a line')", [SHOP])
    line, connector = looked_at(store, counted=3)
    assert (line.gap(), line.live, line.forgotten, connector.asked) == (0, 2, 1, [])


def test_a_stream_that_was_just_read_for_the_first_time_needs_no_sweep(store: Store) -> None:
    source = source_of(SweptConnector("shopify", ()), counted=0)
    assert not is_due(store, source, full=False, sweep_days=7)
    check(store, source, StreamCount())
    assert not is_due(store, source, full=False, sweep_days=7)


def test_a_sweep_is_due_so_many_days_after_the_last_and_with_every_full_read(store: Store) -> None:
    def due_after(days: float, *, full: bool = False) -> bool:
        later = source_of(SweptConnector("shopify", ()), server_time=NOW + timedelta(days=days))
        return is_due(store, later, full=full, sweep_days=7)

    check(store, source_of(SweptConnector("shopify", ())), StreamCount())
    assert [due_after(days) for days in (0, 6.9, 7, 30)] == [False, False, True, True]
    assert due_after(0, full=True)
    week = source_of(SweptConnector("shopify", ()), server_time=NOW + timedelta(days=7))
    check(store, week, StreamCount(), sweep_due=True)
    assert [due_after(days) for days in (8, 13.9, 14)] == [False, False, True]


def test_a_check_without_a_sweep_does_not_put_the_next_one_off(store: Store) -> None:
    check(store, source_of(SweptConnector("shopify", ())), StreamCount())
    for days in (3, 6, 9):
        later = source_of(SweptConnector("shopify", ()), server_time=NOW + timedelta(days=days))
        check(store, later, StreamCount())
    assert is_due(store, later, full=False, sweep_days=7)


def test_a_sweep_that_is_due_is_made_although_the_counts_agree(store: Store) -> None:
    known(store, 1, 2)
    line, connector = looked_at(store, counted=2, ids=[1, 2], sweep_due=True)
    assert (line.gap(), connector.asked) == (0, ["customers"])


def test_where_older_orders_are_hidden_orders_are_never_swept(store: Store) -> None:
    pull(store, "shopify.orders", [order(1)])
    line, connector = looked_at(store, counted=0, whole_history=False, stream="orders", sweep_due=True)
    assert (line.gap(), line.live, connector.asked) == (0, 1, [])


def test_where_a_customer_with_orders_vanished_the_orders_are_swept_too(store: Store) -> None:
    known(store, 1, 2)
    pull(store, "shopify.orders", [order(11, 1)])
    line, connector = looked_at(store, counted=1, ids=[2], orders=[Swept("11", owner="2")])
    assert (line.gap(), line.live, connector.asked) == (0, 1, ["customers", "orders"])
    assert store.rows("SELECT merged_into FROM records WHERE id = '1'") == [("2",)]


def test_a_merged_contact_forgets_whose_it_was_in_the_run_that_reads_the_other_deleted(store: Store) -> None:
    kept = sf_id("003", 2)
    lost = contact(1, "a@example.com", IsDeleted=True, MasterRecordId=kept)
    source = Source(
        SweptConnector("salesforce", ()),
        replace(SITES["salesforce"], counts={"Contact": 1}),
        "Contact",
        SALESFORCE,
    )
    keyless = "SELECT email_key IS NULL FROM records WHERE id = ?"
    pull(store, "salesforce.Contact", [lost, contact(2, "b@example.com")])
    check(store, source, StreamCount())
    assert store.rows(keyless, lost["Id"]) == [(False,)]
    pull(store, "salesforce.Contact", [contact(2, IsDeleted=True)])
    check(store, replace(source, site=replace(source.site, counts={"Contact": 0})), StreamCount())
    assert store.rows(keyless, lost["Id"]) == [(True,)]


def test_a_stream_that_its_platform_does_not_count_is_taken_as_it_was_read(store: Store) -> None:
    known(store, 1, 2)
    connector = SweptConnector("shopify", ())
    source = Source(connector, SITES["shopify"], "customers", SHOPIFY)
    line = check(store, source, StreamCount())
    assert (line.gap(), line.on_platform, connector.asked) == (0, 2, [])
