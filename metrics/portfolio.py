"""The portfolio (顧客ポートフォリオ): how many people stand in which segment."""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from metrics.purchases import Frame
from metrics.segment import TIERS
from metrics.shop_line import ShopLine, share

PROSPECT = TIERS[0]
SEGMENTS = (PROSPECT, *(f"{tier}_{state}" for tier in TIERS[1:] for state in ("active", "lapsed")))


def portfolio_lines(scored: Frame) -> list[ShopLine]:
    """People by segment; every segment has its line, `part` its code.

    segment_people: n = everybody scored, prospects too. segment_share: of the buyers, n = these; prospects
    have none, since how many of them there are depends on how names are collected.
    In: `scored` (`person_id`, `segment`), one row a person.

    Metric: segment_people · People by segment · 顧客区分別の人数
    Metric: segment_share · Buyers by segment · 購入者に占める顧客区分の割合
    Unit: segment_people: people; segment_share: share
    Source: rules A17 and A18; LTV-Lab help (faqhelp.ltv-lab.jp)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, segment.*
    """
    counted = scored.group_by("segment").agg(nw.len().cast(nw.Int64).alias("people"))
    found = {code: int(people) for code, people in counted.select("segment", "people").collect().rows()}
    everybody = sum(found.values())
    buyers = everybody - found.get(PROSPECT, 0)
    people = [ShopLine("segment_people", code, Decimal(found.get(code, 0)), everybody) for code in SEGMENTS]
    shares = [
        ShopLine("segment_share", code, share(found.get(code, 0), buyers), buyers) for code in SEGMENTS[1:]
    ]
    return [*people, *shares]
