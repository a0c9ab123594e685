"""What the shop's customers bought: the distributions of net spend, purchases and own purchase interval."""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from metrics.positions import quartile_positions, values_at
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, mean

_TENTH, _HUNDREDTH = Decimal("0.1"), Decimal("0.01")


def spend_lines(buyers: Frame, *, step: Decimal) -> list[ShopLine]:
    """Net spend of all buyers (part "all") and of those who bought on another day too (part "repeaters").

    A quartile is the smallest spend that a quarter (three quarters) of the people do not exceed, the median
    the one in the middle or half the sum of the two there. Who is known by the day of a first purchase alone
    spent nobody knows how much, and is left out; n = people of whom some amount is known.
    In: `tenure.tenure`; `step`: the smallest amount of the reporting currency, to which mean and median are
    rounded half up.

    Metric: net_spend_mean · Mean net spend · 平均累計購入金額
    Metric: net_spend_median · Median net spend · 累計購入金額の中央値
    Metric: net_spend_lower_quartile · Net spend, lower quartile · 累計購入金額の第1四分位
    Metric: net_spend_upper_quartile · Net spend, upper quartile · 累計購入金額の第3四分位
    Unit: reporting currency
    Source: ours, beside the distribution of tenure (docs/metrics.md)
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    known = buyers.filter(nw.col("net_spend") > 0)
    return _of_both("net_spend", known.select("gaps", value=nw.col("net_spend")), step)


def purchase_lines(buyers: Frame) -> list[ShopLine]:
    """How often people bought: of all buyers (part "all"), and of those who bought on another day too
    (part "repeaters").

    A purchase is a day or an order, as `purchases.unit` says. A quartile is the smallest number that a
    quarter (three quarters) of the people do not exceed. It is a distribution over the whole shop: nobody is
    ranked by it, and good customers are never listed by the number of their orders. In: `tenure.tenure`.

    Metric: purchases_mean · Mean purchases of a person · 1人あたりの平均購入回数
    Metric: purchases_median · Median purchases of a person · 購入回数の中央値
    Metric: purchases_lower_quartile · Purchases of a person, lower quartile · 購入回数の第1四分位
    Metric: purchases_upper_quartile · Purchases of a person, upper quartile · 購入回数の第3四分位
    Unit: purchases
    Source: ours, beside the distribution of tenure (docs/metrics.md)
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*
    """
    return _of_both("purchases", buyers.select("gaps", value=nw.col("purchases")), _HUNDREDTH)


def interval_lines(buyers: Frame) -> list[ShopLine]:
    """The own purchase interval (own_interval_days) of those who bought on another day too.

    Each person counts once, with their own mean gap in days to one decimal. In: `tenure.tenure`.

    Metric: own_interval_mean · Mean of the own purchase intervals · 平均購入間隔の平均
    Metric: own_interval_median · Median of the own purchase intervals · 平均購入間隔の中央値
    Metric: own_interval_lower_quartile · Own purchase interval, lower quartile · 平均購入間隔の第1四分位
    Metric: own_interval_upper_quartile · Own purchase interval, upper quartile · 平均購入間隔の第3四分位
    Unit: days
    Source: ours, beside the distribution of tenure (docs/metrics.md)
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    tenths = (nw.col("tenure_days") * 20 + nw.col("gaps")) // (nw.col("gaps") * 2)
    repeaters = buyers.filter(nw.col("gaps") > 0).select(value=tenths)
    found = _lines("own_interval", "repeaters", repeaters, Decimal(1))
    return [
        ShopLine(line.name, line.part, None if line.value is None else line.value * _TENTH, line.base)
        for line in found
    ]


def _of_both(name: str, values: Frame, step: Decimal) -> list[ShopLine]:
    repeaters = values.filter(nw.col("gaps") > 0)
    return [*_lines(name, "all", values, step), *_lines(name, "repeaters", repeaters, step)]


def _lines(name: str, part: str, values: Frame, step: Decimal) -> list[ShopLine]:
    ((n, total),) = values.select(nw.len().cast(nw.Int64).alias("n"), nw.col("value").sum()).collect().rows()
    names = [f"{name}_{what}" for what in ("mean", "lower_quartile", "median", "upper_quartile")]
    if n == 0:
        return [ShopLine(one, part, None, 0) for one in names]
    lower, middle, next_one, upper = values_at(values, "value", quartile_positions(n))
    figures = (mean(total, n, step), lower, mean(middle + next_one, 2, step), upper)
    return [ShopLine(one, part, Decimal(figure or 0), n) for one, figure in zip(names, figures, strict=True)]
