"""Each known trap of whole groups of records: shops, chains, crowds, hidden addresses, guests."""

from __future__ import annotations

import time

import pytest
from identity_rows import (
    ORG,
    SHOP,
    contact,
    guest_orders,
    new_store,
    persons,
    put,
    review,
    together,
    typed,
    who,
)

MOBILE = "090-1234-5678"


def apart(*ids: str) -> set[frozenset[str]]:
    return {frozenset({one}) for one in ids}


def one(*ids: str) -> set[frozenset[str]]:
    return {frozenset(ids)}


# -- two customers of one shop: a shop keeps one for an address and for a number


def test_a_third_record_makes_two_customers_of_one_shop_one_person_where_their_names_agree() -> None:
    first = typed("1", "田中", "花子", email="hana@example.com")
    second = typed("2", "田中", "花子", phone=MOBILE)
    between = contact("3", "田中", "花子", email="hana@example.com", phone=MOBILE)
    assert persons(first, second, between) == one("1", "2", "3")


@pytest.mark.parametrize("second", [(None, None), ("田中", None), ("タナカ", "ハナコ")])
def test_a_number_makes_no_two_customers_of_one_shop_one_person_without_names_that_agree(
    second: tuple[str | None, str | None],
) -> None:
    mail = {"email": "hana@example.com"}
    first, till = typed("1", "田中", "花子", **mail), typed("2", *second, phone=MOBILE, day=1)
    between = contact("3", phone=MOBILE, day=2, **mail)
    with new_store() as store:
        put(store, first, till, between)
        who(store)
        assert together(store) == {frozenset("13"), frozenset("2")}
        assert review(store) == {("2", "3", "phone", "two_customers")}
    elsewhere = till._replace(account="coffee.myshopify.com")
    assert persons(first, elsewhere, between) == one("1", "2", "3")


def test_addresses_make_two_customers_of_one_shop_one_person_unless_both_bear_names_that_do_not_agree() -> (
    None
):
    linked = contact(
        "3", email="b@example.com", linked_platform="shopify", linked_id="1", linked_account=SHOP, day=2
    )
    first = typed("1", "田中", "花子", email="a@example.com")
    nameless = typed("2", email="b@example.com", day=1)
    assert persons(first, nameless, linked) == one("1", "2", "3")
    kana = typed("2", "タナカ", "ハナコ", email="b@example.com", day=1)
    assert persons(first, kana, linked) == {frozenset("13"), frozenset("2")}


def test_a_link_holds_two_customers_of_one_shop_together_whatever_their_names() -> None:
    customers = (
        typed("1", "田中", "太郎"),
        typed("2", "佐藤", "花子", linked_platform="shopify", linked_id="1"),
    )
    assert persons(*customers) == one("1", "2")


@pytest.mark.parametrize(
    "email",
    ["info@tea.jp", "noreply@tea.jp", "no@mail.com", "test@x.jp", "a1@marketplace.amazon.co.jp", "no mail"],
)
def test_placeholder_role_and_relay_addresses_are_no_key(email: str) -> None:
    assert persons(typed("1", email=email), contact("2", email=email)) == apart("1", "2")


def test_dots_in_a_gmail_address_are_never_merged_by_themselves() -> None:
    typed_as = ["taro.tanaka@gmail.com", "tarotanaka@gmail.com", "taro.tanaka+tea@gmail.com"]
    records = [typed(str(nth), "田中", email=email) for nth, email in enumerate(typed_as)]
    assert persons(*records) == apart("0", "1", "2")


def test_an_address_joins_whatever_its_case_and_width() -> None:
    records = [typed("1", email="Taro@Example.com"), contact("2", email=" ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ ")]
    assert persons(*records) == one("1", "2")


@pytest.mark.parametrize(("names", "joined"), [(3, True), (4, False)])
def test_a_value_of_more_than_three_peoples_names_is_no_key_not_even_for_those_who_agree(
    names: int, joined: bool
) -> None:
    given = ["一郎", "二郎", "三郎", "四郎"][:names]
    people = [typed(str(nth), "田中", name, email="ie@tanaka.jp") for nth, name in enumerate(given)]
    with new_store() as store:
        put(store, *people, contact("9", "田中", "一郎", email="ie@tanaka.jp"))
        who(store)
        assert (frozenset("09") in together(store)) is joined


