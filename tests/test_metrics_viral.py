"""How seeds grow by word of mouth: the published numbers and the laws."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.shop_line import ShopLine
from metrics.viral import growth_lines, viral_growth, viral_limit

FACTORS = st.decimals(0, 3, places=2)


def test_a_hundred_seeds_at_k_one_and_a_quarter_grow_as_published() -> None:
    k = Decimal("1.25")
    assert [viral_growth(100, k, cycles) for cycles in (0, 1, 2)] == [100, 225, Decimal("381.25")]
    assert round(viral_growth(100, k, 3), 1) == Decimal("576.6")
    assert round(viral_growth(100, k, 10), 1) == Decimal("4256.6")


@given(seeds=st.integers(0, 10_000), k=FACTORS, cycles=st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_the_closed_form_is_the_sum_of_the_waves(seeds: int, k: Decimal, cycles: int) -> None:
    waves, wave = Decimal(0), Decimal(seeds)
    for _ in range(cycles + 1):
        waves, wave = waves + wave, wave * k
    assert abs(viral_growth(seeds, k, cycles) - waves) <= Decimal("0.0001")


@pytest.mark.parametrize(
    ("k", "end"), [("0", "1"), ("0.5", "2"), ("0.2", "1.25"), ("1", None), ("1.5", None)]
)
def test_below_one_the_growth_has_an_end(k: str, end: str | None) -> None:
    limit = viral_limit(Decimal(k))
    assert limit == (None if end is None else Decimal(end))
    if limit is not None:
        assert abs(viral_growth(1, Decimal(k), 60) - limit) <= Decimal("0.0001")


def test_half_a_cycle_lies_between_the_waves() -> None:
    k = Decimal("1.25")
    assert 100 < viral_growth(100, k, Decimal("0.5")) < 225
    assert viral_growth(100, Decimal(1), Decimal("0.5")) == 150


@pytest.mark.parametrize("given_", [(-1, "1", 0), (1, "-1", 0), (1, "1", -1)])
def test_nothing_negative_grows(given_: tuple[int, str, int]) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        viral_growth(given_[0], Decimal(given_[1]), given_[2])
    with pytest.raises(ValueError, match="0 or more"):
        viral_limit(Decimal("-0.1"))


def test_the_shop_is_told_what_a_hundred_become_at_its_own_factor() -> None:
    month = ShopLine("k_observed", "2026-01", Decimal(9), 3)
    told = growth_lines([month, ShopLine("k_observed", "", Decimal("1.25"), 40)])
    assert [(line.part, line.value, line.base) for line in told[:3]] == [
        ("100 after 1 cycle", Decimal(225), 40),
        ("100 after 2 cycles", Decimal("381.25"), 40),
        ("100 after 3 cycles", Decimal("576.5625"), 40),
    ]
    assert {(line.value, line.base) for line in growth_lines([month])} == {(None, 0)}
    unknown = [ShopLine("k_observed", "", None, 0)]
    assert {(line.value, line.base) for line in growth_lines(unknown)} == {(None, 0)}
