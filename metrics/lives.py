"""How long each order counted as a purchase: the event form of `purchases.valid_purchases`.

An order's net only ever falls (refunds are 0 or more), so it counts on one stretch of days: from its own
day to the day before it is cancelled or refunded in full. Everything a past day knew follows from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import narwhals as nw

from metrics.purchases import ORDER_KEY, Frame, PurchaseRules, countable_orders

Materialise = Callable[[Frame], Frame]
"""Computes a frame once and gives it back as one that is cheap to read again."""

KEY = list(ORDER_KEY)
FACTS = [*KEY, "person_id", "ordered_day", "amount"]


@dataclass(frozen=True, slots=True)
class Lives:
    """The orders that counted on at least one day, and what became of them; one row per order.

    `orders`: order key, `person_id`, `ordered_day`, `amount`, `ended_day` (null: counts still).
    `ended`: those with an `ended_day`, and `rest`, the net they still had on the day before.
    `lowered`: `person_id`, `day`, `amount` of the refunds that lowered a net without ending the order.
    `ended` and `lowered` are few and materialised.
    """

    orders: Frame
    ended: Frame
    lowered: Frame


def order_lives(
    orders: Frame, refunds: Frame, *, as_of_day: int, rules: PurchaseRules, materialise: Materialise
) -> Lives:
    """For every day x <= `as_of_day`: which orders counted on x, and what took their net down until then.

    Columns in as in `valid_purchases`. Events after `as_of_day` are not seen. A refund dated before its
    order takes effect with the order. Orders of nobody are left out.
    """
    known = countable_orders(orders, as_of_day, rules).filter(~nw.col("person_id").is_null())
    cancelled = nw.when(nw.col("cancelled_day") <= as_of_day).then(nw.col("cancelled_day"))
    dated = known.select(*FACTS, cancelled_day=cancelled)
    steps = materialise(_refund_steps(dated, refunds, as_of_day))
    emptied = (
        steps.filter(nw.col("refunded") >= nw.col("amount"))
        .group_by(*KEY)
        .agg(nw.col("day").min().alias("emptied_day"))
    )
    lived = _counted(dated.join(emptied, on=KEY, how="left")).select(*FACTS, "ended_day")
    lowered = _counted(steps.join(emptied, on=KEY, how="left")).filter(
        nw.col("ended_day").is_null() | (nw.col("day") < nw.col("ended_day"))
    )
    lowered = materialise(lowered.select(*KEY, "person_id", "day", amount=nw.col("refund")))
    ended = materialise(_with_rest(lived.filter(~nw.col("ended_day").is_null()), lowered))
    return Lives(lived, ended, lowered)


def _refund_steps(dated: Frame, refunds: Frame, as_of_day: int) -> Frame:
    """Refunds per order and day, never before the order itself, with what was refunded up to that day."""
    owners = [*FACTS, "cancelled_day"]
    daily = (
        refunds.filter(nw.col("refunded_day") <= as_of_day)
        .select(*KEY, "refunded_day", refund=nw.col("amount"))
        .join(dated, on=KEY, how="inner")
        .with_columns(day=nw.max_horizontal("refunded_day", "ordered_day"))
        .group_by(*owners, "day")
        .agg(nw.col("refund").sum())
    )
    return daily.with_columns(refunded=nw.col("refund").cum_sum().over(*KEY, order_by="day"))


def _counted(orders: Frame) -> Frame:
    """Orders with the day they ended on, if they did; without those that ended before they began."""
    return orders.with_columns(ended_day=nw.min_horizontal("cancelled_day", "emptied_day")).filter(
        nw.col("ended_day").is_null() | (nw.col("ended_day") > nw.col("ordered_day"))
    )


def _with_rest(ended: Frame, lowered: Frame) -> Frame:
    refunded = lowered.group_by(*KEY).agg(nw.col("amount").sum().alias("refunded"))
    whole = nw.when(nw.col("refunded").is_null()).then(nw.col("amount"))
    return ended.join(refunded, on=KEY, how="left").select(
        *FACTS, "ended_day", rest=whole.otherwise(nw.col("amount") - nw.col("refunded"))
    )
