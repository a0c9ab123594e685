"""One person's orders add up from what the platforms show to what counts, and the segment has its reasons."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, order, refund, rows

from metrics.calendar import EPOCH
from metrics.explain import (
    DUPLICATE,
    EXCLUDED_PERSON,
    Sum,
    is_left_truncated,
    orders_told,
    reconcile,
    refunds_told,
    segment_told,
)
from metrics.purchases import PurchaseRules, valid_purchases, weighed_orders
from metrics.segment import Thresholds
from metrics.tenure import tenure

DAY = 20_000


def told(
    engine: Engine, orders: list[dict[str, Any]], refunds: list[dict[str, Any]], rules: PurchaseRules
) -> Any:
    """Orders as the store would give them, weighed and told; keys that no frame has tell of copies."""
    weighed = weighed_orders(
        engine.frame([{k: v for k, v in one.items() if k in ORDERS.names} for one in orders], ORDERS),
        engine.frame(refunds, REFUNDS),
        as_of_day=DAY,
        rules=rules,
    )
    found = {row["order_id"]: row for row in rows(weighed)}
    return orders_told(
        found[one["order_id"]]
        | {
            "name": one.get("name"),
            "ordered_on": EPOCH + timedelta(days=one["ordered_day"]),
            "of_platform": "shopify" if one.get("of") else None,
            "of_account": "one.myshopify.com" if one.get("of") else None,
            "of_order_id": one.get("of"),
            "duplicate_by": one.get("duplicate_by"),
        }
        for one in orders
    )


def test_of_an_excluded_person_no_order_counts() -> None:
    row = {"name": None, "ordered_on": EPOCH, "channel": None, "amount": Decimal(5), "net": Decimal(5)}
    row |= {"platform": "shopify", "account": "one.myshopify.com", "order_id": "1", "left_out": None}
    row |= {"of_platform": None, "of_account": None, "of_order_id": None, "duplicate_by": None}
    first = row | {"order_id": "2", "amount_unknown": True, "amount": Decimal(0), "net": Decimal(0)}
    sums = reconcile(orders_told([row | {"amount_unknown": False}, first], excluded=True), unit="day")
    assert (sums.counted, sums.purchases, sums.net_spend) == (0, 0, 0)
    assert sums.left_out == (Sum((EXCLUDED_PERSON,), 1, Decimal(5)),)


def test_the_sentence_of_the_design(engine: Engine) -> None:
    """Seven orders of 61,200 are five purchase days of 54,300: one cancelled, one on a day that counts."""
    orders = [
        order("1", "a", DAY - 300, "10000"),
        order("2", "a", DAY - 200, "10000"),
        order("3", "a", DAY - 200, "5300"),
        order("4", "a", DAY - 100, "10000"),
        order("5", "a", DAY - 50, "10000"),
        order("6", "a", DAY - 10, "10000"),
        order("7", "a", DAY - 5, "5900", cancelled_day=DAY - 4),
    ]
    sums = reconcile(told(engine, orders, [refund("6", DAY - 1, "1000")], PurchaseRules()), unit="day")
    assert sums.shown == (Sum(("shopify", "one.myshopify.com"), 7, Decimal(61200)),)
    assert (sums.counted, sums.purchases, sums.net_spend) == (6, 5, Decimal(54300))
    assert (sums.refunds, sums.same_day, sums.from_fields) == (Decimal(1000), 1, 0)
    assert sums.left_out == (Sum(("cancelled",), 1, Decimal(5900)),)


def test_a_copy_is_told_as_one_whatever_else_it_is(engine: Engine) -> None:
    copy = order("O1", "a", DAY, "10", platform="salesforce", account="00D", cancelled_day=DAY)
    (one,) = told(engine, [copy | {"of": "5001", "duplicate_by": "name"}], [], PurchaseRules())
    assert (one.left_out, one.of) == (DUPLICATE, ("shopify", "one.myshopify.com", "5001"))


def test_a_first_purchase_of_a_field_is_a_purchase_and_no_order(engine: Engine) -> None:
    known = order("first:customer/1", "a", DAY - 900, "0", amount_unknown=True)
    sums = reconcile(told(engine, [known, order("1", "a", DAY, "10")], [], PurchaseRules()), unit="day")
    assert (sums.counted, sums.from_fields, sums.purchases, sums.net_spend) == (1, 1, 2, 10)
    assert [one.orders for one in sums.shown] == [1]


@examples(25)
@given(seed=st.integers(0, 2**32), unit=st.sampled_from(["day", "order"]))
def test_whatever_happened_the_books_of_a_person_balance_and_agree_with_the_scores(
    engine: Engine, seed: int, unit: Any
) -> None:
    chance = random.Random(seed)
    rules = PurchaseRules(unit=unit, count_unpaid=chance.random() < 0.5, exclude_tags=("staff",))
    orders = [
        order(
            str(number),
            "a",
            DAY - chance.randint(-2, 8),
            chance.choice(["0", "5", "10.50"]),
            account=chance.choice(["one.myshopify.com", "two.myshopify.com"]),
            cancelled_day=chance.choice([None, None, None, DAY]),
            payment_status=chance.choice(["PAID", "PENDING", "VOIDED"]),
            is_test=chance.random() < 0.1,
            kind=chance.choice(["purchase"] * 8 + ["not_a_purchase"]),
            tags=chance.choice([[], [], ["staff"]]),
        )
        for number in range(30)
    ] + [order("first:customer/1", "a", DAY - 500, "0", amount_unknown=True)] * (chance.random() < 0.5)
    back = [
        refund(one["order_id"], DAY - chance.randint(-1, 3), "5") | {"account": one["account"]}
        for one in orders
        if chance.random() < 0.3 and not one["amount_unknown"]
    ]
    sums = reconcile(told(engine, orders, back, rules), unit=unit)
    left_out = sum((one.amount for one in sums.left_out), Decimal(0))
    assert sum(one.orders for one in sums.shown) == sums.counted + sum(one.orders for one in sums.left_out)
    assert sum(one.amount for one in sums.shown) == sums.net_spend + sums.refunds + left_out
    valid = valid_purchases(
        engine.frame(orders, ORDERS), engine.frame(back, REFUNDS), as_of_day=DAY, rules=rules
    )
    scored = rows(tenure(valid, rules=rules))
    expected = (scored[0]["purchases"], scored[0]["net_spend"]) if scored else (0, 0)
    assert (sums.purchases, sums.net_spend) == expected


def score(segment: str, last: date | None) -> dict[str, Any]:
    return {
        "segment": segment,
        "last_purchase_on": last,
        "purchases": 3,
        "tenure_days": 250,
        "net_spend": Decimal(80000),
    }


def test_an_active_buyer_turns_on_one_day_and_only_an_event_changes_anybody_else() -> None:
    limits, as_of = Thresholds(Decimal(70000), lapse_days=240), date(2026, 11, 21)
    active = segment_told(score("best_active", date(2026, 6, 8)), limits, as_of)
    assert (active.tier, active.days_since, active.next_code) == ("best", 166, "best_lapsed")
    assert active.lapses_on == date(2027, 2, 3)
    lapsed = segment_told(score("best_lapsed", date(2025, 6, 8)), limits, as_of)
    assert (lapsed.tier, lapsed.next_code, lapsed.lapses_on) == ("best", None, date(2026, 2, 3))
    prospect = segment_told(score("prospect", None), limits, as_of)
    assert (prospect.tier, prospect.days_since, prospect.lapses_on, prospect.next_code) == (
        "prospect",
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("first", "known", "truncated"),
    [(0, False, True), (29, False, True), (30, False, False), (0, True, False)],
)
def test_who_first_bought_in_the_first_thirty_days_of_the_data_is_left_truncated(
    engine: Engine, first: int, known: bool, truncated: bool
) -> None:
    begin = EPOCH + timedelta(days=DAY - 400)
    cancelled = order("1", "a", DAY - 400, "10", cancelled_day=DAY - 399)
    orders = told(engine, [cancelled, order("2", "a", DAY - 400 + first, "10")], [], PurchaseRules())
    assert is_left_truncated(orders, begin, known=known) is truncated
    assert not is_left_truncated(told(engine, [cancelled], [], PurchaseRules()), begin, known=False)


def test_refunds_are_told_by_order_and_day_with_their_dates(engine: Engine) -> None:
    back = [refund("2", DAY, "3"), refund("1", DAY + 1, "2"), refund("1", DAY, "1")]
    found = refunds_told(engine.frame(back, REFUNDS))
    assert [(one["order_id"], one["refunded_on"], one["amount"]) for one in found] == [
        ("1", EPOCH + timedelta(days=DAY), 1),
        ("1", EPOCH + timedelta(days=DAY + 1), 2),
        ("2", EPOCH + timedelta(days=DAY), 3),
    ]
