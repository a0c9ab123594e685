"""sObject rows, sObject collections and their errors."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from starlette.responses import Response

from sandbox.salesforce.check import Operation
from sandbox.salesforce.errors import RowError, SalesforceError, not_found
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.rest_query import record
from sandbox.salesforce.rows import ROLLED_BACK, Saved, Writer
from sandbox.salesforce.soql_compile import compile_soql
from sandbox.salesforce.web import Call, answer, view_of

MAX_RECORDS = 200
MAX_CHUNKS = 10
"""Runs of the same object that one collections call may hold."""


def target_of(org: Org, call: Call, name: str | None = None) -> SObject:
    """Find the object a path names, in any letter case; raises NOT_FOUND."""
    found = view_of(org, call).get((name or call.parts["object"]).lower())
    if found is None:
        raise not_found()
    return found


def create(org: Org, call: Call) -> Response:
    """Answer `POST sobjects/Contact`."""
    target = target_of(org, call)
    saved = _save_one(org, call, target, "insert", call.json_object())
    return answer(
        {"id": saved.id, "success": True, "errors": []},
        201,
        {"Location": f"{call.root}/sobjects/{target.name}/{saved.id}"},
    )


def update(org: Org, call: Call) -> Response:
    """Answer `PATCH sobjects/Contact/003…`."""
    _save_one(org, call, target_of(org, call), "update", {**call.json_object(), "Id": call.parts["id"]})
    return Response(status_code=204)


def delete(org: Org, call: Call) -> Response:
    """Answer `DELETE sobjects/Contact/003…`."""
    _save_one(org, call, target_of(org, call), "delete", {"Id": call.parts["id"]})
    return Response(status_code=204)


def upsert(org: Org, call: Call) -> Response:
    """Answer `PATCH sobjects/Contact/External__c/value`: 201 where it made a record, else 200."""
    target = target_of(org, call)
    body = {name: value for name, value in call.json_object().items() if name.lower() != "id"}
    body[call.parts["field"]] = call.parts["id"]
    saved = _save_one(org, call, target, "upsert", body, key=call.parts["field"])
    shown: dict[str, Any] = {"id": saved.id, "success": True, "errors": [], "created": saved.created}
    return answer(shown, 201 if saved.created else 200)


def _save_one(
    org: Org, call: Call, target: SObject, operation: Operation, row: Mapping[str, Any], *, key: str = "Id"
) -> Saved:
    with org.writing() as db:
        saved = Writer(org, call.user_id, db).save(target, operation, [row], key=key)[0]
    if saved.success:
        return saved
    error = saved.errors[0]
    if error.code == "DUPLICATE_EXTERNAL_ID":
        raise SalesforceError(300, error.code, error.message, error.fields)
    if error.code == "INVALID_CROSS_REFERENCE_KEY" and not error.fields:
        raise not_found()
    fields = None if error.code == "INVALID_FIELD" else error.fields
    status = 404 if error.code == "ENTITY_IS_DELETED" else 400
    raise SalesforceError(status, error.code, error.message, fields)


def read(org: Org, call: Call) -> Response:
    """Answer `GET sobjects/Contact/003…`, with `?fields=` where only some are wanted."""
    return _read(org, call, "Id")


def read_by_key(org: Org, call: Call) -> Response:
    """Answer `GET sobjects/Contact/External__c/value`."""
    return _read(org, call, call.parts["field"])


def _read(org: Org, call: Call, key: str) -> Response:
    target = target_of(org, call)
    field = target.get(key)
    if field is None or (key == "Id" and full_id(call.parts["id"]) is None):
        raise not_found()
    wanted = call.query.get("fields") or ", ".join(one.name for one in target.fields.values())
    quoted = call.parts["id"].replace("\\", "\\\\").replace("'", "\\'")
    text = f"SELECT {wanted} FROM {target.name} WHERE {field.name} = '{quoted}' LIMIT 2"
    statement = compile_soql(text, org.setting(call.user_id))
    rows = org.state.connection().execute(statement.sql, statement.parameters).fetchall()
    if len(rows) > 1:
        return answer([f"{call.root}/sobjects/{target.name}/{row[0]}" for row in rows], 300)
    if not rows:
        raise not_found()
    return answer(record(statement, rows[0], call.root))


def collections(org: Org, call: Call) -> Response:
    """Answer `POST` and `PATCH composite/sobjects`: up to 200 records, each with its own result."""
    body = call.json_object()
    records = _records(body)
    operation: Operation = "insert" if call.method == "POST" else "update"
    named = [((one.get("attributes") or {}).get("type"), one) for one in records]
    if any(not isinstance(name, str) for name, _ in named):
        raise SalesforceError(
            400, "INVALID_INPUT", "Include an entity type in the attributes of each record."
        )
    runs = [(name, [one for _, one in run]) for name, run in groupby(named, key=lambda pair: str(pair[0]))]
    if len(runs) > MAX_CHUNKS:
        raise SalesforceError(
            400, "INVALID_INPUT", f"The request cannot have more than {MAX_CHUNKS} chunks of different types."
        )
    return answer([_shown(saved, operation) for saved in _save_runs(org, call, operation, runs, body)])


def collections_upsert(org: Org, call: Call) -> Response:
    """Answer `PATCH composite/sobjects/Contact/External__c`."""
    body = call.json_object()
    runs = [(call.parts["object"], _records(body))]
    saved = _save_runs(org, call, "upsert", runs, body, key=call.parts["field"])
    return answer([_shown(one, "upsert") for one in saved])


def collections_delete(org: Org, call: Call) -> Response:
    """Answer `DELETE composite/sobjects?ids=…`."""
    ids = [one for one in call.query.get("ids", "").split(",") if one]
    if not 0 < len(ids) <= MAX_RECORDS:
        raise SalesforceError(400, "INVALID_INPUT", "The ids parameter must name 1 to 200 records.")
    by_prefix = {one.prefix: one.name for one in view_of(org, call).values()}
    runs = [
        (by_prefix.get(prefix, ""), [{"Id": one} for one in run])
        for prefix, run in groupby(ids, key=lambda record_id: record_id[:3])
    ]
    every = {"allOrNone": call.query.get("allOrNone", "").lower() == "true"}
    return answer([_shown(one, "delete") for one in _save_runs(org, call, "delete", runs, every)])


def _records(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise SalesforceError(400, "INVALID_INPUT", "The records parameter is required.")
    if len(records) > MAX_RECORDS:
        raise SalesforceError(
            400,
            "EXCEEDED_MAX_SIZE_REQUEST",
            "record limit reached. cannot submit more than 200 records in this request",
        )
    return records


def _save_runs(
    org: Org,
    call: Call,
    operation: Operation,
    runs: list[tuple[str, list[dict[str, Any]]]],
    body: Mapping[str, Any],
    *,
    key: str = "Id",
) -> list[Saved]:
    all_or_none = body.get("allOrNone") is True
    results: list[Saved] = []
    view = view_of(org, call)
    _check_mixture([view[name.lower()] for name, _ in runs if name.lower() in view])
    with org.writing() as db:
        db.execute("SAVEPOINT runs")
        for name, records in runs:
            target = view.get(name.lower())
            if target is None:
                error = RowError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
                results += [Saved(None, errors=(error,))] * len(records)
                continue
            writer = Writer(org, call.user_id, db)
            results += writer.save(target, operation, records, key=key, all_or_none=all_or_none)
        if all_or_none and len(runs) > 1 and not all(one.success for one in results):
            db.execute("ROLLBACK TO runs")
            results = [one if one.errors else Saved(None, errors=(ROLLED_BACK,)) for one in results]
        db.execute("RELEASE runs")
    return results


def _check_mixture(targets: list[SObject]) -> None:
    if len({one.setup for one in targets}) > 1:
        text = "DML operation on setup object is not permitted after you have updated a non-setup object"
        raise SalesforceError(400, "MIXED_DML_OPERATION", text)


def _shown(saved: Saved, operation: Operation) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": saved.id} if saved.success else {}
    shown |= {"success": saved.success, "errors": [error.in_collection() for error in saved.errors]}
    if operation == "upsert" and saved.success:
        shown["created"] = saved.created
    return shown
