"""Every score of every person with its evidence, one row each: the columns are the keys of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.calendar import EPOCH, with_dates
from metrics.channels import channels, preferred_channel
from metrics.contact_by import contact_by
from metrics.evidence import SatisfactionRules
from metrics.fields import CHANNELS, KEYS
from metrics.funnel import funnel
from metrics.given_back import speaking
from metrics.lapse import lapses_day
from metrics.lives import Materialise
from metrics.next_action import next_action
from metrics.purchases import Frame, PurchaseRules, valid_purchases
from metrics.satisfaction import UNKNOWN, satisfaction
from metrics.segment import Thresholds, segment, tier
from metrics.segment_history import segment_since
from metrics.tenure import tenure

_COUNTS = ("referrals", "referral_generations", "referral_subtree")
_MONEY = ("referral_score", "referred_revenue", "subtree_revenue")
DAYS = {
    "first_purchase_on": "first_purchase_day",
    "last_purchase_on": "last_purchase_day",
    "segment_since": "segment_since_day",
    "lapses_on": "lapses_day",
}
"""Columns that hold a date, and the integer day each is made of."""
EVIDENCE_DAYS = {
    "satisfaction_on": "satisfaction_day",
    "recovered_on": "recovered_day",
    "funnel_on": "funnel_day",
    "exit_on": "exit_day",
    "next_action_until": "next_action_until_day",
    "newest_friend_on": "newest_friend_day",
}
"""What `as_told` makes a date of. Nobody filters by these, so that the scores keep them as days."""


@dataclass(frozen=True, slots=True)
class Given:
    """What persons are scored by; each frame as in the function that reads it.

    `persons`: `person_id`, `known_day`. `orders`, `refunds`: `purchases.valid_purchases`, orders also with
    `channel`. `consents`: `contact_by.contact_by`. `touches`: `given_back.speaking`, `funnel.funnel`.
    `subscriptions`: `person_id`, `status`. `friends`: `referral.referral_scores`, None where nothing tracks
    referrals. `told`: `person_id` and `day` of who told somebody, which counts as delight where unrewarded.
    `handed`: `person_id` and `day` on which somebody got a personal code or invited a friend.
    """

    persons: Frame
    orders: Frame
    refunds: Frame
    consents: Frame
    touches: Frame
    subscriptions: Frame
    told: Frame
    friends: Frame | None = None
    handed: Frame | None = None


@dataclass(frozen=True, slots=True)
class ScoreRules:
    """The merchant's rules: what is a purchase, where segments part, how answers are read."""

    purchases: PurchaseRules
    thresholds: Thresholds
    satisfaction: SatisfactionRules


def score_persons(given: Given, *, as_of_day: int, rules: ScoreRules, materialise: Materialise) -> Frame:
    """One row per row of `persons`, prospects included.

    Out, the keys of the catalogue: `person_id`, `first_purchase_on`, `last_purchase_on` (date),
    `tenure_days`, `purchases` (int), `net_spend` (decimal), `segment` (code), `segment_since`, `lapses_on`
    (date), `referrals` (int), `referral_score` (decimal), `satisfaction`, `funnel_stage`, `next_action`
    (codes), `channels`, `contact_by` (codes joined with `;`). Their evidence: `satisfaction_evidence`,
    `satisfaction_strength`, `satisfaction_day`, `recovered`, `recovered_day`, `answered`, `funnel_evidence`,
    `funnel_day`, `exited`, `exit_evidence`, `exit_day`, `next_action_until_day`, `subscriber`,
    `preferred_channel`, `channel_count`, `referral_generations`, `referral_subtree`, `referred_revenue`,
    `subtree_revenue`, `referral_cycle_days`, `newest_friend_day`.
    Prospects: 0 purchases, 0 net_spend, all else of the portfolio null. Referrals: 0 for who referred
    nobody; null where nothing tracks them. Nobody who is not in `persons` gets a score, though their orders
    may stand there. What `person_id` is does not matter as long as it is the same in all frames: engines
    match whole numbers in less than half the time that texts take.
    """
    counted = valid_purchases(given.orders, given.refunds, as_of_day=as_of_day, rules=rules.purchases)
    valid = materialise(counted.select("person_id", "ordered_day", "net", "channel"))
    buyers = materialise(tenure(valid, rules=rules.purchases))
    parts = (
        buyers,
        _since(given, buyers, as_of_day, rules, materialise),
        *_places(valid, materialise),
        materialise(contact_by(given.consents)),
        *_experience(given, buyers, as_of_day, rules, materialise),
        _subscribers(given.subscriptions),
    )
    everyone = given.persons.select("person_id")
    for part in parts:
        everyone = everyone.join(part, on="person_id", how="left")
    everyone = _with_friends(everyone, given.friends)
    placed = materialise(_with_segment(everyone, as_of_day, rules.thresholds))
    dates = with_dates(placed.select("person_id", *DAYS.values()), DAYS, materialise=materialise)
    acting = next_action(_with_codes(placed, given.handed, as_of_day), as_of_day=as_of_day)
    return (
        placed.join(acting, on="person_id", how="left")
        .join(dates.select("person_id", *DAYS), on="person_id", how="left")
        .select(*_columns())
    )


