"""SOQL's relative dates, such as LAST_N_DAYS:30, as ranges of days in the org's time zone."""

import re
from datetime import date, timedelta

_MONTHS = {"MONTH": 1, "MONTHS": 1, "QUARTER": 3, "QUARTERS": 3, "YEAR": 12, "YEARS": 12}


def relative_days(literal: str, today: date) -> tuple[date, date] | None:
    """Give the first and the last day that a literal means, or None where it is no literal.

    Weeks begin on Sunday, as in the locale en_US. LAST_N_DAYS includes today; LAST_N_WEEKS, MONTHS,
    QUARTERS and YEARS end before the present one.
    """
    text = literal.upper()
    fixed = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}
    if text in fixed:
        day = today + timedelta(days=fixed[text])
        return day, day
    if text in ("LAST_90_DAYS", "NEXT_90_DAYS"):
        text = text.replace("90_DAYS", "N_DAYS:90")
    if found := re.fullmatch(r"(LAST|NEXT)_N_(DAYS|WEEKS|MONTHS|QUARTERS|YEARS):(\d{1,4})", text):
        return _counted(found[1], found[2], int(found[3]), today)
    if found := re.fullmatch(r"N_(DAYS|WEEKS|MONTHS|QUARTERS|YEARS)_AGO:(\d{1,4})", text):
        return _unit(found[1], -int(found[2]), today)
    if found := re.fullmatch(r"(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)", text):
        return _unit(found[2], {"LAST": -1, "THIS": 0, "NEXT": 1}[found[1]], today)
    return None


def _counted(side: str, unit: str, count: int, today: date) -> tuple[date, date]:
    if unit == "DAYS":
        if side == "LAST":
            return today - timedelta(days=count), today
        return today + timedelta(days=1), today + timedelta(days=count)
    if side == "LAST":
        return _unit(unit, -count, today)[0], _unit(unit, -1, today)[1]
    return _unit(unit, 1, today)[0], _unit(unit, count, today)[1]


def _unit(unit: str, moved: int, today: date) -> tuple[date, date]:
    """Give the day, week, month, quarter or year of today, moved by so many of them."""
    if unit == "DAYS":
        day = today + timedelta(days=moved)
        return day, day
    if unit in ("WEEK", "WEEKS"):
        first = today - timedelta(days=today.isoweekday() % 7) + timedelta(weeks=moved)
        return first, first + timedelta(days=6)
    size = _MONTHS[unit]
    begins = (today.year * 12 + today.month - 1) // size * size + moved * size
    return _month(begins), _month(begins + size) - timedelta(days=1)


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
