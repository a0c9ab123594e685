"""Which records are one person, and which id that person bears."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_rows import NOW, ORG, SHOP, contact, customer, open_store, order, pull, sf_id, sf_order

from sync import counts, frames
from sync.identify import Identity, identify
from sync.person_ids import NAMESPACE
from sync.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def who(store: Store, run_id: str = "r1") -> Identity:
    return identify(store, run_id=run_id, at=NOW)


def groups(store: Store) -> set[frozenset[str]]:
    """The ids of the records of each person."""
    rows = store.rows("SELECT list(object || id) FROM members GROUP BY person_id")
    return {frozenset(ids) for (ids,) in rows}


def person_of(store: Store, record_id: str) -> str:
    ((person,),) = store.rows("SELECT person_id FROM members WHERE id = ?", record_id)
    return str(person)


def made_of(account: str, name: str, record_id: str) -> str:
    """The id of a new person whose earliest record this is, by Python's own UUIDv5."""
    platform = "shopify" if account == SHOP else "salesforce"
    return str(uuid.uuid5(NAMESPACE, f"{platform}/{account}/{name}/{record_id}"))


def drop(store: Store, object_: str, record_id: str) -> None:
    store.con.execute("UPDATE records SET deleted = true WHERE object = ? AND id = ?", [object_, record_id])


def test_equal_addresses_join_across_platforms_whatever_their_form(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, "Taro@Example.com"), customer(2, "b@example.com")])
    pull(store, "salesforce.Contact", [contact(1, " taro@example.com ")])
    found = who(store)
    assert (found.records, found.persons, found.new) == (3, 2, 2)
    assert frozenset({"customer1", "Contact" + sf_id("003", 1)}) in groups(store)
    assert set(store.rows("SELECT id, rule FROM members WHERE rule = 'email'")) == {
        ("1", "email"),
        (sf_id("003", 1), "email"),
    }


@pytest.mark.parametrize("held", ["7", "gid://shopify/Customer/7"])
def test_the_merchants_link_joins_without_any_common_key(store: Store, held: str) -> None:
    pull(store, "shopify.customers", [customer(7, "a@example.com")])
    pull(store, "salesforce.Contact", [contact(1, "b@example.com", Shopify_Id__c=held)])
    assert who(store).persons == 1
    assert store.rows("SELECT DISTINCT rule FROM members") == [("link",)]


def test_a_link_to_a_customer_that_is_not_there_joins_nobody(store: Store) -> None:
    pull(store, "salesforce.Contact", [contact(1, Shopify_Id__c="7"), contact(2, Shopify_Id__c="7")])
    assert who(store).persons == 2


def test_a_chain_of_keys_is_one_person(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, "a@example.com"), customer(2, "b@example.com")])
    pull(store, "salesforce.Contact", [contact(1, "b@example.com", Shopify_Id__c="1")])
    assert who(store).persons == 1


def test_records_without_keys_are_each_one_person(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1), customer(2)])
    assert who(store).persons == 2
    assert store.rows("SELECT DISTINCT rule FROM members") == [("alone",)]


def test_guests_are_one_record_per_pair_of_keys_and_join_by_address(store: Store) -> None:
    guest: dict[str, Any] = {"email": "g@example.com", "phone": "090-1234-5678"}
    orders = [
        order(1, **guest),
        order(2, **{**guest, "phone": "+81 90-1234-5678"}),
        order(3, email="g@example.com"),
        order(4, email="c@example.com"),
        order(5),
        order(6, email="t@example.com", test=True),
    ]
    pull(store, "shopify.orders", orders)
    pull(store, "shopify.customers", [customer(1, "c@example.com")])
    found = who(store)
    frames.refresh(store)
    assert store.rows("SELECT count(*), bool_or(write_target) FROM records WHERE object = 'guest'") == [
        (3, False)
    ]
    assert found.persons == 2
    owners = dict(store.rows("SELECT order_id, person_id FROM person_orders"))
    assert owners["1"] == owners["2"] == owners["3"] != owners["4"] == person_of(store, "1")
    assert owners["5"] is None
    assert owners["6"] is None
    assert counts.unattributed(store) == 2


def test_a_guest_disappears_with_the_last_order_that_made_it(store: Store) -> None:
    pull(store, "shopify.orders", [order(1, email="g@example.com")])
    who(store)
    pull(store, "shopify.customers", [customer(1, "other@example.com")])
    pull(store, "shopify.orders", [order(1, 1, email="g@example.com")])
    found = who(store, "r2")
    assert (found.records, found.persons, found.gone) == (1, 1, 1)
    assert store.rows("SELECT count(*) FROM persons") == [(1,)]


