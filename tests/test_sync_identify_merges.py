"""Links, conversions and merges made on the platforms, and the ids that outlive them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from identity_rows import SHOP, contact, guest_orders, new_store, persons, put, review, together, typed, who

from sync.model import Record
from sync.store import Store

LINK: dict[str, Any] = {"linked_platform": "shopify", "linked_id": "1"}


def merged(record: Record, into: str) -> Record:
    """The record as it stands once its platform merged it away: its keys and names are kept."""
    return record._replace(deleted=True, merged_into=into)


def person(store: Store, record_id: str) -> str:
    ((found,),) = store.rows("SELECT person_id FROM members WHERE id = ?", record_id)
    return str(found)


def rules(store: Store) -> dict[str, str]:
    return dict(store.rows("SELECT id, rule FROM members"))


# -- explicit links


def test_a_link_stands_against_names_and_needs_no_key() -> None:
    shop, org = typed("1", "田中", "太郎"), contact("2", "佐藤", "花子", **LINK)
    with new_store() as store:
        put(store, shop, org)
        who(store)
        assert together(store) == {frozenset("12")}
        assert rules(store) == {"1": "link", "2": "link"}
        assert review(store) == set()


def test_a_link_names_the_customer_of_its_own_shop_where_it_says_which() -> None:
    other_shop = typed("1", email="a@example.com")._replace(account="tee.myshopify.com")
    org = contact("2", linked_platform="shopify", linked_account="tee.myshopify.com", linked_id="1")
    with new_store() as store:
        put(store, typed("1"), other_shop, org)
        who(store)
        rows = store.rows("SELECT account, rule FROM members WHERE rule = 'link' AND platform = 'shopify'")
        assert rows == [("tee.myshopify.com", "link")]


def test_names_that_conflict_within_links_do_not_break_the_addresses_round_them() -> None:
    """The merchant says Hana and Hanako are one; an address of either still joins."""
    shop, org = typed("1", "Tanaka", "Hana", email="a@example.com"), contact("2", "Tanaka", "Hanako", **LINK)
    another = contact("3", "Tanaka", "Hana", email="a@example.com", day=1)
    assert persons(shop, org, another) == {frozenset("123")}


def test_what_a_link_holds_together_is_no_conflict_on_what_it_shares() -> None:
    """The wife's two records are linked, under either family name; a guest with her address is hers."""
    same = {"email": "hana@example.com"}
    records = [typed("1", "佐藤", "花子", **same), contact("2", "田中", "花子", **LINK, **same)]
    assert persons(*records, contact("3", **same)) == {frozenset("123")}


def test_the_surest_tie_of_a_record_is_its_rule() -> None:
    same = {"email": "a@example.com", "phone": "090-1234-5678"}
    with new_store() as store:
        put(store, typed("1", "田中", "花子", **same), contact("2", "田中", "花子", **same))
        put(
            store,
            contact("3", "田中", "花子", phone="090-1234-5678"),
            contact("4", **LINK, email="a@example.com"),
        )
        who(store)
        assert rules(store) == {"1": "link", "2": "email", "3": "phone", "4": "link"}


# -- leads


def lead(record_id: str, into: str | None = None, **more: Any) -> Record:
    """A lead, converted to `into` or not."""
    linked = {"linked_platform": "salesforce", "linked_account": "00D000000000001EAA", "linked_id": into}
    return contact(record_id, object_="Lead", write_target=into is None, **(linked if into else {}), **more)


def test_a_converted_lead_is_a_member_of_the_person_its_contact_is() -> None:
    with new_store() as store:
        put(store, contact("2", "田中", "太郎", email="a@example.com"), lead("1", "2", email="b@example.com"))
        put(store, typed("3", "田中", "太郎", email="b@example.com"))
        who(store)
        assert together(store) == {frozenset("123")}
        assert rules(store) == {"1": "converted", "2": "converted", "3": "email"}


def test_a_converted_lead_follows_its_contact_into_a_merge() -> None:
    records = [contact("3"), merged(contact("2"), "3"), lead("1", "2")]
    assert persons(*records) == {frozenset("13")}


