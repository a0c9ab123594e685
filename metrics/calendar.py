"""Days as integers (since 1970-01-01), the dates people read, and calendar months, on every engine alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import narwhals as nw

from metrics.lives import Materialise
from metrics.purchases import Frame

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
    return _joined(frame, days, "on", materialise)


def with_months(frame: Frame, months: Mapping[str, str], *, materialise: Materialise) -> Frame:
    """`frame` with the month (number, see `month_of`) of each column of integer days, as in `with_dates`."""
    return _joined(frame, months, "month_number", materialise)


def _joined(frame: Frame, days: Mapping[str, str], what: str, materialise: Materialise) -> Frame:
    every_day = nw.concat([frame.select(day=nw.col(day)) for day in days.values()], how="vertical")
    calendar = materialise(_calendar(every_day.filter(~nw.col("day").is_null()).unique("day")))
    for name, day in days.items():
        frame = frame.join(
            calendar.select(nw.col("day").alias(day), nw.col(what).alias(name)), on=day, how="left"
        )
    return frame


def _calendar(days: Frame) -> Frame:
    """`day`, the date `on` and the `month_number` of each row of `days`.

    No engine turns an integer into a date in a way the others know, so the civil date is computed: the
    algorithm `civil_from_days` of Howard Hinnant (https://howardhinnant.github.io/date_algorithms.html),
    whose intermediate values are all positive here, so that every engine's `//` and `%` agree. A column for
    each step: as one expression it would repeat its parts exponentially.
    """
    day, era, doe, yoe, doy, month = (nw.col(name) for name in ("day", "era", "doe", "yoe", "doy", "month"))
    # Days since 0000-03-01: a year that starts in March ends with its leap day.
    shifted = day.cast(nw.Int64) + DAYS_TO_EPOCH
    dated = (
        days.with_columns(era=shifted // 146_097, doe=shifted % 146_097)
        .with_columns(yoe=(doe - doe // 1_460 + doe // 36_524 - doe // 146_096) // 365)
        .with_columns(doy=doe - (365 * yoe + yoe // 4 - yoe // 100))
        .with_columns(month=(5 * doy + 2) // 153)
    )
    digits = (
        _digits(yoe + era * 400 + month // 10, 4),
        _digits((month + 2) % 12 + 1, 2),
        _digits(doy - (153 * month + 2) // 5 + 1, 2),
    )
    return dated.select(
        "day",
        on=nw.concat_str(*digits, separator="-").str.to_date("%Y-%m-%d"),
        month_number=12 * (yoe + era * 400) + month + 2,
    )


def _digits(number: nw.Expr, width: int) -> nw.Expr:
    return number.cast(nw.Int64).cast(nw.String).str.zfill(width)