def as_told(score: Mapping[str, Any]) -> dict[str, Any]:
    """One row of the scores with dates for the days of its evidence, for people."""
    dates = {
        name: None if score[day] is None else EPOCH + timedelta(days=score[day])
        for name, day in EVIDENCE_DAYS.items()
    }
    days = set(EVIDENCE_DAYS.values())
    return {**{name: value for name, value in score.items() if name not in days}, **dates}


def _since(given: Given, buyers: Frame, as_of_day: int, rules: ScoreRules, materialise: Materialise) -> Frame:
    return materialise(
        segment_since(
            given.orders,
            given.refunds,
            buyers,
            as_of_day=as_of_day,
            rules=rules.purchases,
            thresholds=rules.thresholds,
            materialise=materialise,
        )
    )


def _places(valid: Frame, materialise: Materialise) -> tuple[Frame, Frame]:
    """Where each person bought, and where most."""
    catalogue = [code for code, _, _ in CHANNELS]
    return (
        materialise(channels(valid, catalogue=catalogue)),
        materialise(preferred_channel(valid, catalogue=catalogue)),
    )


def _experience(
    given: Given, buyers: Frame, as_of_day: int, rules: ScoreRules, materialise: Materialise
) -> tuple[Frame, Frame]:
    """What each person thought of it, and how far each one came."""
    touches, refunds = speaking(
        given.touches,
        given.refunds,
        given.orders,
        as_of_day=as_of_day,
        rules=rules.purchases,
        materialise=materialise,
    )
    thought = satisfaction(
        touches, refunds, given.told, buyers, as_of_day=as_of_day, rules=rules.satisfaction
    )
    made = materialise(thought.rename({"evidence": "satisfaction_evidence"}))
    came = funnel(given.persons, given.touches, buyers, as_of_day=as_of_day, materialise=materialise)
    return made, materialise(came.drop("entered_day"))


def _subscribers(subscriptions: Frame) -> Frame:
    active = subscriptions.filter(nw.col("status") == "active").select("person_id").unique()
    return active.with_columns(subscriber=nw.lit(True))


def _with_friends(everyone: Frame, friends: Frame | None) -> Frame:
    """`friends` is None where nothing tracks referrals: null then, else 0 for who referred nobody."""
    if friends is None:
        nothing = {name: nw.lit(None).cast(nw.Int64) for name in (*_COUNTS, "newest_friend_day")}
        money = {name: nw.lit(None).cast(nw.Decimal(38, 4)) for name in (*_MONEY, "referral_cycle_days")}
        return everyone.with_columns(**nothing, **money)
    return everyone.join(friends, on="person_id", how="left").with_columns(
        *(nw.col(name).fill_null(0) for name in _COUNTS),
        *(nw.col(name).fill_null(Decimal(0)) for name in _MONEY),
    )


def _with_segment(everyone: Frame, as_of_day: int, thresholds: Thresholds) -> Frame:
    number = tier(nw.col("purchases"), nw.col("tenure_days"), nw.col("net_spend"), thresholds)
    return everyone.with_columns(
        tier=number, lapses_day=lapses_day(nw.col("last_purchase_day"), thresholds.lapse_days)
    ).with_columns(
        nw.col("purchases").fill_null(0),
        nw.col("net_spend").fill_null(Decimal(0)),
        nw.col("satisfaction").fill_null(UNKNOWN),
        nw.col("recovered", "answered", "subscriber").fill_null(False),
        segment=segment(nw.col("tier"), nw.col("lapses_day") <= as_of_day),
    )


def _with_codes(placed: Frame, handed: Frame | None, as_of_day: int) -> Frame:
    """With `newest_code_day`: since when somebody has had a way to tell a friend."""
    if handed is None:
        return placed.with_columns(newest_code_day=nw.lit(None).cast(nw.Int64))
    seen = handed.filter(~nw.col("person_id").is_null(), nw.col("day") <= as_of_day)
    newest = seen.group_by("person_id").agg(newest_code_day=nw.col("day").max())
    return placed.join(newest, on="person_id", how="left")


def _columns() -> tuple[str | nw.Expr, ...]:
    return (
        *KEYS,
        "satisfaction_evidence",
        nw.col("strength").alias("satisfaction_strength"),
        nw.col("evidence_day").alias("satisfaction_day"),
        "recovered",
        "recovered_day",
        "answered",
        "funnel_evidence",
        "funnel_day",
        "exited",
        "exit_evidence",
        "exit_day",
        nw.col("until_day").alias("next_action_until_day"),
        "subscriber",
        "preferred_channel",
        "channel_count",
        "referral_generations",
        "referral_subtree",
        "referred_revenue",
        "subtree_revenue",
        "referral_cycle_days",
        "newest_friend_day",
    )
