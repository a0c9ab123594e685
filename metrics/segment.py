"""Segments of customer portfolio management (CPM, 顧客ポートフォリオマネジメント): eleven codes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

TIERS = ("prospect", "first", "fledgling", "steady", "trend", "best")
"""Tiers by number: 0 never bought, then the order of the decision table."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the tiers part: M in the reporting currency, T1, T2 and L in days (T1 <= T2)."""

    best_spend: Decimal
    steady_days: int = 90
    best_days: int = 210
    lapse_days: int = 240


def tier(purchases: nw.Expr, tenure_days: nw.Expr, net_spend: nw.Expr, thresholds: Thresholds) -> nw.Expr:
    """The number in `TIERS` of a person with n purchases, t days of tenure and m of net spend.

    n = 0 prospect; n = 1 first; n >= 2 and t < T1 fledgling; t >= T1 and m < M steady;
    T1 <= t < T2 and m >= M trend; t >= T2 and m >= M best. Total and exclusive: every n, t, m has exactly
    one. m = M exactly is not steady any more. A second purchase after T1 days skips fledgling; much money
    within T1 days is fledgling. Nulls count as 0 purchases.
    Source: LTV-Lab help (faqhelp.ltv-lab.jp) and katsukouji.com; where the two differ, the latter.
    """
    return (
        nw.when(purchases.is_null() | (purchases == 0))
        .then(nw.lit(0, nw.Int64))
        .when(purchases == 1)
        .then(nw.lit(1, nw.Int64))
        .when(tenure_days < thresholds.steady_days)
        .then(nw.lit(2, nw.Int64))
        .when(net_spend < thresholds.best_spend)
        .then(nw.lit(3, nw.Int64))
        .when(tenure_days < thresholds.best_days)
        .then(nw.lit(4, nw.Int64))
        .otherwise(nw.lit(5, nw.Int64))
    )


def segment(tier_number: nw.Expr, lapsed: nw.Expr) -> nw.Expr:
    """The segment: `prospect`, or the tier's name with `_active` or `_lapsed`.

    With n purchases, t days of tenure, m of net spend, and T1 (`segment.steady_days`), T2
    (`segment.best_days`), M (`segment.best_spend`), L (`segment.lapse_days`): n = 0 prospect; n = 1 first;
    n >= 2 and t < T1 fledgling; t >= T1 and m < M steady; T1 <= t < T2 and m >= M trend; t >= T2 and m >= M
    best. Lapsed: L days or more since the last purchase.

    In: `tier_number` (`tier`), `lapsed` (boolean).

    Metric: segment · Customer Segment (CPM) · 顧客区分(CPM)
    Unit: code
    Source: LTV-Lab help (faqhelp.ltv-lab.jp), katsukouji.com; MakeRepeater help (7 x the average order)
    Since: 0.1.0 (2026-11-21)
    Verdict: kept (A17, A18)
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, segment.*
    """
    code = nw.when(tier_number == 0).then(nw.lit(TIERS[0]))
    for number, name in enumerate(TIERS[1:], start=1):
        code = code.when((tier_number == number) & lapsed).then(nw.lit(f"{name}_lapsed"))
        code = code.when(tier_number == number).then(nw.lit(f"{name}_active"))
    return code.otherwise(nw.lit(None, nw.String))
