"""Bulk API 2.0 query jobs: a query runs in the background into a CSV file, which is read page by page."""

import csv
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.responses import Response, StreamingResponse

from sandbox.salesforce.bulk_jobs import (
    DELIMITERS,
    ENDED,
    LINE_ENDINGS,
    Jobs,
    invalid_job,
    read_format,
    wrong_state,
)
from sandbox.salesforce.bulk_pages import (
    DEFAULT_PAGE,
    Lines,
    blocks_of,
    count_of,
    gzipped,
    locator_of,
    row_of,
)
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.soql import parse
from sandbox.salesforce.soql_compile import Statement, compile_soql
from sandbox.salesforce.web import Call, answer

_OPERATIONS = ("query", "queryAll")
_FETCHED = 2_000


class BulkQueries:
    """The query jobs of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._jobs = Jobs(org, "query")

    def resources(self) -> list[tuple[str, str, Callable[[Org, Call], Response]]]:
        """Give method, path pattern and handler of every resource."""
        job = r"jobs/query/(?P<id>\w{15,18})"
        return [
            ("POST", r"jobs/query", self._create),
            ("GET", r"jobs/query", self._jobs.listing),
            ("GET", job, self._info),
            ("PATCH", job, self._abort),
            ("DELETE", job, self._delete),
            ("GET", job + r"/results", self._results),
            ("GET", job + r"/resultPages", self._pages),
        ]

    def _create(self, org: Org, call: Call) -> Response:
        body = call.json_object()
        operation, text = body.get("operation"), body.get("query")
        if operation not in _OPERATIONS:
            raise invalid_job(f"Invalid operation: {operation}")
        if not isinstance(text, str) or not text.strip():
            raise invalid_job("Query must not be blank")
        form = read_format(body)
        statement = self._compiled(call.user_id, operation, text)
        if statement.aggregate or statement.only_count:
            raise SalesforceError(400, "API_ERROR", "Aggregate Relationships not supported in Bulk Query")
        if statement.compound:
            raise SalesforceError(400, "API_ERROR", "Selecting compound data not supported in Bulk Query")
        found = org.view(call.user_id)[parse(text).object_name.lower()].name
        info = {"operation": operation, "object": found, "state": "UploadComplete", **form}
        job = self._jobs.create(call, info)
        org.state.executor.submit(self._run, job["id"], call.user_id, text)
        return answer(job)

    def _compiled(self, user_id: str, operation: str, text: str) -> Statement:
        deleted_too = operation == "queryAll"
        setting = self._org.setting(user_id, deleted_too=deleted_too, for_csv=True)
        return compile_soql(text, setting)

    def _run(self, job_id: str, user_id: str, text: str) -> None:
        """Run a job in the background; whatever goes wrong ends it as Failed."""
        faults, began = self._org.state.faults, time.monotonic()
        job = self._jobs.change(job_id, state="InProgress")
        if faults.take("stick_job", platform="salesforce", text=text):
            return
        try:
            count = self._write(job, self._compiled(user_id, job["operation"], text), text)
        except SalesforceError as error:
            self._jobs.change(job_id, state="Failed", errorMessage=f"{error.code}: {error.message}")
        except Exception as error:
            self._jobs.change(job_id, state="Failed", errorMessage=f"InternalServerError: {error}")
            raise
        else:
            spent = int((time.monotonic() - began) * 1000)
            told = {"numberRecordsProcessed": count, "totalProcessingTime": spent}
            self._jobs.change(job_id, state="JobComplete", **told)

    def _write(self, job: dict[str, Any], statement: Statement, text: str) -> int:
        failed = self._org.state.faults.take("fail_job", platform="salesforce", text=text)
        if failed:
            message = failed.message or "Query failed after 15 tries. Apply a filter."
            raise SalesforceError(400, "InternalServerError", message)
        rows = self._org.state.connection().execute(statement.sql, statement.parameters)
        rows.row_factory = None
        cut = self._org.state.faults.take("partial_result", platform="salesforce", text=text)
        with self._file(job["id"]).open("wb") as out:
            lines = Lines(out)
            writer = csv.writer(
                lines,
                delimiter=DELIMITERS[job["columnDelimiter"]],
                lineterminator=LINE_ENDINGS[job["lineEnding"]],
                quoting=csv.QUOTE_ALL,
            )
            writer.writerow([column.header for column in statement.columns])
            count = 0
            while batch := rows.fetchmany(_FETCHED):
                writer.writerows(batch[: len(batch) // 2] if cut else batch)
                lines.flush()
                count += len(batch)
                if count % (_FETCHED * 20) == 0 and self._jobs.aborted(job["id"]):
                    break
            lines.flush()
        with self._index(job["id"]).open("wb") as index:
            lines.starts.tofile(index)
        return count

    def _file(self, job_id: str) -> Path:
        return self._org.state.folder / f"bulk-{job_id}.csv"

    def _index(self, job_id: str) -> Path:
        return self._org.state.folder / f"bulk-{job_id}.index"

    def _info(self, _org: Org, call: Call) -> Response:
        job = self._jobs.get(call.parts["id"])
        told = {"jobType": "V2Query", "numberRecordsProcessed": 0, "retries": 0, "totalProcessingTime": 0}
        return answer({**job, **{name: job.get(name, value) for name, value in told.items()}})

    def _abort(self, _org: Org, call: Call) -> Response:
        job = self._jobs.get(call.parts["id"])
        if call.json_object().get("state") != "Aborted":
            raise invalid_job("State can only be set to Aborted")
        if job["state"] in ENDED:
            raise wrong_state(f"Aborting already {job['state']} Job not allowed")
        return answer(self._jobs.change(job["id"], state="Aborted"))

    def _delete(self, _org: Org, call: Call) -> Response:
        job = self._jobs.get(call.parts["id"])
        if job["state"] not in ENDED:
            raise wrong_state(f"Deleting {job['state']} Job not allowed")
        self._jobs.remove(job["id"])
        self._file(job["id"]).unlink(missing_ok=True)
        self._index(job["id"]).unlink(missing_ok=True)
        return Response(status_code=204)

    def _finished(self, call: Call) -> tuple[dict[str, Any], "array[int]"]:
        """Give a job whose results can be read, and where each of its lines begins."""
        job = self._jobs.get(call.parts["id"])
        if float(call.version[1:]) != job["apiVersion"]:
            text = f"Job {job['id']} was created with API version {job['apiVersion']}"
            raise SalesforceError(409, "API_VERSION_MISMATCH", text)
        if job["state"] in ("Failed", "Aborted"):
            raise wrong_state(f"Job {job['id']} is {job['state']}; it has no results")
        if job["state"] != "JobComplete":
            text = f"Job {job['id']} is not complete yet: {job['state']}"
            raise SalesforceError(412, "JOB_NOT_COMPLETE", text)
        starts = array("Q")
        with self._index(job["id"]).open("rb") as index:
            starts.frombytes(index.read())
        return job, starts

    def _results(self, _org: Org, call: Call) -> Response:
        job, starts = self._finished(call)
        total = len(starts) - 2
        first = row_of(call.query.get("locator", ""), total)
        size = count_of(call.query.get("maxRecords"))
        last = min(first + size, total)
        headers = {
            "Sforce-NumberOfRecords": str(last - first),
            "Sforce-Locator": "null" if last >= total else locator_of(last),
        }
        ranges = [(starts[0], starts[1]), (starts[1 + first], starts[1 + last])]
        body = blocks_of(self._file(job["id"]), ranges)
        if "gzip" in call.headers.get("accept-encoding", "").lower():
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            body = gzipped(body)
        return StreamingResponse(body, headers=headers, media_type="text/csv; charset=UTF-8")

    def _pages(self, _org: Org, call: Call) -> Response:
        job, starts = self._finished(call)
        total = len(starts) - 2
        first = row_of(call.query.get("locator", ""), total)
        base = f"{call.root}/jobs/query/{job['id']}"
        rows = range(first, max(total, first + 1), DEFAULT_PAGE)
        shown: dict[str, Any] = {
            "resultPages": [{"resultUrl": f"{base}/results?locator={locator_of(row)}"} for row in rows[:5]],
            "done": len(rows) <= 5,
        }
        if len(rows) > 5:
            shown["nextRecordUrl"] = f"{base}/resultPages?locator={locator_of(rows[5])}"
        return answer(shown)
