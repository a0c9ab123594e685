"""The return curve: how likely somebody who has not bought for d days is to buy within the next 90.

Whoever has not come back yet is not left out (most gaps end in nothing, and those that end soon would count
too much) but counted for as long as they were seen: the product-limit estimate of Kaplan and Meier (1958).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

HORIZON_DAYS = 90
LEAST_AT_RISK = 100
"""Fewer gaps than this still open at the end of the horizon say nothing: at 10 % the error is 3 points."""
IDLE_DAYS = (30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 365)
"""Idle times at which the curve is told in numbers."""
_PLACES = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Curve:
    """The product-limit estimate over one set of gaps; the tuples are indexed by the day of the gap.

    `gaps`: their number, open ones included. `at_risk`: gaps of at least so many days, finished or seen open.
    `bought`: those that ended with a purchase on that day. `stayed`: estimated share still without a
    purchase at the end of that day.
    """

    gaps: int
    at_risk: tuple[int, ...]
    bought: tuple[int, ...]
    stayed: tuple[Decimal, ...]

    def returns(self, idle_days: int, horizon_days: int = HORIZON_DAYS) -> Decimal | None:
        """The share of those idle for `idle_days` who buy on one of the next `horizon_days` days.

        = 1 - stayed[idle_days + horizon_days] / stayed[idle_days]. None where the data cannot say: fewer
        than `LEAST_AT_RISK` gaps were seen until the end of the horizon.
        """
        end = idle_days + horizon_days
        if end >= len(self.at_risk) or self.at_risk[end] < LEAST_AT_RISK:
            return None
        return (1 - self.stayed[end] / self.stayed[idle_days]).quantize(_PLACES)

    def error(self, idle_days: int, horizon_days: int = HORIZON_DAYS) -> Decimal | None:
        """The standard error of `returns` by Greenwood's formula; gaps are taken as independent."""
        returning = self.returns(idle_days, horizon_days)
        if returning is None:
            return None
        days = range(idle_days + 1, idle_days + horizon_days + 1)
        terms = (
            Decimal(self.bought[day]) / (self.at_risk[day] * (self.at_risk[day] - self.bought[day]))
            for day in days
        )
        return ((1 - returning) * sum(terms, Decimal(0)).sqrt()).quantize(_PLACES)

    def seen_days(self, horizon_days: int = HORIZON_DAYS) -> int:
        """The longest idle time of which the data can tell who returns; -1 where there is none."""
        enough = [day for day, open_still in enumerate(self.at_risk) if open_still >= LEAST_AT_RISK]
        return max(enough, default=-1) - horizon_days


@dataclass(frozen=True, slots=True)
class ReturnCurves:
    """`pooled`: after any purchase; `after_first`, `after_later`: the two parts it is made of."""

    pooled: Curve
    after_first: Curve
    after_later: Curve


def return_curves(steps: Frame, *, as_of_day: int) -> ReturnCurves:
    """P(buy within the next 90 days | d days without a purchase), of all buyers.

    A gap is the days from one purchase day to the next; the last of each person is still open (censored) as
    of the day asked about. Gaps are of distinct days, whatever the purchase unit: idle time is a matter of
    days.
    In: `purchase_steps.purchase_steps` as of the same day. The engine counts gaps by length; the estimate
    over these few rows is made here, one step a day.

    Metric: return_share · Share returning within 90 days · 90日以内の再購入率
    Metric: return_share_after_first · The same after a first purchase · 初回購入後90日以内の再購入率
    Metric: return_share_after_later · The same after a later purchase · 2回目以降の購入後90日以内の再購入率
    Unit: share
    Source: Kaplan and Meier, JASA 53 (1958); error by Greenwood (1926); docs/calibration.md
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    counted = gap_counts(steps, as_of_day=as_of_day).collect().rows()
    gaps = [(int(length), bool(bought), bool(first), int(count)) for length, bought, first, count in counted]
    return ReturnCurves(
        pooled=product_limit((length, bought, count) for length, bought, _, count in gaps),
        after_first=product_limit((length, bought, count) for length, bought, first, count in gaps if first),
        after_later=product_limit(
            (length, bought, count) for length, bought, first, count in gaps if not first
        ),
    )


def return_lines(curves: ReturnCurves) -> list[ShopLine]:
    """The three curves at `IDLE_DAYS`; `part` is the idle time, `base` the gaps at least as long."""
    named = {
        "return_share": curves.pooled,
        "return_share_after_first": curves.after_first,
        "return_share_after_later": curves.after_later,
    }
    return [
        ShopLine(name, f"{days} days", _told(curve.returns(days)), at_risk(curve, days))
        for name, curve in named.items()
        for days in IDLE_DAYS
    ]


def at_risk(curve: Curve, idle_days: int) -> int:
    """How many gaps were seen to last longer than `idle_days`."""
    return curve.at_risk[idle_days + 1] if idle_days + 1 < len(curve.at_risk) else 0


def gap_counts(steps: Frame, *, as_of_day: int) -> Frame:
    """How many gaps there are of each kind and length.

    Out: `length` (int days), `bought` (boolean; false: still open as of `as_of_day`), `first` (boolean: it
    began with the person's first purchase), `gaps` (int): a few thousand rows at most.
    """
    gaps = steps.select(
        length=(nw.col("next_day").fill_null(as_of_day) - nw.col("day")).cast(nw.Int64),
        bought=~nw.col("next_day").is_null(),
        first=nw.col("before") == 0,
    )
    return gaps.group_by("length", "bought", "first").agg(nw.len().cast(nw.Int64).alias("gaps"))


def product_limit(gaps: Iterable[tuple[int, bool, int]]) -> Curve:
    """The estimate from (length, bought, count); an open gap counts as at risk through its last day."""
    ended: dict[int, int] = {}
    bought: dict[int, int] = {}
    for length, returned, count in gaps:
        ended[length] = ended.get(length, 0) + count
        if returned:
            bought[length] = bought.get(length, 0) + count
    open_still = total = sum(ended.values())
    at_risk_on, bought_on, stayed_on = [], [], []
    stayed = Decimal(1)
    for day in range(max(ended, default=-1) + 1):
        at_risk_on.append(open_still)
        bought_on.append(bought.get(day, 0))
        stayed *= 1 - Decimal(bought_on[-1]) / open_still
        stayed_on.append(stayed)
        open_still -= ended.get(day, 0)
    return Curve(total, tuple(at_risk_on), tuple(bought_on), tuple(stayed_on))


def _told(returning: Decimal | None) -> Decimal | None:
    return None if returning is None else share(returning, 1)
