"""Personal codes that look wrong are reported; what they attribute is another matter."""

from __future__ import annotations

from metrics_engines import Engine
from metrics_frames import CODES, order, refund, rows
from referral_rows import OWN, Told, with_code

from metrics.referral_codes import ambiguous_codes, overused_codes, unknown_codes


def test_a_code_of_two_people_is_reported_with_the_number_of_its_holders(engine: Engine) -> None:
    codes = [*OWN, {"code": "a-code", "person_id": "b"}, {"code": "b-code", "person_id": "b"}]
    assert rows(ambiguous_codes(engine.frame(codes, CODES))) == [{"code": "a-code", "holders": 2}]


def test_a_code_is_overused_from_one_redemption_more_than_allowed(engine: Engine) -> None:
    orders = [
        with_code("1", "c", 1_001, "a", "a"),
        with_code("2", "c", 1_002, "a", "b"),
        with_code("3", None, 1_003, "a", "b"),
        with_code("4", "d", 1_004, "a"),
        order("5", "d", 1_005, "5", discount_codes=["welcome10"] * 2),
        order("6", "e", 1_005, "5", discount_codes=["welcome10"]),
    ]
    told = Told(engine, orders, refunds=[refund("4", 1_100, "10")])
    found = {most: rows(overused_codes(told.valid, told.codes, max_redemptions=most)) for most in (1, 2, 3)}
    assert found == {
        1: [{"code": "a-code", "redemptions": 3}, {"code": "b-code", "redemptions": 2}],
        2: [{"code": "a-code", "redemptions": 3}],
        3: [],
    }


def test_a_code_that_looks_personal_and_that_nobody_holds_is_reported(engine: Engine) -> None:
    codes = ["x-code", "a-code", "x-code-2", "xx-code", "welcome10"]
    orders = [order(str(nth), "c", 1_001, "5", discount_codes=[code]) for nth, code in enumerate(codes)]
    orders.append(order("again", "d", 1_001, "5", discount_codes=["x-code"]))
    told = Told(engine, orders)
    assert rows(unknown_codes(told.valid, told.codes, pattern="[A-Z]-CODE|xx-code")) == [
        {"code": "x-code", "orders": 2},
        {"code": "xx-code", "orders": 1},
    ]
