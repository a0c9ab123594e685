"""Koopman's levels of a stated market's share, and that nothing is said where none is stated."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, order, refund

from metrics.koopman import LEVELS, Market, koopman_level, koopman_lines
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.shop_line import ShopLine

PUBLISHED = {"73.9", "41.7", "26.1", "19.3", "10.9", "6.8", "2.8"}
AS_OF = 20_000


def told(engine: Engine, market: Market | None) -> list[ShopLine]:
    orders = [
        order("1", "ann", AS_OF - 365, "5000"),
        order("2", "ann", AS_OF - 364, "150"),
        order("3", None, AS_OF, "60"),
        order("4", "ben", AS_OF + 1, "5000"),
    ]
    valid = valid_purchases(
        engine.frame(orders, ORDERS),
        engine.frame([refund("3", AS_OF, "10")], REFUNDS),
        as_of_day=AS_OF,
        rules=PurchaseRules(),
    )
    return koopman_lines(valid, market, as_of_day=AS_OF)


def test_the_levels_are_the_seven_published_ones_from_the_highest_down() -> None:
    assert {f"{level.at_least * 100:.1f}" for level in LEVELS} == PUBLISHED
    thresholds = [level.at_least for level in LEVELS]
    assert thresholds == sorted(thresholds, reverse=True)


def test_twenty_per_cent_is_upper_among_equals() -> None:
    level = koopman_level(Decimal("0.2"))
    assert level is not None and level.japanese.startswith("並列的上位")


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.code)
def test_a_level_begins_exactly_at_its_threshold(level: object) -> None:
    at_least = level.at_least  # type: ignore[attr-defined]  # parametrised with levels
    assert koopman_level(at_least) == level
    assert koopman_level(at_least - Decimal("0.000001")) != level


@settings(deadline=None)
@given(st.decimals(0, 2, places=6))
def test_the_level_is_the_highest_threshold_that_is_reached(of_market: Decimal) -> None:
    reached = [level for level in LEVELS if level.at_least <= of_market]
    expected = max(reached, key=lambda level: level.at_least) if reached else None
    assert koopman_level(of_market) == expected


def test_no_market_stated_no_share(engine: Engine) -> None:
    assert told(engine, None) == []


def test_the_shops_part_is_its_net_sales_of_365_days_whoever_bought(engine: Engine) -> None:
    share, level = told(engine, Market("honey", 2025, Decimal(1000)))
    assert share == ShopLine("market_share", "honey 2025", Decimal("0.2000"), 2)
    assert level == ShopLine("koopman_level", "honey 2025", Decimal("0.193"), 2)


def test_below_the_bridgehead_there_is_no_level(engine: Engine) -> None:
    share, level = told(engine, Market("honey", 2025, Decimal(100_000)))
    assert (share.value, level.value) == (Decimal("0.0020"), Decimal(0))


def test_rounding_lifts_nobody_to_a_level(engine: Engine) -> None:
    share, level = told(engine, Market("honey", 2025, Decimal(200) / Decimal("0.19299")))
    assert (share.value, level.value) == (Decimal("0.1930"), Decimal("0.109"))
