"""Subscribers (定期購入) apart: their repeat buying is arranged, so it must not colour everybody else's."""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from metrics.lapse import lapses_day
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

ACTIVE = "active"
SUBSCRIBERS, OTHERS = PARTS = ("subscribers", "others")


def subscribers(subscriptions: Frame) -> Frame:
    """Who has an active subscription by some record: `person_id`, once each.

    In: `person_id`, `status` in lower case as the shop tells it (active, paused, cancelled, expired, failed,
    never_subscribed); one row per record.
    """
    active = subscriptions.filter(nw.col("status") == ACTIVE, ~nw.col("person_id").is_null())
    return active.select("person_id").unique("person_id")


def subscriber_lines(
    buyers: Frame, subscriptions: Frame, *, as_of_day: int, lapse_days: int
) -> list[ShopLine]:
    """Buyers, lapsed and repeaters among those with an active subscription and among all others.

    subscription_buyers: n = all buyers. subscription_lapsed: lapsed / buyers of the part.
    subscription_repeat: buyers with two purchases or more / buyers of the part. `part`: subscribers, others.
    The status is the one of now, whatever the day. Where no record tells a status, subscribers have no value.
    In: `buyers` (`tenure.tenure`), `subscriptions` as in `subscribers`.

    Metric: subscription_buyers · Buyers with and without a subscription · 定期購入の有無別の購入者数
    Metric: subscription_lapsed · Lapsed, with and without a subscription · 定期購入の有無別の離脱率
    Metric: subscription_repeat · Repeaters, with and without a subscription · 定期購入の有無別のリピーター率
    Unit: subscription_buyers: people; else share
    Source: Shopify (productSubscriberStatus); that these stand apart is ours
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, segment.lapse_days
    """
    known = len(subscriptions.head(1).collect()) > 0
    counts = _counts(
        buyers, subscribers(subscriptions), lapses_day(nw.col("last_purchase_day"), lapse_days) <= as_of_day
    )
    everybody = sum(people for people, _, _ in counts.values())
    lines = []
    for part in PARTS:
        people, lapsed, repeaters = counts[part]
        told = Decimal(people) if known or part == OTHERS else None
        lines.append(ShopLine("subscription_buyers", part, told, everybody if told is not None else 0))
        lines.append(ShopLine("subscription_lapsed", part, share(lapsed, people), people))
        lines.append(ShopLine("subscription_repeat", part, share(repeaters, people), people))
    return lines


def _counts(buyers: Frame, active: Frame, lapsed: nw.Expr) -> dict[str, tuple[int, int, int]]:
    """Buyers, lapsed and repeaters of each part."""
    marked = active.with_columns(subscribes=nw.lit(1, nw.Int64))
    rows = (
        buyers.select(
            "person_id",
            lapsed=lapsed.cast(nw.Int64),
            repeaters=(nw.col("purchases") >= 2).cast(nw.Int64),
        )
        .join(marked, on="person_id", how="left")
        .with_columns(nw.col("subscribes").fill_null(0))
        .group_by("subscribes")
        .agg(nw.len().cast(nw.Int64).alias("people"), nw.col("lapsed").sum(), nw.col("repeaters").sum())
        .collect()
        .rows(named=True)
    )
    found = dict.fromkeys(PARTS, (0, 0, 0))
    for row in rows:
        part = SUBSCRIBERS if row["subscribes"] else OTHERS
        found[part] = (int(row["people"]), int(row["lapsed"]), int(row["repeaters"]))
    return found
