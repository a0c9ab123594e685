"""The work of an ingest job: reads the uploaded rows, writes the records and the three result files."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from sandbox.salesforce.bulk_jobs import DELIMITERS, LINE_ENDINGS, Jobs
from sandbox.salesforce.check import Operation
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.rows import Saved, Writer

OPERATIONS: dict[str, Operation] = {
    "insert": "insert",
    "update": "update",
    "upsert": "upsert",
    "delete": "delete",
    "hardDelete": "delete",
}
_CHUNK = 1_000
RESULTS = ("successfulResults", "failedResults", "unprocessedrecords")
_NULL = "#N/A"


class ClientInputError(Exception):
    """The uploaded file cannot be used; the message is the job's errorMessage."""


@dataclass
class IngestRun:
    """One pass over the rows of a job, whose JSON is `job`; `paths` says where each result file goes."""

    org: Org
    job: Mapping[str, Any]
    user_id: str
    target: SObject
    header: list[str]
    paths: Mapping[str, Path]
    done: int = 0
    failed: int = 0

    def run(self, rows: Iterator[list[str]]) -> dict[str, Any]:
        """Write every row and the three result files; gives what becomes of the job."""
        fails = self.org.state.faults.take("fail_job", platform="salesforce", text=self.job["object"])
        handles = {name: path.open("w", encoding="utf-8", newline="") for name, path in self.paths.items()}
        try:
            writers = {name: self._writer(handle) for name, handle in handles.items()}
            writers["successfulResults"].writerow(["sf__Id", "sf__Created", *self.header])
            writers["failedResults"].writerow(["sf__Id", "sf__Error", *self.header])
            writers["unprocessedrecords"].writerow(self.header)
            jobs = Jobs(self.org, "ingest")
            while chunk := list(islice(rows, _CHUNK)):
                if (fails and self.done) or jobs.aborted(self.job["id"]):
                    writers["unprocessedrecords"].writerows(chunk)
                    continue
                self._save(chunk, writers)
                counts = {"numberRecordsProcessed": self.done, "numberRecordsFailed": self.failed}
                jobs.change(self.job["id"], **counts)
        finally:
            for handle in handles.values():
                handle.close()
        if fails:
            return {"state": "Failed", "errorMessage": fails.message or "InternalServerError : Job failed"}
        return {"state": "JobComplete"}

    def _writer(self, handle: TextIO) -> Any:
        return csv.writer(
            handle,
            delimiter=DELIMITERS[self.job["columnDelimiter"]],
            lineterminator=LINE_ENDINGS[self.job["lineEnding"]],
            quoting=csv.QUOTE_ALL,
        )

    def _save(self, chunk: list[list[str]], writers: Mapping[str, Any]) -> None:
        width = len(self.header)
        if any(len(row) != width for row in chunk):
            raise ClientInputError("InvalidBatch : The number of fields in a row differs from the header")
        records = [
            {
                name: None if cell == _NULL else cell
                for name, cell in zip(self.header, row, strict=True)
                if cell  # an empty cell leaves the field as it is
            }
            for row in chunk
        ]
        with self.org.writing() as db:
            saved = Writer(self.org, self.user_id, db).save(
                self.target,
                OPERATIONS[self.job["operation"]],
                records,
                key=self.job.get("externalIdFieldName", "Id"),
            )
        # The order of the result rows is no promise of the platform, so nobody shall rely on it here.
        pairs = list(zip(saved, chunk, strict=True))[::-1]
        writers["successfulResults"].writerows(
            [one.id, "true" if one.created else "false", *row] for one, row in pairs if one.success
        )
        writers["failedResults"].writerows(_failed_row(one, row) for one, row in pairs if not one.success)
        self.done += len(chunk)
        self.failed += sum(not one.success for one in saved)


def _failed_row(one: Saved, row: list[str]) -> list[str]:
    return [one.id or "", one.errors[0].in_bulk(), *row]


def known_header(target: SObject, header: list[str]) -> list[str]:
    """Give the header back where every column is a field; raises `ClientInputError`."""
    for name in header:
        if target.get(name) is None:
            raise ClientInputError(f"InvalidBatch : Field name not found : {name}")
    if not header:
        raise ClientInputError("InvalidBatch : The file is empty")
    return header


def checked_lines(upload: TextIO, job: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of an upload whose header ends as the job says its lines end."""
    first = upload.readline()
    if first and first.endswith("\r\n") != (job["lineEnding"] == "CRLF"):
        raise ClientInputError(
            "ClientInputError : LineEnding is invalid on user data. "
            f"Current LineEnding setting is {job['lineEnding']}"
        )
    if first:
        yield first
    yield from upload