def test_a_salesforce_order_belongs_to_its_contact_or_its_accounts_only_one(store: Store) -> None:
    shared = sf_id("001", 9)
    pull(store, "salesforce.Contact", [contact(1), contact(2), contact(3, AccountId=shared)])
    pull(store, "salesforce.Contact", [contact(4, AccountId=shared)])
    orders = [
        sf_order(1),
        sf_order(2, BillToContactId=sf_id("003", 1)),
        sf_order(3, AccountId=shared),
    ]
    pull(store, "salesforce.Order", orders)
    who(store)
    frames.refresh(store)
    owners = dict(store.rows("SELECT order_id, person_id FROM person_orders"))
    assert owners[sf_id("801", 1)] == owners[sf_id("801", 2)] == person_of(store, sf_id("003", 1))
    assert owners[sf_id("801", 3)] is None


def test_orders_follow_a_merged_record_to_the_one_that_stayed(store: Store) -> None:
    gone: dict[str, Any] = {"IsDeleted": True, "AccountId": None}
    pull(
        store,
        "salesforce.Contact",
        [
            contact(1, MasterRecordId=sf_id("003", 2), **gone),
            contact(2, MasterRecordId=sf_id("003", 3), **gone),
            contact(3, AccountId=None),
        ],
    )
    pull(store, "salesforce.Order", [sf_order(1, BillToContactId=sf_id("003", 1), AccountId=None)])
    who(store)
    frames.refresh(store)
    assert store.rows("SELECT person_id FROM person_orders") == [(person_of(store, sf_id("003", 3)),)]


def test_a_new_person_bears_the_uuid5_of_the_earliest_record(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, "a@example.com")])
    pull(
        store, "salesforce.Contact", [contact(1, "a@example.com", CreatedDate="2020-01-01T00:00:00.000+0000")]
    )
    who(store)
    assert person_of(store, "1") == made_of(ORG, "Contact", sf_id("003", 1))


def test_an_earlier_record_that_comes_later_changes_no_id(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, "a@example.com")])
    who(store)
    pull(store, "shopify.customers", [customer(2, "a@example.com", createdAt="2001-01-01T00:00:00Z")])
    found = who(store, "r2")
    assert person_of(store, "2") == person_of(store, "1") == made_of(SHOP, "customer", "1")
    assert (found.new, found.joins, found.splits, found.gone) == (0, 0, 0, 0)


def test_a_second_run_changes_nothing(store: Store) -> None:
    pull(store, "shopify.customers", [customer(n, f"p{n % 3}@example.com") for n in range(1, 9)])
    who(store)
    before = store.rows("SELECT * EXCLUDE (anchor_at, assigned_at) FROM persons ORDER BY ALL")
    found = identify(store, run_id="r2", at=NOW)
    assert (found.before, found.new, found.joins, found.splits, found.gone) == (3, 0, 0, 0, 0)
    assert store.rows("SELECT * EXCLUDE (anchor_at, assigned_at) FROM persons ORDER BY ALL") == before
    assert store.rows("SELECT count(*) FROM person_log") == [(0,)]


def test_on_a_join_the_id_assigned_first_survives(store: Store) -> None:
    pull(store, "shopify.customers", [customer(2, "b@example.com", createdAt="2025-06-01T00:00:00Z")])
    who(store)
    first = person_of(store, "2")
    pull(store, "shopify.customers", [customer(1, "a@example.com", createdAt="2020-01-01T00:00:00Z")])
    identify(store, run_id="r2", at=NOW.replace(hour=9))
    second = person_of(store, "1")
    pull(store, "shopify.customers", [customer(1, "b@example.com", createdAt="2020-01-01T00:00:00Z")])
    found = who(store, "r3")
    assert {person_of(store, "1"), person_of(store, "2")} == {first}
    assert (found.joins, found.splits, found.new, found.persons) == (1, 0, 0, 1)
    assert store.rows("SELECT run_id, kind, person_id, other_id FROM person_log") == [
        ("r3", "join", first, second)
    ]


def test_on_a_split_the_part_with_the_anchor_keeps_the_id(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, "a@example.com"), customer(2, "a@example.com")])
    who(store)
    held = person_of(store, "2")
    pull(store, "shopify.customers", [customer(2, "b@example.com")])
    found = who(store, "r2")
    assert person_of(store, "1") == held == made_of(SHOP, "customer", "1")
    assert person_of(store, "2") == made_of(SHOP, "customer", "2")
    assert (found.joins, found.splits, found.new) == (0, 1, 1)
    assert store.rows("SELECT kind, person_id, other_id FROM person_log") == [
        ("split", person_of(store, "2"), held)
    ]


def test_the_anchor_keeps_the_id_even_where_an_earlier_record_had_joined_it(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, "a@example.com")])
    who(store)
    held = person_of(store, "1")
    earlier = {"createdAt": "2001-01-01T00:00:00Z"}
    pull(store, "shopify.customers", [customer(2, "a@example.com", **earlier)])
    who(store, "r2")
    assert person_of(store, "2") == held
    pull(store, "shopify.customers", [customer(2, "b@example.com", **earlier)])
    who(store, "r3")
    assert person_of(store, "1") == held
    assert person_of(store, "2") == made_of(SHOP, "customer", "2")


