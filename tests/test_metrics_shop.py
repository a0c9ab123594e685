"""The threshold M from the shop's own orders."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from metrics_engines import Engine

from metrics.shop import BestSpend, TooFewOrders, derive_best_spend, two_significant_digits

NET = pa.schema({"net": pa.decimal128(38, 4)})


def derived(engine: Engine, nets: list[str]) -> BestSpend | TooFewOrders:
    return derive_best_spend(engine.frame([{"net": Decimal(net)} for net in nets], NET))


def test_it_is_seven_times_the_mean_in_two_digits(engine: Engine) -> None:
    found = derived(engine, ["7.00", "1.15"] * 50)
    assert found == BestSpend(Decimal(29), Decimal("4.075"), Decimal("4.075"), 100, skewed=False)


def test_fewer_than_a_hundred_orders_give_none(engine: Engine) -> None:
    assert derived(engine, ["10"] * 99) == TooFewOrders(99)
    assert derived(engine, []) == TooFewOrders(0)


@pytest.mark.parametrize(("big", "skewed"), [("1020", False), ("1020.01", True)])
def test_a_mean_above_twice_the_median_is_told(engine: Engine, big: str, skewed: bool) -> None:
    # 100 orders of 10 and one big one: the mean passes 20 where that one passes 1,020
    found = derived(engine, ["10"] * 100 + [big])
    assert isinstance(found, BestSpend)
    assert (found.median, found.skewed) == (10, skewed)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("251.54", "250"),
        ("255", "260"),
        ("254.99", "250"),
        ("70000", "70000"),
        ("9.95", "10"),
        ("99.5", "100"),
        ("0.0345", "0.035"),
        ("8.149", "8.1"),
        ("68432", "68000"),
    ],
)
def test_two_significant_digits_half_up_in_plain_notation(amount: str, rounded: str) -> None:
    found = two_significant_digits(Decimal(amount))
    assert found == Decimal(rounded)
    assert "E" not in str(found)


def test_purchases_of_unknown_amount_say_nothing_of_the_mean(engine: Engine) -> None:
    assert derived(engine, ["10"] * 100 + ["0"] * 50) == derived(engine, ["10"] * 100)
    assert derived(engine, ["10"] * 99 + ["0"]) == TooFewOrders(99)
