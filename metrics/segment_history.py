"""When a person came into the segment they are in: the definition evaluated at every day of the past.

segment(x) takes every event on its own date: purchases, partial and full refunds, cancellations, and the
lapse that comes by waiting. Nothing is appended from run to run; the history follows from the events.
"""

from __future__ import annotations

import narwhals as nw

from metrics.lapse import lapses_day
from metrics.lives import Lives, Materialise, order_lives
from metrics.purchases import Frame, PurchaseRules
from metrics.segment import Thresholds, tier

PERSON_DAY = ["person_id", "day"]
FAR = 1 << 40
"""A day beyond every day: running extremes of a null are null, so a null stands as this instead."""


def segment_since(
    orders: Frame,
    refunds: Frame,
    *,
    as_of_day: int,
    rules: PurchaseRules,
    thresholds: Thresholds,
    materialise: Materialise,
) -> Frame:
    """The smallest day d <= `as_of_day` with segment(x) the same for all x in [d, `as_of_day`].

    In: columns as in `purchases.valid_purchases`. Out: `person_id`, `segment_since_day` (int) for everyone
    who is no prospect as of `as_of_day`; prospects are not in the frame. Evaluated by today's thresholds.
    Source: design section 4.
    """
    lives = order_lives(orders, refunds, as_of_day=as_of_day, rules=rules, materialise=materialise)
    spans = _spans(_standing(lives, rules, materialise), as_of_day, thresholds)
    before = nw.col("end_state").shift(1).over("person_id", order_by="day").fill_null(0)
    changed = (
        nw.when(nw.col("lapses_within"))
        .then(nw.col("lapses_day"))
        .when(nw.col("state") != before)
        .then(nw.col("day"))
    )
    last_state = nw.when(nw.col("next_day").is_null()).then(nw.col("end_state"))
    return (
        spans.select("person_id", changed=changed, last_state=last_state)
        .group_by("person_id")
        .agg(nw.col("changed").max().alias("segment_since_day"), nw.col("last_state").max())
        .filter(nw.col("last_state") > 0)
        .select("person_id", "segment_since_day")
    )


def _spans(standing: Frame, as_of_day: int, thresholds: Thresholds) -> Frame:
    """One row per event day: the state from that day on, and whether it lapses before the next event.

    A state is 2 x tier + (1 if lapsed); 0 is the prospect. Between events only the lapse can change it.
    """
    number = tier(nw.col("n"), nw.col("last_day") - nw.col("first_day"), nw.col("m"), thresholds)
    lapses, until = nw.col("lapses_day"), nw.col("next_day").fill_null(as_of_day + 1)
    bought = nw.col("tier") > 0
    return (
        standing.with_columns(tier=number, lapses_day=lapses_day(nw.col("last_day"), thresholds.lapse_days))
        .with_columns(
            lapsed=bought & (lapses <= nw.col("day")),
            lapses_within=bought & (lapses > nw.col("day")) & (lapses < until),
        )
        .select(
            *PERSON_DAY,
            "next_day",
            "lapses_day",
            "lapses_within",
            state=nw.col("tier") * 2 + nw.col("lapsed").cast(nw.Int64),
            end_state=nw.col("tier") * 2 + (nw.col("lapsed") | nw.col("lapses_within")).cast(nw.Int64),
        )
    )


def _standing(lives: Lives, rules: PurchaseRules, materialise: Materialise) -> Frame:
    """After each event day of a person: n, m, first and last purchase day, and the day of the next event.

    First and last are running extremes of the days that count still, joined with those of the (few) days
    that counted then and have ceased to since.
    """
    days = materialise(_purchase_days(lives))
    lost_days = materialise(days.filter(~nw.col("ended_day").is_null()))
    changes = materialise(_changes(lost_days, lives, rules))
    lost = materialise(_while_they_lasted(days, changes, lost_days))
    return (
        _events(days, changes, rules)
        .with_columns(
            n=nw.col("dn").cum_sum().over("person_id", order_by="day"),
            m=nw.col("dm").cum_sum().over("person_id", order_by="day"),
            kept_first=nw.col("kept_day").fill_null(FAR).cum_min().over("person_id", order_by="day"),
            kept_last=nw.col("kept_day").fill_null(-FAR).cum_max().over("person_id", order_by="day"),
            next_day=nw.col("day").shift(-1).over("person_id", order_by="day"),
        )
        .join(lost, on=PERSON_DAY, how="left")
        .with_columns(
            first_day=nw.min_horizontal("kept_first", "lost_first"),
            last_day=nw.max_horizontal("kept_last", "lost_last"),
        )
        .select(*PERSON_DAY, "n", "m", "first_day", "last_day", "next_day")
    )


