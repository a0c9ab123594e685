"""Each known trap of joining people's records, by the name under which it catches others."""

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


# -- the same number, typed in every way (reference 6.1; the pain of a phone with spaces)


@pytest.mark.parametrize(
    "other",
    [
        "０９０１２３４５６７８",
        "０９０ー１２３４ー５６７８",
        "090‐1234‐5678",
        "090−1234−5678",
        "090 1234 5678",
        " 090-1234 5678 ",
        "+81 90 1234 5678",
        "+81(0)90-1234-5678",
        "09012345678(自宅)",
        "09012345678（携帯）",
        "090-1234-5678 内線12",
    ],
)
def test_a_mobile_number_joins_however_it_was_typed(other: str) -> None:
    here = typed("1", "田中", "太郎", phone=MOBILE)
    assert persons(here, contact("2", "田中", "太郎", phone=other)) == one("1", "2")


def test_a_number_with_spaces_matches_only_itself() -> None:
    numbers = {"1": "090 1234 5678", "2": "090 1234 5679", "3": "090 1234"}
    records = [typed(record_id, "田中", "太郎", phone=number) for record_id, number in numbers.items()]
    assert persons(*records) == apart("1", "2", "3")


@pytest.mark.parametrize("phone", ["03-3234-5678", "050-3123-4567", "0120-123-444", "0570-012-345"])
def test_landlines_and_service_numbers_are_no_key(phone: str) -> None:
    here = typed("1", "田中", "太郎", phone=phone)
    assert persons(here, contact("2", "田中", "太郎", phone=phone)) == apart("1", "2")


@pytest.mark.parametrize("phone", ["000-0000-0000", "090-0000-0000", "090-1111-1111", "090-123-456"])
def test_placeholder_and_impossible_numbers_are_no_key(phone: str) -> None:
    here = typed("1", "田中", "太郎", phone=phone)
    assert persons(here, contact("2", "田中", "太郎", phone=phone)) == apart("1", "2")


# -- the same name, typed in every way


@pytest.mark.parametrize(
    ("shop", "org"),
    [
        (("髙橋", "花子"), ("高橋", "花子")),
        (("山﨑", "花子"), ("山崎", "花子")),
        (("渡邉", "花子"), ("渡邊", "花子")),
        (("タカハシ", "ハナコ"), ("ﾀｶﾊｼ", "ﾊﾅｺ")),
        (("タカハシ", "ハナコ"), ("たかはし", "はなこ")),
        (("高\u200b橋", "花子"), ("高橋", "花\U000e0100子")),
        (("高橋　花子", ""), ("高橋", "花子")),
        (("花子", "高橋"), ("高橋", "花子")),
        (("高橋花子", ""), ("高橋", "花子")),
        (("関純", ""), ("関", "純")),
        (("高橋", ""), ("花子", "高橋")),
        (("高橋", ""), ("高橋花子", "")),
        (("高橋", "花子様"), ("高橋", "花子")),
        (("García", "José"), ("GARCIA", "Jose")),
        (("高橋", "花子"), ("Takahashi", "Hanako")),
        (("高橋", "花子"), ("タカハシ", "ハナコ")),
    ],
    ids=" ".join,
)
def test_one_name_in_two_writings_joins_by_number_and_by_address(
    shop: tuple[str, str], org: tuple[str, str]
) -> None:
    for key in ({"phone": MOBILE}, {"email": "hana@example.com"}):
        assert persons(typed("1", *shop, **key), contact("2", *org, **key)) == one("1", "2")


# -- one value, several people


def test_a_couple_sharing_an_address_are_two_persons() -> None:
    same = {"email": "ie@example.com"}
    with new_store() as store:
        put(store, typed("1", "田中", "太郎", **same), contact("2", "田中", "花子", day=1, **same))
        put(store, contact("3", "田中", "太郎", day=2, **same))
        assert who(store).review == 1
        assert together(store) == {frozenset("13"), frozenset("2")}
        assert review(store) == {("1", "2", "email", "names")}


@pytest.mark.parametrize("other", [("田中", "花子"), ("田中花子", ""), ("花子", "田中"), ("田中 花子", "")])
def test_a_name_typed_in_one_field_conflicts_like_any(other: tuple[str, str]) -> None:
    same = {"email": "ie@example.com"}
    assert persons(typed("1", "田中太郎", **same), contact("2", *other, **same)) == apart("1", "2")


def test_a_family_sharing_a_telephone_are_as_many_persons_as_names() -> None:
    family = {"1": "太郎", "2": "花子", "3": "一郎", "4": "花子"}
    records = [typed(record_id, "田中", given, phone=MOBILE) for record_id, given in family.items()]
    assert persons(*records) == {frozenset("1"), frozenset("3"), frozenset("24")}