def test_a_lead_converted_to_a_person_account_is_found_by_either_of_its_ids() -> None:
    account = contact("001", object_="PersonAccount", alias_id="003")
    assert persons(account, lead("1", "003"), lead("2", "001")) == {frozenset({"001", "1", "2"})}


def test_an_unconverted_lead_joins_by_its_keys_like_any_record() -> None:
    assert persons(lead("1", email="a@example.com"), contact("2", email="a@example.com")) == {frozenset("12")}


def test_a_lead_converted_to_what_is_not_there_stays_alone() -> None:
    assert persons(lead("1", "9"), contact("2")) == {frozenset("1"), frozenset("2")}


# -- business accounts


def test_a_business_account_that_buys_nothing_is_nobody() -> None:
    with new_store() as store:
        put(
            store,
            contact("001", object_="Account", email="a@example.com"),
            contact("2", email="a@example.com"),
        )
        found = who(store)
        assert (found.records, together(store)) == (1, {frozenset("2")})


# -- merges on the platforms


@pytest.mark.parametrize("make", [typed, contact], ids=["Shopify", "Salesforce"])
def test_keys_and_links_of_a_merged_record_count_for_the_one_that_stayed(make: Any) -> None:
    stayed, gone = make("8", "田中", "花子"), make("9", "田中", "花子", email="old@example.com", day=-9)
    with new_store() as store:
        put(store, stayed, merged(gone, "8"), contact("2", "田中", "花子", email="old@example.com"))
        who(store)
        assert together(store) == {frozenset("28")}


def test_the_link_of_a_merged_contact_ties_the_one_that_stayed() -> None:
    with new_store() as store:
        put(store, typed("1"), merged(contact("2", **LINK), "3"), contact("3"))
        who(store)
        assert together(store) == {frozenset("13")}
        assert rules(store) == {"1": "merged", "3": "merged"}


def test_a_link_to_a_merged_customer_reaches_the_one_that_stayed_over_any_number_of_merges() -> None:
    records = [merged(typed("1"), "5"), merged(typed("5"), "6"), typed("6"), contact("2", **LINK)]
    assert persons(*records) == {frozenset("26")}


def test_merges_that_lead_in_a_circle_or_nowhere_say_nothing() -> None:
    records = [
        merged(typed("1"), "5"),
        merged(typed("5"), "1"),
        merged(typed("6"), "7"),
        contact("2", **LINK),
    ]
    assert persons(*records) == {frozenset("2")}


def test_the_name_of_a_merged_record_speaks_for_the_one_that_stayed() -> None:
    """She married, and the shop merged her two records: records under either name are hers."""
    same = {"email": "hana@example.com"}
    stayed, gone = typed("8", "田中", "花子", **same), typed("9", "佐藤", "花子", **same)
    maiden, married = contact("2", "佐藤", "花子", **same), contact("3", "田中", "花子", **same)
    assert persons(stayed, merged(gone, "8"), maiden, married) == {frozenset("238")}


def test_a_deleted_record_that_went_nowhere_says_nothing_any_more() -> None:
    gone = typed("1", email="a@example.com")._replace(deleted=True)
    assert persons(gone, contact("2", email="a@example.com"), contact("3", **LINK)) == {
        frozenset("2"),
        frozenset("3"),
    }


# -- ids through all of it


def test_on_a_platform_merge_the_id_assigned_first_survives() -> None:
    one, other = typed("1", email="a@example.com"), typed("2", email="b@example.com", day=-9)
    with new_store() as store:
        put(store, one)
        who(store, "r1")
        first = person(store, "1")
        put(store, other)
        store.con.execute("UPDATE persons SET assigned_at = assigned_at - INTERVAL 1 DAY")
        who(store, "r2")
        second = person(store, "2")
        put(store, merged(one, "2"))
        found = who(store, "r3")
        assert person(store, "2") == first
        assert (found.joins, found.gone, found.new, found.splits) == (1, 0, 0, 0)
        assert store.rows("SELECT run_id, kind, person_id, other_id FROM person_log") == [
            ("r3", "join", first, second)
        ]


