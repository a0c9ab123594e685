"""Faults of whole requests, in the shapes Salesforce answers with."""

from starlette.responses import Response

from sandbox.salesforce.errors import SalesforceError, invalid_session
from sandbox.salesforce.web import refusal
from sandbox.state import State


def fault_response(kind: str, status: int, state: State) -> Response | None:
    """Build the answer of a fault; None where a bare status is what the platform sends."""
    if kind == "expired_token":
        return refusal(invalid_session())
    if kind == "throttle":
        # The quota is refused with 403 and no Retry-After, never with 429.
        response = refusal(SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
        daily = state.config.salesforce.daily_requests
        response.headers["Sforce-Limit-Info"] = f"api-usage={daily}/{daily}"
        return response
    if kind == "status" and status == 503:
        return refusal(SalesforceError(503, "SERVER_UNAVAILABLE", "Server unavailable. Please retry later."))
    return None
