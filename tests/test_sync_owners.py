"""Whose order it is, and which business accounts are records because of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stored_people import FILE, ORG, SHOP, make, order, owners, record, role, sold

from sync.guests import refresh_guests
from sync.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.duckdb") as opened:
        yield opened


def awake(store: Store, accounts: str = "auto") -> set[str]:
    """The live business accounts."""
    with store.transaction():
        refresh_guests(store, accounts)  # type: ignore[arg-type]  # one of the three words
    return {found for (found,) in store.rows("SELECT id FROM live_records WHERE object = 'Account'")}


def test_an_order_belongs_to_the_contact_it_is_billed_to_whatever_the_account(store: Store) -> None:
    make(
        store,
        records=[
            record("C1", "Contact", parent_id="A1"),
            record("C2", "Contact", parent_id="A1"),
            record("A1", "Account"),
        ],
        orders=[sold("O1", 10, record_id="C2", parent_id="A1")],
    )
    assert owners(store) == {"O1": "Contact/C2"}


def test_an_order_of_an_account_belongs_to_its_only_contact_and_with_two_to_the_account(store: Store) -> None:
    make(
        store,
        records=[
            record("C1", "Contact", parent_id="A1"),
            record("A1", "Account"),
            record("C2", "Contact", parent_id="A2"),
            record("C3", "Contact", parent_id="A2"),
            record("A2", "Account"),
            record("A3", "Account"),
        ],
        orders=[sold("O1", 10, parent_id="A1"), sold("O2", 10, parent_id="A2"), sold("O3", 10)],
    )
    assert owners(store, "auto") == {"O1": "Contact/C1", "O2": "Account/A2", "O3": None}
    assert owners(store, "never") == {"O1": "Contact/C1", "O2": None, "O3": None}


def test_a_person_account_is_named_by_either_of_its_ids(store: Store) -> None:
    make(
        store,
        records=[record("001P", "PersonAccount", alias_id="003P")],
        orders=[
            sold("O1", 10, record_id="003P", parent_id="001P"),
            sold("O2", 10, parent_id="001P"),
            sold("O3", 10),
        ],
        roles=[role("O3", "003P")],
    )
    assert set(owners(store).values()) == {"PersonAccount/001P"}


def test_an_opportunity_belongs_to_its_primary_contact_and_one_without_by_its_account(store: Store) -> None:
    make(
        store,
        records=[
            record("C1", "Contact", parent_id="A1"),
            record("C2", "Contact", parent_id="A1"),
            record("C3", "Contact", parent_id="A3"),
        ],
        orders=[sold(name, 10, parent_id="A1") for name in ("O1", "O2", "O3")]
        + [sold("O4", 10, parent_id="A3")],
        roles=[
            role("O1", "C2"),
            role("O1", "C1", is_primary=False),
            role("O2", "C1", is_primary=False),
            role("O3", "C1", deleted=True),
            role("O4", "unknown"),
        ],
    )
    assert owners(store) == {"O1": "Contact/C2", "O2": None, "O3": None, "O4": None}


def test_what_names_a_contact_who_is_gone_goes_over_to_nobody_else(store: Store) -> None:
    make(
        store,
        records=[
            record("C1", "Contact", parent_id="A1", deleted=True),
            record("C2", "Contact", parent_id="A1"),
            record("A2", "Account"),
        ],
        orders=[
            sold("O1", 10, record_id="C1", parent_id="A1"),
            sold("O2", 10, record_id="unseen", parent_id="A2"),
            sold("O3", 10, parent_id="A1"),
        ],
        roles=[role("O3", "C1")],
    )
    assert owners(store) == {"O1": None, "O2": None, "O3": None}


def test_orders_follow_records_through_chains_of_merges_and_changes_of_kind(store: Store) -> None:
    make(
        store,
        records=[
            record("1", deleted=True, merged_into="2"),
            record("2", deleted=True, merged_into="3"),
            record("3"),
            record("001L", "PersonAccount", alias_id="003L", deleted=True, merged_into="001S"),
            record("001S", "PersonAccount", alias_id="003S"),
            record("A1", "Account", deleted=True, merged_into="A2"),
            record("A2", "Account"),
            record("C1", "Contact", parent_id="A2"),
        ],
        orders=[
            order("o1", 10, record_id="1"),
            sold("O2", 10, record_id="003L"),
            sold("O3", 10, parent_id="001L"),
            sold("O4", 10, parent_id="A1"),
        ],
    )
    assert owners(store) == {
        "o1": "customer/3",
        "O2": "PersonAccount/001S",
        "O3": "PersonAccount/001S",
        "O4": "Contact/C1",
    }


def test_a_circle_of_merges_ends_and_gives_the_order_to_nobody(store: Store) -> None:
    make(
        store,
        records=[record("1", deleted=True, merged_into="2"), record("2", deleted=True, merged_into="1")],
        orders=[order("o1", 10, record_id="1")],
    )
    assert owners(store) == {"o1": None}


def test_a_lead_buys_nothing_not_even_as_the_only_one_of_its_account(store: Store) -> None:
    lead = record(
        "L1", "Lead", write_target=False, parent_id="A1", linked_platform="salesforce", linked_id="C9"
    )
    make(store, records=[lead], orders=[sold("O1", 10, parent_id="A1"), sold("O2", 10, record_id="L1")])
    assert owners(store) == {"O1": None, "O2": None}


def test_an_order_of_a_history_file_belongs_to_the_record_it_names_or_to_the_guest_of_its_keys(
    store: Store,
) -> None:
    history = [
        order("h1", 10, platform="history", record_id="7", record_platform="shopify", record_account=SHOP),
        order("h2", 10, platform="history", record_id="C1", record_platform="salesforce", record_account=ORG),
        order("h3", 10, platform="history", email_key="e1"),
        order("h4", 11, platform="history", email_key="e1"),
        order("h5", 11, platform="history"),
    ]
    make(store, records=[record("7"), record("C1", "Contact")], orders=history)
    with store.transaction():
        refresh_guests(store)
    found = owners(store)
    assert (found["h1"], found["h2"], found["h5"]) == ("customer/7", "Contact/C1", None)
    assert found["h3"] == found["h4"] and str(found["h3"]).startswith("guest/")
    guests = store.rows("SELECT platform, account, email_key FROM live_records WHERE object = 'guest'")
    assert guests == [("history", FILE, "e1")]


def test_a_business_account_is_a_record_while_it_buys_in_its_own_name(store: Store) -> None:
    make(
        store,
        records=[
            record("A1", "Account"),
            record("A2", "Account"),
            record("C2", "Contact", parent_id="A2"),
            record("A3", "Account"),
        ],
        orders=[sold("O1", 10, parent_id="A1"), sold("O2", 10, parent_id="A2")],
    )
    assert awake(store) == {"A1"}
    assert awake(store, "always") == {"A1", "A2", "A3"}
    assert awake(store, "never") == set()
    assert owners(store) == {"O1": None, "O2": "Contact/C2"}
    assert awake(store) == {"A1"}
    store.con.execute("UPDATE orders SET deleted = true WHERE id = 'O1'")
    assert awake(store) == set()


def test_an_account_that_turned_into_a_person_is_awake(store: Store) -> None:
    make(store, records=[record("A1", "Account")])
    assert awake(store) == set()
    store.con.execute("UPDATE records SET object = 'PersonAccount'")
    awake(store)
    assert store.rows("SELECT object FROM live_records") == [("PersonAccount",)]


def test_a_guest_is_one_record_per_pair_of_keys_and_none_of_a_test_order(store: Store) -> None:
    make(
        store,
        orders=[
            order("o1", 10, email_key="e1"),
            order("o2", 12, email_key="e1"),
            order("o3", 11, email_key="e1", phone_key="p1"),
            order("o4", 11, email_key="e9", is_test=True),
        ],
    )
    with store.transaction():
        refresh_guests(store)
    guests = store.rows("SELECT email_key, phone_key, phone_is_mobile, excluded FROM records ORDER BY ALL")
    assert guests == [("e1", "p1", True, False), ("e1", None, False, False)]
