"""The sweep: what vanished or was emptied on a platform forgets whose it was; merges are found by orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sync_rows import KEY, ORG, SHOP, contact, customer, open_store, order, pull, sf_id, sf_order

from connectors.base import Swept
from sync import counts
from sync.intake import StreamCount
from sync.merges import PERSONAL
from sync.store import Store
from sync.sweep import SweepResult, sweep
from sync.tombstones import Tombstones, record_line


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def known(store: Store, *numbers: int, **more: Any) -> None:
    """Customers with an address and a phone of their own."""
    phone = {"phoneNumber": "+819012345678", "marketingState": "SUBSCRIBED"}
    pull(
        store,
        "shopify.customers",
        [customer(n, f"{n}@example.com", defaultPhoneNumber=phone, **more) for n in numbers],
    )


def swept(
    store: Store,
    *there: int | Swept,
    stream: str = "customers",
    orders: Sequence[Swept] | None = None,
    **more: Any,
) -> SweepResult:
    """A sweep that finds these rows, each in a batch of its own, and these orders if it asks for them."""
    rows = [one if isinstance(one, Swept) else Swept(str(one)) for one in there]
    asked = (lambda: [list(orders)]) if orders is not None else None
    return sweep(store, "shopify", SHOP, stream, [[row] for row in rows], orders=asked, **more)


def personal(store: Store, number: int) -> set[str]:
    """Which columns still tell whose the record is."""
    (row,) = store.rows(f"SELECT {', '.join(PERSONAL)} FROM records WHERE id = ?", str(number))
    return {name for name, value in zip(PERSONAL, row, strict=True) if value is not None}


def never() -> Any:
    raise AssertionError("no orders are needed")


def test_what_vanished_is_deleted_and_forgets_whose_it_was(store: Store) -> None:
    known(store, 1, 2, 3)
    store.con.execute(
        "UPDATE records SET linked_id = '9', referral_codes = ['c'], ours = '{\"segment\":\"first\"}'"
    )
    assert {"email_key", "phone_key", "latin_given"} <= personal(store, 2)
    assert swept(store, 1, 3) == SweepResult(deleted=1, merged=0, blanked=0, moved=0, missing=0)
    assert personal(store, 2) == set()
    assert store.rows(
        "SELECT id, linked_id, referral_codes, ours, row_hash, merged_into FROM records WHERE deleted"
    ) == [("2", None, [], "{}", None, None)]
    assert "email_key" in personal(store, 1)


def test_rows_the_store_lacks_are_told_and_those_set_aside_are_not(store: Store) -> None:
    known(store, 1)
    pull(store, "shopify.customers", [customer(4, createdAt=None), customer(5, createdAt=None)])
    assert swept(store, 1, 4, 9).missing == 1
    assert store.rows("SELECT id FROM quarantine") == [("4",)]


def test_a_swept_row_that_comes_back_is_an_update(store: Store) -> None:
    known(store, 1)
    swept(store)
    assert pull(store, "shopify.customers", [customer(1, "1@example.com")]) == StreamCount(
        fetched=1, updated=1
    )
    assert counts.live(store, "shopify", SHOP, "customers") == 1
    assert "email_key" in personal(store, 1)


def test_a_sweep_of_one_stream_leaves_the_others_and_other_accounts_alone(store: Store) -> None:
    known(store, 1)
    pull(store, "salesforce.Contact", [contact(1, "c@example.com")])
    pull(store, "shopify.orders", [order(1, 1)])
    store.con.execute(
        "INSERT INTO records BY NAME SELECT 'shopify' AS platform, 'other' AS account,"
        " 'customer' AS object, '7' AS id, false AS deleted"
    )
    swept(store)
    assert store.rows("SELECT object, id FROM records WHERE NOT deleted ORDER BY object") == [
        ("Contact", sf_id("003", 1)),
        ("customer", "7"),
    ]
    assert counts.live(store, "shopify", SHOP, "orders") == 1


def test_a_reduction_order_that_was_purged_reduces_nothing_any_more(store: Store) -> None:
    original = sf_order(1)
    reduction = sf_order(2, IsReductionOrder=True, OriginalOrderId=original["Id"], TotalAmount="-500")
    pull(store, "salesforce.Order", [original, reduction])
    assert store.rows("SELECT count(*) FROM refunds") == [(1,)]
    sweep(store, "salesforce", ORG, "Order", [[Swept(original["Id"])]])
    assert store.rows("SELECT count(*) FROM refunds") == [(0,)]


def test_a_record_that_the_platform_emptied_forgets_whose_it_was_but_lives(store: Store) -> None:
    known(store, 1, 2)
    pull(store, "shopify.orders", [order(11, 1, email="1@example.com"), order(12, 2, email="2@example.com")])
    assert swept(store, Swept("1", blank=True), 2) == SweepResult(0, 0, blanked=1, moved=0, missing=0)
    assert (personal(store, 1), "email_key" in personal(store, 2)) == (set(), True)
    assert store.rows("SELECT id, email_key IS NULL FROM orders ORDER BY id") == [("11", True), ("12", False)]
    assert counts.live(store, "shopify", SHOP, "customers") == 2


def test_a_second_sweep_of_an_emptied_record_changes_nothing(store: Store) -> None:
    known(store, 1)
    swept(store, Swept("1", blank=True))
    assert swept(store, Swept("1", blank=True)).blanked == 0


def test_a_record_that_was_read_without_keys_stays_swept_through_a_full_read(store: Store) -> None:
    rows = [customer(1)]
    pull(store, "shopify.customers", rows)
    assert swept(store, Swept("1", blank=True)).blanked == 1
    assert pull(store, "shopify.customers", rows) == StreamCount(fetched=1, unchanged=1)
    assert personal(store, 1) == set()
    pull(store, "shopify.customers", [customer(1, "1@example.com")])
    assert {"email_key", "latin_given"} <= personal(store, 1)


def test_an_order_that_names_another_customer_goes_over_to_it(store: Store) -> None:
    known(store, 1, 2)
    pull(store, "shopify.orders", [order(11, 1), order(12, 1)])
    found = swept(store, Swept("11", owner="2"), Swept("12", owner="1"), stream="orders")
    assert (found.moved, found.deleted) == (1, 0)
    assert store.rows("SELECT id, record_id FROM orders ORDER BY id") == [("11", "2"), ("12", "1")]


def test_where_a_sweep_does_not_ask_for_owners_orders_stay_with_whom_they_named(store: Store) -> None:
    pull(store, "shopify.orders", [order(11, 1)])
    assert swept(store, Swept("11"), stream="orders").moved == 0
    assert store.rows("SELECT record_id FROM orders") == [("1",)]


def test_a_customer_that_vanished_while_its_orders_went_to_one_other_was_merged(store: Store) -> None:
    known(store, 1, 2)
    pull(store, "shopify.orders", [order(11, 1), order(12, 1), order(13, 2)])
    there = [Swept("11", owner="2"), Swept("12", owner="2"), Swept("13", owner="2")]
    found = swept(store, 2, orders=there)
    assert found == SweepResult(deleted=1, merged=1, blanked=0, moved=2, missing=0)
    assert store.rows("SELECT id, deleted, merged_into FROM records ORDER BY id") == [
        ("1", True, "2"),
        ("2", False, None),
    ]
    assert {"email_key", "phone_key", "latin_given"} <= personal(store, 1)
    assert store.rows("SELECT DISTINCT record_id FROM orders") == [("2",)]


@pytest.mark.parametrize(
    "there",
    [
        [Swept("11", owner="2"), Swept("12", owner="3")],
        [Swept("11", owner="2"), Swept("12")],
        [Swept("11"), Swept("12")],
        [],
    ],
    ids=["to two others", "one to nobody", "to nobody", "gone too"],
)
def test_a_customer_whose_orders_did_not_all_go_to_one_other_was_deleted(
    store: Store, there: list[Swept]
) -> None:
    known(store, 1, 2, 3)
    pull(store, "shopify.orders", [order(11, 1), order(12, 1)])
    found = swept(store, 2, 3, orders=there)
    assert (found.deleted, found.merged) == (1, 0)
    assert personal(store, 1) == set()


def test_orders_are_asked_for_only_where_a_vanished_customer_has_some(store: Store) -> None:
    known(store, 1, 2)
    pull(store, "shopify.orders", [order(11, 2)])
    rows = [[Swept("2")]]
    assert sweep(store, "shopify", SHOP, "customers", rows, orders=never).deleted == 1


def test_a_merged_customer_forgets_whose_it_was_once_the_other_is_gone_too(store: Store) -> None:
    known(store, 1, 2, 3)
    pull(store, "shopify.orders", [order(11, 1)])
    swept(store, 2, 3, orders=[Swept("11", owner="2")])
    swept(store, 2, 3)
    assert "email_key" in personal(store, 1)
    swept(store, 3, orders=[Swept("11", owner="3")])
    assert "email_key" in personal(store, 1) and "email_key" in personal(store, 2)
    swept(store)
    assert personal(store, 1) == personal(store, 2) == personal(store, 3) == set()


def test_a_merged_customer_forgets_whose_it_was_once_the_other_is_emptied(store: Store) -> None:
    known(store, 1, 2)
    pull(store, "shopify.orders", [order(11, 1)])
    swept(store, 2, orders=[Swept("11", owner="2")])
    swept(store, Swept("2", blank=True))
    assert personal(store, 1) == set()


def test_a_merged_contact_keeps_its_keys_while_the_other_is_only_set_aside(store: Store) -> None:
    lost, kept = contact(1, "a@example.com", IsDeleted=True, MasterRecordId=sf_id("003", 2)), sf_id("003", 2)
    pull(store, "salesforce.Contact", [lost, contact(2, CreatedDate=None)])
    sweep(store, "salesforce", ORG, "Contact", [[Swept(kept)]])
    assert store.rows("SELECT email_key IS NULL FROM records") == [(False,)]
    sweep(store, "salesforce", ORG, "Contact", [])
    assert store.rows("SELECT email_key IS NULL FROM records") == [(True,)]


def test_rows_a_tombstone_keeps_out_are_not_missing_and_are_noted_while_they_are_there(store: Store) -> None:
    known(store, 1)
    kept_out = Tombstones(KEY, frozenset({record_line(KEY, "shopify", SHOP, "5")}))
    assert swept(store, 1, 5, 6, tombstones=kept_out).missing == 1
    assert counts.forgotten(store, "shopify", SHOP, "customers") == 1
    assert swept(store, 1, tombstones=kept_out).missing == 0
    assert counts.forgotten(store, "shopify", SHOP, "customers") == 0


def test_an_order_never_goes_over_to_somebody_forgotten(store: Store) -> None:
    known(store, 1)
    pull(store, "shopify.orders", [order(11, 1)])
    kept_out = Tombstones(KEY, frozenset({record_line(KEY, "shopify", SHOP, "5")}))
    swept(store, Swept("11", owner="5"), stream="orders", tombstones=kept_out)
    assert store.rows("SELECT record_id FROM orders") == [("1",)]


def test_a_sweep_that_fails_half_way_changes_nothing(store: Store) -> None:
    known(store, 1, 2)

    def rows() -> Iterator[Sequence[Swept]]:
        yield [Swept("1")]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        sweep(store, "shopify", SHOP, "customers", rows())
    assert counts.live(store, "shopify", SHOP, "customers") == 2
