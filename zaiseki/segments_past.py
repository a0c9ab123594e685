"""The segments one person went through, with the days from and until each held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from metrics.calendar import EPOCH, day_of
from metrics.purchases import PurchaseRules
from metrics.scores import Given
from metrics.segment import Thresholds
from metrics.segment_spans import segment_spans
from sync.store import Store


@dataclass(frozen=True, slots=True)
class Span:
    """A segment and its days: from the first to the one after the last; `until` is null if it holds still."""

    from_on: date
    until_on: date | None
    segment: str


def segments_past(
    store: Store, given: Given, *, as_of: date, rules: PurchaseRules, thresholds: Thresholds
) -> tuple[Span, ...]:
    """By today's thresholds, the oldest first. `given`: one person's frames."""
    spans = segment_spans(
        given.orders,
        given.refunds,
        as_of_day=day_of(as_of),
        rules=rules,
        thresholds=thresholds,
        materialise=store.materialise,
    )
    rows = spans.select("from_day", "until_day", "segment").collect().rows()
    return tuple(
        Span(_on(start), None if end is None else _on(end), code) for start, end, code in sorted(rows)
    )


def _on(day: int) -> date:
    return EPOCH + timedelta(days=day)
