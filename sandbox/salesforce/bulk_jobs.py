"""The list of bulk jobs, both kinds, and what they have in common."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from starlette.responses import Response

from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import next_numbers
from sandbox.salesforce.values import shown_in_json
from sandbox.salesforce.web import Call, answer

Kind = Literal["query", "ingest"]

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
_LISTED = 1_000


class Jobs:
    """Bulk jobs of one kind. They live in the database, so that every thread sees their present state."""

    def __init__(self, org: Org, kind: Kind) -> None:
        self._org = org
        self._kind = kind

    def create(self, call: Call, info: Mapping[str, Any]) -> dict[str, Any]:
        """Note a new job and give its JSON; `info` is what is special to it."""
        now = self._org.state.stamp()
        with self._org.writing() as db:
            job = {
                "id": make_id("750", next_numbers(db, 1)),
                "operation": info["operation"],
                "object": info["object"],
                "createdById": call.user_id,
                "createdDate": shown_in_json("datetime", now),
                "systemModstamp": shown_in_json("datetime", now),
                "state": info["state"],
                "concurrencyMode": "Parallel",
                "contentType": "CSV",
                "apiVersion": float(call.version[1:]),
                **{
                    name: value
                    for name, value in info.items()
                    if name not in ("operation", "object", "state")
                },
            }
            db.execute(
                "INSERT INTO sf_job VALUES (?, ?, ?, ?, ?)",
                (job["id"], self._kind, call.user_id, now, json.dumps(job)),
            )
        return job

    def get(self, job_id: str) -> dict[str, Any]:
        """Give a job's JSON; raises NOT_FOUND."""
        row = (
            self._org.state.connection()
            .execute(
                "SELECT info FROM sf_job WHERE kind = ? AND substr(id, 1, 15) = substr(?, 1, 15)",
                (self._kind, job_id),
            )
            .fetchone()
        )
        if row is None:
            raise not_found()
        found: dict[str, Any] = json.loads(row["info"])
        return found

    def change(self, job_id: str, **changes: Any) -> dict[str, Any]:
        """Change a job and give its JSON; a job that has ended keeps its state."""
        with self._org.writing() as db:
            job = self.get(job_id)
            if job["state"] in ENDED:
                changes.pop("state", None)
            job |= {**changes, "systemModstamp": shown_in_json("datetime", self._org.state.stamp())}
            db.execute("UPDATE sf_job SET info = ? WHERE id = ?", (json.dumps(job), job["id"]))
        return job

    def remove(self, job_id: str) -> None:
        """Forget a job."""
        with self._org.writing() as db:
            db.execute("DELETE FROM sf_job WHERE id = ?", (job_id,))

    def aborted(self, job_id: str) -> bool:
        """Say whether somebody stopped the job, or deleted it."""
        try:
            return bool(self.get(job_id)["state"] == "Aborted")
        except SalesforceError:
            return True

    def listing(self, _org: Org, call: Call) -> Response:
        """Answer `GET jobs/query` and `GET jobs/ingest`."""
        rows = self._org.state.connection().execute(
            "SELECT info FROM sf_job WHERE kind = ? ORDER BY rowid DESC LIMIT ?", (self._kind, _LISTED)
        )
        return answer(
            {"done": True, "records": [json.loads(row["info"]) for row in rows], "nextRecordsUrl": None}
        )


def read_format(body: Mapping[str, Any]) -> dict[str, str]:
    """Read and check the parts of a new job that say how its CSV is written."""
    found = {
        "contentType": str(body.get("contentType") or "CSV"),
        "lineEnding": str(body.get("lineEnding") or "LF"),
        "columnDelimiter": str(body.get("columnDelimiter") or "COMMA"),
    }
    if found["contentType"] != "CSV":
        raise invalid_job("ContentType : Unsupported content type " + found["contentType"])
    if found["lineEnding"] not in LINE_ENDINGS or found["columnDelimiter"] not in DELIMITERS:
        raise invalid_job("LineEnding or ColumnDelimiter is not a valid value")
    return found


def invalid_job(message: str) -> SalesforceError:
    """Make the refusal of a job that asks for something impossible."""
    return SalesforceError(400, "INVALIDJOB", message)


def wrong_state(message: str) -> SalesforceError:
    """Make the refusal of a step that the job's state does not allow."""
    return SalesforceError(400, "INVALIDJOBSTATE", message)
