"""Returns of goods: read through the orders that have some, since the API lists them nowhere else.

Only a shop that grants `read_returns` is asked. Rows are returns, each with its order and its lines, as
`{"returnLineItems": {"nodes": [...]}}`, however they were read.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from connectors.base import Batch, Swept
from connectors.errors import UnexpectedAnswer
from connectors.shopify import documents
from connectors.shopify.bulk import Bulk
from connectors.shopify.children import CHILDREN, with_children
from connectors.shopify.graphql import GraphQL
from connectors.shopify.names import number_of

STREAM = "returns"
SCOPE = "read_returns"
OVERLAP = timedelta(days=1)
"""How far before the bookmark orders are read again. That a return counts as a change of its order is not
promised: what was missed, the next full reading finds."""
PAGE = 100
FEW_PAGES = 12
"""Up to so many more pages are cheaper than a bulk query, which takes five to ten requests."""
# The states of orders with returns, https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderReturnStatus
_STATES = ("return_requested", "in_progress", "inspection_complete", "returned", "return_failed")
_ANY_STATE = " OR ".join(f"return_status:{state}" for state in _STATES)
Returns = Generator[Sequence[Any], None, None]
_LINE = "id returnReason returnReasonNote"


def pull(graphql: GraphQL, bulk: Bulk, since: datetime | None, *, server_time: datetime) -> Iterator[Batch]:
    """Yield the returns of orders changed since the bookmark (None: all); the last batch bears
    `server_time`."""
    changed = documents.changed_since(since.astimezone(UTC) - OVERLAP if since else None)
    with closing(_rows(graphql, bulk, f"({_ANY_STATE}) AND {changed}" if changed else _ANY_STATE)) as found:
        for rows in found:
            yield Batch(STREAM, rows)
    yield Batch(STREAM, (), server_time)


def sweep(graphql: GraphQL, bulk: Bulk) -> Iterator[list[Swept]]:
    """Yield the id of every return."""
    with closing(_rows(graphql, bulk, _ANY_STATE)) as found:
        for rows in found:
            yield [Swept(number_of(row["id"])) for row in rows]


def bulk_text(search: str) -> str:
    """The bulk query for every return of the orders that `search` finds."""
    row = documents.selections(documents.text("return"))
    lines = f"returnLineItems {{ edges {{ node {{ {_LINE} }} }} }}"
    returns = f"returns {{ edges {{ node {{ {row} {lines} }} }} }}"
    wanted = f"sortKey: UPDATED_AT, query: {orjson.dumps(search).decode()}"
    return f"{{ orders({wanted}) {{ edges {{ node {{ id {returns} }} }} }} }}"


def page_text() -> str:
    """A page of orders with their first returns."""
    return f"{documents.text('returns_page')} {documents.text('return')}"


def _rows(graphql: GraphQL, bulk: Bulk, search: str) -> Returns:
    """Returns, by pages where the first one tells that few orders have some, else by a bulk query."""
    first = graphql.run(page_text(), query=search, after=None)
    orders = int(first["ordersCount"]["count"])
    if orders > PAGE * (1 + FEW_PAGES):
        yield from _in_bulk(bulk, search, orders)
        return
    page = first["orders"]
    for _ in range(2 * FEW_PAGES):
        yield [one for order in page["nodes"] for one in order["returns"]["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return
        page = graphql.run(page_text(), query=search, after=page["pageInfo"]["endCursor"])["orders"]
    raise UnexpectedAnswer("shopify", "endless_pages", f"{2 * FEW_PAGES} pages")


def _in_bulk(bulk: Bulk, search: str, expected: int) -> Returns:
    path = bulk.query(bulk_text(search), STREAM, expected)
    if path is None:
        return
    try:
        yield from with_children(path, "Return", "returnLineItems")
    finally:
        path.unlink(missing_ok=True)
        path.with_name(path.name + CHILDREN).unlink(missing_ok=True)
