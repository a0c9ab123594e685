"""Medians and quartiles taken by position, never interpolated by an engine."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

Counted = Sequence[tuple[int, int]]
"""Distinct values in ascending order, and how often each occurs: a whole distribution in few rows."""


def at_position(counted: Counted, position: int) -> int:
    """The value at `position` (1 is the smallest) of all values in order.

    Raises ValueError where there are fewer values.
    """
    passed = 0
    for value, count in counted:
        passed += count
        if position <= passed:
            return value
    raise ValueError(f"no position {position} among {passed} values")


def median_of(counted: Counted) -> Decimal | None:
    """The value in the middle, or half the sum of the two in the middle; None where there is no value."""
    n = sum(count for _, count in counted)
    if n == 0:
        return None
    return Decimal(at_position(counted, (n + 1) // 2) + at_position(counted, n // 2 + 1)) / 2


def quartile_of(counted: Counted, quarters: int) -> int | None:
    """The smallest value that at least `quarters` quarters of the values do not exceed (nearest rank)."""
    n = sum(count for _, count in counted)
    return at_position(counted, (quarters * n + 3) // 4) if n else None
