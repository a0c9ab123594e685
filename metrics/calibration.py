"""Calibration: the thresholds L and M that a merchant's own data propose, or why they propose none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import narwhals as nw

from metrics.purchases import Frame
from metrics.return_curve import LEAST_AT_RISK, Curve, ReturnCurves
from metrics.segment import Thresholds, segment, tier
from metrics.shop import LEAST_ORDERS, BestSpend, TooFewOrders

LEAST_BUYERS = 500
LEAST_HISTORY_DAYS = 180
TARGET = Decimal("0.10")
"""At most this share of those who have been idle for L days return within the next 90 days."""


@dataclass(frozen=True, slots=True)
class History:
    """How much there is to go by: people who bought, days from the first purchase to the as-of day."""

    buyers: int
    days: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Thresholds that the data support, and what they rest on.

    `lapse_days` is L, `returning` the share that still returns after it and `error` its standard error.
    `rises_at`: the first longer idle time at which clearly more than the target (by two standard errors)
    return again, as seasonal buyers do; else None.
    """

    lapse_days: int
    returning: Decimal
    error: Decimal
    rises_at: int | None
    best_spend: BestSpend


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is proposed. `have` is what there is, `need` what it would take.

    `few_buyers`, `short_history` (days), `few_orders` with a known amount; `never_reached`: of those who
    have been idle for up to `have` days, as long as the data can tell, more than the target still return,
    at the least `lowest`; `too_thin`: of the `have` gaps too few were seen to the end of any horizon.
    """

    reason: Literal["few_buyers", "short_history", "few_orders", "never_reached", "too_thin"]
    have: int
    need: int
    lowest: Decimal | None = None


def history(buyers: Frame, *, as_of_day: int) -> History:
    """Count what `propose` goes by. In: `tenure.tenure` as of the same day."""
    counts = buyers.select(nw.len().alias("buyers"), first=nw.col("first_purchase_day").min())
    count, first = counts.collect().row(0)
    return History(int(count), as_of_day - int(first) if count else 0)


def propose(curves: ReturnCurves, best_spend: BestSpend | TooFewOrders, found: History) -> Proposal | Refusal:
    """L and M from the shop's own purchases.

    L is the shortest idle time d >= 1 after which at most 10 % buy within the next 90 days, by the pooled
    return curve; lapsed means d >= L. M is 7 x the mean net of a valid order in two significant digits.
    Refused, never guessed: under 500 buyers; under 180 days of history; where the curve stays above the
    target for as long as at least 100 gaps were seen to the end of the horizon (no curve is
    carried on beyond what was seen). The preset, 240 days, then stays.

    Metric: lapse_days · Days to lapse (L) · 離脱日数(L)
    Metric: best_spend · Spend of best customers (M) · 優良客の累計購入金額(M)
    Unit: lapse_days: days; best_spend: reporting currency
    Source: docs/calibration.md; MakeRepeater help (7 x the average order); Klaviyo help (least data)
    Since: 0.2.0 (2026-11-22)
    Verdict: ours (L); 7 x the average order is MakeRepeater's (M)
    Settings: segment.lapse_days, segment.best_spend, purchases.count_unpaid, purchases.exclude.*
    """
    if found.buyers < LEAST_BUYERS:
        return Refusal("few_buyers", found.buyers, LEAST_BUYERS)
    if found.days < LEAST_HISTORY_DAYS:
        return Refusal("short_history", found.days, LEAST_HISTORY_DAYS)
    if isinstance(best_spend, TooFewOrders):
        return Refusal("few_orders", best_spend.orders, LEAST_ORDERS)
    return _lapse(curves.pooled, best_spend)


def _lapse(curve: Curve, best_spend: BestSpend) -> Proposal | Refusal:
    shares = {day: curve.returns(day) for day in range(1, curve.seen_days() + 1)}
    known = {day: returning for day, returning in shares.items() if returning is not None}
    if not known:
        return Refusal("too_thin", curve.gaps, LEAST_AT_RISK)
    reached = next((day for day, returning in known.items() if returning <= TARGET), None)
    if reached is None:
        return Refusal("never_reached", max(known), 0, min(known.values()))
    rises = (day for day in known if day > reached and known[day] - 2 * _error(curve, day) > TARGET)
    return Proposal(reached, known[reached], _error(curve, reached), next(rises, None), best_spend)


def _error(curve: Curve, day: int) -> Decimal:
    return curve.error(day) or Decimal(0)


def segment_moves(scores: Frame, *, now: Thresholds, then: Thresholds, as_of: date) -> Frame:
    """How many people change from one segment to another when the thresholds become `then`.

    In: as in `segments_under`. Out: `old`, `new` (segment codes), `people` (int); who stays is counted too,
    in rows where both are equal.
    """
    old = segments_under(scores, now, as_of=as_of).rename({"segment": "old"})
    new = segments_under(scores, then, as_of=as_of).rename({"segment": "new"})
    return (
        old.join(new, on="person_id", how="inner")
        .group_by("old", "new")
        .agg(nw.len().cast(nw.Int64).alias("people"))
    )


def segments_under(scores: Frame, thresholds: Thresholds, *, as_of: date) -> Frame:
    """Everybody's segment as `thresholds` would have it.

    In: `scores.score_persons` as of the same day (`purchases`, `tenure_days`, `net_spend`,
    `last_purchase_on`). Out: `person_id`, `segment`.
    """
    number = tier(nw.col("purchases"), nw.col("tenure_days"), nw.col("net_spend"), thresholds)
    lapsed = nw.col("last_purchase_on") <= as_of - timedelta(days=thresholds.lapse_days)
    numbered = scores.select("person_id", number=number, lapsed=lapsed)
    return numbered.select("person_id", segment=segment(nw.col("number"), nw.col("lapsed")))
