"""Medians and quartiles taken by position, never interpolated by an engine."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.purchases import Frame

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


def values_at(values: Frame, column: str, positions: Sequence[int]) -> list[Any]:
    """The values at `positions` (1 is the smallest) of a column that may have as many values as rows.

    They are looked up where the rows are: at most one row comes back for each position. Raises ValueError
    where there are fewer values.
    """
    counted = values.group_by(column).agg(nw.len().cast(nw.Int64).alias("rows"))
    reached = counted.with_columns(
        up_to=nw.col("rows").cum_sum().over(order_by=column).cast(nw.Int64)
    ).with_columns(after=nw.col("up_to") - nw.col("rows"))
    met = reached.filter(
        nw.any_horizontal(
            *((nw.col("after") < at) & (nw.col("up_to") >= at) for at in positions), ignore_nulls=True
        )
    )
    steps = met.select(column, "rows", "up_to").collect().rows()
    found = {at: value for value, rows, up_to in steps for at in positions if up_to - rows < at <= up_to}
    if missing := set(positions) - set(found):
        raise ValueError(f"no positions {sorted(missing)}")
    return [found[at] for at in positions]


def quartile_positions(n: int) -> tuple[int, int, int, int]:
    """Where lower quartile, the two in the middle and upper quartile of `n` values stand, as above."""
    return (n + 3) // 4, (n + 1) // 2, n // 2 + 1, (3 * n + 3) // 4
