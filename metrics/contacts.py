"""Best customers whom nobody has spoken to (「再開のアナウンス」), and who has no next touch at all."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

BEST = ("best_active", "best_lapsed")
LEAVE_ALONE = "leave_alone"


@dataclass(frozen=True, slots=True)
class ContactRules:
    """`quiet_days`: with so many days since the last contact and the last purchase somebody is due."""

    quiet_days: int = 90


def quiet_best(people: Frame, touches: Frame, *, as_of_day: int, rules: ContactRules) -> Frame:
    """Best customers who neither bought nor were spoken to for `rules.quiet_days` days.

    A contact is a call, a visit, a letter that a human completed (touches of kind `activity`); a mass mail is
    none. Who was never contacted counts as not contacted. On the day itself 0 days have passed.

    In: `people` (`person_id`, `segment`, `tenure_days`, `net_spend`, `last_purchase_day`, `contact_by`),
    `touches` (`person_id`, `kind`, `day`). Out: those columns of `people`, `last_contact_day` (int, null:
    never) and `is_permitted` (some medium is). Not ordered: `first_to_contact` is.
    """
    latest = as_of_day - rules.quiet_days
    contacted = (
        touches.filter(
            nw.col("kind") == "activity", nw.col("day") <= as_of_day, ~nw.col("person_id").is_null()
        )
        .group_by("person_id")
        .agg(nw.col("day").max().alias("last_contact_day"))
    )
    last_contact = nw.col("last_contact_day")
    return (
        people.filter(nw.col("segment").is_in(BEST), nw.col("last_purchase_day") <= latest)
        .join(contacted, on="person_id", how="left")
        .filter(last_contact.is_null() | (last_contact <= latest))
        .select(
            "person_id",
            "segment",
            "tenure_days",
            "net_spend",
            "last_purchase_day",
            "last_contact_day",
            "contact_by",
            is_permitted=~nw.col("contact_by").is_null(),
        )
    )


def first_to_contact(quiet: Frame, *, at_most: int) -> Frame:
    """Whom one may contact, the longest tenure first, then the highest spend; never by the order count.

    In: `quiet_best`. Out: its rows with a permitted medium, at most `at_most`, and `place` (int, from 0).
    """
    backwards = quiet.filter(nw.col("is_permitted")).with_columns(
        shorter=-nw.col("tenure_days"), less=-nw.col("net_spend")
    )
    return (
        backwards.with_row_index("place", order_by=["shorter", "less", "person_id"])
        .with_columns(nw.col("place").cast(nw.Int64))
        .filter(nw.col("place") < at_most)
        .drop("shorter", "less")
    )


def contact_lines(people: Frame, quiet: Frame) -> list[ShopLine]:
    """How many best customers nobody spoke to, and how many of them one may contact.

    Counted is who neither bought nor was spoken to by a human for `contacts.quiet_days` days; a mass mail is
    no contact. best_not_contacted: n = all best customers, active and lapsed. best_to_contact: those with a
    permitted medium, n = best_not_contacted.
    In: `people` and the result of `quiet_best`.

    Metric: best_not_contacted · Best customers not contacted · ご連絡のない優良顧客
    Metric: best_to_contact · Best customers one may contact · ご連絡できる優良顧客
    Unit: people
    Source: rules A5 and A6 (「再開のアナウンス」)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: contacts.quiet_days, segment.*, purchases.unit, purchases.count_unpaid, purchases.exclude.*
    """
    best = _count(people.filter(nw.col("segment").is_in(BEST)))
    due, permitted = _count(quiet), _count(quiet.filter(nw.col("is_permitted")))
    return [
        ShopLine("best_not_contacted", "", Decimal(due), best),
        ShopLine("best_to_contact", "", Decimal(permitted), due),
    ]


def no_next_touch_lines(people: Frame) -> list[ShopLine]:
    """The share of people whose journey ends here: nothing is to be said to them, or nobody may say it.

    `part` "left_alone": the suggested action is to leave them alone; "no_permission": there is another, but
    no permitted medium; "": both together. n = everybody scored.
    In: one row per person: `person_id`, `next_action`, `contact_by`.

    Metric: no_next_touch · People without a next touch · 次のご連絡が決まっていない方
    Unit: share
    Source: rule A24
    Since: 0.2.0 (2026-11-22)
    Verdict: kept; what counts as a next touch is ours
    Settings: segment.*, satisfaction.*, funnel.*, referral.rewarded, purchases.unit, purchases.count_unpaid,
        purchases.exclude.*
    Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
    Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
    """
    alone = nw.col("next_action") == LEAVE_ALONE
    counts = (
        people.select(
            left_alone=alone.cast(nw.Int64),
            no_permission=(~alone & nw.col("contact_by").is_null()).cast(nw.Int64),
        )
        .group_by("left_alone", "no_permission")
        .agg(nw.len().cast(nw.Int64).alias("people"))
        .collect()
        .rows(named=True)
    )
    everybody = sum(row["people"] for row in counts)
    ends = {
        name: sum(row["people"] for row in counts if row[name]) for name in ("left_alone", "no_permission")
    }
    parts = {"": sum(ends.values()), **ends}
    return [
        ShopLine("no_next_touch", part, share(count, everybody), everybody) for part, count in parts.items()
    ]


def _count(frame: Frame) -> int:
    return int(frame.select(nw.len().alias("people")).collect().row(0)[0])
