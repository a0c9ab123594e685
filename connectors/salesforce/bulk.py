"""Bulk API 2.0 queries: a job, its result page by page to disk, and rows in bounded batches from there."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.errors import JobFailed
from connectors.salesforce.rest import Rest
from connectors.salesforce.waiting import ended_job

PAGE_ROWS = 100_000
"""Rows asked for in one page of a result: large, for every page is a request."""
BATCH_ROWS = 5_000
MAX_PAGES = 10_000


def start(rest: Rest, soql: str, *, deleted: bool) -> str:
    """Create a query job and return its id. The query must have no ORDER BY, LIMIT or aggregate."""
    job = rest.call(
        "POST",
        "jobs/query",
        {
            "operation": "queryAll" if deleted else "query",
            "query": soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        },
    )
    return str(job["id"])


def finish(rest: Rest, job_id: str) -> int:
    """Wait for a query job and return its number of rows.

    Raises `JobFailed` where it failed, was aborted, or is stuck (then it is aborted first).
    """
    job = ended_job(rest, "query", job_id)
    if job["state"] != "JobComplete":
        raise JobFailed("salesforce", "job_failed", f"query {job_id} {job['state']}", job=f"query {job_id}")
    return int(job.get("numberRecordsProcessed") or 0)


def batches(rest: Rest, job_id: str, rows: int, scratch: Path) -> Iterator[list[dict[str, str | None]]]:
    """Yield the rows of a finished job, blanks as None; raw pages are deleted as soon as they are read.

    Raises `JobFailed` where fewer than `rows` arrived: a bookmark must not move past what was lost.
    """
    locator, arrived = "", 0
    page = scratch / f"salesforce-{job_id}.csv"
    for _ in range(MAX_PAGES):
        params = {"maxRecords": str(PAGE_ROWS), **({"locator": locator} if locator else {})}
        try:
            headers = rest.download(f"jobs/query/{job_id}/results", params, page)
            for batch in read_csv(page):
                arrived += len(batch)
                yield batch
        finally:
            page.unlink(missing_ok=True)
        locator = next_locator(headers)
        if not locator:
            break
    if locator or arrived < rows:
        raise JobFailed("salesforce", "result_incomplete", f"query {job_id}: {arrived} of {rows} rows")


def next_locator(headers: Mapping[str, str]) -> str:
    """Where the next page starts; empty after the last, which says the word `null`."""
    locator = headers.get("Sforce-Locator", "")
    return "" if locator == "null" else locator


def read_csv(path: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield rows of a result file in batches, column to text, blanks as None; line breaks in cells stay."""
    with path.open(encoding="utf-8", newline="") as source:
        reader = csv.reader(source)
        header = next(reader, None)
        if header is None:
            return
        while rows := list(islice(reader, BATCH_ROWS)):
            try:
                yield [dict(zip(header, [cell or None for cell in row], strict=True)) for row in rows]
            except ValueError as error:
                raise JobFailed("salesforce", "result_incomplete", "a row is cut off") from error
