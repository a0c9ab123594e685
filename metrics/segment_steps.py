"""Every day on which something happened to a person, and the segment state from that day to the next such.

The definition of the segments evaluated at every day of the past, set-wise: purchases, partial and full
refunds and cancellations each on their own date. Between two events only the lapse can come, by waiting.
"""

from __future__ import annotations

import narwhals as nw

from metrics.lapse import lapses_day
from metrics.lives import Lives, Materialise
from metrics.purchases import Frame, PurchaseRules
from metrics.segment import Thresholds, tier

PERSON_DAY = ["person_id", "day"]
FAR = 1 << 40
"""A day beyond every day: a running extreme is null where its column is, so a null stands as this."""


def state(tier_number: nw.Expr, lapsed: nw.Expr) -> nw.Expr:
    """2 x tier + (1 if lapsed): tells all segments apart; 0 is the prospect."""
    return tier_number * 2 + lapsed.cast(nw.Int64)


def segment_steps(
    lives: Lives,
    *,
    people: Frame | None = None,
    as_of_day: int,
    rules: PurchaseRules,
    thresholds: Thresholds,
    materialise: Materialise,
) -> Frame:
    """One row per person and event day: `state` from that day on, `end_state` on the day before `until`.

    In: `lives.order_lives` as of `as_of_day`; `people`: `person_id` of those to look at, materialised (None:
    everybody).
    Out: `person_id`, `day`, `until` (the next event day; after the last one `as_of_day` + 1), `lapses_day`
    (where it lies in [`day`, `until`), the state changes on it from `state` to `end_state`), days as int.
    """
    standing = _standing(lives, people, rules, materialise)
    day, until, lapses = nw.col("day"), nw.col("until"), nw.col("lapses_day")
    number = tier(nw.col("n"), nw.col("last_day") - nw.col("first_day"), nw.col("m"), thresholds)
    bought = nw.col("tier") > 0
    return (
        standing.with_columns(
            until=nw.col("next_day").fill_null(as_of_day + 1),
            first_day=nw.min_horizontal("kept_first", "lost_first"),
            last_day=nw.max_horizontal("kept_last", "lost_last"),
        )
        .with_columns(tier=number, lapses_day=lapses_day(nw.col("last_day"), thresholds.lapse_days))
        .select(
            *PERSON_DAY,
            "until",
            "lapses_day",
            state=state(nw.col("tier"), bought & (lapses <= day)),
            end_state=state(nw.col("tier"), bought & (lapses < until)),
        )
    )


def _standing(lives: Lives, people: Frame | None, rules: PurchaseRules, materialise: Materialise) -> Frame:
    """After each event day of a person: n, m, the extreme purchase days, the next event day.

    First and last purchase day are the extremes of the days that count still, up to that day (`kept_`), and
    of those that counted only then (`lost_`).
    """
    days = materialise(_purchase_days(lives, people))
    ended, lowered = lives.ended, lives.lowered
    if people is not None:
        ended, lowered = materialise(_of(lives.ended, people)), materialise(_of(lives.lowered, people))
    lost_days = materialise(_lost_days(days, ended))
    falls = materialise(_falls(lost_days, ended, lowered, rules))
    lost = materialise(_while_they_lasted(days, falls, lost_days))
    losses = materialise(_losses(falls, lost))
    kept = nw.col("kept_day")
    running = {
        "n": nw.col("dn").cum_sum(),
        "m": nw.col("dm").cum_sum(),
        "kept_first": kept.fill_null(FAR).cum_min(),
        "kept_last": kept.fill_null(-FAR).cum_max(),
        "next_day": nw.col("day").shift(-1),
    }
    return _events(days, losses, rules).select(
        *PERSON_DAY,
        "lost_first",
        "lost_last",
        **{name: value.over("person_id", order_by="day") for name, value in running.items()},
    )


def _of(frame: Frame, people: Frame) -> Frame:
    return frame.join(people.select("person_id"), on="person_id", how="semi")


def _purchase_days(lives: Lives, people: Frame | None) -> Frame:
    """Person and day with the orders that counted on it, at least one, and their amounts together."""
    one, amount = nw.lit(1, nw.Int64), nw.col("amount")
    bought = lives.orders.select("person_id", day=nw.col("ordered_day"), orders=one, amount=amount)
    never = lives.never.select("person_id", day=nw.col("ordered_day"), orders=-one, amount=-amount)
    counted = nw.concat([bought, never], how="vertical")
    return (
        (counted if people is None else _of(counted, people))
        .group_by(*PERSON_DAY)
        .agg(nw.col("orders").sum().cast(nw.Int64), nw.col("amount").sum())
        .filter(nw.col("orders") > 0)
    )


