"""Bulk API 2.0 ingest jobs: one CSV file in, three result files out."""

import csv
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, Response

from sandbox.salesforce.bulk_jobs import DELIMITERS, ENDED, Jobs, invalid_job, read_format, wrong_state
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.ingest_run import (
    OPERATIONS,
    RESULTS,
    ClientInputError,
    IngestRun,
    checked_lines,
    known_header,
)
from sandbox.salesforce.org import Org
from sandbox.salesforce.web import Call, answer

MAX_BYTES = 150_000_000


class Ingest:
    """The ingest jobs of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._jobs = Jobs(org, "ingest")

    def resources(self) -> list[tuple[str, str, Callable[[Org, Call], Response]]]:
        """Give method, path pattern and handler of every resource."""
        job = r"jobs/ingest/(?P<id>\w{15,18})"
        return [
            ("POST", r"jobs/ingest", self._create),
            ("GET", r"jobs/ingest", self._jobs.listing),
            ("GET", job, self._info),
            ("PATCH", job, self._set_state),
            ("DELETE", job, self._delete),
            ("PUT", job + r"/batches", self._upload),
            ("GET", job + rf"/(?P<result>{'|'.join(RESULTS)})", self._result),
        ]

    def _create(self, org: Org, call: Call) -> Response:
        body = call.json_object()
        operation = body.get("operation")
        if operation not in OPERATIONS:
            raise invalid_job(f"Invalid operation: {operation}")
        target = org.view(call.user_id).get(str(body.get("object")).lower())
        if target is None:
            raise invalid_job(f"InvalidEntity : Unable to find object: {body.get('object')}")
        info = {"operation": operation, "object": target.name, "state": "Open", **read_format(body)}
        key = body.get("externalIdFieldName")
        if operation == "upsert":
            field = target.get(str(key)) if key else None
            if field is None or not (field.lookup or field.external_id):
                raise invalid_job(f"Field name not found or not an external id : {key}")
            info["externalIdFieldName"] = field.name
        job = self._jobs.create(call, info)
        content_url = f"services/data/{call.version}/jobs/ingest/{job['id']}/batches"
        return answer(self._jobs.change(job["id"], contentUrl=content_url))

    def _upload(self, _org: Org, call: Call) -> Response:
        job = self._jobs.get(call.parts["id"])
        path = self._file(job["id"], "upload")
        if job["state"] != "Open" or path.exists():
            raise wrong_state(
                f"Found multiple contents for job: {job['id']}, please close, abort or delete it"
            )
        if "text/csv" not in call.headers.get("content-type", "").lower():
            raise SalesforceError(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be text/csv")
        if len(call.body) > MAX_BYTES:
            raise SalesforceError(413, "REQUEST_TOO_LARGE", "The uploaded data is larger than 150 MB")
        path.write_bytes(call.body)
        return Response(status_code=201)

    def _set_state(self, org: Org, call: Call) -> Response:
        job = self._jobs.get(call.parts["id"])
        wanted = call.json_object().get("state")
        if wanted == "Aborted" and job["state"] not in ENDED:
            return answer(self._jobs.change(job["id"], state="Aborted"))
        if wanted != "UploadComplete" or job["state"] != "Open":
            raise wrong_state(f"Job cannot be moved from {job['state']} to {wanted}")
        if not self._file(job["id"], "upload").exists():
            raise wrong_state(f"No content was uploaded for job: {job['id']}")
        job = self._jobs.change(job["id"], state="UploadComplete")
        org.state.executor.submit(self._run, job["id"], call.user_id)
        return answer(job)

    def _info(self, _org: Org, call: Call) -> Response:
        job = self._jobs.get(call.parts["id"])
        told = {
            "jobType": "V2Ingest",
            "numberRecordsProcessed": 0,
            "numberRecordsFailed": 0,
            "retries": 0,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }
        return answer({**job, **{name: job.get(name, value) for name, value in told.items()}})

    def _delete(self, _org: Org, call: Call) -> Response:
        job = self._jobs.get(call.parts["id"])
        if job["state"] not in ENDED:
            raise wrong_state(f"Deleting {job['state']} Job not allowed")
        self._jobs.remove(job["id"])
        for name in ("upload", *RESULTS):
            self._file(job["id"], name).unlink(missing_ok=True)
        return Response(status_code=204)

    def _result(self, _org: Org, call: Call) -> Response:
        job = self._jobs.get(call.parts["id"])
        if job["state"] not in ENDED:
            raise wrong_state(f"Job {job['id']} has no results yet; it is {job['state']}")
        name = next(one for one in RESULTS if one.lower() == call.parts["result"].lower())
        path = self._file(job["id"], name)
        if not path.exists():
            # A job that ended before its first row still answers with a header.
            extra = {"successfulResults": '"sf__Id","sf__Created"', "failedResults": '"sf__Id","sf__Error"'}
            path.write_text(extra.get(name, "") + "\n")
        return FileResponse(path, media_type="text/csv; charset=UTF-8")

    def _file(self, job_id: str, name: str) -> Path:
        return self._org.state.folder / f"ingest-{job_id}-{name}.csv"

    def _run(self, job_id: str, user_id: str) -> None:
        """Run a job in the background; whatever goes wrong ends it as Failed, with what was done so far."""
        began = time.monotonic()
        job = self._jobs.change(job_id, state="InProgress")
        if self._org.state.faults.take("stick_job", platform="salesforce", text=job["object"]):
            return
        try:
            ended = self._process(job, user_id)
        except (ClientInputError, SalesforceError) as error:
            ended = {"state": "Failed", "errorMessage": str(error)}
        except Exception as error:
            self._jobs.change(job_id, state="Failed", errorMessage=f"InternalServerError : {error}")
            raise
        spent = int((time.monotonic() - began) * 1000)
        self._jobs.change(job_id, **ended, totalProcessingTime=spent, apiActiveProcessingTime=spent)

    def _process(self, job: Mapping[str, Any], user_id: str) -> dict[str, Any]:
        target = self._org.view(user_id)[job["object"].lower()]
        with self._file(job["id"], "upload").open(encoding="utf-8-sig", newline="") as upload:
            delimiter = DELIMITERS[job["columnDelimiter"]]
            rows = csv.reader(checked_lines(upload, job), delimiter=delimiter, strict=True)
            try:
                header = known_header(target, next(rows, []))
                paths = {name: self._file(job["id"], name) for name in RESULTS}
                return IngestRun(self._org, job, user_id, target, header, paths).run(rows)
            except csv.Error as error:
                raise ClientInputError(f"ClientInputError : CSV cannot be parsed: {error}") from error
            except UnicodeDecodeError as error:
                raise ClientInputError("ClientInputError : The file is not UTF-8") from error
