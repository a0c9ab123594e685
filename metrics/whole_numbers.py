"""Division of whole numbers, on every engine alike and at the price of one division.

The `//` of narwhals is right for every type and sign; on SQL engines it repeats what it divides ten times and
more, so that a quotient of a quotient is a statement of many pages, slow to plan and to run.
"""

from __future__ import annotations

import narwhals as nw


def quotient(number: nw.Expr, by: int) -> nw.Expr:
    """`number // by` (rounded down, also below zero) as an int; null stays null.

    Exact as long as `number`, an int, is less than 2^52 either way: it is divided as a float, and what lies
    below the next whole number by at least 1 / `by` is not rounded up to it.
    """
    return (number / by).floor().cast(nw.Int64)
