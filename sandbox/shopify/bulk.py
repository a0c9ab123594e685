"""Bulk operations: submitted, counted, cancelled; the work itself runs in the background."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.shopify.bulk_job import STOPPED, cancel_idle, start_job
from sandbox.shopify.bulk_mutation import import_lines
from sandbox.shopify.bulk_query import export_rows
from sandbox.shopify.bulk_rules import check_mutation, check_query
from sandbox.shopify.context import Context
from sandbox.shopify.execute import ref
from sandbox.shopify.ids import gid, number_of
from sandbox.shopify.selection import Field
from sandbox.shopify.staged import upload_file

MOST_AT_ONCE = 5
MOST_FILE_BYTES = 100 << 20
_NO_SUCH_FILE = (
    "The JSONL file could not be found. Try uploading the file again, and check that you've entered "
    "the URL correctly for the stagedUploadPath mutation argument."
)
Payload = dict[str, Any]


def run_query(context: Context, asked: Field) -> Payload:
    """Answer `bulkOperationRunQuery`."""
    text, grouped = asked.arguments["query"], bool(asked.arguments.get("groupObjects"))
    document, messages = check_query(text)
    if document is None:
        return _refused(*({"field": ["query"], "message": one, "code": "INVALID"} for one in messages))
    return _submit(context, "QUERY", text, lambda job: export_rows(job, document, grouped=grouped))


def run_mutation(context: Context, asked: Field) -> Payload:
    """Answer `bulkOperationRunMutation`."""
    text, key = asked.arguments["mutation"], asked.arguments["stagedUploadPath"]
    name = asked.arguments.get("clientIdentifier")
    if name is not None and len(name) < 10:
        return _refused(
            {
                "field": ["clientIdentifier"],
                "message": "is too short (minimum is 10 characters)",
                "code": None,
            }
        )
    document, error = check_mutation(text)
    if document is None:
        return _refused(error or {})
    if key not in context.runtime.upload_keys or not upload_file(context.runtime, key).is_file():
        return _refused({"field": None, "message": _NO_SUCH_FILE, "code": "NO_SUCH_FILE"})
    path = upload_file(context.runtime, key)
    trouble = _file_trouble(path)
    if trouble:
        return _refused({"field": None, "message": trouble, "code": "INVALID_STAGED_UPLOAD_FILE"})
    return _submit(context, "MUTATION", text, lambda job: import_lines(job, document, path))


def cancel(context: Context, asked: Field) -> Payload:
    """Answer `bulkOperationCancel`: the operation ends a little later."""
    number = number_of(asked.arguments["id"], "BulkOperation")
    with context.state.writing() as db:
        row = db.execute("SELECT * FROM shopify_bulk_operations WHERE id = ?", (number,)).fetchone()
        if row is None or number is None:
            return _refused({"field": ["id"], "message": "Bulk operation does not exist"})
        if row["status"] in STOPPED:
            message = f"A bulk operation cannot be canceled when it is {row['status'].lower()}"
            return {
                "bulkOperation": ref("BulkOperation", number),
                "userErrors": [{"field": None, "message": message}],
            }
        db.execute("UPDATE shopify_bulk_operations SET status = 'CANCELING' WHERE id = ?", (number,))
    context.runtime.canceled.add(number)
    cancel_idle(context.runtime, number)
    return {"bulkOperation": _answered_as(row, "CANCELING"), "userErrors": []}


def _submit(context: Context, kind: str, text: str, work: Callable[[Any], None]) -> Payload:
    with context.state.writing() as db:
        running = db.execute(
            "SELECT id FROM shopify_bulk_operations WHERE type = ?"
            " AND status IN ('CREATED', 'RUNNING', 'CANCELING')",
            (kind,),
        ).fetchall()
        if len(running) >= MOST_AT_ONCE:
            listed = ", ".join(gid("BulkOperation", row["id"]) for row in running)
            message = (
                f"A bulk {kind.lower()} operation for this app and shop is already in progress: {listed}."
            )
            return _refused({"field": None, "message": message, "code": "OPERATION_IN_PROGRESS"})
        done = db.execute(
            "INSERT INTO shopify_bulk_operations (type, query, status, created_at)"
            " VALUES (?, ?, 'CREATED', ?)",
            (kind, text, context.state.stamp()),
        )
        row = db.execute("SELECT * FROM shopify_bulk_operations WHERE id = ?", (done.lastrowid,)).fetchone()
    start_job(context.runtime, row["id"], text, work)
    return {"bulkOperation": _answered_as(row, "CREATED"), "userErrors": []}


def _answered_as(row: sqlite3.Row, status: str) -> Payload:
    """Describe an operation as it was asked for: the work may already have moved its status on."""
    return {
        "id": gid("BulkOperation", row["id"]),
        "status": status,
        "type": row["type"],
        "query": row["query"],
        "createdAt": row["created_at"],
        "objectCount": str(row["object_count"]),
        "rootObjectCount": str(row["root_object_count"]),
    }


def _file_trouble(path: Path) -> str | None:
    size = path.stat().st_size
    if size > MOST_FILE_BYTES:
        return "The input file size exceeds the maximum allowed size of 100 MB."
    return None if size else "The input file is empty."


def _refused(*errors: Payload) -> Payload:
    return {"bulkOperation": None, "userErrors": list(errors)}
