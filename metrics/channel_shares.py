"""Channels of the whole shop: what was bought where, direct or on marketplaces, in one or in several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.calendar import month_name, with_months
from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

DIRECT = ("online", "store", "phone", "sales", "social")
"""The merchant's own channels; `marketplace` is somebody else's shop, `other` nobody can say."""
MARKETPLACE = "marketplace"


def channel_months(valid: Frame, *, materialise: Materialise) -> Frame:
    """Orders, net spend and buyers by month and channel.

    In: `purchases.valid_purchases` (`person_id`, `ordered_day`, `channel`, `net`). Orders of nobody count as
    orders, not as buyers; what has no channel (a first purchase that only a field tells) is left out.
    Out: `month` (see `month_of`), `channel`, `orders`, `buyers` (people who bought there in that month; all
    ints), `net` (decimal). Whoever bought in two channels is a buyer of both: buyers do not add up.
    """
    used = valid.filter(~nw.col("channel").is_null())
    calendar = _months(used, materialise)
    daily = (
        used.group_by("ordered_day", "channel")
        .agg(nw.len().cast(nw.Int64).alias("orders"), nw.col("net").sum())
        .join(calendar, on="ordered_day", how="inner")
        .group_by("month", "channel")
        .agg(nw.col("orders").sum(), nw.col("net").sum())
    )
    buyers = (
        used.filter(~nw.col("person_id").is_null())
        .select("person_id", "channel", "ordered_day")
        .join(calendar, on="ordered_day", how="inner")
        .group_by("person_id", "channel", "month")
        .agg(nw.len().alias("orders"))
        .group_by("month", "channel")
        .agg(nw.len().cast(nw.Int64).alias("buyers"))
    )
    return daily.join(buyers, on=["month", "channel"], how="left").select(
        "month", "channel", "orders", nw.col("buyers").fill_null(0), "net"
    )


def channel_buyers(valid: Frame) -> Frame:
    """Buyers by the number of channels they used: `channels`, `people` (ints), a row each."""
    return (
        valid.filter(~nw.col("person_id").is_null(), ~nw.col("channel").is_null())
        .group_by("person_id", "channel")
        .agg(nw.len().alias("orders"))
        .group_by("person_id")
        .agg(nw.len().cast(nw.Int64).alias("channels"))
        .group_by("channels")
        .agg(nw.len().cast(nw.Int64).alias("people"))
    )


def channel_lines(months: Frame, buyers: Frame) -> list[ShopLine]:
    """What was bought where, in all and by month; channels in no order of rank.

    channel_orders, channel_net, channel_buyers: by month, `part` "2026-10 online", n = orders. direct_share,
    marketplace_share: their part of all net spend, `part` "" or the month, n = orders; the rest is `other`.
    omnichannel: buyers of two channels or more / buyers, n = buyers.

    In: `channel_months`, `channel_buyers`.

    Metric: channel_orders · Orders by channel · チャネル別の注文数
    Metric: channel_net · Net spend by channel · チャネル別の購入金額
    Metric: channel_buyers · Buyers by channel · チャネル別の購入者数
    Metric: direct_share · Direct share · 自社販路の比率
    Metric: marketplace_share · Marketplace share · モールの比率
    Metric: omnichannel · Buyers in several channels · 複数チャネルの購入者
    Unit: channel_orders: orders; channel_net: reporting currency; channel_buyers: people; else share
    Source: rules A9 to A12 and B19
    Since: 0.2.0 (2026-11-22)
    Verdict: kept; a main channel is rejected (A9)
    Settings: purchases.count_unpaid, purchases.exclude.*
    Settings: channels.*, salesforce.channel_field
    """
    rows = sorted(months.collect().rows(named=True), key=lambda row: (row["month"], row["channel"]))
    lines = _shares("", rows)
    for month in sorted({row["month"] for row in rows}):
        lines += _of_month(month_name(month), [r for r in rows if r["month"] == month])
    counts = {int(row["channels"]): int(row["people"]) for row in buyers.collect().rows(named=True)}
    people = sum(counts.values())
    several = sum(count for channels, count in counts.items() if channels > 1)
    return [*lines, ShopLine("omnichannel", "", share(several, people), people)]


def _months(used: Frame, materialise: Materialise) -> Frame:
    """`ordered_day` and its `month`, of the days on which anything was bought."""
    days = materialise(used.select("ordered_day").unique("ordered_day"))
    return materialise(with_months(days, {"month": "ordered_day"}, materialise=materialise))


def _of_month(month: str, rows: Iterable[Mapping[str, Any]]) -> list[ShopLine]:
    rows = list(rows)
    lines = []
    for row in rows:
        part, orders = f"{month} {row['channel']}", int(row["orders"])
        lines.append(ShopLine("channel_orders", part, Decimal(orders), orders))
        lines.append(ShopLine("channel_net", part, Decimal(row["net"]), orders))
        lines.append(ShopLine("channel_buyers", part, Decimal(int(row["buyers"])), orders))
    return [*lines, *_shares(month, rows)]


def _shares(part: str, rows: Iterable[Mapping[str, Any]]) -> list[ShopLine]:
    rows = list(rows)
    orders = sum(int(row["orders"]) for row in rows)
    net = {row["channel"]: Decimal(0) for row in rows}
    for row in rows:
        net[row["channel"]] += Decimal(row["net"])
    whole = sum(net.values(), Decimal(0))
    direct = sum((amount for channel, amount in net.items() if channel in DIRECT), Decimal(0))
    return [
        ShopLine("direct_share", part, share(direct, whole), orders),
        ShopLine("marketplace_share", part, share(net.get(MARKETPLACE, Decimal(0)), whole), orders),
    ]
