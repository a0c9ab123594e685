"""Writing many records: Bulk API 2.0 ingest jobs, updating by Id, every result line read."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.base import Update, WriteResult
from connectors.errors import JobFailed, UnexpectedAnswer
from connectors.salesforce.answers import TRANSIENT
from connectors.salesforce.bulk import read_csv
from connectors.salesforce.names import SOBJECTS, api_name, csv_value
from connectors.salesforce.rest import Rest
from connectors.salesforce.sobject_collections import rejected
from connectors.salesforce.waiting import ended_job

PART_BYTES = 90_000_000
"""A job takes 100 MB (150 MB once the platform has encoded them)."""
PART_ROWS = 150_000
UNPROCESSED = "UNPROCESSED"
DONE_BEFORE = frozenset({"INVALIDJOB", "INVALIDJOBSTATE"})
_CODE = re.compile(r"[A-Z][A-Z_]+")


@dataclass(slots=True)
class Part:
    """One upload file of one target (`Update.object`) and how many rows it holds."""

    target: str
    path: Path
    rows: int


def write_parts(
    updates: Iterable[Update], keys: Mapping[str, Sequence[str]], scratch: Path
) -> Iterator[Part]:
    """Yield upload files, each as large as one job takes; a file is deleted when the next one is asked for.

    All `keys` of a target are columns: an empty cell leaves a field as it is, so rows may carry different
    fields. Raises `ValueError` for an update of another field: it would be lost.
    Rows of one file are of one target; `updates` come target by target.
    """
    left = iter(updates)
    first = next(left, None)
    number = 0
    while first is not None:
        path = scratch / f"salesforce-upload-{number}.csv"
        rows, following = _fill(path, first, left, keys.get(first.object, ()))
        try:
            yield Part(first.object, path, rows)
        finally:
            path.unlink(missing_ok=True)
        first, number = following, number + 1


def _fill(
    path: Path, first: Update, left: Iterator[Update], keys: Sequence[str]
) -> tuple[int, Update | None]:
    """Write rows until the file is full, the object changes or nothing is left; return what comes next."""
    rows, known = 0, frozenset(keys)
    update: Update | None = first
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["Id", *(api_name(key, first.object) for key in keys)])
        while update is not None and update.object == first.object and rows < PART_ROWS:
            values = update.values
            if not known.issuperset(values):
                raise ValueError(f"no column for {', '.join(sorted(values.keys() - known))}")
            writer.writerow(
                [update.record_id, *(csv_value(values[key]) if key in values else "" for key in keys)]
            )
            rows += 1
            update = next(left, None)
            if rows % 1000 == 0 and out.tell() > PART_BYTES:
                break
    return rows, update


def read_part(part: Part, keys: Sequence[str], only: set[str] | None = None) -> Iterator[Update]:
    """The updates of an upload file again, those of the records in `only` where that is given."""
    names = {api_name(key, part.target): key for key in keys}
    for batch in read_csv(part.path):
        for row in batch:
            if only is None or row["Id"] in only:
                values = {
                    names[n]: None if t == csv_value(None) else t for n, t in row.items() if n != "Id" and t
                }
                yield Update(part.target, str(row["Id"]), values)


def run(rest: Rest, part: Part, scratch: Path) -> Iterator[WriteResult]:
    """Upload a file as one job, wait for it, and yield a result for every record that has a line.

    Records without a line of success or failure are yielded as rejected with the code UNPROCESSED.
    Raises `JobFailed` where the job does not end.
    """
    job = rest.call(
        "POST",
        "jobs/ingest",
        {
            "object": SOBJECTS[part.target],
            "operation": "update",
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        },
    )
    tail = f"jobs/ingest/{job['id']}"
    _unless_done(lambda: rest.upload(job.get("contentUrl") or f"{tail}/batches", part.path))
    _unless_done(lambda: rest.call("PATCH", tail, {"state": "UploadComplete"}))
    finish(rest, job["id"])
    yield from _results(rest, tail, part, scratch)


def _unless_done(step: Callable[[], object]) -> None:
    """Take a step of a job; where the answer of a first try was lost, the second one is refused as done."""
    try:
        step()
    except UnexpectedAnswer as error:
        if error.details.get("cause") not in DONE_BEFORE:
            raise


def finish(rest: Rest, job_id: str) -> None:
    """Wait until an ingest job has ended, however it ended: its result files tell what became of each row."""
    ended_job(rest, "ingest", job_id)


def _results(rest: Rest, tail: str, part: Part, scratch: Path) -> Iterator[WriteResult]:
    left = {row["Id"] for batch in read_csv(part.path) for row in batch}
    for result in _lines(rest, tail, part, scratch):
        if result.record_id in left:
            left.discard(result.record_id)
            yield result
    for record_id in sorted(left):
        yield rejected(Update(part.target, record_id, {}), UNPROCESSED, ())


def _lines(rest: Rest, tail: str, part: Part, scratch: Path) -> Iterator[WriteResult]:
    """One result for each line of the files of successes and failures; their order means nothing."""
    target = scratch / "salesforce-results.csv"
    try:
        for name in ("successfulResults", "failedResults", "unprocessedrecords"):
            rest.download(f"{tail}/{name}", {}, target)
            for batch in read_csv(target):
                for row in batch:
                    yield _line(part.target, name, row)
    finally:
        target.unlink(missing_ok=True)


def _line(target: str, name: str, row: Mapping[str, str | None]) -> WriteResult:
    record_id = row.get("Id") or row.get("sf__Id") or ""
    if name == "successfulResults":
        return WriteResult(target, record_id, "confirmed")
    if name == "unprocessedrecords":
        return rejected(Update(target, record_id, {}), UNPROCESSED, ())
    code, named = parse_error(row.get("sf__Error") or "")
    return rejected(Update(target, record_id, {}), code, named)


def parse_error(text: str) -> tuple[str, list[str]]:
    """Code and field names of `CODE:message:Field,Field --`, without the message, which may quote values."""
    code, _, tail = text.partition(":")
    # Whatever is not the word of a status code may be part of a message.
    code = code if _CODE.fullmatch(code) else "UNKNOWN"
    names = tail.rpartition(":")[2].strip()
    listed = names.removesuffix("--").split(",") if names.endswith("--") else []
    return code, [name.strip() for name in listed]


def is_worth_another_try(result: WriteResult) -> bool:
    """Whether the same values may be taken in a second, smaller round."""
    return result.status == "rejected" and (result.code in TRANSIENT or result.code == UNPROCESSED)


def running_jobs(rest: Rest, user_id: str) -> list[str]:
    """Ids of ingest jobs that our user has handed in and that have not ended."""
    found: list[str] = []
    page = rest.call("GET", "jobs/ingest", params={"jobType": "V2Ingest"})
    for _ in range(100):
        found += [
            job["id"]
            for job in page.get("records", [])
            if job.get("createdById") == user_id and job.get("state") in ("UploadComplete", "InProgress")
        ]
        if page.get("done", True) or not page.get("nextRecordsUrl"):
            return found
        page = rest.call("GET", page["nextRecordsUrl"])
    raise JobFailed("salesforce", "job_stuck", "list of jobs without end", job="list")
