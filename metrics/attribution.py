"""Who brought whom (紹介), and why everybody else who was named gets no credit.

Counted at a person's first valid purchase only. Nothing here is a basis for rewards.
"""

from __future__ import annotations

import narwhals as nw

from metrics.lives import KEY, Materialise
from metrics.purchases import Frame

VIA = ("code", "link", "utm", "lookup")
"""What can name a referrer, in the order of trust."""
REASONS = (
    "self",
    "existing_customer",
    "conflict",
    "referrer_never_bought",
    "referrer_not_earlier",
    "outranked",
)
"""Why somebody who was named gets no credit; the first that holds is told."""
_UTM = ("utm_source", "utm_campaign", "utm_content")
_SIGN = (*KEY, "person_id", "ordered_day", "level", "code")
_FIRST = {f"first_{name}": name for name in KEY}


def named_referrers(
    valid: Frame,
    buyers: Frame,
    codes: Frame,
    *,
    referrers: Frame | None = None,
    shared: Frame | None = None,
    materialise: Materialise,
) -> Frame:
    """Everybody who is named as somebody's referrer, credited or not.

    Sources in the order of trust: `code`, a personal discount code on the order; `link`, a personal code as
    the referral code of the last visit; `utm`, `utm_medium` = "referral" and a personal code in `utm_source`,
    `utm_campaign` or `utm_content`; `lookup`, a referrer named in Salesforce. Codes that nobody holds name
    nobody. The purchase is a person's earliest order on the first purchase day (by `ordered_at`, then key);
    a first purchase refunded in full is none, so the next valid one is first and only its own codes count. A
    lookup speaks of the person, whichever purchase is the first.

    `refused` is null for the one who is credited, else the first of `REASONS` that holds:

    - `self`: people do not refer themselves
    - `existing_customer`: the order is not the person's first valid purchase
    - `conflict`: this source names several other people there. Nobody is credited then, not by less trusted
      sources either: they cannot settle what the more trusted one leaves open. A code that two people hold
      names both. The buyer's own code beside a friend's is refused as `self` and contests nothing
    - `referrer_never_bought`, `referrer_not_earlier`: the referrer's own first valid purchase must be on a
      strictly earlier shop-local day (so the tree has no cycles). Whoever is refused for these or as `self`
      leaves the word to the next source
    - `outranked`: a more trusted source has decided; it may have named the same person

    In: `valid` (`purchases.valid_purchases` with `ordered_at`, the list `discount_codes` and, where the
    system has them, `referral_code`, `utm_medium`, `utm_source`, `utm_campaign`, `utm_content`), `buyers`
    (`tenure.tenure`), `codes` (`code`, `person_id`; one row per holder), `referrers` (`person_id`,
    `referrer_id`), `shared` (`person_id`, `other_id` of people with an address or number in common, in either
    order). Codes are compared as they stand, the store folds case and width; of UTM values the case is
    ignored. Codes, lookups and shared addresses are those of now; purchases as of the day of `valid`.
    Out: `person_id`, `referrer_id`, the order key, `ordered_day`, `via`, `code` (null for a lookup),
    `cycle_days` (from the referrer's first valid purchase to this order; null if there is none), `flagged`
    (they share an address: mostly an honest household, so told and not refused), `refused`. One row per
    order, source and named person, materialised.
    Source: docs/metrics.md; whom to refuse and whom only to flag: ReferralCandy and other referral software.
    """
    named = materialise(_named(valid, buyers, codes, referrers, materialise))
    placed = _with_first_orders(named, valid, buyers, materialise)
    return materialise(_judged(_with_shared(_with_referrers(placed, buyers), shared)))


def referrals(named: Frame) -> Frame:
    """The credited ones of `named_referrers`: at most one referrer a person, and no cycles.

    Out: `person_id`, `referrer_id`, `ordered_day`, `via`, `cycle_days`, `flagged`; one row per referred
    person.
    """
    credited = named.filter(nw.col("refused").is_null())
    return credited.select("person_id", "referrer_id", "ordered_day", "via", "cycle_days", "flagged")


