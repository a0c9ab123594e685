"""Level of a market share by Koopman's target values (クープマン目標値)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Level:
    """A level and the least share that has it."""

    code: str
    at_least: Decimal
    english: str
    japanese: str


LEVELS = (
    Level("monopoly", Decimal("0.739"), "Monopolistic share (upper target)", "独占的市場シェア(上限目標値)"),
    Level("stable", Decimal("0.417"), "Relatively stable (stable target)", "相対的安定シェア(安定目標値)"),
    Level(
        "influence", Decimal("0.261"), "Influences the market (lower target)", "市場影響シェア(下限目標値)"
    ),
    Level("upper_parallel", Decimal("0.193"), "Upper among equals", "並列的上位シェア(上位目標値)"),
    Level("recognised", Decimal("0.109"), "Recognised in the market", "市場的認知シェア(影響目標値)"),
    Level("present", Decimal("0.068"), "Present in the market", "市場的存在シェア(存在目標値)"),
    Level("bridgehead", Decimal("0.028"), "Bridgehead", "市場橋頭堡シェア(拠点目標値)"),
)
"""From the highest down. Derived in Japan by 田岡信夫 and 斧田太公望 from Koopman's Lanchester model."""


@dataclass(frozen=True, slots=True)
class Market:
    """What the merchant states of a market: what it is, the year it speaks of, and its sales in that year.

    `total` is in the reporting currency, above 0. No order tells it, so nothing here ever guesses it."""

    name: str
    year: int
    total: Decimal


def koopman_level(of_market: Decimal) -> Level | None:
    """The level with the highest threshold that `of_market` (0.2 is 20 %) reaches; None below 2.8 %."""
    return next((level for level in LEVELS if of_market >= level.at_least), None)


def koopman_lines(valid: Frame, market: Market | None, *, as_of_day: int) -> list[ShopLine]:
    """The shop's share of the market that the merchant states, and its level; nothing where none is stated.

    market_share = net sales of the 365 days up to the day asked about / the market's total; n = the orders of
    these days, those of nobody known included. koopman_level: the threshold that the unrounded share reaches,
    0 below the lowest. `part`: the market's name and year; a total of an older year makes the share too large
    or too small, so the year stands beside it. In: `purchases.valid_purchases`.

    Metric: market_share · Share of the stated market · 市場シェア(市場規模は申告値)
    Metric: koopman_level · Koopman level · クープマン目標値の水準
    Unit: share
    Source: rule B9; クープマン目標値 (田岡信夫・斧田太公望), after B. O. Koopman's Lanchester model
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (B9); the total is the merchant's word, never inferred
    Settings: market.total, market.name, market.year, purchases.count_unpaid, purchases.exclude.*
    """
    if market is None:
        return []
    net, orders = _last_year(valid, as_of_day)
    reached = koopman_level(net / market.total)
    part = f"{market.name} {market.year}"
    return [
        ShopLine("market_share", part, share(net, market.total), orders),
        ShopLine("koopman_level", part, reached.at_least if reached else Decimal(0), orders),
    ]


def _last_year(valid: Frame, as_of_day: int) -> tuple[Decimal, int]:
    """Net sales and orders of the 365 days that end on `as_of_day`."""
    year = valid.filter(nw.col("ordered_day") > as_of_day - YEAR_DAYS)
    net, orders = year.select(nw.col("net").sum(), nw.len().alias("orders")).collect().row(0)
    return Decimal(net or 0), int(orders)
