"""The composite resource: up to 25 requests in one, able to refer to each other's answers."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.responses import Response

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.web import Call, answer, refusal

MAX_REQUESTS = 25
MAX_HEAVY = 5
"""How many of them may be queries or sObject collections."""

_HEAVY = re.compile(r"(query|queryAll|composite/sobjects)\b", re.IGNORECASE)
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_HALTED = "The transaction was rolled back since another operation in the same transaction failed."

Dispatch = Callable[[Org, Call], Response]


def composite(dispatch: Dispatch, org: Org, call: Call) -> Response:
    """Answer `POST composite`; `dispatch` serves one sub-request."""
    body = call.json_object()
    requests = body.get("compositeRequest")
    if not isinstance(requests, list) or not requests:
        raise SalesforceError(400, "INVALID_INPUT", "The compositeRequest parameter is required.")
    _check(requests)
    if body.get("allOrNone") is True:
        return answer({"compositeResponse": _all_or_none(dispatch, org, call, requests)})
    answers: list[dict[str, Any]] = []
    for one in requests:
        answers.append(_serve(dispatch, org, call, one, answers))
    return answer({"compositeResponse": answers})


def _all_or_none(dispatch: Dispatch, org: Org, call: Call, requests: list[Any]) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []
    with org.writing() as db:
        db.execute("SAVEPOINT composite")
        for one in requests:
            answers.append(_serve(dispatch, org, call, one, answers))
            if answers[-1]["httpStatusCode"] >= 300:
                db.execute("ROLLBACK TO composite")
                answers = _halted(requests, answers)
                break
        db.execute("RELEASE composite")
    return answers


def _check(requests: list[Any]) -> None:
    if len(requests) > MAX_REQUESTS:
        raise SalesforceError(
            400, "LIMIT_EXCEEDED", f"The composite request contains more than {MAX_REQUESTS} subrequests."
        )
    ids = [one.get("referenceId") for one in requests if isinstance(one, dict)]
    if len(ids) != len(requests) or len(set(ids)) != len(ids) or not all(ids):
        raise SalesforceError(400, "INVALID_INPUT", "Provide a unique referenceId for each subrequest.")
    heavy = [one for one in requests if _HEAVY.match(_resource(str(one.get("url", ""))))]
    if len(heavy) > MAX_HEAVY:
        raise SalesforceError(
            400,
            "LIMIT_EXCEEDED",
            f"Only up to {MAX_HEAVY} subrequests can be sObject Collections, query or query-all operations.",
        )


def _resource(url: str) -> str:
    return re.sub(r"^/services/data/v\d+\.\d+/", "", urlsplit(url).path)


def _serve(
    dispatch: Dispatch, org: Org, call: Call, one: Mapping[str, Any], answers: list[dict[str, Any]]
) -> dict[str, Any]:
    try:
        served = dispatch(org, _sub_call(call, one, answers))
    except SalesforceError as error:
        served = refusal(error)
    location = served.headers.get("location")
    return {
        "body": orjson.loads(served.body) if served.body else None,
        "httpHeaders": {"Location": location} if location else {},
        "httpStatusCode": served.status_code,
        "referenceId": one["referenceId"],
    }


def _sub_call(call: Call, one: Mapping[str, Any], answers: list[dict[str, Any]]) -> Call:
    url = urlsplit(str(_resolved(one.get("url", ""), answers)))
    found = re.match(r"^/services/data/(v\d+\.\d+)/(.*)$", url.path.rstrip("/"))
    if found is None or found[2].lower() in ("composite", "composite/batch"):
        text = f"The URL {url.path} is not supported in a composite request."
        raise SalesforceError(400, "INVALID_INPUT", text)
    body = _resolved(one.get("body"), answers)
    return Call(
        method=str(one.get("method", "GET")).upper(),
        version=found[1],
        path=found[2],
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        headers={name.lower(): str(value) for name, value in (one.get("httpHeaders") or {}).items()},
        body=b"" if body is None else orjson.dumps(body),
        user_id=call.user_id,
        parts={},
    )


def _resolved(value: Any, answers: list[dict[str, Any]]) -> Any:
    """Put what earlier requests answered in the place of `@{reference.field}`."""
    if isinstance(value, dict):
        return {name: _resolved(part, answers) for name, part in value.items()}
    if isinstance(value, list):
        return [_resolved(part, answers) for part in value]
    if not isinstance(value, str):
        return value
    return _REFERENCE.sub(lambda found: str(_looked_up(found[1], found[2], answers)), value)


def _looked_up(reference: str, path: str, answers: list[dict[str, Any]]) -> Any:
    found: Any = next((one["body"] for one in answers if one["referenceId"] == reference), None)
    try:
        for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
            found = found[name] if name else found[int(index)]
    except (KeyError, IndexError, TypeError):
        found = None
    if found is None:
        raise SalesforceError(
            400, "PROCESSING_HALTED", f"Invalid reference specified. No value for {reference}{path} found."
        )
    return found


def _halted(requests: list[Any], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer every request of an undone transaction: the culprit with its error, all others as halted."""
    culprit = answers[-1]
    return [
        culprit
        if one["referenceId"] == culprit["referenceId"]
        else {
            "body": [{"errorCode": "PROCESSING_HALTED", "message": _HALTED}],
            "httpHeaders": {},
            "httpStatusCode": 400,
            "referenceId": one["referenceId"],
        }
        for one in requests
    ]
