"""The org's own currency rates, in orgs of several currencies.

ConversionRate is the number of units of a currency for one unit of the corporate currency; a dated rate holds
from StartDate to the day before NextStartDate (Object Reference: CurrencyType, DatedConversionRate). A rate
of a currency that is no longer active still stands: records keep their currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.base import Rate

CURRENCIES = "SELECT IsoCode, ConversionRate, IsCorporate FROM CurrencyType"
DATED = "SELECT IsoCode, ConversionRate, StartDate, NextStartDate FROM DatedConversionRate"
"""Known only to orgs with Advanced Currency Management."""
Row = Mapping[str, Any]


def corporate(currencies: Iterable[Row]) -> str:
    """ISO code of the corporate currency; empty in an org of one currency."""
    return next((str(row["IsoCode"]) for row in currencies if row["IsCorporate"]), "")


def rates(currencies: Iterable[Row], dated: Iterable[Row]) -> tuple[Rate, ...]:
    """All rates against the corporate currency: those without dates, then the dated ones."""
    standing = [
        Rate(row["IsoCode"], Decimal(str(row["ConversionRate"])))
        for row in currencies
        if not row["IsCorporate"] and row["ConversionRate"]
    ]
    return (*standing, *(_dated(row) for row in dated if row["ConversionRate"]))


def _dated(row: Row) -> Rate:
    starts, ends = row["StartDate"], row["NextStartDate"]
    return Rate(
        row["IsoCode"],
        Decimal(str(row["ConversionRate"])),
        date.fromisoformat(starts) if starts else None,
        date.fromisoformat(ends) if ends else None,
    )
