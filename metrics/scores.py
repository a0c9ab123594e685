"""Every score of every person, one row each: the columns are the keys of the field catalogue."""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from metrics.calendar import with_dates
from metrics.channels import channels
from metrics.contact_by import contact_by
from metrics.fields import CHANNELS
from metrics.lapse import lapses_day
from metrics.lives import Materialise
from metrics.purchases import Frame, PurchaseRules, valid_purchases
from metrics.referral import referral_scores, referrals
from metrics.segment import Thresholds, segment, tier
from metrics.segment_history import segment_since
from metrics.tenure import tenure


def score_persons(
    persons: Frame,
    orders: Frame,
    refunds: Frame,
    codes: Frame,
    consents: Frame,
    *,
    as_of_day: int,
    rules: PurchaseRules,
    thresholds: Thresholds,
    referrals_tracked: bool,
    materialise: Materialise,
) -> Frame:
    """One row per row of `persons`, prospects included.

    In: `persons` (`person_id`), `orders` and `refunds` as in `purchases.valid_purchases` (orders also with
    `ordered_at`, `channel`, `discount_codes`), `codes` (`code`, `person_id`), `consents` as in
    `contact_by.contact_by`.
    Out: `person_id`, `first_purchase_on`, `last_purchase_on` (date), `tenure_days`, `purchases` (int),
    `net_spend` (decimal), `segment` (code), `segment_since`, `lapses_on` (date), `referrals` (int),
    `referral_score` (decimal), `channels`, `contact_by` (codes joined with `;`). Prospects: 0 purchases,
    0 net_spend, all else of the portfolio null. Referrals: 0 for who referred nobody; null where nothing
    tracks them. Nobody who is not in `persons` gets a score, though their orders and codes may stand there.
    """
    valid = valid_purchases(orders, refunds, as_of_day=as_of_day, rules=rules)
    buyers = materialise(tenure(valid, rules=rules))
    since = segment_since(
        orders,
        refunds,
        buyers,
        as_of_day=as_of_day,
        rules=rules,
        thresholds=thresholds,
        materialise=materialise,
    )
    used = channels(valid, catalogue=[code for code, _, _ in CHANNELS])
    told = _word_of_mouth(valid, buyers, codes, materialise) if referrals_tracked else None
    permitted = materialise(contact_by(consents))
    everyone = _joined(persons, buyers, materialise(since), materialise(used), permitted)
    return _columns(_with_referrals(everyone, told), as_of_day, thresholds, materialise)


def _joined(persons: Frame, *parts: Frame) -> Frame:
    everyone = persons.select("person_id")
    for part in parts:
        everyone = everyone.join(part, on="person_id", how="left")
    return everyone


def _word_of_mouth(valid: Frame, buyers: Frame, codes: Frame, materialise: Materialise) -> Frame:
    edges = materialise(referrals(valid, buyers, codes, materialise=materialise))
    return materialise(referral_scores(edges, materialise=materialise))


def _with_referrals(everyone: Frame, told: Frame | None) -> Frame:
    """`told` is None where nothing tracks referrals: null then, else 0 for who referred nobody."""
    if told is None:
        return everyone.with_columns(
            referrals=nw.lit(None).cast(nw.Int64), referral_score=nw.lit(None).cast(nw.Decimal(10, 2))
        )
    return everyone.join(told, on="person_id", how="left").with_columns(
        nw.col("referrals").fill_null(0), nw.col("referral_score").fill_null(Decimal(0))
    )


def _columns(everyone: Frame, as_of_day: int, thresholds: Thresholds, materialise: Materialise) -> Frame:
    lapses = lapses_day(nw.col("last_purchase_day"), thresholds.lapse_days)
    number = tier(nw.col("purchases"), nw.col("tenure_days"), nw.col("net_spend"), thresholds)
    dated = with_dates(
        materialise(everyone.with_columns(lapses_day=lapses)),
        {
            "first_purchase_on": "first_purchase_day",
            "last_purchase_on": "last_purchase_day",
            "segment_since": "segment_since_day",
            "lapses_on": "lapses_day",
        },
        materialise=materialise,
    )
    return dated.select(
        "person_id",
        "first_purchase_on",
        "last_purchase_on",
        "tenure_days",
        nw.col("purchases").fill_null(0),
        nw.col("net_spend").fill_null(Decimal(0)),
        segment(number, nw.col("lapses_day") <= as_of_day).alias("segment"),
        "segment_since",
        "lapses_on",
        "referrals",
        "referral_score",
        "channels",
        "contact_by",
    )
