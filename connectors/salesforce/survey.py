"""What the org says of its streams and its money before anything is pulled, in few requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.base import Rate
from connectors.salesforce import rates
from connectors.salesforce.pull import Slice, pages
from connectors.salesforce.rest import COMPOSITE_QUERIES, Rest
from connectors.salesforce.streams import Stream


@dataclass(frozen=True, slots=True)
class Answers:
    """What the composites said: live rows per stream, first pages of increments, currency and rates."""

    counts: Mapping[str, int]
    pages: Mapping[str, dict[str, Any]]
    currency: str
    rates: tuple[Rate, ...]


def ask(
    rest: Rest,
    streams: Mapping[str, Stream],
    since: Mapping[str, datetime | None],
    *,
    currencies: bool,
) -> Answers:
    """Ask counts and first pages of increments, and with `currencies` the org's own rates."""
    asked = []
    for name, stream in streams.items():
        asked.append((f"count{name}", rest.query_path(stream.count(), deleted=False)))
        if (bookmark := since.get(name)) is not None:
            asked.append((f"since{name}", rest.query_path(stream.select(bookmark), deleted=True)))
    if currencies:
        asked.append(("currencies", rest.query_path(rates.CURRENCIES, deleted=False)))
        asked.append(("dated", rest.query_path(rates.DATED, deleted=False)))
    bodies: dict[str, Any] = {}
    for start in range(0, len(asked), COMPOSITE_QUERIES):
        part = asked[start : start + COMPOSITE_QUERIES]
        bodies |= rest.composite(part, optional=frozenset({"currencies", "dated"}))
    known, dated = (_all(rest, bodies.get(name)) for name in ("currencies", "dated"))
    return Answers(
        {name: int(bodies[f"count{name}"]["totalSize"]) for name in streams},
        {name: bodies[f"since{name}"] for name in streams if f"since{name}" in bodies},
        rates.corporate(known),
        rates.rates(known, dated),
    )


def _all(rest: Rest, page: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [row for rows in pages(rest, page) for row in rows] if page else []


def slices(
    streams: Mapping[str, Stream], answers: Answers, since: Mapping[str, datetime | None]
) -> dict[str, Slice]:
    """What is to be read of each stream, the pages already here included."""
    made = {}
    for name, stream in streams.items():
        page = answers.pages.get(name)
        rows = answers.counts[name] if page is None else int(page["totalSize"])
        made[name] = Slice(stream.select(since.get(name)), rows, answers.counts[name], page)
    return made
