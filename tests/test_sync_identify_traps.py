"""Each known trap of joining people's records by a number, a name or an address they share."""

from __future__ import annotations

import pytest
from identity_rows import (
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


# -- the same number, typed in every way


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
