"""Valid purchases in plain Python: what the metrics of repeat buying are held to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import narwhals as nw
from metrics_definition import Events, eventful
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, order

from metrics.purchases import PurchaseRules, valid_purchases


def counted(orders: list[dict[str, Any]], refunds: list[dict[str, Any]], as_of: int) -> list[dict[str, Any]]:
    """The orders of somebody that count as of a day."""
    found = []
    for one in orders:
        back = sum(
            (r["amount"] for r in refunds if r["order_id"] == one["order_id"] and r["refunded_day"] <= as_of),
            Decimal(0),
        )
        cancelled = one["cancelled_day"] is not None and one["cancelled_day"] <= as_of
        lost = one["is_test"] or cancelled or one["payment_status"] in ("VOIDED", "EXPIRED")
        paid = one["amount"] - back > 0 or one["amount_unknown"]
        if one["person_id"] and one["ordered_day"] <= as_of and paid and not lost:
            found.append(one)
    return found


def days_of(orders: list[dict[str, Any]], *, unit: str = "day") -> dict[str, list[int]]:
    """Each person's purchases by day, sorted; by the day two on one day are one."""
    found = defaultdict(list)
    for one in orders:
        found[one["person_id"]].append(one["ordered_day"])
    return {person: sorted(set(days) if unit == "day" else days) for person, days in found.items()}


def busy(seed: int) -> Events:
    """Like `eventful`, ten times as wide in time: years go by, and months."""
    orders, refunds = eventful(seed)
    orders = [one | {"ordered_day": one["ordered_day"] * 12} for one in orders]
    stretched = [
        one | {"cancelled_day": one["cancelled_day"] * 12 if one["cancelled_day"] is not None else None}
        for one in orders
    ]
    return stretched, [one | {"refunded_day": one["refunded_day"] * 12} for one in refunds]


def known_by(events: Events, as_of: int) -> Events:
    """What a store held that never saw anything later."""
    orders, refunds = events
    known = [
        one | {"cancelled_day": one["cancelled_day"] if (one["cancelled_day"] or 0) <= as_of else None}
        for one in orders
        if one["ordered_day"] <= as_of
    ]
    return known, [one for one in refunds if one["refunded_day"] <= as_of]


def valid(engine: Engine, events: Events, as_of: int) -> nw.LazyFrame[Any]:
    """`valid_purchases` of events."""
    frames = engine.frame(events[0], ORDERS), engine.frame(events[1], REFUNDS)
    return engine.materialise(valid_purchases(*frames, as_of_day=as_of, rules=PurchaseRules()))


def alike(
    engines: list[Engine], seed: int, as_of: int, told: Callable[[Engine, nw.LazyFrame[Any]], Any]
) -> Any:
    """What `told` says, the same on all engines and of a store that never saw anything later."""
    events = busy(seed)
    answer, *others = [
        told(engine, valid(engine, some, as_of))
        for engine in engines
        for some in (events, known_by(events, as_of))
    ]
    assert all(other == answer for other in others)
    return answer


def bought(person: str, *days: int) -> list[dict[str, Any]]:
    """One order of 10 a day."""
    return [order(f"{person}{number}", person, day, "10") for number, day in enumerate(days)]
