"""From new to best (新規から優良への育成): how many get there, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

from metrics.positions import median_of
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

BEST = ("best_active", "best_lapsed")


@dataclass(frozen=True, slots=True)
class BestReach:
    """Buyers old enough to judge, how many of them became best in time, and how long these took."""

    people: int
    reached: int
    median_days: Decimal | None


def best_reach(spans: Frame, buyers: Frame, *, as_of_day: int, horizon_days: int) -> BestReach:
    """Of the buyers who came `horizon_days` ago or earlier: who became best within that time.

    Time to best = first day in a best segment - first valid purchase, which is where tenure begins: what was
    refunded in full is neither. A best segment entered before it rested on such a purchase and counts for
    nothing. Mature only: whoever has had less time is in neither number, whether best already or not. The
    median is over those who got there, exact by position: it says nothing of the others.
    In: `segment_spans.segment_spans` and `tenure.tenure` as of `as_of_day`, materialised.
    """
    came = nw.col("first_purchase_day")
    entered = spans.filter(nw.col("segment").is_in(BEST)).select("person_id", "from_day")
    mature = buyers.filter(came <= as_of_day - horizon_days).select("person_id", "first_purchase_day")
    reached_best = (
        mature.join(entered, on="person_id", how="inner")
        .filter(nw.col("from_day") >= came)
        .group_by("person_id")
        .agg(best_day=nw.col("from_day").min())
    )
    persons = mature.join(reached_best, on="person_id", how="left").select(days=nw.col("best_day") - came)
    found = persons.group_by("days").agg(nw.len().cast(nw.Int64).alias("people")).collect().rows()
    in_time = sorted((days, people) for days, people in found if days is not None and days <= horizon_days)
    reached = sum(people for _, people in in_time)
    return BestReach(sum(people for _, people in found), reached, median_of(in_time))


def best_reach_lines(spans: Frame, buyers: Frame, *, as_of_day: int, horizon_days: int) -> list[ShopLine]:
    """How many new customers became best within so many days of the first purchase that counts, and how soon.

    `part` names the horizon ("365 days"). n of the share: buyers who came so many days ago or earlier; n of
    the median time: those of them who got there.

    In: as in `best_reach`.

    Metric: new_to_best_share · New to best · 新規から優良になった割合
    Metric: new_to_best_days · Time to best, median · 優良になるまでの日数(中央値)
    Unit: new_to_best_share: share; new_to_best_days: days
    Source: rule A17; MakeRepeater help (20 of 100 new after a year, a guide value)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, segment.*
    """
    found = best_reach(spans, buyers, as_of_day=as_of_day, horizon_days=horizon_days)
    part = f"{horizon_days} days"
    return [
        ShopLine("new_to_best_share", part, share(found.reached, found.people), found.people),
        ShopLine("new_to_best_days", part, found.median_days, found.reached),
    ]
