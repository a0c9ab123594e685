"""Orders read again by their ids: Shopify may come to say more of one without calling that a change.

That is so of the visits before an order, which are worked out after it was made: nothing promises that the
order's `updatedAt` moves when they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.shopify.documents import Rows
from connectors.shopify.graphql import GraphQL
from connectors.shopify.names import order_gid

PER_CALL = 100
PER_CALL_WITH_LINES = 25
"""A list is priced by what each of its rows selects: so many stay below the 1,000 points of one query."""


def orders_again(graphql: GraphQL, rows: Rows, ids: Sequence[str]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield the orders of `ids` as they are now; those that are gone, or hidden by now, are left out."""
    size = PER_CALL_WITH_LINES if rows.lines else PER_CALL
    for start in range(0, len(ids), size):
        asked = [order_gid(number) for number in ids[start : start + size]]
        found = graphql.run(rows.again(), ids=asked)["nodes"]
        yield [row for row in found if row]
