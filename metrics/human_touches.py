"""What people did by hand for customers (おもてなし): calls, visits, letters, counted by month."""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from metrics.calendar import month_name, month_of, with_months
from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.shop_line import ShopLine

BY_HAND = "activity"
"""The kind of touches that a human made: completed tasks and events. A mass mail or an invoice is none."""


def human_touch_lines(
    touches: Frame, *, as_of_day: int, months: int, materialise: Materialise
) -> list[ShopLine]:
    """How often customers and leads were called, visited or written to by a human, and how many of them.

    A touch is a call, a visit, a letter that a human completed (a task or an event in Salesforce) with
    somebody whom the store knows, on its own day. human_touches counts them, human_touched_people the people:
    each once a month, however often. n = those people. `part` is the month, "2026-10"; the last 24
    calendar months up to that of the as-of day, which may be cut short. Months before the first touch are
    left out, since nobody may have recorded any; a month without one afterwards stands with 0.

    In: `touches` (`person_id`, null: nobody's; `kind`, `day`).

    Metric: human_touches · Touches by hand in the month · 月間のおもてなし回数
    Metric: human_touched_people · People touched by hand in the month · 月間のおもてなし人数
    Unit: human_touches: touches; human_touched_people: people
    Source: rule B18
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (B18)
    Settings: none
    """
    found = monthly_touches(touches, as_of_day=as_of_day, materialise=materialise)
    counts = {int(month): (int(made), int(people)) for month, made, people in found.collect().rows()}
    last = month_of(as_of_day)
    lines = []
    for month in range(max(min(counts, default=last + 1), last - months + 1), last + 1):
        made, people = counts.get(month, (0, 0))
        part = month_name(month)
        lines.append(ShopLine("human_touches", part, Decimal(made), people))
        lines.append(ShopLine("human_touched_people", part, Decimal(people), people))
    return lines


def monthly_touches(touches: Frame, *, as_of_day: int, materialise: Materialise) -> Frame:
    """A row per month with a touch by hand: `month` (number), `touches`, `people` (both int)."""
    by_hand = touches.filter(
        nw.col("kind") == BY_HAND, nw.col("day") <= as_of_day, ~nw.col("person_id").is_null()
    )
    daily = by_hand.group_by("person_id", "day").agg(nw.len().cast(nw.Int64).alias("touches"))
    dated = with_months(materialise(daily), {"month": "day"}, materialise=materialise)
    return (
        dated.group_by("month", "person_id")
        .agg(nw.col("touches").sum())
        .group_by("month")
        .agg(nw.col("touches").sum().cast(nw.Int64), nw.len().cast(nw.Int64).alias("people"))
        .select("month", "touches", "people")
    )
