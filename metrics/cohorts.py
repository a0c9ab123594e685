"""The cohort table: people by the month of their first purchase, and how many had come back by each month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

import narwhals as nw

from metrics.calendar import EPOCH, with_dates
from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

COHORTS_TOLD = 36
MONTHS_TOLD = 12


def cohort_lines(steps: Frame, *, as_of_day: int, materialise: Materialise) -> list[ShopLine]:
    """Of each month's new buyers: how many, and the share who had bought again by the end of month k.

    A cohort is a calendar month of first purchases. `cohort_returned` counts the second purchase by the end
    of the k-th calendar month after it (k = 0: still in the same month); it never falls with k. Only
    complete months are told, of cohorts and of k alike: a month that is still running would look like a
    fall. Everybody who bought is in it, who only bought trial products too: it is the Fn of repeat_rate that
    leaves these out. `part` is "1997-01" and "1997-01+3"; at most the last 36 cohorts, and 12 months of each.
    In: `purchase_steps.purchase_steps` as of the same day.

    Metric: cohort_buyers · New buyers by month of first purchase · 初回購入月別の新規購入者
    Metric: cohort_returned · Share of a cohort returned by month k · 初回購入月別の累計再購入率
    Unit: cohort_buyers: people; cohort_returned: share
    Source: the cohort table of any shop report; only complete months are ours
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*
    """
    counts = cohort_counts(steps, materialise=materialise).collect().rows()
    table = _table(counts)
    lines = []
    complete = complete_months(as_of_day)
    for month in [month for month in sorted(table) if month < complete][-COHORTS_TOLD:]:
        cohort, name = table[month], month_name(month)
        buyers = sum(cohort.values())
        lines.append(ShopLine("cohort_buyers", name, Decimal(buyers), buyers))
        returned = 0
        for later in range(min(MONTHS_TOLD, complete - 1 - month) + 1):
            returned += cohort.get(later, 0)
            lines.append(ShopLine("cohort_returned", f"{name}+{later}", share(returned, buyers), buyers))
    return lines


def cohort_counts(steps: Frame, *, materialise: Materialise) -> Frame:
    """How many people of each cohort came back in which month.

    Out: `month` of the first purchase (year x 12 + month - 1), `later` (months until the second purchase;
    null: none yet), `people`: one row per pair of months.
    """
    second = nw.when(nw.col("after") >= 2).then(nw.col("day")).otherwise(nw.col("next_day"))
    dated = with_dates(
        materialise(steps.filter(nw.col("before") == 0).select("person_id", "day", second=second)),
        {"first_on": "day", "second_on": "second"},
        materialise=materialise,
    )
    months = dated.select(month=_month("first_on"), then=_month("second_on"))
    return (
        months.select("month", later=nw.col("then") - nw.col("month"))
        .group_by("month", "later")
        .agg(nw.len().cast(nw.Int64).alias("people"))
    )


def complete_months(as_of_day: int) -> int:
    """The first month (year x 12 + month - 1) that is not over at the end of `as_of_day`."""
    tomorrow = EPOCH + timedelta(days=as_of_day + 1)
    return tomorrow.year * 12 + tomorrow.month - 1


def month_name(month: int) -> str:
    """`month` (year x 12 + month - 1) as people write it: 1997-01."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


def _month(column: str) -> nw.Expr:
    on = nw.col(column)
    return on.dt.year().cast(nw.Int64) * 12 + on.dt.month().cast(nw.Int64) - 1


def _table(counts: Iterable[tuple[int, int | None, int]]) -> dict[int, dict[int | None, int]]:
    table: dict[int, dict[int | None, int]] = {}
    for month, later, people in counts:
        cohort = table.setdefault(int(month), {})
        key = None if later is None else int(later)
        cohort[key] = cohort.get(key, 0) + int(people)
    return table
