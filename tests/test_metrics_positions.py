"""Shares, means and positions: what has no base is None, never a number."""

from __future__ import annotations

from decimal import Decimal
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.positions import at_position, median_of, quartile_of
from metrics.shop_line import mean, share

VALUES = st.lists(st.integers(-20, 20), min_size=1, max_size=40)


def counted(values: list[int]) -> list[tuple[int, int]]:
    return [(value, values.count(value)) for value in sorted(set(values))]


@given(values=VALUES)
def test_the_median_is_that_of_the_values_written_out(values: list[int]) -> None:
    assert median_of(counted(values)) == Decimal(str(median(values)))


@given(values=VALUES, quarters=st.integers(1, 3))
def test_a_quartile_is_the_smallest_value_that_so_many_do_not_exceed(
    values: list[int], quarters: int
) -> None:
    found = quartile_of(counted(values), quarters)
    reached = [value for value in values if sum(one <= value for one in values) * 4 >= quarters * len(values)]
    assert found == min(reached)


def test_no_values_have_no_middle() -> None:
    assert median_of([]) is None
    assert quartile_of([], 1) is None
    with pytest.raises(ValueError, match="no position 2 among 1"):
        at_position([(5, 1)], 2)


def test_shares_round_half_up_and_nothing_of_nothing_is_none() -> None:
    assert share(0, 0) is None
    assert share(0, 3) == Decimal("0.0000")
    assert share(1, 3) == Decimal("0.3333")
    assert share(1, 32) == Decimal("0.0313")  # 0.03125
    assert share(Decimal("0.5"), Decimal(2)) == Decimal("0.2500")


def test_means_round_half_up_and_nothing_has_none() -> None:
    assert mean(Decimal(5), 0, Decimal("0.01")) is None
    assert mean(1, 8, Decimal("0.01")) == Decimal("0.13")
