"""`POST /admin/api/{version}/graphql.json`: one document in, one answer with its cost out."""

import uuid
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from sandbox.shopify.context import new_context
from sandbox.shopify.cost import MOST_PER_QUERY, query_cost
from sandbox.shopify.documents import BadDocument, parsed, read_document
from sandbox.shopify.execute import introspects, run_document, run_introspection
from sandbox.shopify.problems import LIMITS_DOCUMENTATION
from sandbox.shopify.runtime import Runtime
from sandbox.shopify.selection import Document


@dataclass(frozen=True)
class Answer:
    """A response's body, and the points it was charged."""

    body: dict[str, Any]
    cost: int = 0


def answer_graphql(runtime: Runtime, body: bytes, content_type: str, version: str) -> Response:
    """Answer one request whose token was accepted."""
    headers = {"X-Shopify-API-Version": version, "X-Request-Id": str(uuid.uuid4())}
    given = _read_body(body, content_type)
    if given is None:
        return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400, headers)
    done = _answer(runtime, *given)
    return _json(done.body, 200, headers | {"X-Sandbox-Cost": str(done.cost)})


def _read_body(body: bytes, content_type: str) -> tuple[str, dict[str, Any] | None, str | None] | None:
    if "application/graphql" in content_type:
        return body.decode("utf-8", "replace"), None, None
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("query"), str):
        return None
    variables = given.get("variables")
    return given["query"], variables if isinstance(variables, dict) else None, given.get("operationName")


def _answer(runtime: Runtime, text: str, variables: dict[str, Any] | None, operation: str | None) -> Answer:
    try:
        document = read_document(text, variables, operation)
    except BadDocument as bad:
        return Answer({"errors": bad.errors})
    if introspects(document):
        return Answer(run_introspection(parsed(text).tree, variables, operation))
    requested = query_cost(document)
    if requested > MOST_PER_QUERY:
        return Answer({"errors": [_too_dear(requested)]})
    if not runtime.bucket.take(requested):
        extensions = {"code": "THROTTLED", "documentation": LIMITS_DOCUMENTATION}
        error = {"message": "Throttled", "extensions": extensions}
        return Answer({"errors": [error], "extensions": {"cost": _cost(runtime, requested, None)}})
    return _executed(runtime, document, requested)


def _executed(runtime: Runtime, document: Document, requested: int) -> Answer:
    context = new_context(runtime)
    actual = 0
    try:
        data = run_document(document, context)
        actual = min(requested, query_cost(document, data or {}))
    finally:
        runtime.bucket.give_back(requested - actual)
    body: dict[str, Any] = {"data": data}
    if context.errors:
        body["errors"] = context.errors
    body["extensions"] = {"cost": _cost(runtime, requested, actual)}
    if context.search:
        body["extensions"]["search"] = context.search
    return Answer(body, actual)


def _cost(runtime: Runtime, requested: int, actual: int | None) -> dict[str, Any]:
    return {
        "requestedQueryCost": requested,
        "actualQueryCost": actual,
        "throttleStatus": runtime.bucket.status(),
    }


def _too_dear(requested: int) -> dict[str, Any]:
    return {
        "message": (
            f"Query cost is {requested}, which exceeds the single query max cost limit ({MOST_PER_QUERY})."
        ),
        "extensions": {
            "code": "MAX_COST_EXCEEDED",
            "cost": requested,
            "maxCost": MOST_PER_QUERY,
            "documentation": LIMITS_DOCUMENTATION,
        },
    }


def _json(body: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), status_code=status, headers=headers, media_type="application/json")
