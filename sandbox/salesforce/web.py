"""What a resource of the REST API gets and gives: one authenticated call, one response."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Schema

JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(frozen=True)
class Call:
    """One request to a versioned resource; the session has been checked. `version` is such as v67.0."""

    method: str
    version: str
    path: str
    """What follows the version, without slashes at either end."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    user_id: str
    parts: Mapping[str, str]
    """What the resource's pattern found in the path."""

    @property
    def root(self) -> str:
        """The path every link in an answer begins with."""
        return f"/services/data/{self.version}"

    def json(self) -> Any:
        """Read the body as JSON; raises JSON_PARSER_ERROR."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise SalesforceError(
                400, "JSON_PARSER_ERROR", f"{error.msg} at [line:{error.lineno}, column:{error.colno}]"
            ) from error

    def json_object(self) -> dict[str, Any]:
        """Read the body as a JSON object."""
        found = self.json()
        if not isinstance(found, dict):
            raise SalesforceError(
                400,
                "JSON_PARSER_ERROR",
                "The HTTP entity body is required, but this request has no entity body.",
            )
        return found


Handler = Callable[[Org, Call], Response]


def answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(orjson.dumps(data), status, dict(headers or {}), media_type=JSON_TYPE)


def refusal(error: SalesforceError) -> Response:
    """Answer with Salesforce's array of errors."""
    headers = {"WWW-Authenticate": "Token"} if error.status == 401 else {}
    return answer(error.body(), error.status, headers)


def view_of(org: Org, call: Call) -> Schema:
    """Give the schema as the caller sees it."""
    return org.view(call.user_id)
