"""Channels (購入チャネル): where a person's counted purchases were made. All channels count alike."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from metrics.purchases import Frame

_PLACES = 16
_DAYS_BEYOND = 1 << 24
"""More days than any calendar here has."""


def channels(valid: Frame, *, catalogue: Sequence[str]) -> Frame:
    """The channels of every person's valid purchases, once each.

    In: `valid_purchases` (`person_id`, `channel`: a code of `catalogue`). Out: `person_id`, `channels`:
    the codes joined with `;` in the order of `catalogue`, never empty; persons without a valid purchase are
    not in the frame. No channel is the main one.

    Metric: channels · Purchase Channels · 購入チャネル
    Unit: list of codes
    Source: rules A4, A11 and A12
    Since: 0.1.0 (2026-11-21)
    Verdict: kept; a main channel is rejected (A9)
    Settings: purchases.count_unpaid, purchases.exclude.*
    Settings: channels.*, salesforce.channel_field
    """
    used = [(nw.col("channel") == code).any().alias(f"used_{code}") for code in catalogue]
    codes = [nw.when(nw.col(f"used_{code}")).then(nw.lit(code)) for code in catalogue]
    joined = nw.concat_str(*codes, separator=";", ignore_nulls=True)
    return (
        valid.filter(~nw.col("person_id").is_null(), nw.col("channel").is_in(list(catalogue)))
        .group_by("person_id")
        .agg(*used)
        .select("person_id", channels=joined)
    )


def preferred_channel(valid: Frame, *, catalogue: Sequence[str]) -> Frame:
    """The channel in which a person bought on most days: where that person chooses to be, by behaviour.

    Of channels with as many days the one used latest, then the first in the list of channels. It speaks of
    one person; no channel is the main one of the shop.

    In: `valid_purchases` (`person_id`, `ordered_day`, `channel`). Out: `person_id`, `preferred_channel`,
    `channel_count` (int, 2 or more: buys in several channels); persons without a valid purchase in a channel
    of `catalogue` (at most 16 codes) are not in the frame.

    Metric: preferred_channel · Preferred channel · よく使う購入チャネル
    Unit: code
    Source: rules A10 and A11
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: purchases.count_unpaid, purchases.exclude.*
    Settings: channels.*, salesforce.channel_field
    """
    place = nw.when(nw.col("channel") == catalogue[0]).then(nw.lit(0, nw.Int64))
    for nth, code in enumerate(catalogue[1:], start=1):
        place = place.when(nw.col("channel") == code).then(nw.lit(nth, nw.Int64))
    chosen = nw.when(nw.col("place") == 0).then(nw.lit(catalogue[0]))
    for nth, code in enumerate(catalogue[1:], start=1):
        chosen = chosen.when(nw.col("place") == nth).then(nw.lit(code))
    # One number that is greater for more days, then for the later day, then for the earlier place.
    rank = (nw.col("days") * _DAYS_BEYOND + nw.col("last_day")) * _PLACES + (_PLACES - 1 - nw.col("place"))
    return (
        valid.filter(~nw.col("person_id").is_null(), nw.col("channel").is_in(list(catalogue)))
        .select("person_id", "ordered_day", place=place.otherwise(None))
        .group_by("person_id", "place", "ordered_day")
        .agg(nw.len().alias("orders"))
        .group_by("person_id", "place")
        .agg(nw.len().cast(nw.Int64).alias("days"), nw.col("ordered_day").max().alias("last_day"))
        .with_columns(rank=rank)
        .group_by("person_id")
        .agg(nw.col("rank").max(), nw.len().cast(nw.Int64).alias("channel_count"))
        .with_columns(place=_PLACES - 1 - nw.col("rank") % _PLACES)
        .select("person_id", preferred_channel=chosen.otherwise(None), channel_count="channel_count")
    )
