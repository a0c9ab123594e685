"""What identifies a person and what does not: relay and shared addresses, numbers, names, tags."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from salesforce_rows import business, person_account
from sync_rows import KEY, NOW, SALESFORCE, SHOP, SHOPIFY, contact, customer, order

from sync import normalise_salesforce, normalise_shopify, personal
from sync.model import Order, Record
from sync.tombstones import Tombstones, key_line, record_line

RELAY = "3f8x@marketplace.amazon.co.jp"
MOBILE = "+819012345678"
LANDLINE = "+81332345678"


def known(row: dict[str, Any], **changes: Any) -> Record:
    (made,) = normalise_shopify.customers([row], dataclasses.replace(SHOPIFY, **changes)).records
    return made


def ordered(row: dict[str, Any], **changes: Any) -> Order:
    (made,) = normalise_shopify.orders([row], dataclasses.replace(SHOPIFY, **changes)).orders
    return made


def with_phone(number: str, email: str | None = None, **more: Any) -> dict[str, Any]:
    return customer(1, email, defaultPhoneNumber={"phoneNumber": number}, **more)


@pytest.mark.parametrize(
    "email", ["info@acme.co.jp", "no-reply@acme.co.jp", "noemail@acme.co.jp", "x@nomail.com"]
)
def test_a_shared_or_placeholder_address_is_no_key(email: str) -> None:
    made = known(customer(1, email))
    assert (made.email_key, made.by_relay) == (None, False)


def test_an_address_or_domain_that_the_settings_name_is_no_key() -> None:
    for named in ("taro@acme.co.jp", "acme.co.jp"):
        assert known(customer(1, "taro@acme.co.jp"), no_keys=(named,)).email_key is None
    assert known(customer(1, "taro@acme.co.jp")).email_key == KEY.of("email", "taro@acme.co.jp")


def test_a_relay_address_is_no_key_and_marks_who_is_known_by_nothing_else() -> None:
    assert known(customer(1, RELAY))[9:12] == (None, None, None)
    assert known(customer(1, RELAY)).by_relay
    assert known(customer(1, "a@relay.example.org"), relay_domains=("relay.example.org",)).by_relay
    assert known(with_phone(LANDLINE, RELAY)).by_relay
    assert not known(with_phone(MOBILE, RELAY)).by_relay
    assert not known(customer(1, "taro@acme.co.jp")).by_relay


def test_a_guest_behind_a_relay_address_or_a_landline_is_nobody() -> None:
    givens: list[dict[str, Any]] = [{"email": RELAY}, {"phone": LANDLINE}]
    for given in (*givens, {"email": "info@acme.co.jp", "phone": LANDLINE}):
        made = ordered(order(1, **given))
        assert (made.record_id, made.email_key, made.phone_key) == (None, None, None)
    made = ordered(order(1, email="a@acme.co.jp", phone=MOBILE))
    assert (made.email_key, made.phone_key) == (KEY.of("email", "a@acme.co.jp"), KEY.of("phone", MOBILE))


def test_a_mobile_number_is_found_in_whichever_field_it_stands() -> None:
    for row in (
        contact(1, MobilePhone="03-3234-5678", Phone="090-1234-5678"),
        contact(1, MobilePhone="０９０－１２３４－５６７８(自宅)", Phone="03-3234-5678"),
        contact(1, MobilePhone="no", Phone="090ー1234ー5678"),
    ):
        (made,) = normalise_salesforce.contacts([row], SALESFORCE).records
        assert (made.phone_key, made.phone_is_mobile) == (KEY.of("phone", MOBILE), True)
    (made,) = normalise_salesforce.contacts(
        [contact(1, MobilePhone="x", Phone="03-3234-5678")], SALESFORCE
    ).records
    assert made.phone_is_mobile is False


def names(record: Record) -> list[int | None]:
    return [getattr(record, column) for column in personal.NAME_COLUMNS]


def test_a_name_is_the_same_on_both_platforms_whichever_kanji_was_typed() -> None:
    there = known(customer(1, firstName="花子", lastName="髙﨑"))
    (here,) = normalise_salesforce.contacts(
        [contact(1, FirstName="花子", LastName="高崎")], SALESFORCE
    ).records
    assert names(there) == names(here) != [None] * 9
    assert names(known(customer(1, firstName=None, lastName=None))) == [None] * 9


def test_a_person_account_bears_its_persons_name_and_a_company_its_own() -> None:
    made = normalise_salesforce.accounts(
        [person_account(1, FirstName="花子", LastName="高崎"), business(2, Name="高崎商店")], SALESFORCE
    ).records
    assert [row.object for row in made] == ["PersonAccount", "Account"]
    assert names(made[0]) == names(known(customer(1, firstName="花子", lastName="髙﨑")))
    assert made[1].han_whole not in (None, made[0].han_whole)


def test_only_watched_tags_are_stored_folded_and_one_of_them_excludes() -> None:
    row = customer(1, tags=["ＳＴＡＦＦ ", "vip: 山田花子", "Leave-Me"])
    unwatched = known(row)
    assert (unwatched.tags, unwatched.excluded, unwatched.by_relay) == ([], False, False)
    made = known(row, watched_tags=frozenset({"staff", "wholesale"}), exclude_tag="leave-me")
    assert (made.tags, made.excluded) == (["staff"], True)
    assert not known(customer(1, tags=["leave"]), exclude_tag="leave-me").excluded
    assert ordered(order(1, tags=["Staff", "gift"]), watched_tags=frozenset({"staff"})).tags == ["staff"]


@pytest.mark.parametrize(
    ("held", "excluded"), [(True, True), ("true", True), ("false", False), (None, False)]
)
def test_a_ticked_box_excludes_on_every_object(held: object, excluded: bool) -> None:
    box: dict[str, Any] = {"Leave_Alone__c": held}
    (made,) = normalise_salesforce.contacts([contact(1, **box)], SALESFORCE).records
    assert made.excluded is excluded
    (made,) = normalise_salesforce.accounts([person_account(1, **box)], SALESFORCE).records
    assert made.excluded is excluded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("#1001", "1001"),
        (" ＃１００１", "#1001"),
        ("TEA-1001", "tea-1001"),
        ("注文1001", "注文１００１"),
        ("gid://shopify/Order/5001234567890", "5001234567890"),
        (5001234567890.0, "5001234567890"),
        ("5001234567890.0", 5001234567890),
    ],
)
def test_the_same_order_is_called_the_same_however_it_was_typed(one: object, other: object) -> None:
    assert personal.order_mark(one, SHOPIFY) == personal.order_mark(other, SALESFORCE) is not None


@pytest.mark.parametrize(
    "text", ["Yamada 2026", "hanako@example.com", "090-1234-5678", "09012345678", "tea-1001"]
)
def test_free_text_is_kept_as_a_hash_only(text: str) -> None:
    mark = personal.order_mark(text, SHOPIFY)
    assert mark is not None
    assert len(mark) == 32
    assert text.lower() not in mark


@pytest.mark.parametrize("text", [None, "", " ", "#"])
def test_nothing_is_called_nothing(text: object) -> None:
    assert personal.order_mark(text, SHOPIFY) is None


def test_a_company_purchase_is_marked() -> None:
    kinds = [{"__typename": "PurchasingCompany"}, {"__typename": "Customer"}, None]
    assert [ordered(order(1, 5, purchasingEntity=kind)).is_b2b for kind in kinds] == [True, False, False]


def test_a_forgotten_customer_is_counted_and_not_kept() -> None:
    tombstones = Tombstones(KEY, frozenset({record_line(KEY, "shopify", SHOP, "1")}))
    account = dataclasses.replace(SHOPIFY, tombstones=tombstones)
    made = normalise_shopify.customers([customer(1, "a@acme.co.jp"), customer(2)], account)
    assert (made.forgotten, [row.id for row in made.records]) == (["1"], ["2"])
    hers = ordered(order(1, 1, email="a@acme.co.jp"), tombstones=tombstones)
    assert (hers.record_id, hers.email_key, hers.phone_key) == (None, None, None)


@pytest.mark.parametrize("field", ["email", "phone"])
def test_a_forgotten_guest_stays_nobody_until_they_order_anew(field: str) -> None:
    personal_key = KEY.of(field, {"email": "a@acme.co.jp", "phone": MOBILE}[field])
    tombstones = Tombstones(KEY, keys={key_line(KEY, personal_key): NOW - timedelta(days=10)})
    given: dict[str, Any] = {field: {"email": "a@acme.co.jp", "phone": MOBILE}[field]}
    before = ordered(order(1, processedAt="2026-11-11T02:59:59Z", **given), tombstones=tombstones)
    assert (before.email_key, before.phone_key) == (None, None)
    after = ordered(order(1, processedAt="2026-11-11T03:00:01Z", **given), tombstones=tombstones)
    assert personal_key in (after.email_key, after.phone_key)
