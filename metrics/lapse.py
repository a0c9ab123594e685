"""Lapse (離脱): the day from which a person who does not buy again counts as gone."""

from __future__ import annotations

import narwhals as nw


def lapses_day(last_purchase_day: nw.Expr, lapse_days: int) -> nw.Expr:
    """lapses_on = last purchase day + L: the first day on which the days since the last purchase reach L.

    Lapse is reversible: a later purchase moves the day on. L = 240 is the preset of LTV-Lab, and the one
    parameter that sources do not agree on; `zaiseki calibrate` proposes one from the shop's own purchases.

    In: int days. Out: int day, in the past for who has lapsed already; null for who never bought.

    Metric: lapses_on · Lapse date · 離脱日(予定を含む)
    Unit: date
    Source: LTV-Lab help (faqhelp.ltv-lab.jp): 240 days; docs/calibration.md
    Since: 0.1.0 (2026-11-21)
    Verdict: kept (A18)
    Settings: segment.lapse_days, purchases.count_unpaid, purchases.exclude.*
    """
    return last_purchase_day + lapse_days