def test_on_a_shared_value_a_record_that_does_not_say_who_it_is_joins_nobody() -> None:
    same = {"email": "ie@example.com"}
    with new_store() as store:
        put(store, typed("1", "田中", "太郎", **same), typed("2", "田中", "花子", day=1, **same))
        put(store, contact("3", day=2, **same), contact("4", "田中", None, day=3, **same))
        put(store, contact("5", "Tanaka", "Hanako", day=4, **same))
        who(store)
        assert together(store) == apart("1", "2", "3", "4", "5")
        assert review(store) == {("1", "2", "email", "names")} | {
            ("1", other, "email", "ambiguous") for other in "345"
        }


def test_a_reused_mobile_number_does_not_join_its_old_and_new_holder() -> None:
    old = typed("1", "佐藤", "花子", email="hanako@example.com", phone=MOBILE)
    new = contact("2", "鈴木", "一郎", email="ichiro@example.com", phone=MOBILE, day=900)
    assert persons(old, new) == apart("1", "2")


def test_a_number_joins_records_without_a_name_while_only_one_address_is_known_beside_it() -> None:
    named, nameless = typed("1", "田中", "太郎", phone=MOBILE), contact("2", phone=MOBILE, day=1)
    assert persons(named, nameless) == one("1", "2")
    taro = {"email": "taro@example.com", "phone": MOBILE}
    assert persons(typed("1", "田中", "太郎", **taro), nameless) == one("1", "2")
    assert persons(named, contact("2", **taro)) == one("1", "2")
    assert persons(typed("1", "田中", "太郎", **taro), contact("2", **taro)) == one("1", "2")


def test_a_number_alone_beside_another_address_joins_nobody_without_a_name() -> None:
    with new_store() as store:
        put(store, typed("1", "田中", "太郎", email="taro@example.com", phone=MOBILE))
        put(store, contact("2", email="x@example.com", phone=MOBILE, day=1))
        put(store, contact("3", phone=MOBILE, day=2))
        who(store)
        assert together(store) == apart("1", "2", "3")
        assert review(store) == {("1", other, "phone", "phone_only") for other in "23"}


def test_a_family_number_joins_nobody_whose_name_in_another_script_goes_with_another_address() -> None:
    husband = typed("1", "竹内", "達也", email="tatsuya@example.com", phone=MOBILE)
    wife = contact("2", "ﾀｹｳﾁ", "ﾖｳｺ", email="yoko@example.com", phone=MOBILE, day=1)
    with new_store() as store:
        put(store, husband, wife, contact("3", "竹内", "達也", phone=MOBILE, day=2))
        who(store)
        assert together(store) == {frozenset("13"), frozenset("2")}
        assert review(store) == {("1", "2", "phone", "incomparable")}


def test_a_couples_address_joins_nobody_whose_name_in_another_script_goes_with_another_number() -> None:
    same = {"email": "ie@example.com"}
    husband = typed("1", "渡辺", "浩", phone=MOBILE, **same)
    wife = contact("2", "ワタナベ", "ツバサ", phone="090-8765-4321", day=1, **same)
    with new_store() as store:
        put(store, husband, wife)
        who(store)
        assert together(store) == apart("1", "2")
        assert review(store) == {("1", "2", "email", "incomparable")}
    assert persons(husband, wife._replace(phone_key=None)) == one("1", "2")


def test_an_address_joins_no_record_without_a_name_that_goes_with_another_number() -> None:
    same = {"email": "taro@example.com"}
    named, nameless = typed("1", "田中", "太郎", phone=MOBILE, **same), contact("2", day=1, **same)
    other = contact("2", phone="090-8765-4321", day=1, **same)
    assert persons(named, nameless) == persons(named, contact("2", phone=MOBILE, **same)) == one("1", "2")
    with new_store() as store:
        put(store, named, other)
        who(store)
        assert together(store) == apart("1", "2")
        assert review(store) == {("1", "2", "email", "incomparable")}


def test_an_order_without_a_customer_joins_by_address_whatever_number_was_left_with_it() -> None:
    """It bears no name because orders bear none here, and the number may be for the courier."""
    with new_store() as store:
        put(store, typed("1", "田中", "太郎", email="taro@example.com", phone=MOBILE))
        guest_orders(store, ("o1", "taro@example.com", "090-8765-4321"), ("o2", "taro@example.com", None))
        assert who(store).persons == 1


def test_a_number_ties_names_in_two_scripts_only_while_no_address_is_known_beside_it() -> None:
    kanji, kana = (
        typed("1", "高橋", "花子", phone=MOBILE),
        contact("2", "タカハシ", "ハナコ", phone=MOBILE, day=1),
    )
    assert persons(kanji, kana) == one("1", "2")
    with_address = contact("2", "タカハシ", "ハナコ", phone=MOBILE, email="hana@example.com", day=1)
    with new_store() as store:
        put(store, kanji, with_address)
        who(store)
        assert together(store) == apart("1", "2")
        assert review(store) == {("1", "2", "phone", "incomparable")}
    both = typed("1", "高橋", "花子", phone=MOBILE, email="hana@example.com")
    assert persons(both, with_address) == one("1", "2")


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
