"""Read a stream: by pages where little changed, by a bulk query where much did."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.base import Batch, Swept
from connectors.errors import UnexpectedAnswer
from connectors.shopify import documents
from connectors.shopify.again import orders_again
from connectors.shopify.bulk import Bulk
from connectors.shopify.children import CHILDREN, with_children
from connectors.shopify.documents import ROOT, SORT_KEYS
from connectors.shopify.download import read_batches
from connectors.shopify.graphql import GraphQL
from connectors.shopify.names import number_of
from connectors.shopify.survey import Increment

PAGE = 250
FEW_PAGES = 5
"""Up to so many more pages are cheaper than a bulk query, which takes five to ten requests."""
MOST_PAGES = 1_000
Pages = Generator[Sequence[Any], None, None]


def pull(
    graphql: GraphQL,
    bulk: Bulk,
    rows: documents.Rows,
    stream: str,
    increment: Increment,
    *,
    server_time: datetime,
    again: Sequence[str] = (),
) -> Iterator[Batch]:
    """Yield the increment of `stream`; the last batch bears `server_time`. Where the API can sort by changes
    the oldest one comes first, and every batch has a bookmark.

    The orders of `again` follow, as far as the increment did not hold them. No bookmark passes `server_time`,
    the platform's clock before anything was asked.
    """
    if more_pages(increment) > FEW_PAGES:
        parents = stream == "orders" and rows.lines
        text = rows.bulk(stream, increment.search)
        found = _bulk_rows(bulk, text, stream, increment.changed, parents=parents)
    else:
        found = _paged_rows(graphql, rows.page(stream), stream, increment)
    left = dict.fromkeys(again)
    with closing(found):
        for some in found:
            yield Batch(stream, some, _bookmark(stream, some, server_time))
            for row in some if left else ():
                left.pop(number_of(row["id"]), None)
    for rows_again in orders_again(graphql, rows, list(left)):
        yield Batch(stream, rows_again)
    yield Batch(stream, (), server_time)


def more_pages(increment: Increment) -> int:
    """How many pages are left after the first one."""
    if increment.cursor is None:
        return 0
    return max(1, -(-(increment.changed - len(increment.rows)) // PAGE))


def sweep(graphql: GraphQL, bulk: Bulk, stream: str, expected: int) -> Iterator[list[Swept]]:
    """Yield every row of `stream` as a sweep sees it; `expected` of them decide between pages and bulk."""
    if expected > FEW_PAGES * PAGE:
        found = _bulk_rows(bulk, documents.bulk_sweep(stream), stream, expected)
    else:
        document = documents.page_sweep(stream)
        found = _pages(lambda after: graphql.run(document, after=after)[ROOT[stream]], None)
    with closing(found):
        for some in found:
            yield [_swept(row, stream) for row in some]


def _swept(row: Mapping[str, Any], stream: str) -> Swept:
    number = number_of(row["id"])
    if stream == "orders":
        customer = row["customer"]
        return Swept(number, owner=number_of(customer["id"]) if customer else None)
    if stream != "customers":
        return Swept(number)
    email, phone = row["defaultEmailAddress"], row["defaultPhoneNumber"]
    known = (email and email["emailAddress"]) or (phone and phone["phoneNumber"])
    return Swept(number, blank=not known)


def _paged_rows(graphql: GraphQL, document: str, stream: str, increment: Increment) -> Pages:
    if increment.rows:
        yield increment.rows
    if increment.cursor is not None:
        yield from _pages(
            lambda after: graphql.run(document, query=increment.search, after=after)[ROOT[stream]],
            increment.cursor,
        )


def _pages(fetch: Callable[[str | None], Any], cursor: str | None) -> Pages:
    """Yield the rows of each page from `cursor` on."""
    for _ in range(MOST_PAGES):
        page = fetch(cursor)
        if page["nodes"]:
            yield page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        cursor = page["pageInfo"]["endCursor"]
    raise UnexpectedAnswer("shopify", "endless_pages", f"{MOST_PAGES} pages")


def _bulk_rows(bulk: Bulk, text: str, stream: str, expected: int, *, parents: bool = False) -> Pages:
    """The rows of a bulk query; `parents`: lines of their own stand beside them and belong to them."""
    path: Path | None = bulk.query(text, stream, expected)
    if path is None:
        return
    try:
        yield from with_children(path, "Order", "lineItems") if parents else read_batches(path)
    finally:
        path.unlink(missing_ok=True)
        path.with_name(path.name + CHILDREN).unlink(missing_ok=True)


def _bookmark(stream: str, rows: Sequence[Any], server_time: datetime) -> datetime | None:
    """The last row's change where rows are sorted by it."""
    if SORT_KEYS[stream] != "UPDATED_AT":
        return None
    changed = datetime.fromisoformat(rows[-1]["updatedAt"]).astimezone(UTC)
    return min(changed, server_time)
