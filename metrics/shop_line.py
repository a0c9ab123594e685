"""One line of the shop's figures: what every shop-level metric is collected into."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_SHARE_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class ShopLine:
    """One figure as of a day.

    `name`: the metric's id. `part`: what of the shop it speaks of, "" for the whole shop, else a month
    ("2026-10"), a pair of segments ("first>best"), ... `value`: in the metric's unit; None where the base
    cannot say. `base`: the sample size n behind it (people, orders, ...), 0 where there is none.
    """

    name: str
    part: str
    value: Decimal | None
    base: int


def share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """part / whole, rounded half up to 4 decimals; None where there is no whole (0/0 says nothing)."""
    if whole == 0:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(_SHARE_STEP, rounding=ROUND_HALF_UP)


def mean(total: int | Decimal, count: int, step: Decimal) -> Decimal | None:
    """total / count, rounded half up to a multiple of ten such as `step`; None where count is 0."""
    if count == 0:
        return None
    return (Decimal(total) / count).quantize(step, rounding=ROUND_HALF_UP)
