"""Sending updates by the channel that suits their number, and once more what was only in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from connectors.base import Field, Update, WriteResult
from connectors.salesforce import ingest, sobject_collections
from connectors.salesforce.rest import Rest

BY_COLLECTIONS = 2_000
"""Up to this many records ten calls are fewer than a job with its polling and three result files."""
SMALL_PART = 1_000
"""The same for what is left of one object beside another that needs a job."""


def write(
    rest: Rest,
    updates: Iterable[Update],
    total: int,
    fields: Sequence[Field],
    scratch: Path,
    *,
    writable: Mapping[str, frozenset[str]],
) -> Iterator[WriteResult]:
    """Send `updates` (`total` of them, object by object) and yield one result each, in any order.

    `writable` are the keys per target that the org has: one unknown column fails a whole bulk job.
    """
    by_key = {field.key: field for field in fields}
    if total <= BY_COLLECTIONS:
        yield from sobject_collections.write(rest, updates, by_key)
        return
    keys = {target: [key for key in by_key if key in there] for target, there in writable.items()}
    for part in ingest.write_parts(updates, keys, scratch):
        yield from _write_part(rest, part, by_key, scratch)


def _write_part(
    rest: Rest, part: ingest.Part, fields: dict[str, Field], scratch: Path
) -> Iterator[WriteResult]:
    """One job; what was locked or never reached goes again by collections, as far as that is a small round.

    A part that is small goes by collections at once. A job that left more than a small round behind has a
    reason that another try does not change tonight.
    """
    if part.rows <= SMALL_PART:
        yield from sobject_collections.write(rest, ingest.read_part(part, list(fields)), fields)
        return
    again: set[str] = set()
    for result in ingest.run(rest, part, scratch):
        if ingest.is_worth_another_try(result) and len(again) < BY_COLLECTIONS:
            again.add(result.record_id)
        else:
            yield result
    if again:
        yield from sobject_collections.write(rest, ingest.read_part(part, list(fields), again), fields)
