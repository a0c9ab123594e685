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
    """The orders that count, and what became of the few that ended or were lowered; one row per order.

    `orders`: order key, `person_id`, `ordered_day`, `amount`; those of `ended` and `never` included.
    `never`: the same columns, those of `orders` that ended before they began: they never counted.
    `ended`: the same, `ended_day`, the first day on which they do not count any more, and `rest`, the net
    they still had on the day before.
    `lowered`: `person_id`, `day`, `amount` of the refunds that lowered a net without ending the order.
    All but `orders` are few and materialised: an order that just counts passes no join.
    """

    orders: Frame
    never: Frame
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
    steps = materialise(_refund_steps(known, refunds, as_of_day))
    ends = materialise(_ends(known, steps, as_of_day))
    counted = nw.col("ended_day") > nw.col("ordered_day")
    lowered = materialise(_lowered(steps, ends))
    ended = materialise(_with_rest(ends.filter(counted), lowered))
    never = materialise(ends.filter(~counted).select(*FACTS))
    return Lives(known.select(*FACTS), never, ended, lowered)


def _refund_steps(known: Frame, refunds: Frame, as_of_day: int) -> Frame:
    """Refunds per order and day, never before the order itself, with what was refunded up to that day."""
    daily = (
        refunds.filter(nw.col("refunded_day") <= as_of_day)
        .select(*KEY, "refunded_day", refund=nw.col("amount"))
        .join(known.select(*FACTS), on=KEY, how="inner")
        .with_columns(day=nw.max_horizontal("refunded_day", "ordered_day"))
        .group_by(*FACTS, "day")
        .agg(nw.col("refund").sum())
    )
    return daily.with_columns(refunded=nw.col("refund").cum_sum().over(*KEY, order_by="day"))


def _ends(known: Frame, steps: Frame, as_of_day: int) -> Frame:
    """The orders that were cancelled or refunded in full, and the first day on which they were."""
    cancelled = known.filter(nw.col("cancelled_day") <= as_of_day)
    emptied = steps.filter(nw.col("amount") > 0, nw.col("refunded") >= nw.col("amount"))
    return (
        nw.concat(
            [
                cancelled.select(*FACTS, ended_day=nw.col("cancelled_day")),
                emptied.select(*FACTS, ended_day=nw.col("day")),
            ],
            how="vertical",
        )
        .group_by(*FACTS)
        .agg(nw.col("ended_day").min())
    )


def _lowered(steps: Frame, ends: Frame) -> Frame:
    """The refunds of orders while they counted."""
    return (
        steps.join(ends.select(*KEY, "ended_day"), on=KEY, how="left")
        .filter(nw.col("ended_day").is_null() | (nw.col("day") < nw.col("ended_day")))
        .select(*KEY, "person_id", "day", amount=nw.col("refund"))
    )


def _with_rest(ended: Frame, lowered: Frame) -> Frame:
    refunded = lowered.group_by(*KEY).agg(nw.col("amount").sum().alias("refunded"))
    whole = nw.when(nw.col("refunded").is_null()).then(nw.col("amount"))
    return ended.join(refunded, on=KEY, how="left").select(
        *FACTS, "ended_day", rest=whole.otherwise(nw.col("amount") - nw.col("refunded"))
    )
