"""Days as integers (since 1970-01-01), the dates people read, and calendar months, on every engine alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import narwhals as nw

from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.whole_numbers import quotient

EPOCH = date(1970, 1, 1)
DAYS_TO_EPOCH = 719_468
"""From 0000-03-01 to 1970-01-01."""


def day_of(on: date) -> int:
    """The integer day of a date: days since 1970-01-01."""
    return (on - EPOCH).days


def month_of(day: int) -> int:
    """The number of the calendar month a day lies in: 12 x year + month - 1; months in a row differ by 1."""
    on = EPOCH + timedelta(day)
    return 12 * on.year + on.month - 1


def month_name(month: int) -> str:
    """How people write a month's number: "2026-10"."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


def with_dates(frame: Frame, days: Mapping[str, str], *, materialise: Materialise) -> Frame:
    """`frame` with a date column for each column of integer days: `days` maps the new name to the day's.

    Null stays null. Holds for the years 0 to 9999. `frame` should be cheap to read: its distinct days are
    made into a calendar first (a few thousand rows, however many rows `frame` has).
    """
    return _joined(frame, days, _date, materialise)


def with_months(frame: Frame, months: Mapping[str, str], *, materialise: Materialise) -> Frame:
    """`frame` with the month (number, see `month_of`) of each column of integer days, as in `with_dates`."""
    return _joined(frame, months, _month_number, materialise)


def _joined(
    frame: Frame, days: Mapping[str, str], what: Callable[[], nw.Expr], materialise: Materialise
) -> Frame:
    every_day = nw.concat([frame.select(day=nw.col(day)) for day in days.values()], how="vertical")
    one_each = every_day.filter(~nw.col("day").is_null()).group_by("day").agg()
    calendar = materialise(_calendar(one_each).select("day", what=what()))
    for name, day in days.items():
        named = calendar.select(nw.col("day").alias(day), nw.col("what").alias(name))
        frame = frame.join(named, on=day, how="left")
    return frame


def _calendar(days: Frame) -> Frame:
    """Each row of `days` (`day`) with the parts of its date.

    No engine turns an integer into a date in a way the others know, so the civil date is computed, in years
    that begin on the first of March, which end with their leap day: `century`, `year` of it, `month` (0:
    March), `date` (the day of the month less one). A column for each step: as one expression it would repeat
    its parts exponentially.
    """
    day, left, century, year, month = (nw.col(name) for name in ("day", "left", "century", "year", "month"))
    shifted = day.cast(nw.Int64) + DAYS_TO_EPOCH
    return (
        days.with_columns(left=shifted, century=quotient(4 * shifted + 3, 146_097))
        .with_columns(left=left - quotient(146_097 * century, 4))
        .with_columns(year=quotient(4 * left + 3, 1_461))
        .with_columns(left=left - quotient(1_461 * year, 4))
        .with_columns(month=quotient(5 * left + 2, 153))
        .with_columns(date=left - quotient(153 * month + 2, 5), year=100 * century + year)
    )


def _month_number() -> nw.Expr:
    return 12 * nw.col("year") + nw.col("month") + 2


def _date() -> nw.Expr:
    """As eight digits, behind a one that keeps the zeroes of early years."""
    month = nw.col("month")
    of_next_year = nw.when(month >= 10).then(nw.lit(9_100)).otherwise(nw.lit(300))
    digits = 100_000_000 + 10_000 * nw.col("year") + 100 * month + nw.col("date") + 1
    return (digits + of_next_year).cast(nw.String).str.slice(1, 8).str.to_date("%Y%m%d")
