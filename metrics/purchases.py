"""Valid purchases: which orders count as of a day, and what they are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw

Frame = nw.LazyFrame[Any]

ORDER_KEY = ("platform", "account", "order_id")
NEVER_PAID = ("VOIDED", "EXPIRED")
NOT_YET_PAID = ("PENDING", "AUTHORIZED")


@dataclass(frozen=True, slots=True)
class PurchaseRules:
    """What the merchant counts. `unit`: purchases are distinct days or single orders.

    `count_unpaid`: an order whose payment is still pending counts (convenience-store and bank-transfer
    payments stay pending for days).
    """

    unit: Literal["day", "order"] = "day"
    count_unpaid: bool = True


def countable_orders(orders: Frame, as_of_day: int, rules: PurchaseRules) -> Frame:
    """Orders of `as_of_day` or earlier that could count at all: what has no date of its own is asked here.

    In: `is_test`, `payment_status` (null: the system tells none, counts), `ordered_day`, `amount` and any
    other columns. Out: the same columns. Left out: tests, payments voided or expired, amounts of 0 or less
    (a free sample is no purchase), orders dated after `as_of_day`, and unpaid ones unless counted.
    """
    refused = NEVER_PAID if rules.count_unpaid else NEVER_PAID + NOT_YET_PAID
    status = nw.col("payment_status").fill_null("PAID")
    return orders.filter(
        nw.col("ordered_day") <= as_of_day,
        nw.col("amount") > 0,
        ~nw.col("is_test"),
        ~status.is_in(refused),
    )


def valid_purchases(orders: Frame, refunds: Frame, *, as_of_day: int, rules: PurchaseRules) -> Frame:
    """The orders that count as of `as_of_day`, with their net amount.

    net = amount - refunds dated `as_of_day` or earlier, and must be > 0: an order refunded in full counts
    for nothing, a refund or cancellation of a later day is not known yet. An order cancelled on `as_of_day`
    itself does not count.

    In: `orders` with the order key, `person_id` (null: unattributed), `ordered_day`, `cancelled_day`,
    `amount` (decimal, reporting currency), `is_test`, `payment_status`; `refunds` with the order key,
    `refunded_day`, `amount` (decimal, 0 or more; a refund of an unknown order is ignored).
    Out: the columns of `orders` and `net` (decimal). Source: design section 4, reference metrics section 7.
    """
    refunded = (
        refunds.filter(nw.col("refunded_day") <= as_of_day)
        .group_by(*ORDER_KEY)
        .agg(nw.col("amount").sum().alias("refunded"))
    )
    cancelled = nw.col("cancelled_day")
    return (
        countable_orders(orders, as_of_day, rules)
        .filter(cancelled.is_null() | (cancelled > as_of_day))
        .join(refunded, on=list(ORDER_KEY), how="left")
        .with_columns(
            net=nw.when(nw.col("refunded").is_null())
            .then(nw.col("amount"))
            .otherwise(nw.col("amount") - nw.col("refunded"))
        )
        .filter(nw.col("net") > 0)
        .drop("refunded")
    )
