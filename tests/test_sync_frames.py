"""The frames that scorers see: whose every order is, what came back of it, and who is scored at all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from stored_people import ORG, make, order, record, refund, sold

from metrics.purchases import PurchaseRules, valid_purchases
from metrics.referral import ambiguous_codes
from sync import frames
from sync.frames import Name
from sync.guests import refresh_guests
from sync.store import Store
from zaiseki.counting import refresh_frames

DAY = 20_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.duckdb") as opened:
        opened.bind("reporting currency", "JPY")
        yield opened


def rows(store: Store, name: Name, *columns: str) -> list[tuple[Any, ...]]:
    """A frame's rows, sorted."""
    return sorted(frames.frame(store, name).select(*columns).collect().rows(), key=str)


def test_a_code_of_two_customers_is_seen_with_both_holders_and_told_as_ambiguous(store: Store) -> None:
    """A code that two people hold must not look like one person's, or like nobody's."""
    make(
        store,
        records=[
            record("1", referral_codes=["tea-1"]),
            record("2", referral_codes=["tea-1"]),
            record("3", referral_codes=["own-3"]),
            record("C3", "Contact", referral_codes=["own-3"]),
            record("C4", "Contact", referral_codes=["org-4"]),
            record("C5", "Contact", referral_codes=["gone-5"], deleted=True),
        ],
        people={"p3": ["3", "C3"]},
    )
    frames.refresh(store)
    held = rows(store, "referral_codes", "code", "person_id")
    assert held == [("org-4", "C4"), ("own-3", "p3"), ("tea-1", "1"), ("tea-1", "2")]
    assert ambiguous_codes(frames.frame(store, "referral_codes")).collect().rows() == [("tea-1", 2)]


def net(store: Store) -> dict[str, Decimal]:
    """The net of every order that counts."""
    frames.refresh(store)
    valid = valid_purchases(
        frames.frame(store, "person_orders"),
        frames.frame(store, "person_refunds"),
        as_of_day=DAY + 1_000,
        rules=PurchaseRules(),
    )
    return dict(valid.select("order_id", "net").collect().rows())


def test_refunds_are_converted_at_the_rate_of_their_order(store: Store) -> None:
    make(
        store,
        orders=[
            order(
                "1", DAY, "15230", original_amount=Decimal("100.00"), rate=Decimal("152.3"), currency="USD"
            ),
            order("2", DAY, "1000"),
        ],
        refunds=[refund("1", DAY + 9, "10.01"), refund("2", DAY, "300"), refund("2", DAY, "50", "r2")],
    )
    assert net(store) == {"1": 15230 - 1525, "2": 650}  # 10.01 x 152.3 = 1524.523


@pytest.mark.parametrize("seed", range(6))
def test_refunds_that_come_to_the_whole_order_take_back_exactly_it_in_any_parts(
    store: Store, seed: int
) -> None:
    chance = random.Random(seed)
    orders, refunds = [], []
    for number in range(200):
        total, rate = chance.randint(2, 20_000), Decimal(chance.randint(1, 40_000_000_000)).scaleb(-8)
        cuts = sorted(chance.sample(range(1, total), min(chance.randint(0, 3), total - 1)))
        parts = [after - before for before, after in zip([0, *cuts], [*cuts, total], strict=True)]
        original = Decimal(total) / 100
        orders.append(
            order(
                str(number),
                DAY,
                str((original * rate).quantize(Decimal(1), "ROUND_HALF_UP")),
                original_amount=original,
                rate=rate,
            )
        )
        refunds += [
            refund(str(number), DAY + chance.randint(0, 9), str(Decimal(part) / 100), f"{number}-{nth}")
            for nth, part in enumerate(parts)
        ]
    make(store, orders=orders, refunds=refunds)
    assert net(store) == {}
    back = rows(store, "person_refunds", "amount")
    assert all(amount >= 0 and amount == amount.to_integral_value() for (amount,) in back)


def test_tags_are_those_of_the_order_and_of_its_customer(store: Store) -> None:
    make(
        store,
        records=[record("1", tags=["staff"]), record("2")],
        orders=[
            order("1", DAY, record_id="1", tags=["sample"]),
            order("2", DAY, record_id="1"),
            order("3", DAY, record_id="2", tags=["sample"]),
            order("4", DAY),
        ],
    )
    frames.refresh(store)
    assert rows(store, "person_orders", "order_id", "tags") == [
        ("1", ["sample", "staff"]),
        ("2", ["staff"]),
        ("3", ["sample"]),
        ("4", []),
    ]


def test_business_orders_are_those_so_marked_and_those_of_business_accounts(store: Store) -> None:
    make(
        store,
        records=[record("1"), record("A1", "Account"), record("P1", "PersonAccount", alias_id="003")],
        orders=[
            order("1", DAY, record_id="1", is_b2b=True),
            order("2", DAY, record_id="1"),
            sold("3", DAY, parent_id="A1"),
            sold("4", DAY, parent_id="P1"),
        ],
    )
    frames.refresh(store)
    found = rows(store, "person_orders", "order_id", "is_b2b")
    assert found == [("1", True), ("2", False), ("3", True), ("4", False)]


