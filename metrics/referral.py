"""What a person's word of mouth (紹介) is worth: friends, generations, score, revenue, speed.

Word of mouth and repeat buying are two axes, never one number. Who brought whom: `metrics.attribution`.
Nothing here is a basis for rewards; no amount of a reward is derived from any of it.
"""

from __future__ import annotations

import narwhals as nw

from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.referral_codes import ambiguous_codes

__all__ = ["ambiguous_codes", "referral_scores"]

MAX_GENERATIONS = 64
"""What lies deeper weighs less than 0.5^63 a person: nothing in two decimals."""
_MONEY = nw.Decimal(38, 4)


def referral_scores(edges: Frame, buyers: Frame, *, materialise: Materialise) -> Frame:
    """How many a person referred, how far it went, what they spent and how fast it was.

    - referrals = n_1, the people whose first valid purchase this person is credited with
    - referral_generations = the deepest generation k that has somebody in it (at most 64)
    - referral_subtree = sum of n_k, everybody below this person in the tree
    - referral_score = sum over generations k of 0.5^(k-1) x n_k, half up to two decimals
    - referred_revenue = net spend of the direct friends to date, subtree_revenue = of the whole subtree. A
      friend's money counts for every referrer above, so these do not add up over people
    - referral_cycle_days = median days from this person's first valid purchase to the friends' (x.5 for the
      mean of the middle two)
    - newest_friend_day = first purchase day of the newest direct friend

    None of these is a basis for rewards; one for what friends of friends buy may be unlawful (連鎖販売取引).

    In: `attribution.referrals` (`person_id`, `referrer_id`, `ordered_day`, `cycle_days`), `buyers`
    (`tenure.tenure`). Out: `person_id` and these columns (int; decimals of scale 2 for the score, 4 for
    revenue, 1 for the median) of everyone who referred somebody. As of the day of both frames.

    Metric: referrals · Referred Customers · 紹介人数
    Metric: referral_score · Referral Score · 紹介スコア
    Metric: referral_generations · Referral Generations Reached · 紹介の世代数
    Metric: referral_subtree · Everybody Below in the Tree · 紹介の総人数(全世代)
    Metric: referred_revenue · Net Spend of Referred Customers · 紹介客の累計購入金額
    Metric: subtree_revenue · Net Spend of Everybody Below · 全世代の紹介客の累計購入金額
    Metric: referral_cycle_days · Referral Cycle Time · 紹介までの日数(中央値)
    Metric: newest_friend_day · Newest Friend's First Purchase · 最新の紹介客の初回購入日
    Unit: referrals, referral_subtree: people; referral_score: score; referral_generations: generations
    Unit: referred_revenue, subtree_revenue: reporting currency; referral_cycle_days: days; else date
    Source: rules B13 to B16; docs/metrics.md
    Since: referrals, referral_score: 0.1.0 (2026-11-21); else 0.2.0 (2026-11-22)
    Verdict: kept (B14: word of mouth is not repeat); the weights are ours
    Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
    Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    edges = materialise(edges.select("person_id", "referrer_id", "ordered_day", "cycle_days"))
    return (
        _summed(_generations(edges, buyers, materialise))
        .join(_middle_cycle(edges), on="person_id", how="inner")
        .join(_newest(edges), on="person_id", how="inner")
    )


def _generations(edges: Frame, buyers: Frame, materialise: Materialise) -> list[Frame]:
    """Per generation and person: `people`, their `revenue`, the number `depth` and the `weight` of one."""
    spent = buyers.select("person_id", revenue=nw.col("net_spend").cast(_MONEY), people=nw.lit(1, nw.Int64))
    generation = materialise(_next_generation(spent, edges))
    found = []
    for depth in range(MAX_GENERATIONS):
        found.append(
            generation.with_columns(depth=nw.lit(depth + 1, nw.Int64), weight=nw.lit(0.5**depth, nw.Float64))
        )
        generation = materialise(_next_generation(generation, edges))
        if len(generation.head(1).collect()) == 0:
            break
    return found


def _next_generation(below: Frame, edges: Frame) -> Frame:
    """What stands below each person, counted one step further up the tree."""
    return (
        edges.select("person_id", "referrer_id")
        .join(below.select("person_id", "people", "revenue"), on="person_id", how="inner")
        .group_by("referrer_id")
        .agg(nw.col("people").sum().cast(nw.Int64), nw.col("revenue").sum().cast(_MONEY))
        .rename({"referrer_id": "person_id"})
    )


def _summed(generations: list[Frame]) -> Frame:
    """Powers of a half times whole numbers: these floats are exact, so is their sum."""
    is_direct = nw.col("depth") == 1
    cents = (nw.col("score") * 100 + 0.5).floor()
    return (
        nw.concat(generations, how="vertical")
        .with_columns(
            score=nw.col("people").cast(nw.Float64) * nw.col("weight"),
            direct=nw.when(is_direct).then(nw.col("people")),
            direct_revenue=nw.when(is_direct).then(nw.col("revenue")),
        )
        .group_by("person_id")
        .agg(
            nw.col("direct").max().alias("referrals"),
            nw.col("score").sum(),
            nw.col("depth").max().alias("referral_generations"),
            nw.col("people").sum().cast(nw.Int64).alias("referral_subtree"),
            nw.col("direct_revenue").max().alias("referred_revenue"),
            nw.col("revenue").sum().cast(_MONEY).alias("subtree_revenue"),
        )
        .with_columns(referral_score=(cents / 100).cast(nw.Decimal(10, 2)))
        .drop("score")
    )


def _middle_cycle(edges: Frame) -> Frame:
    """The exact median by position: half of the sum of the middle two, or the middle one."""
    place = nw.col("person_id").cum_count().over("referrer_id", order_by=["cycle_days", "person_id"])
    friends = nw.col("person_id").count().over("referrer_id")
    # Twice the place lies within one of the number of friends plus one.
    twice = 2 * nw.col("place")
    is_middle = (twice >= nw.col("friends")) & (twice <= nw.col("friends") + 2)
    return (
        edges.with_columns(place=place.cast(nw.Int64), friends=friends.cast(nw.Int64))
        .filter(is_middle)
        .group_by("referrer_id")
        .agg(nw.col("cycle_days").sum(), nw.len().alias("rows"))
        .select(
            person_id=nw.col("referrer_id"),
            referral_cycle_days=(nw.col("cycle_days").cast(nw.Float64) / nw.col("rows")).cast(
                nw.Decimal(10, 1)
            ),
        )
    )


def _newest(edges: Frame) -> Frame:
    return (
        edges.group_by("referrer_id")
        .agg(nw.col("ordered_day").max().alias("newest_friend_day"))
        .rename({"referrer_id": "person_id"})
    )
