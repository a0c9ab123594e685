"""When a person came into the segment they are in: the definition evaluated at every day of the past.

Nothing is appended from run to run; the history follows from the events.
"""

from __future__ import annotations

import narwhals as nw

from metrics.lapse import lapses_day
from metrics.lives import Lives, Materialise, order_lives
from metrics.purchases import Frame, PurchaseRules
from metrics.segment import Thresholds, tier
from metrics.segment_steps import segment_steps, state


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
    """The first day since which the segment has been the same as it is on the day asked about.

    The segment of a day takes every event on its own date: purchases, partial and full refunds,
    cancellations, and the lapse that comes by waiting. It is the day after the last stretch of days in
    another state than today's; the first event day where there is no such stretch. In: `orders`, `refunds` as
    in `purchases.valid_purchases`; `buyers`: `tenure.tenure` as of the same day, which holds today's state.
    Out: `person_id`, `segment_since_day` (int) for every buyer; prospects are not in the frame. Evaluated
    by today's thresholds.

    Metric: segment_since · In segment since · 現在の区分になった日
    Unit: date
    Source: ours, by the days of the events themselves (docs/metrics.md)
    Since: 0.1.0 (2026-11-21)
    Verdict: ours
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, segment.*
    """
    now = materialise(_states_now(buyers, thresholds))
    lives = order_lives(orders, refunds, as_of_day=as_of_day, rules=rules, materialise=materialise)
    unsettled = materialise(_unsettled(now, lives, as_of_day))
    settled = now.join(unsettled, on="person_id", how="anti")
    steps = segment_steps(
        lives,
        people=unsettled,
        as_of_day=as_of_day,
        rules=rules,
        thresholds=thresholds,
        materialise=materialise,
    )
    looked_back = _looked_back(steps, unsettled)
    return nw.concat(
        [looked_back, settled.select("person_id", segment_since_day=nw.col("lapses_day"))], how="vertical"
    )


def _states_now(buyers: Frame, thresholds: Thresholds) -> Frame:
    """Today's tier of each buyer, and the day on which they lapse or did."""
    return buyers.select(
        "person_id",
        tier=tier(nw.col("purchases"), nw.col("tenure_days"), nw.col("net_spend"), thresholds),
        lapses_day=lapses_day(nw.col("last_purchase_day"), thresholds.lapse_days),
    )


def _unsettled(now: Frame, lives: Lives, as_of_day: int) -> Frame:
    """The buyers of whom more must be known than the day on which they lapsed.

    Who lapsed with nothing taken back afterwards has been in their segment since exactly that day: on the
    day before, the last purchase that counts still was younger than L, and later nothing happened.
    """
    taken_back = nw.concat(
        [
            lives.ended.select("person_id", day=nw.col("ended_day")),
            lives.lowered.select("person_id", "day"),
        ],
        how="vertical",
    )
    last_loss = taken_back.group_by("person_id").agg(nw.col("day").max().alias("last_loss_day"))
    lapses = nw.col("lapses_day")
    return (
        now.join(last_loss, on="person_id", how="left")
        .filter((lapses > as_of_day) | (nw.col("last_loss_day") > lapses))
        .select("person_id", state_now=state(nw.col("tier"), lapses <= as_of_day))
    )


def _looked_back(steps: Frame, unsettled: Frame) -> Frame:
    """The end of the last stretch in another state than today's."""
    otherwise_until = (
        nw.when(nw.col("end_state") != nw.col("state_now"))
        .then(nw.col("until"))
        .when(nw.col("state") != nw.col("state_now"))
        .then(nw.col("lapses_day"))
    )
    return (
        steps.join(unsettled, on="person_id", how="inner")
        .select("person_id", "day", otherwise_until=otherwise_until)
        .group_by("person_id")
        .agg(nw.col("otherwise_until").max(), nw.col("day").min().alias("first_event_day"))
        .select("person_id", segment_since_day=nw.max_horizontal("otherwise_until", "first_event_day"))
    )