def _named(
    valid: Frame, buyers: Frame, codes: Frame, referrers: Frame | None, materialise: Materialise
) -> Frame:
    """Every order and source with each person it names, several codes of one person as one."""
    holders = codes.select("code", referrer_id=nw.col("person_id")).unique(["code", "referrer_id"])
    signs = [sign.join(holders, on="code", how="inner") for sign in _signs(valid, materialise)]
    if referrers is not None:
        signs.append(_lookups(referrers, buyers).select(*_SIGN, "referrer_id"))
    return (
        nw.concat([sign.select(*_SIGN, "referrer_id") for sign in signs], how="vertical")
        .group_by(*(name for name in _SIGN if name != "code"), "referrer_id")
        .agg(nw.col("code").min())
    )


def _signs(valid: Frame, materialise: Materialise) -> list[Frame]:
    """Orders of somebody with a code each, by source. Few orders came by a link: those are read only once."""
    somebody = valid.filter(~nw.col("person_id").is_null())
    coded = somebody.filter(nw.col("discount_codes").list.len() > 0)
    signs = [_sign(coded, 1, "discount_codes").explode("code")]
    there = set(valid.collect_schema().names())
    by_link = ["referral_code"] if "referral_code" in there else []
    by_utm = [name for name in _UTM if name in there and "utm_medium" in there]
    came = [~nw.col(name).is_null() for name in by_link]
    came += [_referral_medium()] if by_utm else []
    if not came:
        return signs
    medium = ["utm_medium"] if by_utm else []
    columns = [*KEY, "person_id", "ordered_day", *by_link, *medium, *by_utm]
    through = materialise(somebody.filter(nw.any_horizontal(*came, ignore_nulls=True)).select(*columns))
    signs += [_sign(through, 2, name) for name in by_link]
    for name in by_utm:
        lower = through.filter(_referral_medium()).with_columns(nw.col(name).str.to_lowercase())
        signs.append(_sign(lower, 3, name))
    return signs


def _referral_medium() -> nw.Expr:
    return nw.col("utm_medium").str.to_lowercase() == "referral"


def _sign(orders: Frame, level: int, column: str) -> Frame:
    return orders.select(*KEY, "person_id", "ordered_day", level=nw.lit(level, nw.Int64), code=nw.col(column))


def _lookups(referrers: Frame, buyers: Frame) -> Frame:
    """A lookup speaks of the first purchase, whose key is filled in later."""
    first = buyers.select("person_id", ordered_day=nw.col("first_purchase_day"))
    nothing = nw.lit(None, nw.String)
    return referrers.join(first, on="person_id", how="inner").with_columns(
        platform=nothing,
        account=nothing,
        order_id=nothing,
        code=nothing,
        level=nw.lit(len(VIA), nw.Int64),
    )


def _with_first_orders(named: Frame, valid: Frame, buyers: Frame, materialise: Materialise) -> Frame:
    """`named` with `is_first`: whether the order is the person's first; a lookup gets that order's key."""
    # An order of a later day is no first one: only these people's orders of that day need a look.
    first_days = (
        named.select("person_id", "ordered_day")
        .unique(["person_id", "ordered_day"])
        .join(
            buyers.select("person_id", ordered_day=nw.col("first_purchase_day")),
            on=["person_id", "ordered_day"],
            how="semi",
        )
    )
    place = nw.col("order_id").cum_count().over("person_id", order_by=["ordered_at", *KEY])
    first = (
        valid.select(*KEY, "person_id", "ordered_day", "ordered_at")
        .join(materialise(first_days), on=["person_id", "ordered_day"], how="inner")
        .with_columns(place=place)
        .filter(nw.col("place") == 1)
        .select("person_id", **{mine: nw.col(name) for mine, name in _FIRST.items()})
    )
    by_lookup = nw.col("order_id").is_null()
    same = nw.all_horizontal(*(nw.col(a) == nw.col(b) for a, b in _FIRST.items()), ignore_nulls=False)
    filled = {name: nw.coalesce(name, mine) for mine, name in _FIRST.items()}
    return (
        named.join(materialise(first), on="person_id", how="left")
        .with_columns(
            is_first=nw.when(by_lookup).then(nw.lit(True)).otherwise(nw.coalesce(same, nw.lit(False)))
        )
        .with_columns(**filled)
        .drop(*_FIRST)
    )


