"""What is given back speaks of satisfaction only where the order was a purchase once."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, SHOP, order, refund, rows
from metrics_touches import TOUCHES, touch

from metrics.given_back import speaking
from metrics.purchases import PurchaseRules

BOUGHT, BACK, AS_OF = 1_000, 1_005, 1_010
RULES = PurchaseRules(
    count_unpaid=False, exclude_tags=("staff",), exclude_channels=("sales",), exclude_b2b=True
)
SPEAKS: dict[str, dict[str, Any]] = {
    "an order that counts": {},
    "cancelled after it counted": {"cancelled_day": BACK},
    "given back in full": {"amount": Decimal(10)},
    "known by its day alone": {"amount": Decimal(0), "amount_unknown": True},
}
NEVER_COUNTED: dict[str, dict[str, Any]] = {
    "a test": {"is_test": True},
    "left out by its tag": {"tags": ["vip", "staff"]},
    "left out by its channel": {"channel": "sales"},
    "left out as business": {"is_b2b": True},
    "voided": {"payment_status": "VOIDED"},
    "expired": {"payment_status": "EXPIRED"},
    "not paid, where that does not count": {"payment_status": "PENDING"},
    "a free sample": {"amount": Decimal(0)},
    "a reduction of another order": {"kind": "reduction"},
    "of a later day": {"ordered_day": AS_OF + 1},
}


def quality(order_id: str, day: int = BACK, amount: str = "10") -> dict[str, Any]:
    return refund(order_id, day, amount) | {"person_id": "a", "reason": "quality"}


def sent_back(order_id: str | None, day: int = BACK, kind: str = "quality_return") -> dict[str, Any]:
    return touch("a", kind, day, "quality", order_id=order_id, touch_id=f"{kind} {order_id}", **SHOP)


def told(
    engine: Engine,
    orders: list[dict[str, Any]],
    refunds: list[dict[str, Any]],
    touches: list[dict[str, Any]],
    *,
    as_of: int = AS_OF,
    rules: PurchaseRules = RULES,
) -> tuple[list[Any], list[Any]]:
    """Rows of touches and of refunds that are left."""
    left, back = speaking(
        engine.frame(touches, TOUCHES),
        engine.frame(refunds, REFUNDS),
        engine.frame(orders, ORDERS),
        as_of_day=as_of,
        rules=rules,
        materialise=engine.materialise,
    )
    return rows(left), rows(back)


@pytest.mark.parametrize("what", [*SPEAKS, *NEVER_COUNTED])
def test_only_an_order_that_counts_or_did_until_it_was_taken_back_speaks(engine: Engine, what: str) -> None:
    bought = order("1", "a", BOUGHT, "500") | (SPEAKS | NEVER_COUNTED)[what]
    touches, refunds = told(engine, [bought], [quality("1")], [sent_back("1")])
    assert (bool(touches), bool(refunds)) == (what in SPEAKS, what in SPEAKS)


def test_an_order_that_is_not_there_speaks_of_nothing(engine: Engine) -> None:
    """As one that is counted in the other system, or was deleted."""
    other = order("1", "a", BOUGHT, "500", account="two.myshopify.com")
    assert told(engine, [other], [quality("1")], [sent_back("1"), sent_back(None)]) == ([], [])


def test_what_the_settings_count_decides(engine: Engine) -> None:
    bought = order("1", "a", BOUGHT, "500", tags=["staff"], payment_status="PENDING")
    kept = told(engine, [bought], [quality("1")], [sent_back("1")], rules=PurchaseRules())
    assert [len(one) for one in kept] == [1, 1]


def test_refunds_of_another_reason_are_gone_and_touches_of_another_kind_stay(engine: Engine) -> None:
    answers = [touch("a", kind, BACK, "4") for kind in ("nps", "case", "abandoned_checkout")]
    size = quality("1") | {"reason": None}
    touches, refunds = told(engine, [order("1", "a", BOUGHT, "500")], [size], answers)
    assert ([row["kind"] for row in touches], refunds) == (["abandoned_checkout", "case", "nps"], [])


def test_what_is_given_back_on_the_as_of_day_itself_speaks_and_the_day_before_not_yet(engine: Engine) -> None:
    bought, back = [order("1", "a", BOUGHT, "500")], ([quality("1", BACK)], [sent_back("1", BACK)])
    on_the_day, the_day_before = (told(engine, bought, *back, as_of=day) for day in (BACK, BACK - 1))
    assert [len(one) for one in on_the_day] == [1, 1]
    assert the_day_before == ([], [])


def test_each_row_stays_one_whatever_else_was_given_back_of_the_order(engine: Engine) -> None:
    bought, backs = [order("1", "a", BOUGHT, "500")], [quality("1"), quality("1", BACK + 1)]
    touches, refunds = told(engine, bought, backs, [sent_back("1"), sent_back("1", BACK + 1)])
    assert (len(touches), len(refunds)) == (2, 2)


@examples(15)
@given(seed=st.integers(0, 2**32), as_of=st.integers(BOUGHT, BOUGHT + 40))
def test_a_past_day_is_as_if_later_events_were_never_heard_of(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    chance = random.Random(seed)
    facts = list((SPEAKS | NEVER_COUNTED).values())
    orders = [
        order(str(n), "a", BOUGHT, "500")
        | {"ordered_day": BOUGHT + chance.randint(0, 40)}
        | chance.choice(facts)
        for n in range(20)
    ]
    days = {one["order_id"]: one["ordered_day"] + chance.randint(0, 9) for one in orders}
    refunds = [quality(one, day) for one, day in days.items() if chance.random() < 0.5]
    touches = [sent_back(one, day) for one, day in days.items() if chance.random() < 0.5]
    cancelled = [one | {"cancelled_day": _until(one["cancelled_day"], as_of)} for one in orders]
    seen = (
        [one for one in cancelled if one["ordered_day"] <= as_of],
        [one for one in refunds if one["refunded_day"] <= as_of],
        [one for one in touches if one["day"] <= as_of],
    )
    once, *others = [told(engine, orders, refunds, touches, as_of=as_of) for engine in engines]
    assert all(once == other for other in others)
    assert once == told(engines[0], *seen, as_of=as_of)
    countless = replace(RULES, exclude_tags=(), exclude_channels=(), exclude_b2b=False, count_unpaid=True)
    more = told(engines[0], *seen, as_of=as_of, rules=countless)
    assert len(more[1]) >= len(once[1])


def _until(day: int | None, last: int) -> int | None:
    return day if day is not None and day <= last else None
