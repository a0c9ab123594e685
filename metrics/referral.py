"""Word of mouth (紹介): who brought whom, counted at a person's first valid purchase only.

Word of mouth and repeat buying are two axes, never one number, and nothing here is a basis for rewards.
"""

from __future__ import annotations

import narwhals as nw

from metrics.lives import KEY, Materialise
from metrics.purchases import Frame

MAX_GENERATIONS = 64
"""What lies deeper weighs less than 0.5^63 a person: nothing in two decimals."""


def ambiguous_codes(codes: Frame) -> Frame:
    """Personal codes that more than one person holds; they attribute nothing. Out: `code`, `holders`."""
    return (
        _holders(codes)
        .group_by("code")
        .agg(nw.len().cast(nw.Int64).alias("holders"))
        .filter(nw.col("holders") > 1)
    )


def referrals(valid: Frame, buyers: Frame, codes: Frame, *, materialise: Materialise) -> Frame:
    """Who was referred by whom, by the personal discount code on the first valid purchase.

    The first valid purchase is the earliest order of the first purchase day (by `ordered_at`, then key);
    only its codes count, and only if all personal codes on it point to exactly one person. That referrer is
    somebody else, holds the code alone, and made an own first valid purchase on a strictly earlier
    shop-local day, so the tree has no cycles. A first purchase refunded in full is none: the next valid one
    is then first. Codes are compared as they stand: the store folds case and width on both sides.

    In: `valid` (`purchases.valid_purchases` with `ordered_at` and the list `discount_codes`), `buyers`
    (`tenure.tenure`), `codes` (`code`, `person_id` of the holder; one row per holder).
    Out: `person_id`, `referrer_id`, `ordered_day`; one row per referred person.
    Source: design section 4, reference metrics 3.3-3.5.
    """
    named = materialise(_named_referrers(valid, codes))
    first = buyers.select("person_id", ordered_day=nw.col("first_purchase_day"))
    on_first_day = named.join(first, on=["person_id", "ordered_day"], how="inner")
    earliest = materialise(_earliest_orders(valid, on_first_day))
    earlier = buyers.select(referrer_id=nw.col("person_id"), referrer_day=nw.col("first_purchase_day"))
    return (
        on_first_day.join(earliest, on=KEY, how="semi")
        .join(earlier, on="referrer_id", how="inner")
        .filter(nw.col("referrer_day") < nw.col("ordered_day"))
        .select("person_id", "referrer_id", "ordered_day")
    )


def referral_scores(edges: Frame, *, materialise: Materialise) -> Frame:
    """How many a person referred, and how far it went.

    referrals = direct count n_1; referral_score = sum over generations k of 0.5^(k-1) x n_k, half up to two
    decimals, where n_k counts who was referred by generation k-1.

    In: `referrals` (`person_id`, `referrer_id`). Out: `person_id`, `referrals` (int), `referral_score`
    (decimal, scale 2) of everyone who referred somebody. Source: design section 4, reference metrics 3.3.
    """
    edges = materialise(edges.select("person_id", "referrer_id"))
    generation = materialise(edges.group_by("referrer_id").agg(nw.len().cast(nw.Int64).alias("people")))
    direct = generation.select(person_id=nw.col("referrer_id"), referrals=nw.col("people"))
    weighted = []
    for depth in range(MAX_GENERATIONS):
        weighted.append(_weighted(generation, 0.5**depth))
        generation = materialise(_next_generation(generation, edges))
        if _is_empty(generation):
            break
    cents = (nw.col("score") * 100 + 0.5).floor()
    return (
        nw.concat(weighted, how="vertical")
        .group_by("person_id")
        .agg(nw.col("score").sum())
        .join(direct, on="person_id", how="inner")
        .select("person_id", "referrals", referral_score=(cents / 100).cast(nw.Decimal(10, 2)))
    )


def _holders(codes: Frame) -> Frame:
    return codes.select("code", referrer_id=nw.col("person_id")).unique(["code", "referrer_id"])


def _named_referrers(valid: Frame, codes: Frame) -> Frame:
    """Orders whose personal codes all point to the same other person."""
    used = (
        valid.filter(~nw.col("person_id").is_null(), nw.col("discount_codes").list.len() > 0)
        .select(*KEY, "person_id", "ordered_day", code=nw.col("discount_codes"))
        .explode("code")
    )
    return (
        used.join(_holders(codes), on="code", how="inner")
        .group_by(*KEY, "person_id", "ordered_day")
        .agg(nw.col("referrer_id").min(), nw.col("referrer_id").max().alias("other_id"))
        .filter(nw.col("referrer_id") == nw.col("other_id"), nw.col("referrer_id") != nw.col("person_id"))
        .drop("other_id")
    )


def _earliest_orders(valid: Frame, on_first_day: Frame) -> Frame:
    """The key of the earliest order of each person and day in `on_first_day`."""
    place = nw.col("order_id").cum_count().over("person_id", order_by=["ordered_at", *KEY])
    return (
        valid.select(*KEY, "person_id", "ordered_day", "ordered_at")
        .join(on_first_day, on=["person_id", "ordered_day"], how="semi")
        .with_columns(place=place)
        .filter(nw.col("place") == 1)
        .select(*KEY)
    )


def _weighted(generation: Frame, weight: float) -> Frame:
    """Powers of a half times whole numbers: these floats are exact, so is their sum."""
    score = nw.col("people").cast(nw.Float64) * weight
    return generation.select(person_id=nw.col("referrer_id"), score=score)


def _next_generation(generation: Frame, edges: Frame) -> Frame:
    """Those whom each generation's people stand for, counted one step further up the tree."""
    children = generation.select(person_id=nw.col("referrer_id"), people=nw.col("people"))
    return (
        edges.join(children, on="person_id", how="inner")
        .group_by("referrer_id")
        .agg(nw.col("people").sum().cast(nw.Int64))
    )


def _is_empty(frame: Frame) -> bool:
    return len(frame.head(1).collect()) == 0