def _with_referrers(placed: Frame, buyers: Frame) -> Frame:
    """With the days that lie between the referrer's first purchase and the order."""
    earlier = buyers.select(referrer_id=nw.col("person_id"), referrer_day=nw.col("first_purchase_day"))
    return placed.join(earlier, on="referrer_id", how="left").with_columns(
        cycle_days=nw.col("ordered_day") - nw.col("referrer_day")
    )


def _with_shared(placed: Frame, shared: Frame | None) -> Frame:
    if shared is None:
        return placed.with_columns(flagged=nw.lit(False))
    there = shared.select("person_id", referrer_id=nw.col("other_id"))
    back = shared.select(person_id=nw.col("other_id"), referrer_id=nw.col("person_id"))
    pairs = nw.concat([there, back], how="vertical").unique(["person_id", "referrer_id"])
    flagged = ~nw.col("flagged").is_null()
    return placed.join(
        pairs.with_columns(flagged=nw.lit(True)), on=["person_id", "referrer_id"], how="left"
    ).with_columns(flagged=flagged)


def _judged(placed: Frame) -> Frame:
    """With `via` and `refused`. The most trusted source that credits or conflicts decides for the person."""
    there = ["person_id", *KEY, "level"]
    low, high = nw.col("other_id").min().over(*there), nw.col("other_id").max().over(*there)
    conflicts = (nw.col("lowest") != nw.col("highest")).fill_null(False)
    others = nw.when(nw.col("referrer_id") != nw.col("person_id")).then(nw.col("referrer_id"))
    decides = nw.col("is_first") & (nw.col("refused").is_null() | conflicts)
    outranked = nw.col("refused").is_null() & (nw.col("level") > nw.col("decided_by"))
    refused = nw.when(outranked).then(nw.lit("outranked")).otherwise(nw.col("refused"))
    return (
        placed.with_columns(other_id=others)
        .with_columns(lowest=low, highest=high)
        .with_columns(refused=_refused(conflicts))
        .with_columns(deciding=nw.when(decides).then(nw.col("level")))
        .with_columns(decided_by=nw.col("deciding").min().over("person_id"))
        .select(
            "person_id",
            "referrer_id",
            *KEY,
            "ordered_day",
            "code",
            "cycle_days",
            "flagged",
            via=_via(),
            refused=refused,
        )
    )


def _refused(conflicts: nw.Expr) -> nw.Expr:
    """Why a named person gets no credit whatever the other sources say."""
    return (
        nw.when(nw.col("referrer_id") == nw.col("person_id"))
        .then(nw.lit("self"))
        .when(~nw.col("is_first"))
        .then(nw.lit("existing_customer"))
        .when(conflicts)
        .then(nw.lit("conflict"))
        .when(nw.col("cycle_days").is_null())
        .then(nw.lit("referrer_never_bought"))
        .when(nw.col("cycle_days") <= 0)
        .then(nw.lit("referrer_not_earlier"))
        .otherwise(nw.lit(None, nw.String))
    )


def _via() -> nw.Expr:
    chain = nw.when(nw.col("level") == 1).then(nw.lit(VIA[0]))
    for place, name in enumerate(VIA[1:-1], start=2):
        chain = chain.when(nw.col("level") == place).then(nw.lit(name))
    return chain.otherwise(nw.lit(VIA[-1]))
