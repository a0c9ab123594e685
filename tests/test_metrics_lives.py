"""How long an order counted, and what lowered it meanwhile."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, order, refund, rows

from metrics.lives import Lives, order_lives
from metrics.purchases import PurchaseRules

BOUGHT = order("1", "a", 100, "10")


def lives(engine: Engine, orders: list[dict[str, Any]], refunds: list[dict[str, Any]]) -> Lives:
    return order_lives(
        engine.frame(orders, ORDERS),
        engine.frame(refunds, REFUNDS),
        as_of_day=150,
        rules=PurchaseRules(),
        materialise=engine.materialise,
    )


@pytest.mark.parametrize(
    ("cancelled", "refunds", "ended", "rest"),
    [
        (None, [], None, None),
        (120, [], 120, 10),
        (None, [(110, "4"), (130, "6")], 130, 6),
        (120, [(110, "4"), (130, "6")], 120, 6),
        (125, [(120, "10")], 120, 10),
        (151, [(152, "10")], None, None),
        (120, [(120, "4")], 120, 10),
    ],
)
def test_an_order_counts_until_it_is_cancelled_or_refunded_in_full(
    engine: Engine, cancelled: int | None, refunds: list[tuple[int, str]], ended: int | None, rest: int | None
) -> None:
    back = [refund("1", day, amount) for day, amount in refunds]
    found = lives(engine, [BOUGHT | {"cancelled_day": cancelled}], back)
    assert len(rows(found.orders)) == 1 and rows(found.never) == []
    assert [(row["ended_day"], row["rest"]) for row in rows(found.ended)] == (
        [(ended, rest)] if ended else []
    )


def test_an_order_that_ended_before_it_began_never_counted(engine: Engine) -> None:
    for orders, back in (([BOUGHT | {"cancelled_day": 100}], []), ([BOUGHT], [refund("1", 99, "10")])):
        found = lives(engine, orders, back)
        assert [row["order_id"] for row in rows(found.never)] == ["1"]
        assert rows(found.ended) == rows(found.lowered) == []


def test_a_purchase_of_unknown_amount_is_not_refunded_in_full(engine: Engine) -> None:
    found = lives(engine, [BOUGHT | {"amount": Decimal(0), "amount_unknown": True}], [refund("1", 110, "1")])
    assert rows(found.ended) == rows(found.never) == []


def test_a_refund_dated_before_its_order_takes_effect_with_it(engine: Engine) -> None:
    (row,) = rows(lives(engine, [BOUGHT], [refund("1", 90, "3")]).lowered)
    assert (row["day"], row["amount"]) == (100, 3)


def test_refunds_from_the_end_on_lower_nothing_any_more(engine: Engine) -> None:
    back = [refund("1", 110, "4"), refund("1", 120, "1"), refund("1", 130, "1")]
    found = lives(engine, [BOUGHT | {"cancelled_day": 120}], back)
    assert [row["day"] for row in rows(found.lowered)] == [110]
