"""Lapse (離脱): the day from which a person who does not buy again counts as gone."""

from __future__ import annotations

import narwhals as nw


def lapses_day(last_purchase_day: nw.Expr, lapse_days: int) -> nw.Expr:
    """lapses_day = last purchase day + L: the first day on which the days since the last purchase reach L.

    In: int days. Out: int day, in the past for who has lapsed already; null for who never bought.
    Lapse is reversible: a later purchase moves the day on. Source: design section 4; L = 240 is the preset
    of LTV-Lab (reference metrics 1.1), and the one parameter that sources do not agree on.
    """
    return last_purchase_day + lapse_days
