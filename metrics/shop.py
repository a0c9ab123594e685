"""The threshold M of the portfolio, derived from the shop's own orders."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import narwhals as nw

from metrics.purchases import Frame

LEAST_ORDERS = 100
ORDERS_IN_BEST_SPEND = 7


@dataclass(frozen=True, slots=True)
class TooFewOrders:
    """There are not enough valid orders (`orders` < `LEAST_ORDERS`) to derive a threshold from."""

    orders: int


@dataclass(frozen=True, slots=True)
class BestSpend:
    """`value`: M in the reporting currency. `mean`, `median`: of a valid order's net; `orders`: their number.

    `skewed`: the mean exceeds twice the median, so a few large orders pull M up.
    """

    value: Decimal
    mean: Decimal
    median: Decimal
    orders: int
    skewed: bool


def derive_best_spend(valid: Frame) -> BestSpend | TooFewOrders:
    """M = 7 x the mean net of a valid order, rounded half up to two significant digits.

    In: `purchases.valid_purchases` (`net`; orders of nobody are orders too, purchases of unknown amount have
    net 0 and say nothing). Decimals throughout: the engine only adds and sorts, the divisions happen here.
    Source: 7 x the average order is MakeRepeater's rule and gives LTV-Lab's 70,000 yen at
    an average order of 10,000 (docs/calibration.md).
    """
    valid = valid.filter(nw.col("net") > 0)
    row = valid.select(nw.len().alias("orders"), nw.col("net").sum().alias("total")).collect().row(0)
    orders = int(row[0])
    if orders < LEAST_ORDERS:
        return TooFewOrders(orders)
    mean = Decimal(row[1]) / orders
    median = _median(valid, orders)
    return BestSpend(
        value=two_significant_digits(ORDERS_IN_BEST_SPEND * mean),
        mean=mean,
        median=median,
        orders=orders,
        skewed=mean > 2 * median,
    )


def two_significant_digits(amount: Decimal) -> Decimal:
    """`amount` (> 0) rounded half up to two significant digits, in plain notation: 251.54 is 250."""
    step = Decimal(1).scaleb(amount.adjusted() - 1)
    rounded = (amount / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded


def _median(valid: Frame, orders: int) -> Decimal:
    """The exact median by position; engines' own medians of decimals are not exact."""
    middle = {(orders - 1) // 2, orders // 2}
    found = (
        valid.select("net")
        .with_row_index("place", order_by="net")
        .filter(nw.col("place").is_in(sorted(middle)))
        .select("net")
        .collect()
        .rows()
    )
    return sum((Decimal(net) for (net,) in found), Decimal(0)) / len(middle)