def test_a_person_outlives_its_anchor_and_a_returning_anchor_does_not_take_the_id_back(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, "a@example.com"), customer(2, "a@example.com")])
    who(store)
    held = person_of(store, "2")
    drop(store, "customer", "1")
    found = who(store, "r2")
    assert (person_of(store, "2"), found.gone, found.splits) == (held, 0, 0)
    pull(store, "shopify.customers", [customer(1, "new@example.com")])
    store.con.execute("UPDATE records SET deleted = false WHERE id = '1'")
    found = who(store, "r3")
    assert person_of(store, "2") == held
    assert person_of(store, "1") != held
    assert (found.splits, found.joins, found.new) == (0, 0, 1)


def test_a_person_whose_last_record_is_gone_disappears_and_is_counted(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1), customer(2)])
    who(store)
    held = person_of(store, "1")
    drop(store, "customer", "1")
    found = who(store, "r2")
    assert (found.persons, found.gone) == (1, 1)
    assert store.rows("SELECT count(*) FROM members") == [(1,)]
    assert store.rows("SELECT kind, person_id FROM person_log") == [("gone", held)]
    assert counts.records_and_members(store) == (1, 1)


def holding(person: str) -> dict[str, Any]:
    return {"zaiseki_person_id": {"value": person}}


A, B = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


def test_an_empty_store_adopts_the_ids_that_the_platforms_hold(store: Store) -> None:
    pull(
        store, "shopify.customers", [customer(1, "a@example.com", **holding(A)), customer(2, "a@example.com")]
    )
    pull(store, "salesforce.Contact", [contact(1, "b@example.com", Zaiseki_Person_Id__c=B), contact(2)])
    found = who(store)
    assert (found.adopted, found.new, found.before) == (2, 1, 0)
    assert person_of(store, "2") == A
    assert person_of(store, sf_id("003", 1)) == B


def test_the_id_most_members_hold_is_adopted_then_the_oldest_holders(store: Store) -> None:
    same = "a@example.com"
    pull(
        store,
        "shopify.customers",
        [customer(1, same, **holding(A)), customer(2, same, **holding(B)), customer(3, same, **holding(B))],
    )
    who(store)
    assert person_of(store, "1") == B


def test_of_two_ids_held_equally_often_the_oldest_holders_is_adopted(store: Store) -> None:
    same = "a@example.com"
    pull(
        store,
        "shopify.customers",
        [customer(1, same, createdAt="2025-06-01T00:00:00Z", **holding(A)), customer(2, same, **holding(B))],
    )
    who(store)
    assert person_of(store, "1") == B


def test_two_persons_never_adopt_one_id(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, **holding(A)), customer(2, **holding(A))])
    found = who(store)
    assert (found.adopted, found.new) == (1, 1)
    assert {person_of(store, "1"), person_of(store, "2")} == {A, made_of(SHOP, "customer", "2")}


def test_what_is_no_uuid_is_never_adopted(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, **holding("edited by hand"))])
    assert who(store).adopted == 0


def test_a_store_that_knows_persons_adopts_nothing(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1)])
    who(store)
    pull(store, "shopify.customers", [customer(2, **holding(A))])
    found = who(store, "r2")
    assert (found.adopted, person_of(store, "2")) == (0, made_of(SHOP, "customer", "2"))


def test_an_id_that_somebody_else_bears_is_not_given_again(store: Store) -> None:
    taken = made_of(SHOP, "customer", "2")
    pull(store, "shopify.customers", [customer(1, **holding(taken)), customer(2)])
    who(store)
    assert person_of(store, "1") == taken
    assert person_of(store, "2") == str(uuid.uuid5(NAMESPACE, f"shopify/{SHOP}/customer/2#1"))


def test_identifying_is_undone_whole_when_it_fails(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pull(store, "shopify.orders", [order(1, email="g@example.com")])
    from sync import person_ids

    monkeypatch.setattr(person_ids, "_LOG", "SELECT broken")
    with pytest.raises(Exception, match="broken"):
        who(store)
    assert store.rows("SELECT count(*) FROM records") == [(0,)]
    assert store.rows("SELECT count(*) FROM persons") == [(0,)]


CARDS = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from(["", "a", "b", "c", "d"])), min_size=1, max_size=10
)


@settings(max_examples=8, deadline=None)
@given(cards=CARDS, data=st.data())
def test_who_belongs_together_does_not_depend_on_the_order_of_arrival(
    cards: list[tuple[int, str]], data: st.DataObject
) -> None:
    rows = {n: customer(n, f"{key}@example.com" if key else None) for n, key in cards}
    found = []
    for arrival in (list(rows), data.draw(st.permutations(list(rows)))):
        cut = data.draw(st.integers(0, len(arrival)))
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder)) as store:
            for nth, part in enumerate((arrival[:cut], arrival[cut:])):
                pull(store, "shopify.customers", [rows[n] for n in part])
                who(store, f"r{nth}")
            found.append(groups(store))
    assert found[0] == found[1]
