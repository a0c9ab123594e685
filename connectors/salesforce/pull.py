"""Reading one stream: small increments by query pages, everything else by a bulk query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.errors import JobFailed, UnexpectedAnswer
from connectors.salesforce import bulk
from connectors.salesforce.rest import Rest

SMALL = 2_000
"""Up to this many rows (one page of a query) pages cost fewer requests than a bulk job."""
MAX_PAGES = 2 * SMALL
JOB_TRIES = 2
Rows = list[dict[str, Any]]


@dataclass(slots=True)
class Slice:
    """What is to be read of one stream: the query, about how many rows, the first page if it is here.

    `live` is the number of rows that the org has of it, whatever is to be read.
    """

    soql: str
    rows: int
    live: int
    page: dict[str, Any] | None = None
    job_id: str = ""


def start(rest: Rest, part: Slice) -> None:
    """Start the bulk job of a slice that needs one, so that the platform works while others are read."""
    if part.rows > SMALL and not part.job_id:
        part.job_id = bulk.start(rest, part.soql, deleted=True)


def batches(rest: Rest, part: Slice, scratch: Path) -> Iterator[Rows]:
    """Yield the rows of a slice, deleted ones included; a slice may repeat rows after a mishap."""
    if part.rows <= SMALL:
        try:
            yield from pages(rest, part.page or rest.query(part.soql, deleted=True))
        except UnexpectedAnswer as error:
            # Cursors expire or are pushed out by others; only a new start helps.
            if error.details.get("cause") != "INVALID_QUERY_LOCATOR":
                raise
        else:
            return
    yield from by_bulk(rest, part.soql, scratch, deleted=True, job_id=part.job_id)


def live(rest: Rest, soql: str, rows: int, scratch: Path, *, deleted: bool = False) -> Iterator[Rows]:
    """Yield about `rows` rows of a query by the way that takes fewer requests: with `deleted` also what lies
    in the recycle bin or the archive."""
    if rows > SMALL:
        yield from by_bulk(rest, soql, scratch, deleted=deleted)
    else:
        yield from pages(rest, rest.query(soql, deleted=deleted))


def by_bulk(rest: Rest, soql: str, scratch: Path, *, deleted: bool, job_id: str = "") -> Iterator[Rows]:
    """Yield the rows of a bulk query (of the job already started, if any); a failed job is repeated."""
    for attempt in range(1, JOB_TRIES + 1):
        job_id = job_id or bulk.start(rest, soql, deleted=deleted)
        try:
            rows = bulk.finish(rest, job_id)
            yield from bulk.batches(rest, job_id, rows, scratch)
        except JobFailed as error:
            if attempt == JOB_TRIES or error.code == "job_stuck":
                raise
            job_id = ""
        else:
            return


def pages(rest: Rest, page: dict[str, Any]) -> Iterator[Rows]:
    """Yield the rows of a query, page by page from its first `page` on."""
    for _ in range(MAX_PAGES):
        rows: Rows = page["records"]
        for row in rows:
            row.pop("attributes", None)
        yield rows
        # A short page is no sign of the end; the missing address is.
        if not page.get("nextRecordsUrl"):
            return
        page = rest.call("GET", page["nextRecordsUrl"])
    raise UnexpectedAnswer("salesforce", "answer_unexpected", "query pages without end")
