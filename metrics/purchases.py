"""Valid purchases: which orders count as of a day, what they are worth, and why the others do not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw

Frame = nw.LazyFrame[Any]

ORDER_KEY = ("platform", "account", "order_id")
NEVER_PAID = ("VOIDED", "EXPIRED")
NOT_YET_PAID = ("PENDING", "AUTHORIZED")
NOT_PURCHASES = ("reduction", "not_a_purchase")
"""Kinds of orders that are no purchases, and at once the reasons for which they are left out."""
DATED = ("cancelled", "refunded_in_full")
"""Reasons that come with an event of their own day; all others held from the beginning."""


@dataclass(frozen=True, slots=True)
class PurchaseRules:
    """What the merchant counts. `unit`: purchases are distinct days or single orders.

    `count_unpaid`: an order whose payment is still pending counts (convenience-store and bank-transfer
    payments stay pending for days). Left out are orders with one of `exclude_tags` (folded; the order's own
    or its customer's), of `exclude_channels`, and with `exclude_b2b` those of business buyers.
    """

    unit: Literal["day", "order"] = "day"
    count_unpaid: bool = True
    exclude_tags: tuple[str, ...] = ()
    exclude_channels: tuple[str, ...] = ()
    exclude_b2b: bool = False


def weighed_orders(orders: Frame, refunds: Frame, *, as_of_day: int, rules: PurchaseRules) -> Frame:
    """Every order with its net amount as of `as_of_day` and the reason why it does not count.

    net = amount - refunds dated `as_of_day` or earlier. `left_out` is null for an order that counts, else
    the first reason that holds:

    - `reduction`, `not_a_purchase`: by its `kind` it is a refund of another order, or not activated
    - `later`: dated after `as_of_day`
    - `test`
    - `cancelled`: on `as_of_day` or before; a cancellation of a later day is not known yet
    - `never_paid` (payment voided or expired), `unpaid` (pending, where those do not count)
    - `no_amount`: 0 or less; a free sample or an exchange's follow-up order is no purchase
    - `excluded_tag`, `excluded_channel`, `excluded_b2b`: as the merchant's settings say
    - `refunded_in_full`

    In: `orders` with the order key, `person_id` (null: unattributed), `ordered_day`, `cancelled_day`,
    `amount` (decimal, reporting currency), `amount_unknown` (boolean: a purchase known only by its day,
    amount 0, counts all the same), `is_test`, `payment_status` (null: the system tells none, counts),
    `kind`, `channel`, `tags` (list), `is_b2b`; `refunds` with the order key, `refunded_day`, `amount`
    (decimal, 0 or more; a refund of an unknown order is ignored).
    Out: the columns of `orders`, `net` (decimal) and `left_out`.
    Source: docs/metrics.md.
    """
    refunded = (
        refunds.filter(nw.col("refunded_day") <= as_of_day)
        .group_by(*ORDER_KEY)
        .agg(nw.col("amount").sum().alias("refunded"))
    )
    net = nw.when(nw.col("refunded").is_null()).then(nw.col("amount"))
    return (
        orders.join(refunded, on=list(ORDER_KEY), how="left")
        .with_columns(net=net.otherwise(nw.col("amount") - nw.col("refunded")))
        .with_columns(left_out=_first(_reasons(as_of_day, rules)))
        .drop("refunded")
    )


def valid_purchases(orders: Frame, refunds: Frame, *, as_of_day: int, rules: PurchaseRules) -> Frame:
    """The orders that count as of `as_of_day`, with their net amount.

    An order refunded in full counts for nothing; see `weighed_orders` for columns and rules.
    Out: the columns of `orders` and `net` (decimal).
    """
    weighed = weighed_orders(orders, refunds, as_of_day=as_of_day, rules=rules)
    return weighed.filter(nw.col("left_out").is_null()).drop("left_out")


def superseded_firsts(orders: Frame, refunds: Frame, *, as_of_day: int, rules: PurchaseRules) -> Frame:
    """First purchases known only by their day that say nothing new: an order that counts is as old.

    What the merchant's own field tells of somebody's first purchase is for those of whom no counted order
    does; an order that does not count (excluded, refunded in full, not paid) takes nothing from it.

    In: as in `weighed_orders`; rows with `amount_unknown` are such first purchases. Out: `person_id`, unique.
    """
    told = orders.filter(nw.col("amount_unknown"), ~nw.col("person_id").is_null())
    told = told.group_by("person_id").agg(nw.col("ordered_day").min().alias("told_day"))
    theirs = orders.filter(~nw.col("amount_unknown")).join(told, on="person_id", how="inner")
    counted = valid_purchases(theirs, refunds, as_of_day=as_of_day, rules=rules)
    return counted.filter(nw.col("ordered_day") <= nw.col("told_day")).select("person_id").unique()


def countable_orders(orders: Frame, as_of_day: int, rules: PurchaseRules) -> Frame:
    """Orders that count, or did before they were cancelled or refunded: columns as in `weighed_orders`."""
    undated = [(code, holds) for code, holds in _reasons(as_of_day, rules) if code not in DATED]
    return orders.filter(_first(undated).is_null())


def _reasons(as_of_day: int, rules: PurchaseRules) -> list[tuple[str, nw.Expr]]:
    """Every reason to leave an order out and its condition, the one to tell first first."""
    amount_known = ~nw.col("amount_unknown")
    reasons = [
        *((kind, nw.col("kind") == kind) for kind in NOT_PURCHASES),
        ("later", nw.col("ordered_day") > as_of_day),
        ("test", nw.col("is_test")),
        ("cancelled", nw.col("cancelled_day") <= as_of_day),
        ("never_paid", nw.col("payment_status").is_in(NEVER_PAID)),
        ("no_amount", amount_known & (nw.col("amount") <= 0)),
        *_exclusions(rules),
        ("refunded_in_full", amount_known & (nw.col("net") <= 0)),
    ]
    if not rules.count_unpaid:
        reasons.insert(-1, ("unpaid", nw.col("payment_status").is_in(NOT_YET_PAID)))
    return reasons


def _exclusions(rules: PurchaseRules) -> list[tuple[str, nw.Expr]]:
    """What the merchant's settings leave out."""
    reasons = []
    if rules.exclude_tags:
        tagged = (nw.col("tags").list.contains(tag) for tag in rules.exclude_tags)
        reasons.append(("excluded_tag", nw.any_horizontal(*tagged, ignore_nulls=True)))
    if rules.exclude_channels:
        reasons.append(("excluded_channel", nw.col("channel").is_in(rules.exclude_channels)))
    if rules.exclude_b2b:
        reasons.append(("excluded_b2b", nw.col("is_b2b")))
    return reasons


def _first(reasons: Sequence[tuple[str, nw.Expr]]) -> nw.Expr:
    """The code of the first reason that holds, null where none does (an unknown fact is no reason)."""
    (code, holds), *others = reasons
    chain = nw.when(holds).then(nw.lit(code))
    for code, holds in others:
        chain = chain.when(holds).then(nw.lit(code))
    return chain.otherwise(nw.lit(None, nw.String))
