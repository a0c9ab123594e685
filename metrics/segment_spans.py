"""The segments a person went through, each with the days from and until it held."""

from __future__ import annotations

import narwhals as nw

from metrics.lives import Materialise, order_lives
from metrics.purchases import Frame, PurchaseRules
from metrics.segment import Thresholds, segment
from metrics.segment_steps import segment_steps
from metrics.whole_numbers import quotient


def segment_spans(
    orders: Frame,
    refunds: Frame,
    *,
    as_of_day: int,
    rules: PurchaseRules,
    thresholds: Thresholds,
    materialise: Materialise,
) -> Frame:
    """Every person's segments from the first counted purchase until the day asked about, one row per span.

    A span is a longest stretch of days on which segment(x) is one and the same; segment(x) is the definition
    evaluated at day x with every event (purchase, refund, cancellation, lapse by waiting) on its own date,
    by today's thresholds. The last span of a person is open, and starts on `segment_since`. Spans of one
    person leave no gap. Before the first one the person was a prospect; whoever lost every purchase later
    has a span `prospect` from that day.

    In: `orders`, `refunds` as in `purchases.valid_purchases`. Out: `person_id`, `from_day`, `until_day`
    (int; exclusive; null: holds still), `segment` (code). People without any purchase that ever counted are
    not in the frame. To be materialised by the caller.

    Metric: segment_spans · Segment history · 顧客区分の履歴
    Unit: date
    Source: rule A17
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, segment.*
    """
    lives = order_lives(orders, refunds, as_of_day=as_of_day, rules=rules, materialise=materialise)
    steps = segment_steps(
        lives, as_of_day=as_of_day, rules=rules, thresholds=thresholds, materialise=materialise
    )
    changes, state = materialise(_changes(materialise(steps))), nw.col("state")
    return (
        changes.with_columns(until_day=nw.col("from_day").shift(-1).over("person_id", order_by="from_day"))
        .select("person_id", "from_day", "until_day", tier=quotient(state, 2), is_lapsed=state % 2 == 1)
        .select("person_id", "from_day", "until_day", segment=segment(nw.col("tier"), nw.col("is_lapsed")))
    )


def segments_on(spans: Frame, day: int) -> Frame:
    """Who was in which segment on one day (at most the spans' as-of day): `person_id`, `segment`.

    Buyers only: whoever had not bought yet, or had lost every purchase, is not in the frame.
    """
    until = nw.col("until_day")
    return spans.filter(
        nw.col("from_day") <= day, until.is_null() | (until > day), nw.col("segment") != "prospect"
    ).select("person_id", "segment")


def _changes(steps: Frame) -> Frame:
    """The days on which a person's state became another than it was the day before, and that state."""
    before = nw.col("end_state").shift(1).over("person_id", order_by="day")
    by_event = (
        steps.select("person_id", "day", "state", before=before)
        .filter(nw.col("before").is_null() | (nw.col("before") != nw.col("state")))
        .select("person_id", "state", from_day=nw.col("day"))
    )
    by_waiting = steps.filter(nw.col("end_state") != nw.col("state")).select(
        "person_id", state=nw.col("end_state"), from_day=nw.col("lapses_day")
    )
    return nw.concat([by_event, by_waiting], how="vertical")