def _lost_days(days: Frame, ended: Frame) -> Frame:
    """Purchase days of which nothing is left; `ended_day`: when the last of their orders ceased to count."""
    gone = ended.group_by("person_id", "ordered_day").agg(
        nw.len().cast(nw.Int64).alias("ended_orders"), nw.col("ended_day").max()
    )
    return (
        days.join(gone.rename({"ordered_day": "day"}), on=PERSON_DAY, how="inner")
        .filter(nw.col("orders") == nw.col("ended_orders"))
        .select(*PERSON_DAY, "ended_day")
    )


def _falls(lost_days: Frame, ended: Frame, lowered: Frame, rules: PurchaseRules) -> Frame:
    """Per person and day: by how much n and m fall, through refunds and orders that ceased to count."""
    nothing = nw.lit(0, nw.Int64)
    no_money = _sum(nw.col("ended_day") * 0)
    units = lost_days if rules.unit == "day" else ended
    gone = units.select("person_id", day=nw.col("ended_day"), fall_n=nw.lit(1, nw.Int64), fall_m=no_money)
    rest = ended.select("person_id", day=nw.col("ended_day"), fall_n=nothing, fall_m=_sum(nw.col("rest")))
    fell = lowered.select(*PERSON_DAY, fall_n=nothing, fall_m=_sum(nw.col("amount")))
    return (
        nw.concat([gone, rest, fell], how="vertical")
        .group_by(*PERSON_DAY)
        .agg(nw.col("fall_n").sum().cast(nw.Int64), nw.col("fall_m").sum())
    )


def _while_they_lasted(days: Frame, falls: Frame, lost_days: Frame) -> Frame:
    """At each event day: first and last of the purchase days that counted then and have ceased to since."""
    mine = lost_days.select("person_id", "ended_day", lost_day=nw.col("day"))
    event_days = nw.concat([days.select(*PERSON_DAY), falls.select(*PERSON_DAY)], how="vertical")
    return (
        event_days.join(mine, on="person_id", how="inner")
        .filter(nw.col("lost_day") <= nw.col("day"), nw.col("day") < nw.col("ended_day"))
        .group_by(*PERSON_DAY)
        .agg(
            nw.col("lost_day").min().alias("lost_first"),
            nw.col("lost_day").max().alias("lost_last"),
        )
    )


def _losses(falls: Frame, lost: Frame) -> Frame:
    """The few event days on which n or m falls, or on which a day counted that has ceased to since."""
    either = nw.concat([lost.select(*PERSON_DAY), falls.select(*PERSON_DAY)], how="vertical").unique(
        PERSON_DAY
    )
    return either.join(falls, on=PERSON_DAY, how="left").join(lost, on=PERSON_DAY, how="left")


def _events(days: Frame, losses: Frame, rules: PurchaseRules) -> Frame:
    """One row per person and event day: the changes of n and m, the day if its purchase still counts."""
    made = nw.lit(1, nw.Int64) if rules.unit == "day" else nw.col("orders")
    amount, fall_n, fall_m = _sum(nw.col("amount")), nw.col("fall_n"), nw.col("fall_m")
    lost = ["lost_first", "lost_last"]
    # A day that was lost later is itself the last such day while it lasted.
    is_kept = nw.col("lost_last").is_null() | (nw.col("lost_last") < nw.col("day"))
    bought = days.join(losses, on=PERSON_DAY, how="left").select(
        *PERSON_DAY,
        *lost,
        dn=nw.when(fall_n.is_null()).then(made).otherwise(made - fall_n),
        dm=nw.when(fall_m.is_null()).then(amount).otherwise(amount - fall_m),
        kept_day=nw.when(is_kept).then(nw.col("day")),
    )
    only_fell = losses.join(days.select(*PERSON_DAY), on=PERSON_DAY, how="anti").select(
        *PERSON_DAY, *lost, dn=-fall_n, dm=-fall_m, kept_day=nw.lit(None).cast(nw.Int64)
    )
    return nw.concat([bought, only_fell], how="vertical")


def _sum(amount: nw.Expr) -> nw.Expr:
    """Decimals of one width, so that frames of different origin can be put below each other."""
    return amount.cast(nw.Decimal(38, 4))
