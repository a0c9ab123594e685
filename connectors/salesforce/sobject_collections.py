"""Writing up to some thousand records: sObject Collections, 200 a call, one result each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from connectors.base import Field, Update, WriteResult
from connectors.errors import UnexpectedAnswer
from connectors.salesforce.answers import TRANSIENT
from connectors.salesforce.names import SOBJECTS, api_name, json_value
from connectors.salesforce.rest import Rest

CALL_RECORDS = 200
HEADERS = {
    # An update of ours is no new enquiry: it must move no owner, and fields of ours match no duplicate rule.
    "Sforce-Auto-Assign": "FALSE",
    "Sforce-Duplicate-Rule-Header": "allowSave=true",
}
ROUNDS = 3
"""How often a locked record is sent at most; each round waits longer and sends smaller calls."""
PAUSE = 2.0
_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def write(rest: Rest, updates: Iterable[Update], fields: Mapping[str, Field]) -> Iterator[WriteResult]:
    """Send updates and yield one result each. `fields` are those of the catalogue by key.

    Records that were locked by somebody else are sent again after the others.
    """
    pending: Iterable[Update] = updates
    for round_ in range(ROUNDS):
        size = max(1, CALL_RECORDS // 4**round_)
        locked: list[Update] = []
        rest_of = iter(pending)
        while chunk := list(islice(rest_of, size)):
            for update, result in zip(chunk, _send(rest, chunk, fields), strict=True):
                if result.code in TRANSIENT and round_ < ROUNDS - 1:
                    locked.append(update)
                else:
                    yield result
        if not locked:
            return
        rest.sleep(PAUSE * 2**round_)
        pending = locked


def _send(rest: Rest, chunk: Sequence[Update], fields: Mapping[str, Field]) -> list[WriteResult]:
    """Results of one call; where the platform refuses the call as a whole, halves find the culprit."""
    body = {"allOrNone": False, "records": [_record(update, fields) for update in chunk]}
    try:
        answer = rest.call("PATCH", "composite/sobjects", body, headers=HEADERS)
    except UnexpectedAnswer as error:
        if len(chunk) == 1:
            return [rejected(chunk[0], str(error.details.get("cause") or "REFUSED"), ())]
        half = len(chunk) // 2
        return _send(rest, chunk[:half], fields) + _send(rest, chunk[half:], fields)
    if not isinstance(answer, list) or len(answer) != len(chunk):
        raise UnexpectedAnswer("salesforce", "answer_unexpected", "not one result for each record")
    return [_result(update, entry) for update, entry in zip(chunk, answer, strict=True)]


def _record(update: Update, fields: Mapping[str, Field]) -> dict[str, object]:
    values = {
        api_name(key, update.object): json_value(fields[key], text) for key, text in update.values.items()
    }
    return {"attributes": {"type": SOBJECTS[update.object]}, "id": update.record_id, **values}


def _result(update: Update, entry: Mapping[str, object]) -> WriteResult:
    if entry.get("success"):
        return WriteResult(update.object, update.record_id, "confirmed")
    errors = entry.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return rejected(update, str(first.get("statusCode") or "UNKNOWN"), first.get("fields") or ())


def rejected(update: Update, code: str, named: Iterable[object]) -> WriteResult:
    """A rejection, without the platform's message, which may quote values of the record."""
    names = [name for name in map(str, named) if _API_NAME.fullmatch(name)]
    reason = f"{code} ({', '.join(names)})" if names else code
    return WriteResult(update.object, update.record_id, "rejected", code, reason)
