"""Shopify's cost bucket: what a call cost, and how long to wait for the next one.

Numbers come from each answer, none is hard-coded: bucket and refill depend on the shop's plan and may
be lowered at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """`extensions.cost` of one answer, in points; `restore_rate` in points a second."""

    requested: float
    actual: float
    available: float
    maximum: float
    restore_rate: float

    def seconds_to_wait(self) -> float:
        """Seconds until the bucket holds what this call asks for: Shopify admits by requested cost."""
        missing = min(self.requested, self.maximum) - self.available
        return max(0.0, missing / self.restore_rate) if self.restore_rate > 0 else 1.0


def read_cost(extensions: Mapping[str, Any]) -> Cost | None:
    """The cost an answer tells, or None where it tells none."""
    told = extensions.get("cost")
    if not told:
        return None
    status = told.get("throttleStatus") or {}
    return Cost(
        requested=float(told.get("requestedQueryCost") or 0),
        actual=float(told.get("actualQueryCost") or 0),
        available=float(status.get("currentlyAvailable") or 0),
        maximum=float(status.get("maximumAvailable") or 0),
        restore_rate=float(status.get("restoreRate") or 0),
    )


class Bucket:
    """What we know of the bucket from earlier answers, so that no call is sent only to be refused."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.last: Cost | None = None
        self.told_at = 0.0
        self.requested: dict[str, float] = {}

    def note(self, document: str, cost: Cost | None) -> None:
        """Remember what the call with this document asked for and what it left."""
        if cost is None:
            return
        self.last, self.told_at = cost, self.now()
        self.requested[document] = cost.requested

    def seconds_before(self, document: str) -> float:
        """Seconds to wait before sending `document` again; 0 for one that was never sent."""
        if self.last is None or document not in self.requested:
            return 0.0
        refilled = self.last.available + (self.now() - self.told_at) * self.last.restore_rate
        missing = min(self.requested[document], self.last.maximum) - refilled
        return max(0.0, missing / self.last.restore_rate) if self.last.restore_rate > 0 else 0.0
