"""Write updates: a few by calls of 25 metafields, many by bulk mutation; one result for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice

from connectors.base import Field, Update, WriteResult
from connectors.shopify.bulk_write import BulkWriter
from connectors.shopify.calls import send
from connectors.shopify.changes import change_of, pack, result_of

FEW_CALLS = 20
"""Up to so many calls are sent one by one; a bulk mutation takes about ten requests whatever its size."""


def write(bulk: BulkWriter, fields: Mapping[str, Field], updates: Iterable[Update]) -> Iterator[WriteResult]:
    """Send `updates` and yield what became of each; a bad one never takes others down with it."""
    groups = pack(change_of(update, fields) for update in updates)
    few = list(islice(groups, FEW_CALLS + 1))
    if len(few) > FEW_CALLS:
        yield from bulk.write(chain(few, groups))
        return
    for group in few:
        for owner, rejection in send(bulk.graphql, group):
            yield result_of(owner, rejection)
