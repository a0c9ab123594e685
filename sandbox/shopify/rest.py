"""The few REST resources that clients still ask first: shop, scopes, customers, orders; reading only."""

import base64
import json
import re
import sqlite3
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.shopify.access import access_of
from sandbox.shopify.auth import refuse
from sandbox.shopify.cells import stamp
from sandbox.shopify.context import models_of
from sandbox.shopify.database import prepared_connection
from sandbox.shopify.rest_objects import customer_json, order_json, shop_json
from sandbox.shopify.runtime import Runtime
from sandbox.shopify.versions import served_version

MOST_PER_PAGE = 250
DEFAULT_PER_PAGE = 50
_LISTS: dict[str, tuple[str, str, Callable[[sqlite3.Connection, sqlite3.Row], dict[str, Any]]]] = {
    "customers": ("Customer", "shopify_customers", customer_json),
    "orders": ("Order", "shopify_orders", order_json),
}
_PERSONAL = ("email", "phone", "first_name", "last_name")
_BOUNDS = {"min": ">=", "max": "<="}
_STATUSES = {"open": "t0.cancelled_at IS NULL", "cancelled": "t0.cancelled_at IS NOT NULL", "closed": "false"}
Endpoint = Callable[[Request], Response]


class BadRequest(Exception):
    """A parameter that the platform would not take."""


def routes(runtime: Runtime) -> list[Route]:
    """Give the REST routes."""
    found = [
        Route("/admin/oauth/access_scopes.json", _guarded(runtime, lambda _: _scopes(runtime))),
        Route(
            "/admin/api/{version}/shop.json", _guarded(runtime, lambda _: {"shop": shop_json(runtime.state)})
        ),
    ]
    for name in _LISTS:
        found += [
            Route(f"/admin/api/{{version}}/{name}.json", _listing(runtime, name)),
            Route(f"/admin/api/{{version}}/{name}/count.json", _guarded(runtime, _counting(runtime, name))),
            Route(
                f"/admin/api/{{version}}/{name}/{{id:int}}.json", _guarded(runtime, _single(runtime, name))
            ),
        ]
    return found


def _guarded(runtime: Runtime, answer: Callable[[Request], dict[str, Any] | None]) -> Endpoint:
    def endpoint(request: Request) -> Response:
        refusal = _refusal(runtime, request)
        if refusal is not None:
            return refusal
        try:
            body = answer(request)
        except BadRequest as bad:
            return _json(request, {"errors": str(bad)}, 400)
        return _json(request, body, 200) if body is not None else _json(request, {"errors": "Not Found"}, 404)

    return endpoint


def _refusal(runtime: Runtime, request: Request) -> Response | None:
    if "version" in request.path_params and served_version(request.path_params["version"]) is None:
        return _json(request, {"errors": "Not Found"}, 404)
    refusal = refuse(runtime, request)
    if refusal is not None:
        return refusal
    for name, (type_name, _, _) in _LISTS.items():
        model = models_of(runtime.state.config.shopify.currency)[type_name]
        if f"/{name}" in request.url.path and access_of(runtime.state).refusal(name, type_name, model):
            scope = model.scope if model.scope else name
            message = f"[API] This action requires merchant approval for {scope} scope."
            return _json(request, {"errors": message}, 403)
    return None


def _listing(runtime: Runtime, name: str) -> Endpoint:
    def endpoint(request: Request) -> Response:
        refusal = _refusal(runtime, request)
        if refusal is not None:
            return refusal
        try:
            rows, links = _page(runtime, request, name)
        except BadRequest as bad:
            return _json(request, {"errors": str(bad)}, 400)
        answer = _json(request, {name: [_written(runtime, name, row) for row in rows]}, 200)
        if links:
            answer.headers["Link"] = ", ".join(links)
        return answer

    return endpoint


def _page(runtime: Runtime, request: Request, name: str) -> tuple[list[sqlite3.Row], list[str]]:
    asked = dict(request.query_params)
    limit = _whole(asked.pop("limit", str(DEFAULT_PER_PAGE)))
    if not 0 < limit <= MOST_PER_PAGE:
        raise BadRequest("Limit must be between 1 and 250")
    offset = 0
    if "page_info" in asked:
        asked, offset = _read_page(asked["page_info"])
    where, values = _where(runtime, name, asked)
    rows = prepared_connection(runtime.state).execute(
        f"SELECT t0.* FROM {_LISTS[name][1]} t0 WHERE {where} ORDER BY {_order(asked.get('order'))}"
        f" LIMIT {limit + 1} OFFSET {offset}",
        values,
    )
    found = rows.fetchall()
    links = []
    if offset:
        links.append(_link(request, asked, max(0, offset - limit), limit, "previous"))
    if len(found) > limit:
        links.append(_link(request, asked, offset + limit, limit, "next"))
    return found[:limit], links


