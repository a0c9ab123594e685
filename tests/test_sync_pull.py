"""Taking in a stream: exact counts, quarantine, one transaction, any split of the same arrivals."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_rows import (
    KEY,
    NOW,
    SHOP,
    SHOPIFY,
    SITES,
    PlayedConnector,
    contact,
    customer,
    money,
    open_store,
    order,
    pull,
    refund,
    sf_id,
    sf_order,
)

from connectors.base import Batch
from connectors.errors import Unavailable
from sync import bookmarks
from sync import pull as pulling
from sync.intake import StreamCount
from sync.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything a pull may change, in a fixed order."""
    tables = ("records", "orders", "refunds", "quarantine")
    return {table: store.rows(f"SELECT COLUMNS(*)::VARCHAR FROM {table} ORDER BY ALL") for table in tables}


def test_every_distinct_id_of_a_run_is_counted_once(store: Store) -> None:
    first = pull(store, "shopify.customers", [customer(1), customer(2)], [customer(2)])
    assert first == StreamCount(fetched=2, inserted=2)
    changed = customer(2, "a@example.com")
    again = pull(store, "shopify.customers", [customer(1), changed], [changed, customer(3)])
    assert again == StreamCount(fetched=3, inserted=1, updated=1, unchanged=1)


def test_an_id_that_comes_again_in_a_later_transaction_still_counts_once(store: Store) -> None:
    twice = [[customer(1)], [customer(1, "a@example.com")], [customer(1, "a@example.com")]]
    assert pull(store, "shopify.customers", *twice, save_rows=1) == StreamCount(fetched=1, inserted=1)


def test_the_last_arrival_of_an_id_wins(store: Store) -> None:
    pull(
        store, "shopify.orders", [order(1, name="#old", refunds=[refund(9, "10"), refund(8, "5")]), order(1)]
    )
    assert store.rows("SELECT name FROM orders") == [("#1",)]
    assert store.rows("SELECT count(*) FROM refunds") == [(0,)]


def test_a_change_of_our_own_fields_alone_is_an_update(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1)])
    count = pull(store, "shopify.customers", [customer(1, zaiseki_segment={"value": "prospect"})])
    assert count == StreamCount(fetched=1, updated=1)


def test_refunds_of_an_order_are_replaced_with_the_order(store: Store) -> None:
    pull(store, "shopify.orders", [order(1, refunds=[refund(9, "10"), refund(8, "5")]), order(2)])
    count = pull(store, "shopify.orders", [order(1, refunds=[refund(9, "12")]), order(2)])
    assert count == StreamCount(fetched=2, updated=1, unchanged=1)
    assert store.rows("SELECT order_id, id, original_amount::VARCHAR FROM refunds") == [("1", "9", "12.0000")]


def test_a_reduction_order_is_a_refund_of_its_original_on_its_day(store: Store) -> None:
    reduction = sf_order(
        2,
        IsReductionOrder="true",
        OriginalOrderId=sf_id("801", 1),
        TotalAmount="-500",
        EffectiveDate="2026-04-01",
    )
    pull(store, "salesforce.Order", [sf_order(1), reduction])
    found = store.rows("SELECT order_id, refunded_on::VARCHAR, original_amount::VARCHAR FROM refunds")
    assert found == [(sf_id("801", 1), "2026-04-01", "500.0000")]
    assert store.rows("SELECT kind FROM orders ORDER BY id") == [("purchase",), ("reduction",)]
    pull(store, "salesforce.Order", [{**reduction, "StatusCode": "Draft"}])
    assert store.rows("SELECT count(*) FROM refunds") == [(0,)]


def test_a_bad_row_is_set_apart_with_field_and_cause_and_the_batch_goes_on(store: Store) -> None:
    bad = order(2, totalPriceSet=money("much"))
    count = pull(store, "shopify.orders", [order(1), bad, order(3)])
    assert count == StreamCount(fetched=3, inserted=2, quarantined=1)
    found = store.rows("SELECT id, field, cause FROM quarantine")
    assert found == [("2", "totalPriceSet.shopMoney.amount", "decimal_parsing")]


def test_a_row_without_an_id_is_set_apart_under_a_mark_that_stays_the_same(store: Store) -> None:
    for _ in range(2):
        count = pull(store, "shopify.customers", [customer(1), {**customer(2), "id": None}])
    assert (count.fetched, count.quarantined) == (2, 1)
    ((mark,),) = store.rows("SELECT id FROM quarantine")
    assert mark.startswith("unknown:")


def test_a_currency_without_a_rate_is_set_apart_and_never_summed(store: Store) -> None:
    pull(store, "shopify.orders", [order(1, totalPriceSet=money("10.00", "USD"))])
    assert store.rows("SELECT field, cause FROM quarantine") == [("totalPriceSet", "no_rate:USD")]
    assert store.rows("SELECT count(*) FROM orders") == [(0,)]


def test_a_row_that_arrives_good_leaves_quarantine(store: Store) -> None:
    pull(store, "shopify.orders", [order(1, processedAt="yesterday")])
    assert pull(store, "shopify.orders", [order(1)], run_id="r2") == StreamCount(fetched=1, inserted=1)
    assert store.rows("SELECT count(*) FROM quarantine") == [(0,)]


def test_bad_then_good_in_one_run_counts_as_good_and_good_then_bad_as_quarantined(store: Store) -> None:
    bad = order(1, processedAt=None)
    assert pull(store, "shopify.orders", [bad], [order(1)]) == StreamCount(fetched=1, inserted=1)
    bad = order(2, processedAt=None)
    assert pull(store, "shopify.orders", [order(2)], [bad]) == StreamCount(fetched=1, quarantined=1)
    assert store.rows("SELECT id FROM quarantine") == [("2",)]


