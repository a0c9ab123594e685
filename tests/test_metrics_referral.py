"""Who brought whom: attributed at the first valid purchase, to one referrer who bought earlier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from metrics_frames import CODES, ORDERS, REFUNDS, Engine, order, refund, rows

from metrics.purchases import PurchaseRules, valid_purchases
from metrics.referral import ambiguous_codes, referral_scores, referrals
from metrics.tenure import tenure

OWN = [{"code": f"{person}-code", "person_id": person} for person in "abcdefgh"]
MORNING = datetime(1972, 9, 27, 9, tzinfo=UTC)


@pytest.fixture(params=["duckdb", "polars"], scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with Engine(request.param) as made:
        yield made


def brought(
    engine: Engine, orders: list[dict[str, Any]], refunds: Any = (), codes: Any = OWN
) -> dict[str, str]:
    rules = PurchaseRules()
    valid = valid_purchases(
        engine.frame(orders, ORDERS), engine.frame(refunds, REFUNDS), as_of_day=1_500, rules=rules
    )
    edges = referrals(
        valid, tenure(valid, rules=rules), engine.frame(codes, CODES), materialise=engine.materialise
    )
    return {row["person_id"]: row["referrer_id"] for row in rows(edges)}


def with_code(order_id: str, person: str, day: int, *referrers: str, **more: Any) -> dict[str, Any]:
    return order(order_id, person, day, "10", discount_codes=[f"{one}-code" for one in referrers], **more)


A = order("a1", "a", 1_000, "10")
B = order("b1", "b", 1_000, "10")


def test_a_code_on_the_first_purchase_names_the_referrer(engine: Engine) -> None:
    assert brought(engine, [A, with_code("c1", "c", 1_001, "a")]) == {"c": "a"}


def test_other_discount_codes_beside_it_do_no_harm(engine: Engine) -> None:
    first = with_code("c1", "c", 1_001, "a")
    first["discount_codes"] += ["welcome10", "a-code"]
    assert brought(engine, [A, first]) == {"c": "a"}


def test_a_code_on_a_later_purchase_says_nothing(engine: Engine) -> None:
    assert brought(engine, [A, order("c1", "c", 1_001, "5"), with_code("c2", "c", 1_002, "a")]) == {}


def test_codes_of_two_people_name_nobody(engine: Engine) -> None:
    assert brought(engine, [A, B, with_code("c1", "c", 1_001, "a", "b")]) == {}
    assert brought(engine, [A, B, with_code("c1", "c", 1_001, "a", "c")]) == {}


def test_two_codes_of_one_person_name_that_person(engine: Engine) -> None:
    codes = [*OWN, {"code": "x-code", "person_id": "a"}]
    assert brought(engine, [A, with_code("c1", "c", 1_001, "a", "x")], codes=codes) == {"c": "a"}


def test_nobody_refers_themselves(engine: Engine) -> None:
    assert brought(engine, [with_code("a1", "a", 1_000, "a")]) == {}


@pytest.mark.parametrize("day", [999, 1_000])
def test_the_referrer_must_have_bought_on_an_earlier_day(engine: Engine, day: int) -> None:
    assert brought(engine, [A, with_code("c1", "c", day, "a")]) == {}


def test_a_referrer_who_never_bought_refers_nobody(engine: Engine) -> None:
    assert brought(engine, [with_code("c1", "c", 1_001, "a")]) == {}


def test_a_code_held_by_two_people_names_nobody_and_is_reported(engine: Engine) -> None:
    codes = [*OWN, {"code": "a-code", "person_id": "b"}, {"code": "b-code", "person_id": "b"}]
    assert brought(engine, [A, B, with_code("c1", "c", 1_001, "a")], codes=codes) == {}
    assert rows(ambiguous_codes(engine.frame(codes, CODES))) == [{"code": "a-code", "holders": 2}]


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


def test_after_a_full_refund_the_next_purchase_is_the_first(engine: Engine) -> None:
    bought = [A, with_code("c1", "c", 1_001, "a"), order("c2", "c", 1_005, "5")]
    assert brought(engine, bought, [refund("c1", 1_100, "10")]) == {}
    assert brought(engine, bought, [refund("c1", 1_100, "9")]) == {"c": "a"}
    assert brought(engine, bought, [refund("c1", 1_501, "10")]) == {"c": "a"}
    later = [A, order("c1", "c", 1_001, "5"), with_code("c2", "c", 1_005, "a")]
    assert brought(engine, later, [refund("c1", 1_100, "5")]) == {"c": "a"}


def scores(engine: Engine, edges: list[tuple[str, str]]) -> dict[str, tuple[int, Decimal]]:
    given = [{"code": child, "person_id": parent} for child, parent in edges]
    frame = engine.frame(given, CODES).rename({"person_id": "referrer_id", "code": "person_id"})
    found = rows(referral_scores(frame, materialise=engine.materialise))
    return {row["person_id"]: (row["referrals"], row["referral_score"]) for row in found}


def test_each_generation_weighs_half_of_the_one_before(engine: Engine) -> None:
    # a → b, c; b → d; d → e, f; f → g
    tree = [("b", "a"), ("c", "a"), ("d", "b"), ("e", "d"), ("f", "d"), ("g", "f")]
    assert scores(engine, tree) == {
        "a": (2, Decimal("3.13")),  # 2 + 1/2 + 2/4 + 1/8 = 3.125, half up
        "b": (1, Decimal("2.25")),
        "d": (2, Decimal("2.50")),
        "f": (1, Decimal("1.00")),
    }


def test_a_chain_longer_than_every_bound_comes_to_an_end(engine: Engine) -> None:
    chain = [(f"p{n + 1:03}", f"p{n:03}") for n in range(100)]
    found = scores(engine, chain)
    assert found["p000"] == (1, Decimal("2.00"))
    assert found["p098"] == (1, Decimal("1.50"))


def test_without_any_edge_there_is_no_score(engine: Engine) -> None:
    assert scores(engine, []) == {}
