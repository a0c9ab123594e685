"""Reading an answer of Salesforce: the data, or one of our errors. Pure functions.

Errors are an array of `{message, errorCode, fields?}`, of which the code counts before the status. Messages
may quote field values and are never passed on. Source of codes: partner WSDL v66, reference section 3.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import requests

from connectors.errors import (
    BudgetSpent,
    ConnectorError,
    MendSettings,
    Retry,
    TokenRefused,
    UnexpectedAnswer,
)

TRANSIENT_STATUS = frozenset({406, 408, 412, 420, 425, 429})
"""Statuses besides 5xx after which the same call may succeed; the edge sends some with HTML or no body."""
TRANSIENT = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "SERVER_UNAVAILABLE",
        "SERVICE_UNAVAILABLE",
        "QUERY_TIMEOUT",
        "REQUEST_RUNNING_TOO_LONG",
        "JOB_NOT_COMPLETE",
    }
)
REFUSED = frozenset({"INVALID_SESSION_ID", "INVALID_AUTH_HEADER"})
QUOTA = frozenset({"REQUEST_LIMIT_EXCEEDED", "LIMIT_EXCEEDED", "EXCEEDED_MAX_API_REQUESTS"})
VERSION = frozenset({"UNSUPPORTED_API_VERSION", "INVALIDVERSION"})
SCHEMA = frozenset({"INVALID_FIELD", "INVALID_TYPE"})
UNKNOWN = frozenset({"NOT_FOUND", "INVALID_TYPE"})
"""What is answered for an object that does not exist or that our user may not see."""
ACCESS = frozenset(
    {
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "FUNCTIONALITY_NOT_ENABLED",
        "INSUFFICIENT_ACCESS",
        "TXN_SECURITY_METERING_ERROR",
    }
)
_COLUMN = re.compile(r"[Nn]o such column '(\w+)'(?: on (?:entity|sobject of type) '?(\w+)'?)?")


def read(response: requests.Response) -> Any:
    """The parsed body of a good answer (None for an empty one), money exact.

    Raises the `connectors.errors` class that says what to do.
    """
    if response.status_code < 300:
        if not response.content:
            return None
        body = body_of(response)
        if body is None:
            # Maintenance pages of the edge come as HTML, some with status 200.
            raise Retry("salesforce", "answer_unreadable", f"HTTP {response.status_code}")
        return body
    raise failure(response.status_code, body_of(response), retry_after(response.headers))


def read_part(part: Mapping[str, Any]) -> Any:
    """The body of one part of a composite answer. Raises like `read`."""
    status = int(part.get("httpStatusCode", 0))
    if 200 <= status < 300:
        return part.get("body")
    raise failure(status, part.get("body"), None)


def is_unknown(part: Mapping[str, Any]) -> bool:
    """Whether a part of a composite failed because our user knows no such object."""
    status = int(part.get("httpStatusCode", 0))
    return status >= 400 and error_code(part.get("body")) in UNKNOWN


def body_of(response: requests.Response) -> Any:
    """The parsed body, or None where there is none that is JSON."""
    try:
        return json.loads(response.content, parse_float=Decimal)
    except ValueError:
        return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds asked for by `Retry-After`, where given as a number."""
    try:
        return float(headers.get("Retry-After", ""))
    except ValueError:
        return None


def is_transient(status: int) -> bool:
    """Whether the same call may succeed later, by status alone."""
    return status >= 500 or status in TRANSIENT_STATUS


def error_code(body: Any) -> str:
    """The platform's own code in an error body, or an empty text."""
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return ""
    return str(first.get("errorCode") or first.get("statusCode") or first.get("error") or "").upper()


def failure(status: int, body: Any, after: float | None) -> ConnectorError:
    """Our error for an answer that is none: by code first, then by status."""
    code = error_code(body)
    # Too many long requests at once are over in seconds, unlike the day's quota of the same code.
    crowded = code in QUOTA and "concurrent" in _message(body).lower()
    if code in REFUSED or status == 401:
        return TokenRefused("salesforce", "login_refused", code or "401")
    if code in QUOTA and not crowded:
        return BudgetSpent("salesforce", "quota_spent", code)
    if crowded or code in TRANSIENT or (is_transient(status) and code not in SCHEMA):
        return Retry("salesforce", "busy", code or str(status), after=after)
    return _to_mend(status, code, _message(body)) or UnexpectedAnswer(
        "salesforce", "answer_unexpected", f"HTTP {status} {code}".strip(), cause=code
    )


def _to_mend(status: int, code: str, text: str) -> MendSettings | None:
    """The errors that only a person can take away: version, missing fields, missing rights."""
    if code in VERSION:
        return MendSettings("salesforce", "api_version_unknown", code)
    if code in SCHEMA:
        column = _column(text)
        return MendSettings("salesforce", "schema_refused", f"{code} {column}".strip(), field=column or code)
    if code in ACCESS or code.startswith("INSUFFICIENT_ACCESS") or status == 403:
        return MendSettings("salesforce", "access_refused", code or "403", cause=code or "403")
    return None


def _message(body: Any) -> str:
    first = body[0] if isinstance(body, list) and body else body
    return str(first.get("message", "")) if isinstance(first, dict) else ""


def _column(text: str) -> str:
    """The name of the missing column, the one part of a message that is safe to show."""
    found = _COLUMN.search(text)
    return ".".join(part for part in (found[2], found[1]) if part) if found else ""