def _counting(runtime: Runtime, name: str) -> Callable[[Request], dict[str, Any]]:
    def answer(request: Request) -> dict[str, Any]:
        where, values = _where(runtime, name, dict(request.query_params))
        (count,) = (
            prepared_connection(runtime.state)
            .execute(f"SELECT count(*) FROM {_LISTS[name][1]} t0 WHERE {where}", values)
            .fetchone()
        )
        return {"count": count}

    return answer


def _single(runtime: Runtime, name: str) -> Callable[[Request], dict[str, Any] | None]:
    def answer(request: Request) -> dict[str, Any] | None:
        type_name, table, _ = _LISTS[name]
        seen = access_of(runtime.state).visible(
            models_of(runtime.state.config.shopify.currency)[type_name], "t0"
        )
        found = prepared_connection(runtime.state).execute(
            f"SELECT t0.* FROM {table} t0 WHERE t0.id = ? AND {seen}", (request.path_params["id"],)
        )
        row = found.fetchone()
        return {name.removesuffix("s"): _written(runtime, name, row)} if row else None

    return answer


def _written(runtime: Runtime, name: str, row: sqlite3.Row) -> dict[str, Any]:
    """Write a row; names, addresses and numbers only for an app that may see them."""
    found = _LISTS[name][2](prepared_connection(runtime.state), row)
    hidden = () if runtime.state.config.shopify.protected_data is True else _PERSONAL
    for one in (found, found.get("customer") or {}):
        one.update({key: None for key in hidden if key in one})
    return found


def _where(runtime: Runtime, name: str, asked: dict[str, str]) -> tuple[str, dict[str, Any]]:
    type_name = _LISTS[name][0]
    model = models_of(runtime.state.config.shopify.currency)[type_name]
    parts = [access_of(runtime.state).visible(model, "t0")]
    values: dict[str, Any] = {}
    for key, value in asked.items():
        bound = re.fullmatch(r"(created_at|updated_at|processed_at)_(min|max)", key)
        if bound and (name == "orders" or bound[1] != "processed_at"):
            parts.append(f"t0.{bound[1]} {_BOUNDS[bound[2]]} :{key}")
            values[key] = _time(value)
        elif key == "since_id":
            parts.append("t0.id > :since_id")
            values[key] = _whole(value)
        elif key == "ids":
            parts.append("t0.id IN (SELECT value FROM json_each(:ids))")
            values[key] = json.dumps([_whole(one) for one in value.split(",")])
        elif key == "customer_id" and name == "orders":
            parts.append("t0.customer_id = :customer_id")
            values[key] = _whole(value)
    if name == "orders":
        # Without a status the platform lists open orders only.
        parts.append(_STATUSES.get(asked.get("status", "open"), "true"))
    return " AND ".join(parts), values


def _order(text: str | None) -> str:
    found = re.fullmatch(
        r"(id|created_at|updated_at|processed_at)(?:[ +](asc|desc))?", text or "id desc", re.IGNORECASE
    )
    if not found:
        raise BadRequest("order: is not a column and a direction")
    way = found[2] or "asc"
    return f"t0.{found[1].lower()} {way}, t0.id {way}"


def _read_page(text: str) -> tuple[dict[str, str], int]:
    try:
        asked, offset = json.loads(base64.urlsafe_b64decode(text))
    except ValueError as error:
        raise BadRequest("page_info: Invalid value.") from error
    return asked, int(offset)


def _link(request: Request, asked: dict[str, str], offset: int, limit: int, name: str) -> str:
    page = base64.urlsafe_b64encode(json.dumps([asked, offset]).encode()).decode()
    query = urlencode({"limit": limit, "page_info": page})
    return f'<{request.url.replace(query=query)}>; rel="{name}"'


def _whole(text: str) -> int:
    if not text.isdigit():
        raise BadRequest("expected a whole number")
    return int(text)


def _time(text: str) -> str:
    try:
        # A + in a query string arrives as a blank.
        return stamp(re.sub(r" (\d\d:?\d\d)$", r"+\1", text))
    except ValueError as error:
        raise BadRequest("expected an ISO 8601 time with offset") from error


def _scopes(runtime: Runtime) -> dict[str, Any]:
    config = runtime.state.config.shopify
    return {"access_scopes": [{"handle": one} for one in config.scopes if not config.hide_scopes]}


def _json(request: Request, body: Any, status: int) -> Response:
    headers = {"X-Request-Id": str(uuid.uuid4()), "X-Shopify-Shop-Api-Call-Limit": "1/40"}
    version = served_version(request.path_params.get("version", "unstable"))
    if version is not None:
        headers["X-Shopify-API-Version"] = version
    return JSONResponse(body, status_code=status, headers=headers)
