"""Integer days become the right dates on every engine."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
from metrics_engines import Engine
from metrics_frames import rows

from metrics.calendar import day_of, month_name, month_of, with_dates, with_months

DAYS = pa.schema({"day": pa.int64(), "other_day": pa.int64()})


def test_every_day_of_two_hundred_years_has_its_date_and_null_has_none(engine: Engine) -> None:
    first = date(1900, 1, 1)
    given = [{"day": day_of(first + timedelta(n)), "other_day": None} for n in range(73_500)]
    given.append({"day": day_of(date(9999, 12, 31)), "other_day": 0})
    dated = with_dates(
        engine.frame(given, DAYS), {"on": "day", "other_on": "other_day"}, materialise=engine.materialise
    )
    found = rows(dated)
    assert len(found) == 73_501
    assert all(row["on"] == date(1970, 1, 1) + timedelta(row["day"]) for row in found)
    assert {row["other_on"] for row in found} == {None, date(1970, 1, 1)}


def test_every_day_of_two_hundred_years_has_its_month_and_null_has_none(engine: Engine) -> None:
    first = date(1900, 1, 1)
    given = [{"day": day_of(first + timedelta(n)), "other_day": None} for n in range(73_500)]
    found = rows(with_months(engine.frame(given, DAYS), {"month": "day"}, materialise=engine.materialise))
    assert len(found) == 73_500
    dates = [date(1970, 1, 1) + timedelta(row["day"]) for row in found]
    assert [month_name(row["month"]) for row in found] == [f"{on:%Y-%m}" for on in dates]
    assert all(row["month"] == month_of(row["day"]) for row in found)


def test_a_day_is_counted_from_1970() -> None:
    assert day_of(date(1970, 1, 1)) == 0
    assert day_of(date(1998, 6, 30)) == 10_407
