"""Faults of whole requests, in Shopify's own shape."""

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from sandbox.shopify.auth import WRONG_TOKEN
from sandbox.shopify.cost import PLANS
from sandbox.shopify.problems import LIMITS_DOCUMENTATION

if TYPE_CHECKING:
    from sandbox.state import State

_TEXTS = {
    402: "Payment Required",
    403: "[API] This action requires merchant approval for the necessary scope.",
    404: "Not Found",
    423: "Locked",
    429: "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.",
    430: "Shopify Security Rejection",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    540: "Temporarily Disabled",
}


def fault_response(kind: str, status: int, state: "State") -> Response | None:
    """Answer a faulted request: an empty bucket is HTTP 200, a dead token 401, a status has a JSON body."""
    if kind == "throttle":
        return _throttled(state)
    if kind == "expired_token":
        return JSONResponse({"errors": WRONG_TOKEN}, status_code=401)
    if kind == "status":
        headers = {"retry-after": "2.0"} if status == 429 else None
        return JSONResponse({"errors": _TEXTS.get(status, "Error")}, status_code=status, headers=headers)
    return None


def _throttled(state: "State") -> Response:
    size, per_second = PLANS[state.config.shopify.plan]
    cost = {
        "requestedQueryCost": per_second,
        "actualQueryCost": None,
        "throttleStatus": {
            "maximumAvailable": float(size),
            "currentlyAvailable": 0,
            "restoreRate": float(per_second),
        },
    }
    extensions = {"code": "THROTTLED", "documentation": LIMITS_DOCUMENTATION}
    return JSONResponse(
        {"errors": [{"message": "Throttled", "extensions": extensions}], "extensions": {"cost": cost}}
    )