@pytest.mark.parametrize("save_rows", [1, 20_000])
def test_a_cure_counts_whether_or_not_it_comes_in_the_same_transaction(store: Store, save_rows: int) -> None:
    batches = [[order(1, processedAt=None)], [order(1)]]
    assert pull(store, "shopify.orders", *batches, save_rows=save_rows) == StreamCount(fetched=1, inserted=1)
    assert store.rows("SELECT count(*) FROM quarantine") == [(0,)]


def test_an_acknowledged_row_stays_so_until_its_cause_changes(store: Store) -> None:
    pull(store, "shopify.orders", [order(1, processedAt=None)])
    store.con.execute("UPDATE quarantine SET acknowledged = true")
    pull(store, "shopify.orders", [order(1, processedAt=None)], run_id="r2")
    assert store.rows("SELECT acknowledged, first_run, seen_run FROM quarantine") == [(True, "r1", "r2")]
    pull(store, "shopify.orders", [order(1, test="perhaps")], run_id="r3")
    assert store.rows("SELECT acknowledged FROM quarantine") == [(False,)]


def test_a_salesforce_row_that_comes_deleted_is_counted_and_keeps_no_keys(store: Store) -> None:
    pull(store, "salesforce.Contact", [contact(1, "a@example.com"), contact(2)])
    count = pull(store, "salesforce.Contact", [contact(1, "a@example.com", IsDeleted="true")])
    assert count == StreamCount(fetched=1, updated=1, deleted=1)
    found = store.rows("SELECT email_key, latin_whole, merged_into FROM records WHERE deleted")
    assert found == [(None, None, None)]


def test_a_record_merged_into_another_keeps_its_keys_and_names(store: Store) -> None:
    pull(store, "salesforce.Contact", [contact(1, "a@example.com"), contact(2)])
    lost = contact(1, "a@example.com", IsDeleted="true", MasterRecordId=sf_id("003", 2))
    assert pull(store, "salesforce.Contact", [lost]) == StreamCount(fetched=1, updated=1, deleted=1)
    (found,) = store.rows("SELECT email_key, latin_whole, merged_into, ours FROM records WHERE deleted")
    ((name,),) = store.rows("SELECT latin_whole FROM records WHERE NOT deleted")
    assert found == (KEY.of("email", "a@example.com"), name, sf_id("003", 2), "{}")


def test_rows_and_bookmark_are_stored_together_or_not_at_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(store, "shopify.orders", [order(1)])
    before = contents(store), bookmarks.of(store, "shopify", SHOP, ["orders"])

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    # The last statement of the transaction: everything before it has been done by then.
    monkeypatch.setattr(bookmarks, "put", dies)
    with pytest.raises(KeyboardInterrupt):
        pull(store, "shopify.orders", [order(1, name="#changed"), order(2), order(3, processedAt=None)])
    assert (contents(store), bookmarks.of(store, "shopify", SHOP, ["orders"])) == before


def test_what_came_before_a_platform_failed_stays_with_its_bookmark(store: Store) -> None:
    failure = Unavailable("shopify", "down")
    with pytest.raises(Unavailable):
        pull(store, "shopify.orders", [order(1)], [order(2)], failure=failure)
    assert store.rows("SELECT count(*) FROM orders") == [(2,)]
    assert bookmarks.of(store, "shopify", SHOP, ["orders"])["orders"] is not None


def test_a_bookmark_never_passes_the_start_of_the_run(store: Store) -> None:
    connector = PlayedConnector("shopify", [Batch("orders", [order(1)], NOW + timedelta(hours=1))])
    pulling.pull_stream(connector, SITES["shopify"], store, account=SHOPIFY, stream="orders", run_id="r1")
    assert bookmarks.of(store, "shopify", SHOP, ["orders"]) == {"orders": NOW}


def test_a_dropped_bookmark_means_from_the_beginning(store: Store) -> None:
    pull(store, "shopify.orders", [order(1)])
    bookmarks.drop(store, "shopify", SHOP, "orders")
    assert bookmarks.of(store, "shopify", SHOP, ["orders", "customers"]) == {
        "orders": None,
        "customers": None,
    }


@st.composite
def arrivals(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Versions of a few orders in the order in which they were changed, some of them bad."""
    made = []
    for version in range(draw(st.integers(1, 8))):
        number = draw(st.integers(1, 4))
        refunds = [refund(number * 10 + n, str(version + 1)) for n in range(draw(st.integers(0, 2)))]
        bad = draw(st.integers(0, 5)) == 0
        amount = money("x" if bad else str(draw(st.integers(0, 3))))
        made.append(order(number, totalPriceSet=amount, refunds=refunds, name=f"#{draw(st.integers(0, 2))}"))
    return made


@settings(max_examples=12, deadline=None)
@given(rows=arrivals(), data=st.data())
def test_splitting_the_pull_into_any_increments_gives_the_same_store(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(rows)))) | {0, len(rows)})
    parts = [rows[a:b] for a, b in itertools.pairwise(cuts)]
    save_rows = data.draw(st.integers(1, 6))
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder)) as store:
        total = pull(store, "shopify.orders", rows)
        whole = contents(store)
        _empty(store)
        assert pull(store, "shopify.orders", *parts, save_rows=save_rows) == total
        assert contents(store) == whole
        _empty(store)
        for part in parts:
            pull(store, "shopify.orders", part)
        assert contents(store) == whole


def _empty(store: Store) -> None:
    for table in ("orders", "refunds", "quarantine", "bookmarks"):
        store.con.execute(f"DELETE FROM {table}")
