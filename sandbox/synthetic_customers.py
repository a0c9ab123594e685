"""The customers of a large invented scenario: who they are, where they are, and when they bought."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sandbox.people import Person, invent_person

OPENED_ON = date(2021, 10, 1)
LAST_ON = date(2026, 9, 30)
DAYS = [(OPENED_ON + timedelta(days=n)).isoformat() for n in range((LAST_ON - OPENED_ON).days + 1)]
"""Every day of the scenario as text; a day is an index into it."""


@dataclass(slots=True)
class Customer:
    """One customer while their rows are written; days count from `OPENED_ON`."""

    number: int
    person: Person
    on_shopify: bool
    on_salesforce: bool
    is_linked: bool
    days: list[int]


def invent_customers(customers: int, orders: int, seed: int) -> Iterator[Customer]:
    """Invent customers and share out the orders: 60 % on Shopify only, 25 % on both, 15 % on Salesforce."""
    left = orders
    for number in range(customers):
        rng = Random(f"synthetic/{seed}/{number}")
        place = rng.random()
        mean = left / (customers - number)
        # Geometric: many buy once or twice, a few very often; the last one takes what is left.
        count = left if number == customers - 1 else min(left, int(mean * -math.log(1 - rng.random()) + 0.5))
        left -= count
        yield Customer(
            number=number,
            person=invent_person(number, rng, japanese=0.8),
            on_shopify=place < 0.85,
            on_salesforce=place >= 0.60,
            is_linked=0.60 <= place < 0.70,
            days=_days(rng, count),
        )


def _days(rng: Random, count: int) -> list[int]:
    """Draw the day a customer came, then the day of each order, in time order."""
    first = int(rng.random() * len(DAYS))
    span = min(len(DAYS) - 1 - first, int(700 * -math.log(1 - rng.random())))
    return [first, *sorted(first + int(rng.random() * (span + 1)) for _ in range(count))]


def local_time(day: int, second: int) -> str:
    """Write a shop-local time; the shop's zone knows no summer time."""
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{DAYS[day]}T{hour:02d}:{minute:02d}:{second:02d}+09:00"
