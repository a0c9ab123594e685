"""The org's HTTP routes under /services: versions, OAuth, and every versioned resource."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce import auth
from sandbox.salesforce.dispatch import Resources
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.org import VERSIONS, Org
from sandbox.salesforce.web import Call, answer, refusal
from sandbox.state import State

_MAX_URI = 16_384
_RETIRED = range(7, 31)
_SEASONS = ("Spring", "Summer", "Winter")
_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]


def routes(state: State) -> list[Route]:
    """Give the routes of the org."""
    front = _Front(Org(state))
    return [
        Route("/services/data", front.versions),
        Route("/services/data/", front.versions),
        Route("/services/oauth2/token", front.token, methods=["POST"]),
        Route("/services/oauth2/userinfo", front.userinfo, methods=["GET", "POST"]),
        Route("/services/data/{version}", front.resource, methods=_METHODS),
        Route("/services/data/{version}/{path:path}", front.resource, methods=_METHODS),
        Route("/services/{path:path}", front.nowhere, methods=_METHODS),
    ]


class _Front:
    """Turns HTTP requests into calls and back; the work itself runs in a thread of its own."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._resources = Resources(org)

    async def versions(self, _request: Request) -> Response:
        return answer([_version(number) for number in VERSIONS])

    async def token(self, request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(auth.token, self._org, request.headers, body)

    async def userinfo(self, request: Request) -> Response:
        return await run_in_threadpool(self._userinfo, request.headers)

    async def nowhere(self, _request: Request) -> Response:
        return refusal(not_found())

    async def resource(self, request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(self._serve, request, body)

    def _userinfo(self, headers: Mapping[str, str]) -> Response:
        try:
            return auth.userinfo(self._org, auth.user_of(self._org, headers))
        except SalesforceError as error:
            return Response("Bad_OAuth_Token", 403 if error.status == 401 else error.status)

    def _serve(self, request: Request, body: bytes) -> Response:
        try:
            _check_version(request.path_params["version"])
            user_id = auth.user_of(self._org, request.headers)
            _count(self._org)
            _check_uri(request)
        except SalesforceError as error:
            return refusal(error)
        response = self._answer(_call(request, body, user_id))
        response.headers["Sforce-Limit-Info"] = (
            f"api-usage={self._org.used}/{self._org.config.daily_requests}"
        )
        return response

    def _answer(self, call: Call) -> Response:
        try:
            return self._resources.serve(self._org, call)
        except SalesforceError as error:
            return refusal(error)


def _call(request: Request, body: bytes, user_id: str) -> Call:
    return Call(
        method=request.method,
        version=request.path_params["version"],
        path=request.path_params.get("path", "").strip("/"),
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=body,
        user_id=user_id,
        parts={},
    )


def _check_version(version: str) -> None:
    found = re.fullmatch(r"v(\d{1,3})\.0", version)
    if found and int(found[1]) in _RETIRED:
        raise SalesforceError(410, "UNSUPPORTED_API_VERSION", "The requested API version has been retired.")
    if found is None or int(found[1]) not in VERSIONS:
        raise not_found()


def _count(org: Org) -> None:
    if not org.count_request():
        raise SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def _check_uri(request: Request) -> None:
    if len(request.url.path) + len(request.url.query) > _MAX_URI:
        raise SalesforceError(414, "URI_TOO_LONG", "The length of the URI exceeds the 16,384 byte limit.")


def _version(number: int) -> dict[str, Any]:
    season, year = _SEASONS[(number - 66) % 3], 26 + (number - 66) // 3
    year += 1 if season == "Winter" else 0
    return {"label": f"{season} '{year:02}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
