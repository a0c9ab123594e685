"""Decimals of currencies, and one amount in the reporting currency."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import NamedTuple

from sync.edge import Unusable
from sync.rates import Rates

LARGEST = Decimal(10) ** 14
"""Below this an amount fits the store; no order of a shop comes near it."""
LARGEST_RATE = Decimal(10) ** 10

_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""Currencies without exactly two decimals: ISO 4217, list one (column "minor unit")."""


def scale(currency: str) -> int:
    """Decimals of `currency` by ISO 4217; 2 for every one that the list does not name."""
    return _EXPONENTS.get(currency, 2)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """`amount` in the smallest unit of `currency`, half away from zero."""
    return amount.quantize(_smallest(currency), ROUND_HALF_UP)


@cache
def _smallest(currency: str) -> Decimal:
    return Decimal(1).scaleb(-scale(currency))


class Converted(NamedTuple):
    """An amount in the smallest unit of the reporting currency, and the rate it was converted at."""

    amount: Decimal
    rate: Decimal


def converted(amount: Decimal, currency: str, on: date, rates: Rates, field: str) -> Converted:
    """`amount` in the reporting currency at the rate of the day, rounded once.

    Raises `Unusable` on `field` where nobody says what the currency is worth: it is never summed as it is.
    """
    rate = rates.of(currency, on)
    if rate is None:
        raise Unusable(field, f"no_rate:{currency}")
    product = amount * rate
    if abs(product) >= LARGEST or rate >= LARGEST_RATE:
        raise Unusable(field, "too_large")
    return Converted(rounded(product, rates.reporting), rate)
