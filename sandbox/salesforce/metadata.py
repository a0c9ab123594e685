"""The metadata resources: deployRequest, which really changes the org's schema, and the tooling query."""

import io
import sqlite3
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import orjson
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field as FormField
from python_multipart.multipart import File as FormFile
from starlette.responses import Response

from sandbox.salesforce.deploy_result import Done, finish, fresh_result, message_of, now_of
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.formula import FormulaError, formula_sql
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.metadata_access import put_permission_set
from sandbox.salesforce.metadata_archive import Component, open_archive
from sandbox.salesforce.metadata_fields import Problem, read_custom_field
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Schema, load_schema, next_numbers, put_field
from sandbox.salesforce.web import Call, answer

_TEST_LEVELS = (
    None,
    "NoTestRun",
    "RunSpecifiedTests",
    "RunLocalTests",
    "RunAllTestsInOrg",
    "RunRelevantTests",
)


class Deployments:
    """The metadata deployments of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._results: dict[str, dict[str, Any]] = {}

    def resources(self) -> list[tuple[str, str, Callable[[Org, Call], Response]]]:
        """Give method, path pattern and handler of every resource."""
        return [
            ("POST", r"metadata/deployRequest", self._create),
            ("GET", r"metadata/deployRequest/(?P<id>\w{15,18})", self._info),
        ]

    def _create(self, org: Org, call: Call) -> Response:
        form = _read_form(call)
        head = form.get("json") or form.get("entity_content")
        archive = form.get("file")
        if head is None or archive is None:
            text = "A part with deployOptions and a part named file are needed"
            raise SalesforceError(400, "INVALID_MULTIPART_REQUEST", text)
        options = (_json_object(head).get("deployOptions")) or {}
        if options.get("testLevel") not in _TEST_LEVELS:
            raise SalesforceError(400, "INVALID_INPUT", f"Invalid testLevel: {options['testLevel']}")
        with org.writing() as db:
            deploy_id = make_id("0Af", next_numbers(db, 1))
        result = self._results[deploy_id] = fresh_result(org, deploy_id, call.user_id, options)
        org.state.executor.submit(self._run, result, archive, call.user_id)
        shown = {"id": deploy_id, "validatedDeployRequestId": None, "url": None, "deployOptions": options}
        return answer({**shown, "deployResult": {"id": deploy_id, "status": "Pending", "done": False}}, 201)

    def _info(self, _org: Org, call: Call) -> Response:
        result = self._results.get(call.parts["id"])
        if result is None:
            raise SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")
        shown = dict(result)
        if call.query.get("includeDetails", "").lower() != "true":
            shown["details"] = None
        url = f"{self._org.state.base_url}{call.root}/metadata/deployRequest/{result['id']}"
        return answer({"id": result["id"], "url": url, "deployResult": shown})

    def _run(self, result: dict[str, Any], archive: bytes, user_id: str) -> None:
        """Deploy in the background; whatever goes wrong ends the deploy as Failed."""
        result |= {"status": "InProgress", "startDate": now_of(self._org)}
        faults = self._org.state.faults
        if faults.take("stick_job", platform="salesforce", text="deployRequest"):
            return
        try:
            done = self._deploy(open_archive(archive), result, user_id)
        except Problem as error:
            result |= {
                "errorMessage": str(error),
                "errorStatusCode": "UNKNOWN_EXCEPTION",
                "numberComponentErrors": 1,
            }
            finish(self._org, result, "Failed")
        except Exception as error:
            result["errorMessage"] = f"UNKNOWN_EXCEPTION: {error}"
            finish(self._org, result, "Failed")
            raise
        else:
            self._tell(result, done)

    def _deploy(self, components: list[Component], result: dict[str, Any], user_id: str) -> list[Done]:
        """Put every component into the org; undone in a check, and where one fails and all must hold."""
        failed_job = self._org.state.faults.take("fail_job", platform="salesforce", text="deployRequest")
        if failed_job:
            raise Problem(failed_job.message or "An unexpected error occurred.")
        with self._org.writing() as db:
            db.execute("BEGIN")
            done = [_put(self._org, db, one, user_id) for one in components]
            failed = any(one.problem for one in done)
            if result["checkOnly"] or (failed and result["rollbackOnError"]):
                db.rollback()
        return done

    def _tell(self, result: dict[str, Any], done: list[Done]) -> None:
        failures = [message_of(self._org, one) for one in done if one.problem]
        successes = [message_of(self._org, one) for one in done if not one.problem]
        result["details"] = {
            "componentFailures": failures,
            "componentSuccesses": successes,
            "runTestResult": {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0},
        }
        result |= {
            "numberComponentsTotal": len(done),
            "numberComponentErrors": len(failures),
            "numberComponentsDeployed": len(successes),
        }
        partly = "SucceededPartial" if successes and not result["rollbackOnError"] else "Failed"
        finish(self._org, result, partly if failures else "Succeeded")


def _read_form(call: Call) -> dict[str, bytes]:
    found: dict[str, bytes] = {}

    def on_field(field: FormField) -> None:
        found[(field.field_name or b"").decode()] = field.value or b""

    def on_file(file: FormFile) -> None:
        file.file_object.seek(0)
        found[(file.field_name or b"").decode()] = file.file_object.read()
        file.close()

    headers = {"Content-Type": call.headers.get("content-type", "").encode()}
    try:
        parse_form(headers, io.BytesIO(call.body), on_field, on_file)
    except (FormParserError, ValueError) as error:
        raise SalesforceError(400, "INVALID_MULTIPART_REQUEST", str(error)) from error
    return found


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise SalesforceError(400, "JSON_PARSER_ERROR", str(error)) from error
    return found if isinstance(found, dict) else {}


def _put(org: Org, db: sqlite3.Connection, one: Component, user_id: str) -> Done:
    """Put one component into the org, or say why not."""
    if one.problem:
        return Done(one, problem=one.problem)
    schema = load_schema(db)
    try:
        if one.kind == "PermissionSet" and one.node is not None:
            created = put_permission_set(
                db, schema, one.name, one.node, user_id=user_id, now=org.state.stamp()
            )
            return Done(one, created)
        if one.kind == "CustomObject":
            _owner(schema, one.name)
        if one.kind == "CustomField" and one.node is not None:
            return Done(one, _put_custom_field(org, db, one, one.node))
    except Problem as problem:
        return Done(one, problem=str(problem))
    return Done(one)


def _owner(schema: Schema, object_name: str) -> SObject:
    found = schema.get(object_name.lower())
    if found is None:
        raise Problem(f"In field: fullName - no CustomObject named {object_name} found")
    return found


def _put_custom_field(org: Org, db: sqlite3.Connection, one: Component, node: Element) -> bool:
    """Create or change a field; gives whether it is new."""
    schema = load_schema(db)
    object_name = one.name.partition(".")[0]
    owner = _owner(schema, object_name)
    field = read_custom_field(node, owner.name)
    known = owner.get(field.name)
    if known is not None and (known.type, known.formula is None) != (field.type, field.formula is None):
        raise Problem(f"Cannot change the type of the field {one.name} from {known.type} to {field.type}")
    if field.formula is not None:
        try:
            formula_sql(field.formula, lambda name: "0" if owner.get(name) else None, org.today)
        except FormulaError as error:
            raise Problem(f"Error: {error}") from error
    for target in field.refers_to:
        if target.lower() not in schema:
            raise Problem(f"referenceTo value of '{target}' does not resolve to a valid sObject type")
    put_field(db, owner.name, field)
    return known is None
