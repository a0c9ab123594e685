"""How far our segments agree with Shopify's own RFM groups, which are read and never computed again."""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

THEIR_GOOD = ("champions", "loyal")
OUR_GOOD = ("steady_active", "trend_active", "best_active")
OUR_BEST = "best_active"


def rfm_agreement_lines(rfm_groups: Frame, scored: Frame) -> list[ShopLine]:
    """Who is in which group of theirs and which segment of ours, and two shares that tell how far they agree.

    rfm_people: `part` "champions>best_active", n = who is in that group. rfm_agreement: `part`
    "theirs in ours": of their champions and loyal, the share who are steady, trend or best and active here;
    `part` "ours in theirs": of our best_active with a group, the share who are champions or loyal. Full
    agreement is not the aim: theirs ranks customers of one shop against each other by quintiles, so it moves
    when others buy; ours are fixed thresholds over all channels and the time between first and last
    purchase. A change of either share is worth a look, its height is not. Nothing where no group is read.

    In: `rfm_groups` (`person_id`, `rfm_group`: their name of it in lower case; somebody with records in two
    shops may have two), `scored` (`person_id`, `segment`).

    Metric: rfm_people · People by Shopify RFM group and segment · ShopifyのRFMグループと顧客区分の人数
    Metric: rfm_agreement · Agreement with Shopify's RFM groups · ShopifyのRFMグループとの一致率
    Unit: rfm_people: people; rfm_agreement: share
    Source: Shopify (CustomerStatistics.rfmGroup; help page "RFM customer analysis"); the comparison is ours
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, segment.*
    """
    cells = sorted(rfm_cells(rfm_groups, scored).collect().rows())
    base: dict[str, int] = {}
    for group, _, people in cells:
        base[group] = base.get(group, 0) + int(people)
    lines = [
        ShopLine("rfm_people", f"{group}>{segment}", Decimal(int(people)), base[group])
        for group, segment, people in cells
    ]
    if not cells:
        return []
    good = sum(base.get(group, 0) for group in THEIR_GOOD)
    both = _people(cells, THEIR_GOOD, OUR_GOOD)
    best = _people(cells, tuple(base), (OUR_BEST,))
    best_too = _people(cells, THEIR_GOOD, (OUR_BEST,))
    return [
        *lines,
        ShopLine("rfm_agreement", "theirs in ours", share(both, good), good),
        ShopLine("rfm_agreement", "ours in theirs", share(best_too, best), best),
    ]


def rfm_cells(rfm_groups: Frame, scored: Frame) -> Frame:
    """Their group against our segment: `rfm_group`, `segment`, `people`; at most 11 x 11 rows."""
    return (
        rfm_groups.filter(~nw.col("rfm_group").is_null())
        .select("person_id", "rfm_group")
        .unique(["person_id", "rfm_group"])
        .join(scored.select("person_id", "segment"), on="person_id", how="inner")
        .group_by("rfm_group", "segment")
        .agg(nw.len().cast(nw.Int64).alias("people"))
        .select("rfm_group", "segment", "people")
    )


def _people(cells: list[tuple[str, str, int]], groups: tuple[str, ...], segments: tuple[str, ...]) -> int:
    return sum(int(people) for group, segment, people in cells if group in groups and segment in segments)
