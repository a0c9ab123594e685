"""Moves of every month: who was raised to a higher tier (引上げ), and who lapsed (離脱)."""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from metrics.calendar import month_name, month_of, with_months
from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.segment import TIERS
from metrics.shop_line import ShopLine, share

NOBODY = TIERS[0]


def month_end_moves(spans: Frame, *, as_of_day: int, materialise: Materialise) -> Frame:
    """Which segment a person had at the end of a month, where it was another at the end of the month before.

    The end of the month of `as_of_day` is that day itself. What comes and goes within a month does not
    show. In: `segment_spans.segment_spans` as of `as_of_day`, materialised. Out: `month` (number),
    `was`, `became` (codes; `prospect`: no buyer), `people` (int); a few rows for each month.
    """
    this_month = month_of(as_of_day)
    dated = with_months(spans, {"month": "from_day", "until": "until_day"}, materialise=materialise)
    seen = dated.with_columns(nw.col("until").fill_null(this_month + 1)).filter(
        nw.col("month") < nw.col("until")
    )
    was = nw.col("segment").shift(1).over("person_id", order_by="month")
    return (
        seen.select("month", "segment", was=was)
        .with_columns(nw.col("was").fill_null(NOBODY))
        .filter(nw.col("was") != nw.col("segment"))
        .rename({"segment": "became"})
        .group_by("month", "was", "became")
        .agg(nw.len().cast(nw.Int64).alias("people"))
    )


def segment_move_lines(
    spans: Frame, *, as_of_day: int, months: int, materialise: Materialise
) -> list[ShopLine]:
    """Who was raised to a higher tier and who lapsed, month by month, the running month included.

    raised: at the end of the month in a higher tier than at the end of the month before (first, fledgling,
    steady, trend, best); base: the buyers of that earlier day who were not best. lapsed: active then, lapsed
    at the end of the month; base: the active of that earlier day. Parts: "2026-10" for all, and
    "2026-10 first" for who was in that tier.

    Metric: raised_people · Raised to a higher tier · 引上げ
    Metric: raised_share · Raised to a higher tier, share · 引上げ率
    Metric: lapsed_people · Lapsed in the month · 離脱
    Metric: lapsed_share · Lapsed in the month, share of the active · 離脱率
    Unit: raised_people, lapsed_people: people; raised_share, lapsed_share: share
    Source: rules A17 and A18; うちでのこづち (現役・引上げ・離脱 per rank and month)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, segment.*
    """
    moves: dict[int, list[tuple[str, str, int]]] = {}
    found = month_end_moves(spans, as_of_day=as_of_day, materialise=materialise)
    for month, was, became, people in found.select("month", "was", "became", "people").collect().rows():
        moves.setdefault(month, []).append((was, became, people))
    standing: dict[str, int] = {}
    last = month_of(as_of_day)
    lines: list[ShopLine] = []
    for month in range(min(moves, default=last), last + 1):
        if month > last - months:
            lines += _lines_of(month_name(month), standing, moves.get(month, []))
        for was, became, people in moves.get(month, []):
            standing[was] = standing.get(was, 0) - people
            standing[became] = standing.get(became, 0) + people
    return lines


def _lines_of(month: str, standing: dict[str, int], moves: list[tuple[str, str, int]]) -> list[ShopLine]:
    """The lines of one month: `standing` holds the people of each segment at the end of the month before."""
    raised, lapsed = dict.fromkeys(TIERS[1:-1], 0), dict.fromkeys(TIERS[1:], 0)
    for was, became, people in moves:
        tier, was_active = _tier(was), was.endswith("_active")
        if tier in raised and TIERS.index(_tier(became)) > TIERS.index(tier):
            raised[tier] += people
        if was_active and became.endswith("_lapsed"):
            lapsed[tier] += people
    active = {tier: standing.get(f"{tier}_active", 0) for tier in lapsed}
    buyers = {tier: active[tier] + standing.get(f"{tier}_lapsed", 0) for tier in raised}
    return [*_shares("raised", month, raised, buyers), *_shares("lapsed", month, lapsed, active)]


def _shares(name: str, month: str, moved: dict[str, int], base: dict[str, int]) -> list[ShopLine]:
    parts = [(month, sum(moved.values()), sum(base.values()))]
    parts += [(f"{month} {tier}", moved[tier], base[tier]) for tier in moved]
    return [
        line
        for part, people, of in parts
        for line in (
            ShopLine(f"{name}_people", part, Decimal(people), of),
            ShopLine(f"{name}_share", part, share(people, of), of),
        )
    ]


def _tier(segment: str) -> str:
    return segment.split("_", maxsplit=1)[0]
