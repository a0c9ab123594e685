"""Tenure (在籍期間): from the first purchase to the last, what was bought in between, and how often."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import narwhals as nw

from metrics.purchases import Frame, PurchaseRules


def purchase_days(valid: Frame) -> Frame:
    """One row per person and day on which they bought; person null: what nobody's orders come to that day.

    In: `valid_purchases` (`person_id`, `ordered_day`, `net`). Out: `person_id`, `ordered_day` (int), `net`
    (decimal, the day's sum), `orders` (int), `priced` (those of them whose amount is known).
    """
    # An order of a known amount counts only while some of it is left.
    priced = (nw.col("net") > 0).cast(nw.Int64)
    return (
        valid.with_columns(priced=priced)
        .group_by("person_id", "ordered_day")
        .agg(
            nw.col("net").sum(),
            nw.len().cast(nw.Int64).alias("orders"),
            nw.col("priced").sum().cast(nw.Int64),
        )
    )


def tenure(valid: Frame, *, rules: PurchaseRules) -> Frame:
    """First and last purchase, tenure, purchases and net spend of every person who bought.

    tenure_days = last purchase day - first purchase day: 0 for one purchase day; it moves only when
    somebody buys (or a purchase is taken back), never by waiting. purchases = distinct days with a valid
    order (`purchases.unit` "day") or valid orders ("order"). net_spend = sum of net, exact decimals.

    In: `valid_purchases` (`person_id`, `ordered_day`, `net`). Out: one row per person with at least one
    valid purchase: `person_id`, `first_purchase_day`, `last_purchase_day`, `tenure_days`, `purchases`,
    `gaps` (purchase days - 1, whatever the unit; all int), `net_spend` (decimal). Orders of nobody
    (`person_id` null) are left out.

    Metric: tenure_days · Tenure · 在籍期間
    Metric: first_purchase_on · First purchase date · 初回購入日
    Metric: last_purchase_on · Last purchase date · 最終購入日
    Metric: purchases · Purchases · 購入回数
    Metric: net_spend · Net spend · 累計購入金額
    Unit: tenure_days: days; purchases: purchases; net_spend: reporting currency; else date
    Source: rules A1 and A2, 「初回購入日」から「最終購入日」までの購入期間
    Since: 0.1.0 (2026-11-21)
    Verdict: kept
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, history.*
    """
    units = nw.len() if rules.unit == "day" else nw.col("orders").sum()
    return (
        purchase_days(valid.filter(~nw.col("person_id").is_null()))
        .group_by("person_id")
        .agg(
            nw.col("ordered_day").min().alias("first_purchase_day"),
            nw.col("ordered_day").max().alias("last_purchase_day"),
            units.alias("purchases"),
            nw.len().alias("purchase_days"),
            nw.col("net").sum().alias("net_spend"),
        )
        .with_columns(
            tenure_days=nw.col("last_purchase_day") - nw.col("first_purchase_day"),
            purchases=nw.col("purchases").cast(nw.Int64),
            gaps=nw.col("purchase_days").cast(nw.Int64) - 1,
        )
        .drop("purchase_days")
    )


def own_interval(tenure_days: int, gaps: int) -> Decimal | None:
    """own_interval_days = tenure_days / (purchase days - 1): the mean gap between a person's purchase days.

    Rounded half up to one decimal; no value for one purchase day. It describes, and decides nothing: own gaps
    leave out the one that is still open, so they are shorter than the truth.

    Metric: own_interval_days · Own purchase interval · 本人の平均購入間隔
    Unit: days
    Source: ours, to describe one person (docs/metrics.md)
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    if gaps == 0:
        return None
    return (Decimal(tenure_days) / gaps).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
