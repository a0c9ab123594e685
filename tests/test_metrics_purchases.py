"""What counts as a purchase, case by case, and the tenure that follows."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, order, refund, rows

from metrics.channels import channels
from metrics.purchases import (
    PurchaseRules,
    countable_orders,
    superseded_firsts,
    valid_purchases,
    weighed_orders,
)
from metrics.tenure import tenure

DAY = 1_000


def counted(engine: Engine, orders: Any, refunds: Any = (), **rules: Any) -> dict[str, Decimal]:
    valid = valid_purchases(
        engine.frame(orders, ORDERS),
        engine.frame(refunds, REFUNDS),
        as_of_day=DAY,
        rules=PurchaseRules(**rules),
    )
    return {row["order_id"]: row["net"] for row in rows(valid)}


@pytest.mark.parametrize(
    "left_out",
    [
        {"is_test": True},
        {"payment_status": "VOIDED"},
        {"payment_status": "EXPIRED"},
        {"cancelled_day": DAY},
        {"cancelled_day": DAY - 5},
        {"ordered_day": DAY + 1},
        {"amount": Decimal(0)},
        {"amount": Decimal(-5)},
        {"kind": "not_a_purchase"},
        {"kind": "reduction"},
    ],
    ids=str,
)
def test_what_is_no_purchase_is_left_out(engine: Engine, left_out: dict[str, Any]) -> None:
    assert counted(engine, [order("1", "a", DAY, "10"), order("2", "a", DAY, "10") | left_out]) == {"1": 10}


@pytest.mark.parametrize(
    "kept",
    [
        {"payment_status": None},
        {"payment_status": "PARTIALLY_REFUNDED"},
        {"cancelled_day": DAY + 1},
        {"ordered_day": DAY},
        {"amount": Decimal("0.01")},
    ],
    ids=str,
)
def test_what_is_a_purchase_as_of_the_day_stays(engine: Engine, kept: dict[str, Any]) -> None:
    assert list(counted(engine, [order("1", "a", DAY - 9, "10") | kept])) == ["1"]


@pytest.mark.parametrize("status", ["PENDING", "AUTHORIZED"])
def test_an_unpaid_order_counts_as_the_merchant_says(engine: Engine, status: str) -> None:
    waiting = [order("1", "a", DAY, "10", payment_status=status)]
    assert counted(engine, waiting, count_unpaid=True) == {"1": 10}
    assert counted(engine, waiting, count_unpaid=False) == {}


def test_refunds_of_the_day_lower_the_net_and_later_ones_are_not_known_yet(engine: Engine) -> None:
    bought = [order("1", "a", DAY - 9, "10")]
    back = [refund("1", DAY, "3.30"), refund("1", DAY - 1, "1.20"), refund("1", DAY + 1, "5")]
    assert counted(engine, bought, back) == {"1": Decimal("5.50")}


@pytest.mark.parametrize("amount", ["10", "10.01"])
def test_an_order_refunded_in_full_or_more_is_no_purchase(engine: Engine, amount: str) -> None:
    assert counted(engine, [order("1", "a", DAY - 9, "10")], [refund("1", DAY, amount)]) == {}


def test_a_refund_of_an_unknown_order_is_ignored(engine: Engine) -> None:
    assert counted(engine, [order("1", "a", DAY, "10")], [refund("other", DAY, "10")]) == {"1": 10}


def test_cents_add_up_exactly(engine: Engine) -> None:
    bought = [order(str(number), "a", DAY, "0.1") for number in range(1_000)]
    valid = valid_purchases(
        engine.frame(bought, ORDERS), engine.frame([], REFUNDS), as_of_day=DAY, rules=PurchaseRules()
    )
    (row,) = rows(tenure(valid, rules=PurchaseRules()))
    assert row["net_spend"] == Decimal("100.0")


def test_two_orders_on_one_day_are_one_purchase_day_or_two_orders(engine: Engine) -> None:
    bought = [order("1", "a", DAY - 1, "10"), order("2", "a", DAY - 1, "5"), order("3", "a", DAY, "5")]
    nobodys = order("4", None, DAY - 3, "5")
    valid = valid_purchases(
        engine.frame([*bought, nobodys], ORDERS),
        engine.frame([], REFUNDS),
        as_of_day=DAY,
        rules=PurchaseRules(),
    )
    expected = {"person_id": "a", "first_purchase_day": DAY - 1, "last_purchase_day": DAY, "tenure_days": 1}
    (by_day,) = rows(tenure(valid, rules=PurchaseRules(unit="day")))
    (by_order,) = rows(tenure(valid, rules=PurchaseRules(unit="order")))
    assert by_day == expected | {"purchases": 2, "gaps": 1, "net_spend": Decimal(20)}
    assert by_order == expected | {"purchases": 3, "gaps": 1, "net_spend": Decimal(20)}


def test_channels_stand_once_each_in_the_order_of_the_catalogue(engine: Engine) -> None:
    bought = [
        order("1", "a", DAY, "1", channel="sales"),
        order("2", "a", DAY, "1", channel="online"),
        order("3", "a", DAY, "1", channel="sales"),
        order("4", "b", DAY, "1", channel="store"),
        order("5", "c", DAY, "1", channel="store", is_test=True),
        order("6", None, DAY, "1", channel="store"),
    ]
    valid = valid_purchases(
        engine.frame(bought, ORDERS), engine.frame([], REFUNDS), as_of_day=DAY, rules=PurchaseRules()
    )
    found = rows(channels(valid, catalogue=["online", "store", "sales"]))
    assert found == [
        {"person_id": "a", "channels": "online;sales"},
        {"person_id": "b", "channels": "store"},
    ]


EXCLUDED = {"exclude_tags": ("staff", "sample"), "exclude_channels": ("marketplace",), "exclude_b2b": True}


@pytest.mark.parametrize(
    ("order_is", "reason"),
    [
        ({"tags": ["gift", "staff"]}, "excluded_tag"),
        ({"tags": ["sample"]}, "excluded_tag"),
        ({"tags": ["gift"]}, None),
        ({"tags": None}, None),
        ({"channel": "marketplace"}, "excluded_channel"),
        ({"channel": None}, None),
        ({"is_b2b": True}, "excluded_b2b"),
        ({"is_b2b": None}, None),
    ],
    ids=str,
)
def test_the_merchant_leaves_out_tags_channels_and_business_buyers(
    engine: Engine, order_is: dict[str, Any], reason: str | None
) -> None:
    bought = [order("1", "a", DAY, "10", **order_is)]
    assert counted(engine, bought) == {"1": 10}
    assert counted(engine, bought, **EXCLUDED) == ({} if reason else {"1": 10})
    assert reasons(engine, bought, **EXCLUDED) == {"1": reason}


def test_a_purchase_of_unknown_amount_counts_as_a_day_worth_nothing(engine: Engine) -> None:
    unknown = {"amount": Decimal(0), "amount_unknown": True, "payment_status": None, "channel": None}
    bought = [order("first:customer/1", "a", DAY - 400, "0") | unknown, order("1", "a", DAY, "10")]
    valid = valid_purchases(
        engine.frame(bought, ORDERS), engine.frame([], REFUNDS), as_of_day=DAY, rules=PurchaseRules()
    )
    (row,) = rows(tenure(valid, rules=PurchaseRules()))
    assert (row["purchases"], row["tenure_days"], row["net_spend"]) == (2, 400, Decimal(10))
    assert rows(channels(valid, catalogue=["online"])) == [{"person_id": "a", "channels": "online"}]


def reasons(engine: Engine, orders: Any, refunds: Any = (), **rules: Any) -> dict[str, str | None]:
    weighed = weighed_orders(
        engine.frame(orders, ORDERS),
        engine.frame(refunds, REFUNDS),
        as_of_day=DAY,
        rules=PurchaseRules(**rules),
    )
    return {row["order_id"]: row["left_out"] for row in rows(weighed)}


@pytest.mark.parametrize(
    ("order_is", "reason"),
    [
        ({}, None),
        ({"is_test": True, "cancelled_day": DAY}, "test"),
        ({"cancelled_day": DAY, "payment_status": "VOIDED"}, "cancelled"),
        ({"cancelled_day": DAY + 1}, None),
        ({"payment_status": "EXPIRED"}, "never_paid"),
        ({"payment_status": "PENDING"}, "unpaid"),
        ({"amount": Decimal(0)}, "no_amount"),
        ({"amount": Decimal(7)}, "refunded_in_full"),
        ({"ordered_day": DAY + 1, "is_test": True}, "later"),
        ({"kind": "reduction", "amount": Decimal(-5)}, "reduction"),
        ({"kind": "not_a_purchase", "ordered_day": DAY + 1}, "not_a_purchase"),
    ],
    ids=str,
)
def test_the_first_reason_that_holds_is_told(
    engine: Engine, order_is: dict[str, Any], reason: str | None
) -> None:
    bought = [order("1", "a", DAY, "10") | order_is]
    assert reasons(engine, bought, [refund("1", DAY, "7")], count_unpaid=False) == {"1": reason}


@examples(6)
@given(seed=st.integers(0, 2**32), count_unpaid=st.booleans(), excluded=st.booleans())
def test_exactly_what_is_left_out_for_no_reason_counts(
    engines: list[Engine], seed: int, count_unpaid: bool, excluded: bool
) -> None:
    chance = random.Random(seed)
    orders = [
        order(
            str(number),
            chance.choice(["a", None]),
            DAY - chance.randint(-3, 9),
            chance.choice(["0", "5", "10"]),
            cancelled_day=chance.choice([None, None, DAY, DAY + 1]),
            payment_status=chance.choice(["PAID", "PENDING", "VOIDED", None]),
            is_test=chance.random() < 0.1,
            kind=chance.choice(["purchase"] * 5 + ["reduction", "not_a_purchase"]),
            channel=chance.choice(["online", "marketplace", None]),
            tags=chance.choice([[], ["staff"], ["gift"]]),
            is_b2b=chance.random() < 0.2,
            amount_unknown=chance.random() < 0.1,
        )
        for number in range(120)
    ]
    back = [refund(str(chance.randrange(120)), DAY - chance.randint(-3, 5), "5") for _ in range(60)]
    rules = {"count_unpaid": count_unpaid, **(EXCLUDED if excluded else {})}
    for engine in engines:
        told = reasons(engine, orders, back, **rules)
        assert {order_id for order_id, reason in told.items() if reason is None} == set(
            counted(engine, orders, back, **rules)
        )
        once = countable_orders(engine.frame(orders, ORDERS), DAY, PurchaseRules(**rules))
        dated = {None, "cancelled", "refunded_in_full"}
        counted_once = {row["order_id"] for row in rows(once)}
        assert {order_id for order_id, reason in told.items() if reason is None} <= counted_once
        assert {order_id for order_id, reason in told.items() if reason not in dated}.isdisjoint(counted_once)


def test_a_first_purchase_told_by_a_field_gives_way_to_an_order_that_counts_and_is_as_old(
    engine: Engine,
) -> None:
    def told(person: str) -> dict[str, Any]:
        return order(f"first:{person}", person, DAY - 50, "0", amount_unknown=True)

    orders = [
        *(told(person) for person in "abcd"),
        order("1", "a", DAY - 50, "10"),
        order("2", "b", DAY - 49, "10"),
        order("3", "c", DAY - 60, "10"),
    ]
    frames = engine.frame(orders, ORDERS), engine.frame([refund("3", DAY - 55, "10")], REFUNDS)
    gone = superseded_firsts(*frames, as_of_day=DAY, rules=PurchaseRules())
    assert rows(gone) == [{"person_id": "a"}]