def test_many_records_of_one_name_on_a_value_are_no_crowd() -> None:
    records = [typed(str(n), "田中", "太郎", email="taro@example.com") for n in range(6)]
    assert persons(*records, contact("9", "Tanaka", "Taro", email="taro@example.com"), max_sharing=1) == one(
        *(str(n) for n in range(6)), "9"
    )


# -- chains


def test_a_chain_over_address_and_number_does_not_join_its_ends_against_their_names() -> None:
    """A shares an address with B, B a number with C; only A and C have names, and these conflict."""
    a = typed("1", "田中", "太郎", email="ie@example.com")
    b = contact("2", email="ie@example.com", phone=MOBILE)
    c = contact("3", "田中", "花子", phone=MOBILE, day=1)
    with new_store() as store:
        put(store, a, b, c)
        who(store)
        assert together(store) == {frozenset("12"), frozenset("3")}
        assert store.rows("SELECT id, rule FROM members ORDER BY id") == [
            ("1", "email"),
            ("2", "email"),
            ("3", "alone"),
        ]
        assert review(store) == {("2", "3", "phone", "chain")}


def test_a_chain_of_addresses_against_names_falls_apart_whole() -> None:
    names = [("1", "田中", "太郎"), ("2", "Tanaka", None), ("3", "田中", "花子")]
    emails = {"1": "a@example.com", "2": "b@example.com", "3": "c@example.com"}
    people = [typed(i, f, g, email=emails[i], phone=None) for i, f, g in names]
    bridge = contact("4", email="a@example.com", day=1), contact("5", email="c@example.com", day=2)
    linked = [bridge[0]._replace(linked_platform="shopify", linked_id="2")]
    linked.append(bridge[1]._replace(linked_platform="shopify", linked_id="2"))
    assert persons(*people, *linked) == {frozenset("1"), frozenset("3"), frozenset("245")}


def test_a_chain_without_conflict_is_one_person_by_any_rules() -> None:
    a = typed("1", "田中", "花子", email="a@example.com")
    b = contact("2", "タナカ", "ハナコ", email="a@example.com", phone=MOBILE)
    c = contact("3", "ﾀﾅｶ", "ﾊﾅｺ", phone=MOBILE)
    assert persons(a, b, c) == one("1", "2", "3")


@pytest.mark.parametrize(
    ("maiden", "married"),
    [(("佐藤", "花子"), ("田中", "花子")), (("Sato", "Hanako"), ("Hanako Tanaka", ""))],
)
def test_who_marries_keeps_the_address_and_is_one_person(
    maiden: tuple[str, str], married: tuple[str, str]
) -> None:
    same = {"email": "hana@example.com"}
    with new_store() as store:
        put(store, typed("1", *maiden, **same), contact("2", *married, day=900, **same))
        assert who(store).review == 0
        assert together(store) == one("1", "2")


@pytest.mark.parametrize(
    "other",
    [("田中", None), ("田中花子", ""), ("田中", "太郎"), ("田中", "華子")],
)
def test_another_family_name_on_an_address_is_a_marriage_only_beside_the_same_given_name(
    other: tuple[str, str | None],
) -> None:
    same = {"email": "hana@example.com"}
    assert persons(typed("1", "佐藤", "花子", **same), contact("2", *other, **same)) == apart("1", "2")


def test_a_number_passes_to_others_so_that_a_family_name_may_change_only_where_something_holds_both() -> None:
    maiden, married = typed("1", "佐藤", "花子", phone=MOBILE), contact("2", "田中", "花子", phone=MOBILE)
    assert persons(maiden, married) == apart("1", "2")
    between = contact("3", None, "花子", phone=MOBILE)
    assert persons(maiden, married, between) == one("1", "2", "3")


# -- too many


