"""One GraphQL call: send it, read the answer, obey the bucket."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import requests

from connectors.errors import ConnectorError, MendSettings, Retry, TokenRefused, UnexpectedAnswer, Wait
from connectors.http import Http
from connectors.retry import with_retries
from connectors.shopify.auth import ShopifyAccess, Tokens, headers_for, retry_after, session_for
from connectors.shopify.cost import Bucket, Cost, read_cost

SCOPE = re.compile(r"`(\w+)` access scope")
STATUS_CODES = {
    402: "shop_frozen",
    403: "forbidden",
    404: "unknown_shop",
    423: "shop_locked",
    430: "security_rejection",
}
"""Statuses that only the merchant can mend, from https://shopify.dev/docs/api/usage/response-codes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The `data` of one answer and what it cost."""

    data: Mapping[str, Any]
    cost: Cost | None


def read(response: requests.Response, version: str) -> Answer:
    """The data of an answer to a call under API `version`, or one of our errors saying what to do.

    Sends nothing and changes nothing.
    """
    request_id = response.headers.get("x-request-id", "")
    if response.status_code != 200:
        raise _error_of_status(response, version, request_id)
    answered = response.headers.get("x-shopify-api-version", version)
    if answered != version:
        # Shopify answers an expired version with its oldest supported one instead of an error.
        raise MendSettings(
            "shopify", "api_version", f"{version} {answered}", asked=version, answered=answered
        )
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise Retry("shopify", "broken_answer", request_id) from error
    if not isinstance(body, dict):
        raise UnexpectedAnswer("shopify", "not_graphql", request_id)
    extensions = body.get("extensions") or {}
    cost = read_cost(extensions)
    if body.get("errors"):
        raise _error_of_body(body["errors"], cost, request_id)
    if any(found.get("warnings") for found in extensions.get("search") or ()):
        # Shopify ignores a search term it does not know, and then every row matches.
        raise UnexpectedAnswer("shopify", "search_ignored", request_id)
    if not isinstance(body.get("data"), dict):
        raise UnexpectedAnswer("shopify", "no_data", request_id)
    return Answer(body["data"], cost)


def _error_of_status(response: requests.Response, version: str, request_id: str) -> ConnectorError:
    status = response.status_code
    if status == 401:
        return TokenRefused("shopify", "token_refused", request_id)
    if status == 429:
        return Wait("shopify", "too_many_requests", request_id, after=retry_after(response))
    if status >= 500:
        return Retry("shopify", "server_error", f"{status} {request_id}", after=retry_after(response))
    if status in STATUS_CODES:
        # A version that does not exist yet is a 404 as well.
        return MendSettings("shopify", STATUS_CODES[status], f"{status} API {version} {request_id}".strip())
    if 300 <= status < 400:
        return MendSettings("shopify", "redirected", str(status))
    return UnexpectedAnswer("shopify", "unexpected_status", f"{status} {request_id}")


def _error_of_body(errors: object, cost: Cost | None, request_id: str) -> ConnectorError:
    first = errors[0] if isinstance(errors, Sequence) and not isinstance(errors, str) else {}
    first = first if isinstance(first, Mapping) else {}
    extensions = first.get("extensions") or {}
    code = str(extensions.get("code", ""))
    if code == "THROTTLED":
        return Wait("shopify", "throttled", request_id, after=cost.seconds_to_wait() if cost else None)
    if code in ("INTERNAL_SERVER_ERROR", "TIMEOUT"):
        return Retry("shopify", "server_error", f"{code} {request_id}")
    if code == "MAX_COST_EXCEEDED":
        asked, most = str(extensions.get("cost", "")), str(extensions.get("maxCost", ""))
        return MendSettings("shopify", "max_cost_exceeded", f"{asked} {request_id}", cost=asked, maximum=most)
    if code == "SHOP_INACTIVE":
        return MendSettings("shopify", "shop_frozen", request_id)
    if code == "ACCESS_DENIED":
        return _access_denied(str(first.get("message", "")), first.get("path"), request_id)
    # Names of the schema only: a message may quote a variable, and a variable may be about a person.
    names = (code, *(str(extensions.get(key, "")) for key in ("typeName", "fieldName", "argumentName")))
    detail = " ".join(filter(None, (*names, _path(first.get("path")), request_id)))
    return UnexpectedAnswer("shopify", "graphql_error", detail)


def _access_denied(message: str, path: object, request_id: str) -> MendSettings:
    scope = SCOPE.search(message)
    if scope:
        return MendSettings("shopify", "missing_scope", f"{scope[1]} {request_id}", scope=scope[1])
    return MendSettings("shopify", "access_denied", f"{_path(path)} {request_id}".strip(), field=_path(path))


def _path(path: object) -> str:
    return ".".join(map(str, path)) if isinstance(path, Sequence) and not isinstance(path, str) else ""


class GraphQL:
    """Calls the Admin API of one shop, one call at a time."""

    def __init__(
        self,
        http: Http,
        access: ShopifyAccess,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.http = http
        self.access = access
        self.sleep = sleep
        self.tokens = Tokens(http, access, sleep=sleep, now=now)
        self.bucket = Bucket(now)

    def run(self, document: str, **variables: Any) -> Mapping[str, Any]:
        """The `data` for `document`; waits, retries and one fresh token included.

        Raises `connectors.errors.ConnectorError`.
        """
        self._wait(self.bucket.seconds_before(document))
        try:
            return self._run(document, variables)
        except TokenRefused:
            self.tokens.replace()
        try:
            return self._run(document, variables)
        except TokenRefused as error:
            raise MendSettings("shopify", "token_refused", error.detail) from error

    def granted(self) -> str | None:
        """The scopes of the token in use as its answer lists them, None where none were told."""
        self.tokens.current()
        return self.tokens.scopes

    def _run(self, document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = with_retries(
            lambda: self._send(document, variables), sleep=self.sleep, on_wait=self._note_wait
        )
        self.bucket.note(document, answer.cost)
        if answer.cost:
            self.http.usage.cost += round(answer.cost.actual)
        return answer.data

    def _send(self, document: str, variables: Mapping[str, Any]) -> Answer:
        session = session_for(self.access, self.tokens.current())
        response = self.http.send(
            "POST",
            f"{session.site}/graphql.json",
            data=orjson.dumps({"query": document, "variables": variables}),
            headers={**headers_for(session), "Content-Type": "application/json"},
            # A redirect would carry the token to wherever it points.
            allow_redirects=False,
        )
        return read(response, session.version.name)

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._note_wait(seconds)
            self.sleep(seconds)

    def _note_wait(self, seconds: float) -> None:
        self.http.usage.throttled_seconds += seconds
