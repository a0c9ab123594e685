"""Decimals of currencies, and one amount in the reporting currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

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
    return amount.quantize(Decimal(1).scaleb(-scale(currency)), ROUND_HALF_UP)
