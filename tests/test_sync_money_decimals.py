"""The decimals of every currency that has not two of them, and what an amount in it looks like."""

from decimal import Decimal

import pytest

from sync.money import rounded, scale

# ISO 4217, list one, column "minor unit".
NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE = "BHD IQD JOD KWD LYD OMR TND"
FOUR = "CLF UYW"


@pytest.mark.parametrize(
    ("codes", "decimals", "shown"), [(NONE, 0, "3"), (THREE, 3, "2.500"), (FOUR, 4, "2.5000")]
)
def test_every_currency_without_two_decimals_has_those_of_iso_4217(
    codes: str, decimals: int, shown: str
) -> None:
    for code in codes.split():
        assert (scale(code), str(rounded(Decimal("2.5"), code))) == (decimals, shown), code


@pytest.mark.parametrize("code", ["USD", "EUR", "GBP", "CNY", "TWD", "THB", "HUF", "CZK", "MGA", "XXX"])
def test_every_other_currency_has_two(code: str) -> None:
    assert (scale(code), str(rounded(Decimal("2.5"), code))) == (2, "2.50")
