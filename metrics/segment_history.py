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

PERSON_DAY = ["person", "day"]
FAR = 1 << 40
"""A day beyond every day: the running maximum is null where its column is, so a null stands as this."""


def segment_since(
    orders: Frame,
    refunds: Frame,
    buyers: Frame,
    *,
    as_of_day: int,
    rules: PurchaseRules,
    thresholds: Thresholds,
    materialise: Materialise,
) -> Frame:
    """The smallest day d <= `as_of_day` with segment(x) the same for all x in [d, `as_of_day`].

    It is the end of the last stretch of days in another state than today's; the first event day where
    there is no such stretch. In: `orders`, `refunds` as in `purchases.valid_purchases`; `buyers`:
    `tenure.tenure` as of the same day, which holds today's state. Out: `person_id`, `segment_since_day`
    (int) for every buyer; prospects are not in the frame. Evaluated by today's thresholds.
    Source: design section 4.
    """
    now = materialise(_states_now(buyers, as_of_day, thresholds))
    lives = order_lives(orders, refunds, as_of_day=as_of_day, rules=rules, materialise=materialise)
    standing = _standing(lives, now, rules, materialise).join(now, on="person", how="inner")
    otherwise_until = (
        nw.when(nw.col("end_state") != nw.col("state_now"))
        .then(nw.col("until"))
        .when(nw.col("state") != nw.col("state_now"))
        .then(nw.col("lapses_day"))
    )
    return (
        _spans(standing, as_of_day, thresholds)
        .select("person", "day", otherwise_until=otherwise_until)
        .group_by("person")
        .agg(nw.col("otherwise_until").max(), nw.col("day").min().alias("first_event_day"))
        .join(now.select("person", "person_id"), on="person", how="inner")
        .select("person_id", segment_since_day=nw.max_horizontal("otherwise_until", "first_event_day"))
    )


def _states_now(buyers: Frame, as_of_day: int, thresholds: Thresholds) -> Frame:
    """Today's state of each buyer, and the first of the purchase days that still count.

    `person` numbers the buyers: engines sort and match numbers twice as fast as ids.
    """
    number = tier(nw.col("purchases"), nw.col("tenure_days"), nw.col("net_spend"), thresholds)
    lapsed = lapses_day(nw.col("last_purchase_day"), thresholds.lapse_days) <= as_of_day
    return (
        buyers.select("person_id", state_now=_state(number, lapsed), kept_first=nw.col("first_purchase_day"))
        .with_row_index("person", order_by="person_id")
        .with_columns(nw.col("person").cast(nw.Int64))
    )


def _numbered(frame: Frame, now: Frame) -> Frame:
    """`frame` with the buyers' numbers; who is no buyer today has no history to look at."""
    return frame.join(now.select("person_id", "person"), on="person_id", how="inner").drop("person_id")


def _state(tier_number: nw.Expr, lapsed: nw.Expr) -> nw.Expr:
    """2 x tier + (1 if lapsed): tells all segments apart; the tier is not that of a prospect."""
    return tier_number * 2 + lapsed.cast(nw.Int64)


def _spans(standing: Frame, as_of_day: int, thresholds: Thresholds) -> Frame:
    """One row per event day: `state` from that day on, `end_state` at the end, on the day before `until`.

    Between events only the lapse can change the state, on `lapses_day`. First and last purchase day are
    the extremes of the days that count still, up to that day, and of those that counted only then.
    """
    day, until = nw.col("day"), nw.col("until")
    kept_first = nw.when(nw.col("kept_first") <= day).then(nw.col("kept_first"))
    lapses = nw.col("lapses_day")
    number = tier(nw.col("n"), nw.col("last_day") - nw.col("first_day"), nw.col("m"), thresholds)
    bought = nw.col("tier") > 0
    return (
        standing.with_columns(
            until=nw.col("next_day").fill_null(as_of_day + 1),
            first_day=nw.min_horizontal(kept_first, "lost_first"),
            last_day=nw.max_horizontal("kept_last", "lost_last"),
        )
        .with_columns(tier=number, lapses_day=lapses_day(nw.col("last_day"), thresholds.lapse_days))
        .select(
            "person",
            "day",
            "until",
            "lapses_day",
            "state_now",
            state=_state(nw.col("tier"), bought & (lapses <= day)),
            end_state=_state(nw.col("tier"), bought & (lapses < until)),
        )
    )


