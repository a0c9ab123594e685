"""Tenure (在籍期間): from the first purchase to the last, what was bought in between, and how often."""

from __future__ import annotations

import narwhals as nw

from metrics.purchases import Frame, PurchaseRules


def tenure(valid: Frame, *, rules: PurchaseRules) -> Frame:
    """First and last purchase, tenure, purchases and net spend of every person who bought.

    tenure_days = last purchase day - first purchase day: 0 for one purchase day; it moves only when
    somebody buys (or a purchase is taken back), never by waiting. purchases = distinct days with a valid
    order (`unit = "day"`) or valid orders (`unit = "order"`). net_spend = sum of net, exact decimals.

    In: `valid_purchases` (`person_id`, `ordered_day`, `net`). Out: one row per person with at least one
    valid purchase: `person_id`, `first_purchase_day`, `last_purchase_day`, `tenure_days`, `purchases` (all
    int), `net_spend` (decimal). Orders of nobody (`person_id` null) are left out.
    Source: the merchant's school, 「初回購入日」から「最終購入日」までの購入期間 (reference metrics A1-A2).
    """
    days = (
        valid.filter(~nw.col("person_id").is_null())
        .group_by("person_id", "ordered_day")
        .agg(nw.col("net").sum(), nw.len().alias("orders"))
    )
    units = nw.len() if rules.unit == "day" else nw.col("orders").sum()
    return (
        days.group_by("person_id")
        .agg(
            nw.col("ordered_day").min().alias("first_purchase_day"),
            nw.col("ordered_day").max().alias("last_purchase_day"),
            units.alias("purchases"),
            nw.col("net").sum().alias("net_spend"),
        )
        .with_columns(
            tenure_days=nw.col("last_purchase_day") - nw.col("first_purchase_day"),
            purchases=nw.col("purchases").cast(nw.Int64),
        )
    )
