"""Who brought whom: at a first valid purchase, by the most trusted source, and why others are refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from metrics_engines import Engine
from metrics_frames import CODES, ORDERS, REFUNDS, order, refund, rows
from referral_rows import CAME, OWN, RULES, Row, Told, with_code

from metrics.attribution import named_referrers, referrals
from metrics.purchases import valid_purchases
from metrics.tenure import tenure

MORNING = datetime(1972, 9, 27, 9, tzinfo=UTC)
A = order("a1", "a", 1_000, "10")
B = order("b1", "b", 1_000, "10")


def brought(engine: Engine, orders: Sequence[Row], **more: Any) -> dict[str, str]:
    found = rows(referrals(Told(engine, orders, **more).named))
    assert len({row["person_id"] for row in found}) == len(found)
    return {row["person_id"]: row["referrer_id"] for row in found}


def judged(engine: Engine, orders: Sequence[Row], **more: Any) -> set[tuple[Any, ...]]:
    """Who was named for whom, by what, and why not."""
    found = rows(Told(engine, orders, **more).named)
    return {(row["person_id"], row["referrer_id"], row["via"], row["refused"]) for row in found}


def linked(order_id: str, person: str, day: int, code: str | None, **more: Any) -> Row:
    return order(order_id, person, day, "10", referral_code=code, **more)


def lookup(person: str, referrer: str) -> Row:
    return {"person_id": person, "referrer_id": referrer}


def test_a_code_on_the_first_purchase_names_the_referrer(engine: Engine) -> None:
    assert brought(engine, [A, with_code("c1", "c", 1_001, "a")]) == {"c": "a"}


def test_other_discount_codes_beside_it_do_no_harm(engine: Engine) -> None:
    first = with_code("c1", "c", 1_001, "a")
    first["discount_codes"] += ["welcome10", "a-code"]
    assert brought(engine, [A, first]) == {"c": "a"}


def test_a_code_on_a_later_purchase_is_of_an_existing_customer(engine: Engine) -> None:
    orders = [A, order("c1", "c", 1_001, "5"), with_code("c2", "c", 1_002, "a")]
    assert judged(engine, orders) == {("c", "a", "code", "existing_customer")}


def test_codes_of_two_people_name_nobody_and_the_buyers_own_contests_nothing(engine: Engine) -> None:
    assert judged(engine, [A, B, with_code("c1", "c", 1_001, "a", "b")]) == {
        ("c", "a", "code", "conflict"),
        ("c", "b", "code", "conflict"),
    }
    assert judged(engine, [A, B, with_code("c1", "c", 1_001, "a", "c")]) == {
        ("c", "a", "code", None),
        ("c", "c", "code", "self"),
    }
    assert judged(engine, [A, B, with_code("c1", "c", 1_001, "a", "b", "c")]) == {
        ("c", "a", "code", "conflict"),
        ("c", "b", "code", "conflict"),
        ("c", "c", "code", "self"),
    }


def test_two_codes_of_one_person_name_that_person(engine: Engine) -> None:
    codes = [*OWN, {"code": "x-code", "person_id": "a"}]
    assert brought(engine, [A, with_code("c1", "c", 1_001, "a", "x")], codes=codes) == {"c": "a"}


def test_a_code_held_by_two_people_names_nobody(engine: Engine) -> None:
    codes = [*OWN, {"code": "a-code", "person_id": "b"}]
    assert brought(engine, [A, B, with_code("c1", "c", 1_001, "a")], codes=codes) == {}


def test_nobody_refers_themselves(engine: Engine) -> None:
    assert judged(engine, [with_code("a1", "a", 1_000, "a"), with_code("a2", "a", 1_002, "a")]) == {
        ("a", "a", "code", "self")
    }


@pytest.mark.parametrize("day", [999, 1_000])
def test_the_referrer_must_have_bought_on_an_earlier_day(engine: Engine, day: int) -> None:
    assert judged(engine, [A, with_code("c1", "c", day, "a")]) == {("c", "a", "code", "referrer_not_earlier")}


def test_a_referrer_who_never_bought_refers_nobody(engine: Engine) -> None:
    assert judged(engine, [with_code("c1", "c", 1_001, "a")]) == {("c", "a", "code", "referrer_never_bought")}


def test_a_link_names_by_a_known_personal_code_only(engine: Engine) -> None:
    assert brought(engine, [A, linked("c1", "c", 1_001, "a-code"), linked("d1", "d", 1_001, "news")]) == {
        "c": "a"
    }


@pytest.mark.parametrize("column", ["utm_source", "utm_campaign", "utm_content"])
def test_utm_names_only_where_the_medium_is_referral(engine: Engine, column: str) -> None:
    told = order("c1", "c", 1_001, "10", utm_medium="Referral", **{column: "A-Code"})
    other = order("d1", "d", 1_001, "10", utm_medium="email", **{column: "a-code"})
    assert brought(engine, [A, told, other]) == {"c": "a"}


def test_utm_values_that_name_two_people_name_nobody(engine: Engine) -> None:
    told = {"utm_medium": "referral", "utm_source": "a-code", "utm_content": "b-code"}
    assert brought(engine, [A, B, order("c1", "c", 1_001, "10", **told)]) == {}


def test_a_lookup_names_the_referrer_of_the_first_purchase(engine: Engine) -> None:
    orders = [A, order("c1", "c", 1_001, "5"), order("c2", "c", 1_003, "5")]
    (row,) = rows(referrals(Told(engine, orders, referrers=[lookup("c", "a"), lookup("d", "a")]).named))
    assert (row["person_id"], row["ordered_day"], row["via"]) == ("c", 1_001, "lookup")


def test_lookups_that_name_two_people_name_nobody(engine: Engine) -> None:
    both = [lookup("c", "a"), lookup("c", "b")]
    assert brought(engine, [A, B, order("c1", "c", 1_001, "5")], referrers=both) == {}
    assert brought(engine, [A, B, order("c1", "c", 1_001, "5")], referrers=both[:1] * 2) == {"c": "a"}


def test_the_most_trusted_source_decides(engine: Engine) -> None:
    d = order("d1", "d", 1_000, "10")
    said = {"utm_medium": "referral", "utm_source": "d-code"}
    first = with_code("c1", "c", 1_001, "a", referral_code="b-code", **said)
    assert judged(engine, [A, B, d, first], referrers=[lookup("c", "a")]) == {
        ("c", "a", "code", None),
        ("c", "b", "link", "outranked"),
        ("c", "d", "utm", "outranked"),
        ("c", "a", "lookup", "outranked"),
    }
    first["discount_codes"] = []
    assert brought(engine, [A, B, d, first]) == {"c": "b"}
    first["referral_code"] = None
    assert brought(engine, [A, B, d, first], referrers=[lookup("c", "a")]) == {"c": "d"}


def test_who_is_refused_leaves_the_word_to_the_next_source(engine: Engine) -> None:
    own = with_code("c1", "c", 1_001, "c", referral_code="a-code")
    assert judged(engine, [A, own]) == {("c", "c", "code", "self"), ("c", "a", "link", None)}
    never = with_code("c1", "c", 1_001, "h", referral_code="a-code")
    assert brought(engine, [A, never]) == {"c": "a"}


def test_a_conflict_of_the_more_trusted_source_is_not_settled_by_the_less_trusted(engine: Engine) -> None:
    both = with_code("c1", "c", 1_001, "a", "b", referral_code="a-code")
    assert ("c", "a", "link", "outranked") in judged(engine, [A, B, both])
    assert brought(engine, [A, B, both]) == {}


def test_a_conflict_of_the_less_trusted_source_does_not_matter(engine: Engine) -> None:
    first = with_code("c1", "c", 1_001, "a")
    assert brought(engine, [A, B, first], referrers=[lookup("c", "a"), lookup("c", "b")]) == {"c": "a"}


def test_of_several_orders_that_day_the_earliest_counts(engine: Engine) -> None:
    early = {"ordered_at": MORNING}
    late = {"ordered_at": MORNING + timedelta(hours=1)}
    bare = order("c0", "c", 1_001, "5", **late)
    assert brought(engine, [A, with_code("c1", "c", 1_001, "a", **early), bare]) == {"c": "a"}
    assert brought(engine, [A, with_code("c1", "c", 1_001, "a", **late), bare | early]) == {}


def test_of_orders_at_the_same_instant_the_smaller_id_counts(engine: Engine) -> None:
    same = {"ordered_at": MORNING}
    assert brought(
        engine, [A, B, with_code("c1", "c", 1_001, "a", **same), with_code("c2", "c", 1_001, "b", **same)]
    ) == {"c": "a"}


def test_after_a_full_refund_the_next_purchase_is_the_first_by_its_own_code(engine: Engine) -> None:
    bought = [A, with_code("c1", "c", 1_001, "a"), order("c2", "c", 1_005, "5")]
    assert brought(engine, bought, refunds=[refund("c1", 1_100, "10")]) == {}
    assert brought(engine, bought, refunds=[refund("c1", 1_100, "9")]) == {"c": "a"}
    assert brought(engine, bought, refunds=[refund("c1", 1_501, "10")]) == {"c": "a"}
    later = [A, B, with_code("c1", "c", 1_001, "b"), with_code("c2", "c", 1_005, "a")]
    assert brought(engine, later, refunds=[refund("c1", 1_100, "10")]) == {"c": "a"}


def test_a_referrer_whose_only_purchase_is_refunded_loses_the_credit(engine: Engine) -> None:
    orders = [A, with_code("c1", "c", 1_001, "a")]
    assert brought(engine, orders, refunds=[refund("a1", 1_100, "10")]) == {}


def test_a_shared_address_is_flagged_in_either_order_and_not_refused(engine: Engine) -> None:
    orders = [A, with_code("c1", "c", 1_001, "a"), with_code("d1", "d", 1_001, "a")]
    for pair in ({"person_id": "a", "other_id": "c"}, {"person_id": "c", "other_id": "a"}):
        found = rows(referrals(Told(engine, orders, shared=[pair, pair]).named))
        assert {row["person_id"]: row["flagged"] for row in found} == {"c": True, "d": False}


def test_an_order_of_nobody_is_no_referral(engine: Engine) -> None:
    assert judged(engine, [A, with_code("n1", None, 1_001, "a")]) == set()


def test_the_row_tells_the_purchase_the_code_and_the_days_between(engine: Engine) -> None:
    (row,) = rows(Told(engine, [A, with_code("c1", "c", 1_021, "a")]).named)
    assert row == {
        "person_id": "c",
        "referrer_id": "a",
        "platform": "shopify",
        "account": "one.myshopify.com",
        "order_id": "c1",
        "ordered_day": 1_021,
        "code": "a-code",
        "cycle_days": 21,
        "flagged": False,
        "via": "code",
        "refused": None,
    }


@pytest.mark.parametrize("columns", [(), ("referral_code",), CAME[1:]])
def test_systems_without_links_or_utm_need_not_have_the_columns(
    engine: Engine, columns: tuple[str, ...]
) -> None:
    schema = pa.schema([*ORDERS, *(pa.field(name, pa.string()) for name in columns)])
    came = {"referral_code": "a-code", "utm_medium": "referral", "utm_source": "a-code"}
    told = {name: value for name, value in came.items() if name in columns}
    orders = [A, with_code("c1", "c", 1_001, "a"), order("d1", "d", 1_001, "10", **told)]
    valid = valid_purchases(
        engine.frame(orders, schema), engine.frame([], REFUNDS), as_of_day=1_500, rules=RULES
    )
    named = named_referrers(
        valid, tenure(valid, rules=RULES), engine.frame(OWN, CODES), materialise=engine.materialise
    )
    brought_by = {"c": "code"} | ({"d": "link" if "referral_code" in columns else "utm"} if columns else {})
    assert {row["person_id"]: row["via"] for row in rows(referrals(named))} == brought_by