def _standing(lives: Lives, now: Frame, rules: PurchaseRules, materialise: Materialise) -> Frame:
    """After each event day of a person: n, m, the last purchase day that counts still, the next event."""
    days = materialise(_numbered(materialise(_purchase_days(lives)), now))
    lost_days = materialise(days.filter(~nw.col("ended_day").is_null()))
    ended = materialise(_numbered(lives.ended, now))  # one at a time: every join holds all numbers in memory
    lowered = materialise(_numbered(lives.lowered, now))
    falls = materialise(_falls(lost_days, ended, lowered, rules))
    lost = materialise(_while_they_lasted(days, falls, lost_days))
    losses = materialise(_losses(falls, lost))
    kept_last = nw.col("kept_day").fill_null(-FAR).cum_max()
    return _events(days, losses, rules).select(
        "person",
        "day",
        "lost_first",
        "lost_last",
        n=nw.col("dn").cum_sum().over("person", order_by="day"),
        m=nw.col("dm").cum_sum().over("person", order_by="day"),
        kept_last=kept_last.over("person", order_by="day"),
        next_day=nw.col("day").shift(-1).over("person", order_by="day"),
    )


def _purchase_days(lives: Lives) -> Frame:
    """Person and day with their orders together; `ended_day`: when the last of these ceased to count."""
    ended = nw.col("ended_day")
    return (
        lives.orders.rename({"ordered_day": "day"})
        .group_by("person_id", "day")
        .agg(
            nw.col("amount").sum(),
            nw.len().cast(nw.Int64).alias("orders"),
            ended.is_null().any().alias("counts_still"),
            ended.max(),
        )
        .with_columns(ended_day=nw.when(~nw.col("counts_still")).then(ended))
    )


def _falls(lost_days: Frame, ended: Frame, lowered: Frame, rules: PurchaseRules) -> Frame:
    """Per person and day: by how much n and m fall, through refunds and orders that ceased to count."""
    nothing = nw.lit(0, nw.Int64)
    units = lost_days if rules.unit == "day" else ended
    amount = nw.col("amount")
    gone = units.select(
        "person", day=nw.col("ended_day"), fall_n=nw.lit(1, nw.Int64), fall_m=_sum(amount - amount)
    )
    rest = ended.select("person", day=nw.col("ended_day"), fall_n=nothing, fall_m=_sum(nw.col("rest")))
    fell = lowered.select("person", "day", fall_n=nothing, fall_m=_sum(amount))
    return (
        nw.concat([gone, rest, fell], how="vertical")
        .group_by(*PERSON_DAY)
        .agg(nw.col("fall_n").sum().cast(nw.Int64), nw.col("fall_m").sum())
    )


def _losses(falls: Frame, lost: Frame) -> Frame:
    """The few event days on which n or m falls, or on which a day counted that has ceased to since."""
    either = nw.concat([lost.select(*PERSON_DAY), falls.select(*PERSON_DAY)], how="vertical").unique(
        PERSON_DAY
    )
    return either.join(falls, on=PERSON_DAY, how="left").join(lost, on=PERSON_DAY, how="left")


def _while_they_lasted(days: Frame, falls: Frame, lost_days: Frame) -> Frame:
    """At each event day: first and last of the purchase days that counted then and have ceased to since."""
    mine = lost_days.select("person", "ended_day", lost_day=nw.col("day"))
    event_days = nw.concat([days.select(*PERSON_DAY), falls.select(*PERSON_DAY)], how="vertical")
    return (
        event_days.join(mine, on="person", how="inner")
        .filter(nw.col("lost_day") <= nw.col("day"), nw.col("day") < nw.col("ended_day"))
        .group_by(*PERSON_DAY)
        .agg(
            nw.col("lost_day").min().alias("lost_first"),
            nw.col("lost_day").max().alias("lost_last"),
        )
    )


def _events(days: Frame, losses: Frame, rules: PurchaseRules) -> Frame:
    """One row per person and event day: the changes of n and m, the day if its purchase still counts."""
    made = nw.lit(1, nw.Int64) if rules.unit == "day" else nw.col("orders")
    amount, fall_n, fall_m = _sum(nw.col("amount")), nw.col("fall_n"), nw.col("fall_m")
    lost = ["lost_first", "lost_last"]
    bought = days.join(losses, on=PERSON_DAY, how="left").select(
        *PERSON_DAY,
        *lost,
        dn=nw.when(fall_n.is_null()).then(made).otherwise(made - fall_n),
        dm=nw.when(fall_m.is_null()).then(amount).otherwise(amount - fall_m),
        kept_day=nw.when(nw.col("counts_still")).then(nw.col("day")),
    )
    only_fell = losses.join(days.select(*PERSON_DAY), on=PERSON_DAY, how="anti").select(
        *PERSON_DAY, *lost, dn=-fall_n, dm=-fall_m, kept_day=nw.lit(None).cast(nw.Int64)
    )
    return nw.concat([bought, only_fell], how="vertical")


def _sum(amount: nw.Expr) -> nw.Expr:
    """Decimals of one width, so that frames of different origin can be put below each other."""
    return amount.cast(nw.Decimal(38, 4))