FIRST = "first:Contact/C1"


def test_what_a_field_says_of_a_first_purchase_is_a_day_of_unknown_amount(store: Store) -> None:
    make(
        store,
        records=[
            record("1", first_purchase_day=DAY - 900),
            record("C1", "Contact", first_purchase_day=DAY - 1000),
            record("2", first_purchase_day=DAY - 5),
        ],
        orders=[order("o1", DAY, record_id="1")],
        people={"ann": ["1", "C1"]},
    )
    assert net(store) == {"o1": 1000, FIRST: 0, "first:customer/2": 0}
    found = rows(store, "person_orders", "person_id", "ordered_day", "amount_unknown", "channel")
    assert found == [
        ("2", DAY - 5, True, None),
        ("ann", DAY - 1000, True, None),
        ("ann", DAY, False, "online"),
    ]


REFUNDED = {"refunds": [refund("o1", DAY - 8, "10")]}


@pytest.mark.parametrize(
    ("older", "given", "stands"),
    [
        ({}, {}, False),
        ({"day": DAY - 5}, {}, False),
        ({"day": DAY - 4}, {}, True),
        ({"is_test": True}, {}, True),
        ({"cancelled_day": DAY - 8}, {}, True),
        ({"cancelled_day": DAY + 300}, {}, False),
        ({"payment_status": "EXPIRED"}, {}, True),
        ({"payment_status": "PENDING"}, {}, False),
        ({"payment_status": "PENDING"}, {"count_unpaid": False}, True),
        ({"tags": ["staff"]}, {}, False),
        ({"tags": ["staff"]}, {"exclude_tags": ("staff",)}, True),
        ({"amount": "0"}, {}, True),
        (REFUNDED, {}, True),
        ({"record_id": None}, {}, True),
    ],
    ids=str,
)
def test_a_first_purchase_stands_only_where_no_order_that_counts_is_as_old(
    store: Store, older: dict[str, Any], given: dict[str, Any], stands: bool
) -> None:
    facts = {"order_id": "o1", "day": DAY - 9, "amount": "10", "record_id": "1", **older}
    make(
        store,
        records=[record("1"), record("C1", "Contact", first_purchase_day=DAY - 5)],
        refunds=facts.pop("refunds", ()),
        orders=[order(**facts), order("o2", DAY, record_id="1")],
        people={"ann": ["1", "C1"]},
    )
    refresh_frames(store, PurchaseRules(**given), as_of_day=DAY)
    assert (FIRST in {found for (found,) in rows(store, "person_orders", "order_id")}) is stands


def test_whoever_is_excluded_is_no_person_to_score_and_its_orders_are_nobodys(store: Store) -> None:
    make(
        store,
        records=[
            record("1", ours='{"segment":"best_active"}'),
            record("C1", "Contact", excluded=True, first_purchase_day=DAY - 9),
            record("2"),
            record("3", excluded=True, deleted=True),
        ],
        orders=[order("o1", DAY, record_id="1"), order("o2", DAY, record_id="2")],
        people={"ann": ["1", "C1"]},
    )
    frames.refresh(store)
    assert rows(store, "persons", "person_id") == [("2",)]
    assert rows(store, "person_orders", "order_id", "person_id") == [("o1", None), ("o2", "2")]
    held = frames.held(store, ["segment"]).select("id", "person_id", "held_segment").collect().rows()
    assert sorted(held) == [("1", None, "best_active"), ("2", "2", None), ("C1", None, None)]


def test_a_dormant_account_is_held_while_it_shows_something_of_ours(store: Store) -> None:
    make(
        store,
        records=[
            record("A1", "Account", ours='{"segment":"first_active"}'),
            record("A2", "Account"),
            record("A3", "Account", ours='{"segment":"first_active"}'),
        ],
        orders=[sold("O3", DAY, parent_id="A3")],
    )
    with store.transaction():
        refresh_guests(store)
    store.con.execute("DELETE FROM members WHERE id IN ('A1', 'A2')")
    found = frames.held(store, ["segment"]).select("account", "id", "person_id", "held_segment")
    expected = [(ORG, "A1", None, "first_active"), (ORG, "A3", "A3", "first_active")]
    assert sorted(found.collect().rows()) == expected


def test_consents_are_those_of_every_live_record(store: Store) -> None:
    make(
        store,
        records=[
            record("1", email_consent="subscribed", sms_consent="pending"),
            record("C1", "Contact", phone_refused=True),
            record("C2", "Contact", email_consent="unsubscribed", deleted=True),
        ],
        people={"ann": ["1", "C1"]},
    )
    frames.refresh(store)
    found = rows(store, "consents", "person_id", "email_consent", "sms_consent", "phone_refused")
    assert found == [("ann", "subscribed", "pending", None), ("ann", None, None, True)]


def test_a_relay_person_is_known_by_nothing_else(store: Store) -> None:
    make(
        store,
        records=[record("1", by_relay=True), record("2", by_relay=True), record("C2", "Contact")],
        people={"bob": ["2", "C2"]},
    )
    frames.refresh(store)
    assert rows(store, "relay_persons", "person_id") == [("1",)]
    assert rows(store, "persons", "person_id") == [("1",), ("bob",)]
