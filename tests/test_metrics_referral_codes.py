"""Personal codes that look wrong are reported; what they attribute is another matter."""

from __future__ import annotations

from decimal import Decimal

from metrics_engines import Engine
from metrics_frames import CODES, order, refund, rows
from referral_rows import OWN, Told, with_code

from metrics.gaps import gap_lines
from metrics.referral_codes import ambiguous_codes, code_lines, overused_codes, unknown_codes
from metrics.shop_line import ShopLine


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


def test_that_no_code_is_without_a_holder_is_an_answer_of_so_many_codes_and_no_gap(engine: Engine) -> None:
    coded = [("1", "a-code"), ("2", "a-code"), ("3", "b-code"), ("4", "welcome10")]
    told = Told(engine, [order(one, "c", 1_001, "5", discount_codes=[code]) for one, code in coded])
    lines = code_lines(told.valid, told.codes, pattern="[a-z]-code")
    assert lines[2] == ShopLine("codes_unknown", "", Decimal(0), 2)
    assert _no_data(lines) == {"codes_overused"}
    unset = code_lines(told.valid, told.codes)
    assert unset[2] == ShopLine("codes_unknown", "", None, 0)
    assert _no_data(unset) == {"codes_overused", "codes_unknown"}
    silent = code_lines(Told(engine, []).valid, told.codes, pattern="[a-z]-code")
    assert silent[2] == ShopLine("codes_unknown", "", Decimal(0), 0)


def _no_data(lines: list[ShopLine]) -> set[str]:
    gaps = gap_lines(lines, {}, (), ("codes_shared", "codes_overused", "codes_unknown"))
    return {gap.part for gap in gaps if gap.name == "gap_no_data"}
