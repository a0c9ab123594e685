"""Refunds and returns for quality that speak of satisfaction: those of orders that count, or once did."""

from __future__ import annotations

import narwhals as nw

from metrics.evidence import KINDS, QUALITY_REASON, RETURN
from metrics.lives import KEY, Materialise
from metrics.purchases import Frame, PurchaseRules, countable_orders


def speaking(
    touches: Frame,
    refunds: Frame,
    orders: Frame,
    *,
    as_of_day: int,
    rules: PurchaseRules,
    materialise: Materialise,
) -> tuple[Frame, Frame]:
    """`touches` and `refunds` as `satisfaction.satisfaction` reads them, without what says nothing.

    Refunds of another reason say nothing of quality. A test, an order that the merchant's settings leave out,
    one that was never paid or cost nothing was no purchase, so that taking it back is no complaint. An order
    refunded or cancelled after it had counted still speaks. Touches of other kinds stay as they are.

    In: `touches` (`kind`, `day`, the order key; `order_id` null but for returns), `refunds` (the order key,
    `refunded_day`, `reason`), `orders` as in `purchases.weighed_orders`. Out: their columns. Few orders are
    looked at, however many there are: those of which something was given back by `as_of_day`.
    """
    is_return = nw.col("kind") == KINDS[RETURN]
    spoiled = refunds.filter(nw.col("reason") == QUALITY_REASON, nw.col("refunded_day") <= as_of_day)
    returned = touches.filter(is_return, nw.col("day") <= as_of_day)
    looked_at = nw.concat([spoiled.select(*KEY), returned.select(*KEY)], how="vertical").unique(KEY)
    theirs = orders.join(looked_at, on=KEY, how="semi")
    purchases = materialise(countable_orders(theirs, as_of_day, rules).select(*KEY))
    told = [touches.filter(~is_return), returned.join(purchases, on=KEY, how="semi")]
    return nw.concat(told, how="vertical"), spoiled.join(purchases, on=KEY, how="semi")