def _purchase_days(lives: Lives) -> Frame:
    """Person and day with their orders together; `ended_day`: when the last of these ceased to count."""
    ended = nw.col("ended_day")
    return (
        lives.orders.rename({"ordered_day": "day"})
        .group_by(*PERSON_DAY)
        .agg(
            nw.col("amount").sum(),
            nw.len().cast(nw.Int64).alias("orders"),
            ended.is_null().any().alias("counts_still"),
            ended.max(),
        )
        .with_columns(ended_day=nw.when(~nw.col("counts_still")).then(ended))
    )


def _changes(lost_days: Frame, lives: Lives, rules: PurchaseRules) -> Frame:
    """Per person and day: by how much n and m fall, through refunds and orders that ceased to count."""
    nothing = nw.lit(0, nw.Int64)
    units = lost_days if rules.unit == "day" else lives.ended
    amount = nw.col("amount")
    gone = units.select(
        "person_id", day=nw.col("ended_day"), dn=nw.lit(-1, nw.Int64), dm=_sum(amount - amount)
    )
    rest = lives.ended.select("person_id", day=nw.col("ended_day"), dn=nothing, dm=_sum(-nw.col("rest")))
    lowered = lives.lowered.select("person_id", "day", dn=nothing, dm=_sum(-amount))
    return (
        nw.concat([gone, rest, lowered], how="vertical")
        .group_by(*PERSON_DAY)
        .agg(nw.col("dn").sum().cast(nw.Int64), nw.col("dm").sum())
    )


def _events(days: Frame, changes: Frame, rules: PurchaseRules) -> Frame:
    """One row per person and event day: changes of n and m, the day itself if its purchase still counts."""
    made = nw.lit(1, nw.Int64) if rules.unit == "day" else nw.col("orders")
    falls = changes.select(*PERSON_DAY, fall_n=nw.col("dn"), fall_m=nw.col("dm"))
    amount = _sum(nw.col("amount"))
    bought = days.join(falls, on=PERSON_DAY, how="left").select(
        *PERSON_DAY,
        dn=nw.when(nw.col("fall_n").is_null()).then(made).otherwise(made + nw.col("fall_n")),
        dm=nw.when(nw.col("fall_m").is_null()).then(amount).otherwise(amount + nw.col("fall_m")),
        kept_day=nw.when(nw.col("counts_still")).then(nw.col("day")),
    )
    only_fell = changes.join(days.select(*PERSON_DAY), on=PERSON_DAY, how="anti").select(
        *PERSON_DAY, "dn", "dm", kept_day=nw.lit(None).cast(nw.Int64)
    )
    return nw.concat([bought, only_fell], how="vertical")


def _while_they_lasted(days: Frame, changes: Frame, lost_days: Frame) -> Frame:
    """At each event day: first and last of the purchase days that counted then and have ceased to since."""
    mine = lost_days.select("person_id", "ended_day", lost_day=nw.col("day"))
    event_days = nw.concat([days.select(*PERSON_DAY), changes.select(*PERSON_DAY)], how="vertical")
    return (
        event_days.join(mine, on="person_id", how="inner")
        .filter(nw.col("lost_day") <= nw.col("day"), nw.col("day") < nw.col("ended_day"))
        .group_by(*PERSON_DAY)
        .agg(
            nw.col("lost_day").min().alias("lost_first"),
            nw.col("lost_day").max().alias("lost_last"),
        )
    )


def _sum(amount: nw.Expr) -> nw.Expr:
    """Decimals of one width, so that frames of different origin can be put below each other."""
    return amount.cast(nw.Decimal(38, 4))