def test_a_person_of_too_many_records_keeps_its_links_only_and_is_queued() -> None:
    crowd = [contact(str(n), email="a@example.com", day=n) for n in range(1, 21)]
    linked = (
        typed("0", email="b@example.com"),
        contact("21", linked_platform="shopify", linked_id="0", day=50),
    )
    tie = contact("22", email="b@example.com", day=30)
    assert persons(*crowd) == one(*(str(n) for n in range(1, 21)))
    crowd.append(contact("99", email="a@example.com", linked_platform="shopify", linked_id="0", day=40))
    with new_store() as store:
        put(store, *crowd, *linked, tie)
        found = who(store)
        assert together(store) == {frozenset({"0", "21", "99"})} | apart(
            *(str(n) for n in range(1, 21)), "22"
        )
        assert (found.persons, found.review) == (22, 1)
        assert store.rows("SELECT id, other_id, reason, members FROM match_review") == [
            ("0", None, "too_many", 24)
        ]


def test_links_alone_make_a_person_of_any_size_and_nothing_waits() -> None:
    crowd = [contact(str(n), linked_platform="shopify", linked_id="0") for n in range(1, 30)]
    with new_store() as store:
        put(store, typed("0"), *crowd)
        assert (who(store).persons, review(store)) == (1, set())


def test_a_mega_block_costs_neither_time_nor_memory() -> None:
    """100,000 records bear one number; half of them have names, all different: pairs would be 5 billion."""
    with new_store() as store:
        store.con.execute("SET memory_limit = '300MB'")
        store.con.execute(
            """INSERT INTO records (platform, account, object, id, created_at, deleted, phone_key,
                phone_is_mobile, email_key, han_family, han_given, han_whole)
            SELECT 'shopify', ?, 'customer', i::VARCHAR, TIMESTAMPTZ '2020-01-01 00:00:00+00', false,
                'same', true,
                CASE WHEN i % 3 = 0 THEN 'same' END, CASE WHEN i % 2 = 0 THEN i % 5000 END,
                CASE WHEN i % 2 = 0 THEN i END, CASE WHEN i % 2 = 0 THEN i END
            FROM range(100000) t(i)""",
            [SHOP],
        )
        before = time.process_time()
        assert who(store).persons == 100_000
        assert time.process_time() - before < 30


# -- accounts whose addresses cannot be trusted


def test_where_most_addresses_are_hidden_the_rest_join_nobody() -> None:
    shop = typed("1", "田中", "太郎", email="taro@example.com", phone=MOBILE)
    org = (
        contact("2", "田中", "太郎", email="taro@example.com"),
        contact("3", "田中", "太郎", email="taro@example.com"),
    )
    refused = frozenset({("shopify", SHOP)})
    assert persons(shop, *org, email_refused=refused) == {frozenset("1"), frozenset("23")}
    with_number = contact("4", "田中", "太郎", phone=MOBILE)
    assert frozenset("14") in persons(shop, *org, with_number, email_refused=refused)


def test_whose_names_nobody_sees_is_tied_by_links_only() -> None:
    shop = typed("1", "田中", "太郎", email="taro@example.com", phone=MOBILE)
    org = (
        contact("2", email="taro@example.com"),
        contact("3", phone=MOBILE),
        contact("4", linked_platform="shopify", linked_id="1"),
    )
    unseen = frozenset({("salesforce", ORG, "Contact")})
    assert persons(shop, *org, names_unseen=unseen) == {frozenset("14"), frozenset("2"), frozenset("3")}
    others = frozenset({("salesforce", ORG, "Lead")})
    assert frozenset("12") <= max(persons(shop, *org, names_unseen=others), key=len)


# -- guest checkouts that multiply customers


def test_guest_checkouts_are_the_customer_they_share_a_key_with() -> None:
    with new_store() as store:
        put(store, typed("1", "田中", "太郎", email="taro@example.com", phone=MOBILE))
        guest_orders(store, ("o1", "taro@example.com", None), ("o2", "Taro@Example.com", "09012345678"))
        guest_orders(store, ("o3", None, "090 1234 5678"), ("o4", "other@example.com", None))
        found = who(store)
        assert (found.records, found.persons) == (5, 2)
        assert sorted(len(ids) for ids in together(store)) == [1, 4]
