"""The definitions once more in plain Python, day by day and order by order, to hold the set-wise form to."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from metrics_frames import order, refund

Events = tuple[list[dict[str, Any]], list[dict[str, Any]]]
PEOPLE = tuple(f"p{number:02}" for number in range(40))
SMALL = {"best_spend": "30", "steady_days": 9, "best_days": 20, "lapse_days": 12}
"""Thresholds small enough for the days of `eventful` to cross all of them."""


def eventful(seed: int) -> Events:
    """Orders and refunds of `PEOPLE` on the days 97 to 190: every kind of order, and every way to lose it."""
    chance = random.Random(seed)
    orders, refunds = [], []
    for number in range(160):
        day = chance.randint(100, 150)
        orders.append(
            order(
                f"o{number}",
                chance.choice([*PEOPLE, None]),
                day,
                chance.choice(["0", "5", "10", "30"]),
                cancelled_day=chance.choice([None, None, None, day + chance.randint(-2, 40)]),
                payment_status=chance.choice(["PAID", "PAID", "PENDING", "VOIDED", "EXPIRED", None]),
                is_test=chance.random() < 0.1,
                channel=chance.choice(["online", "store", "sales"]),
            )
        )
        if chance.random() < 0.05:
            orders[-1] |= {"amount": Decimal(0), "amount_unknown": True, "payment_status": None}
            continue
        for _ in range(chance.choice([0, 0, 0, 1, 1, 2])):
            part = chance.choice(["0", "5", "10", "30"])
            refunds.append(refund(f"o{number}", day + chance.randint(-3, 40), part))
    return orders, refunds


@dataclass(frozen=True)
class Standing:
    """What a person stands at on one day."""

    n: int
    first: int
    last: int
    spend: Decimal
    segment: str


def standing(
    orders: list[dict[str, Any]],
    refunds: list[dict[str, Any]],
    person: str,
    day: int,
    *,
    unit: str = "day",
    count_unpaid: bool = True,
    best_spend: str = "100",
    steady_days: int = 90,
    best_days: int = 210,
    lapse_days: int = 240,
) -> Standing:
    """The definition at `day` for one person, from the events dated `day` or earlier."""
    days, spend, counted = set(), Decimal(0), 0
    for one in orders:
        if one["person_id"] != person or one["ordered_day"] > day or one["is_test"]:
            continue
        if one["payment_status"] in ("VOIDED", "EXPIRED"):
            continue
        if one["payment_status"] in ("PENDING", "AUTHORIZED") and not count_unpaid:
            continue
        if one["cancelled_day"] is not None and one["cancelled_day"] <= day:
            continue
        back = sum(
            (r["amount"] for r in refunds if r["order_id"] == one["order_id"] and r["refunded_day"] <= day),
            Decimal(0),
        )
        if one["amount"] - back > 0 or one["amount_unknown"]:
            days.add(one["ordered_day"])
            spend += one["amount"] - back
            counted += 1
    n = len(days) if unit == "day" else counted
    if n == 0:
        return Standing(0, 0, 0, Decimal(0), "prospect")
    tenure = max(days) - min(days)
    if n == 1:
        tier = "first"
    elif tenure < steady_days:
        tier = "fledgling"
    elif spend < Decimal(best_spend):
        tier = "steady"
    elif tenure < best_days:
        tier = "trend"
    else:
        tier = "best"
    half = "lapsed" if day - max(days) >= lapse_days else "active"
    return Standing(n, min(days), max(days), spend, f"{tier}_{half}")


def since(
    orders: list[dict[str, Any]], refunds: list[dict[str, Any]], person: str, as_of: int, **rules: Any
) -> int:
    """The smallest day from which the segment has stayed what it is on `as_of`, found by walking back."""
    now = standing(orders, refunds, person, as_of, **rules).segment
    day = as_of
    while standing(orders, refunds, person, day - 1, **rules).segment == now:
        day -= 1
    return day