def test_a_person_whose_anchor_was_merged_away_keeps_its_id_and_is_anchored_to_the_one_that_stayed() -> None:
    anchor, beside = typed("1", email="a@example.com"), contact("3", email="a@example.com", day=1)
    with new_store() as store:
        put(store, anchor, beside)
        who(store, "r1")
        held = person(store, "1")
        put(store, merged(anchor, "2"), typed("2", day=5))
        found = who(store, "r2")
        assert {person(store, "2"), person(store, "3")} == {held}
        assert (found.new, found.joins, found.splits, found.gone) == (0, 0, 0, 0)
        assert store.rows("SELECT anchor_id FROM persons") == [("2",)]
        put(store, beside._replace(email_key=None))
        found = who(store, "r3")
        assert person(store, "2") == held != person(store, "3")
        assert (found.splits, found.new) == (1, 1)


def test_a_merge_that_the_platform_forgot_again_changes_no_id() -> None:
    gone, stayed = typed("1"), typed("2", day=5)
    with new_store() as store:
        put(store, gone)
        who(store, "r1")
        held = person(store, "1")
        put(store, merged(gone, "2"), stayed)
        who(store, "r2")
        store.con.execute("DELETE FROM records WHERE id = '1'")
        found = who(store, "r3")
        assert (person(store, "2"), found.new, found.gone) == (held, 0, 0)


def test_an_account_that_becomes_a_person_keeps_its_id() -> None:
    with new_store() as store:
        put(store, contact("001", object_="PersonAccount", alias_id="003"))
        who(store, "r1")
        held = person(store, "001")
        store.con.execute(
            "UPDATE members SET object = 'Account'; UPDATE persons SET anchor_object = 'Account'"
        )
        found = who(store, "r2")
        assert (person(store, "001"), found.gone, found.new) == (held, 0, 0)
        assert store.rows("SELECT anchor_object FROM persons") == [("PersonAccount",)]


def test_a_contact_that_became_a_person_account_is_itself_until_it_is_gone() -> None:
    """Its id is the new record's second one; the platform shows no such contact any more."""
    same = {"email": "a@example.com"}
    with new_store() as store:
        put(store, contact("003", **same))
        who(store, "r1")
        held = person(store, "003")
        put(store, contact("001", object_="PersonAccount", alias_id="003", day=2, **same))
        found = who(store, "r2")
        assert ({person(store, "003"), person(store, "001")}, found.splits) == ({held}, 0)
        store.con.execute("UPDATE records SET deleted = true, email_key = NULL WHERE id = '003'")
        found = who(store, "r3")
        assert (person(store, "001"), found.new, found.gone, found.splits) == (held, 0, 0, 0)


def test_a_guest_whose_person_becomes_a_customer_keeps_the_persons_id() -> None:
    with new_store() as store:
        guest_orders(store, ("o1", "a@example.com", None))
        who(store, "r1")
        ((held,),) = store.rows("SELECT person_id FROM persons")
        put(store, typed("1", "田中", "太郎", email="a@example.com"))
        found = who(store, "r2")
        assert (person(store, "1"), found.joins, found.new) == (held, 0, 0)


def test_a_lost_store_adopts_the_id_of_a_merged_person_from_the_record_that_stayed() -> None:
    held, lost = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
    gone = merged(typed("1", email="a@example.com", ours=f'{{"person_id": "{lost}"}}'), "2")
    stayed = typed("2", day=3, ours=f'{{"person_id": "{held}"}}')
    with new_store() as store:
        put(store, gone, stayed, contact("3", email="a@example.com", day=1))
        found = who(store)
        assert (found.adopted, found.new) == (1, 0)
        assert {person(store, "2"), person(store, "3")} == {held}


def test_records_of_two_shops_are_one_person_by_one_address() -> None:
    here = typed("1", "田中", "太郎", email="a@example.com")
    there = here._replace(account="tee.myshopify.com", id="2")
    assert here.account == SHOP
    assert persons(here, there) == {frozenset("12")}
