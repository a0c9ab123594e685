"""The terms of the next-action table: open complaint, recovered, new referral, fresh delight, near."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from metrics.purchases import Frame
from metrics.satisfaction import DELIGHTED, SAID, UNKNOWN


@dataclass(frozen=True, slots=True)
class TermDays:
    """How many days a reason to act holds, as an age: on the last of them it holds still.

    `near`: from so many days before the lapse date to the day before it.
    """

    complaint: int = 180
    recovered: int = 30
    referral: int = 30
    delight: int = 30
    near: int = 30


def with_terms(people: Frame, as_of_day: int, terms: TermDays) -> Frame:
    """The terms as columns: whether each holds, and the first day on which it will not any more.

    - `complains`: the newest evidence is a complaint that nobody closed, at most 180 days old
    - `has_recovered`: a complaint closed at most 30 days ago and no later word
    - `has_referred`: the newest credited friend's first valid purchase is at most 30 days old
    - `is_freshly_delighted`: delighted in the person's own words, at most 30 days old, and no personal code
      or invitation dated after it
    - `is_near`: from 30 days before the lapse to the day before, and not subscribed

    In: as in `next_action.next_action`. Out: its columns, the terms, `complaint_until`, `recovered_until`,
    `referral_until`, `delight_until` and `active_until` (near, or of a subscriber lapsed, from that day on).
    """
    evidence, expires, friend = (
        nw.col(name) for name in ("evidence_day", "expires_day", "newest_friend_day")
    )
    complaint, recovered, lapses = (
        nw.col(name) for name in ("open_complaint_day", "recovered_day", "lapses_day")
    )
    code_is_older = nw.col("newest_code_day").is_null() | (nw.col("newest_code_day") <= evidence)
    subscriber, near_day = nw.col("subscriber"), lapses - terms.near
    said = (nw.col("satisfaction") == DELIGHTED) & nw.col("strength").is_in(SAID)
    unknown = nw.col("satisfaction").is_null() | (nw.col("satisfaction") == UNKNOWN)
    return (
        people.with_columns(nw.col("subscriber", "exited", "recovered").fill_null(False))
        .with_columns(
            complaint_until=nw.min_horizontal(complaint + (terms.complaint + 1), expires),
            recovered_until=nw.min_horizontal(recovered + (terms.recovered + 1), expires),
            referral_until=friend + (terms.referral + 1),
            delight_until=nw.min_horizontal(evidence + (terms.delight + 1), expires),
            active_until=nw.when(subscriber).then(lapses).otherwise(near_day),
        )
        .with_columns(
            complains=_before("complaint_until", as_of_day) & ~complaint.is_null(),
            has_recovered=nw.col("recovered") & unknown & _before("recovered_until", as_of_day),
            has_referred=_before("referral_until", as_of_day),
            is_freshly_delighted=said.fill_null(False) & code_is_older & _before("delight_until", as_of_day),
            is_near=((near_day <= as_of_day) & (as_of_day < lapses)).fill_null(False) & ~subscriber,
        )
    )


def _before(until: str, as_of_day: int) -> nw.Expr:
    """Whether a term holds still on `as_of_day`."""
    return (as_of_day < nw.col(until)).fill_null(False)
