"""A made-up org behind `responses`, for the corners that a well-behaved server never shows."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import responses

from connectors.base import Choice, Field, Update, WriteResult
from connectors.http import Http
from connectors.salesforce import SalesforceAccess, SalesforceConnector
from connectors.salesforce.auth import Login, is_own_host
from connectors.salesforce.names import SOBJECTS
from connectors.salesforce.rest import Rest
from connectors.salesforce.write import write

HOST = "https://acme.my.salesforce.com"
DATA = f"{HOST}/services/data/v67.0"
COLLECTIONS = f"{DATA}/composite/sobjects"
TOKEN_URL = f"{HOST}/services/oauth2/token"
ORG_ID = "00D000000000001EAA"
USER_ID = "005000000000001AAA"
DATE = "Sun, 01 Nov 2026 03:04:05 GMT"
FIELDS = (
    Field("tenure_days", "integer", "Tenure", "Help", "Description", precision=6),
    Field("net_spend", "decimal", "Net Spend (JPY)", "Help", "Description", precision=16, scale=2),
    Field(
        "segment",
        "choice",
        "Segment",
        "Help",
        "Description",
        choices=(Choice("prospect", "Not Yet"), Choice("best_active", "Best & Active")),
    ),
    Field("lapses_on", "date", "Lapse Date", "Help", "Description"),
)
OURS = (
    "Zaiseki_Tenure_Days__c",
    "Zaiseki_Net_Spend__c",
    "Zaiseki_Segment__c",
    "Zaiseki_Lapses_On__c",
)
PEOPLE = (
    "FirstName",
    "LastName",
    "Phone",
    "MobilePhone",
    "HasOptedOutOfEmail",
    "DoNotCall",
    "LeadSource",
)
CONTACT = ("Id", "AccountId", "CreatedDate", "SystemModstamp", "IsDeleted", "Email", *PEOPLE)
LEAD = ("Id", "CreatedDate", "SystemModstamp", "IsDeleted", "Email", "IsConverted", *PEOPLE)
ACCOUNT = ("Id", "CreatedDate", "SystemModstamp", "IsDeleted", "Name", "Phone")
PERSONS = (
    "IsPersonAccount",
    "PersonContactId",
    "FirstName",
    "LastName",
    "PersonEmail",
    "PersonMobilePhone",
    "PersonHasOptedOutOfEmail",
    "PersonDoNotCall",
    "PersonLeadSource",
)
"""What Account has besides where Person Accounts are on."""
ORDER = (
    "Id",
    "AccountId",
    "BillToContactId",
    "EffectiveDate",
    "Status",
    "TotalAmount",
    "CreatedDate",
    "SystemModstamp",
    "IsDeleted",
    "Name",
    "OrderReferenceNumber",
    "PoNumber",
)


def access(**more: Any) -> SalesforceAccess:
    """Client credentials of the made-up org, or what a test says otherwise."""
    return SalesforceAccess(
        **{"domain": "acme.my.salesforce.com", "client_id": "key", "client_secret": "s3cret", **more}
    )


def allow_login(times: int = 1) -> None:
    """Answer token requests: `token-1`, `token-2`, …"""
    for number in range(1, times + 1):
        responses.post(
            TOKEN_URL,
            json={
                "access_token": f"token-{number}",
                "instance_url": HOST,
                "id": f"https://login.salesforce.com/id/{ORG_ID}/{USER_ID}",
                "token_type": "Bearer",
            },
            headers={"Date": DATE},
        )


def rest_api(slept: list[float] | None = None) -> Rest:
    """The REST layer alone, its pauses written down instead of waited for."""
    allow_login()
    http = Http("salesforce", is_own_host, None, "test")
    return Rest(http, Login(http, access()), "67.0", (slept if slept is not None else []).append)


def connector(scratch: Path, **more: Any) -> SalesforceConnector:
    """The whole connector, its pauses skipped."""
    allow_login()
    return SalesforceConnector(access(), FIELDS, scratch=scratch, sleep=lambda _: None, **more)


def described(
    names: tuple[str, ...], read_only: tuple[str, ...] = (), fixed: tuple[str, ...] = ("Id",)
) -> dict[str, Any]:
    """A describe answer with these fields; access to those that are `fixed` is nobody's to give."""
    fields = [
        {"name": name, "updateable": name not in read_only, "permissionable": name not in fixed}
        for name in names
    ]
    return {"updateable": True, "fields": fields}


def error(code: str, message: str = "because", **more: Any) -> list[dict[str, Any]]:
    """An error body as the platform sends it."""
    return [{"message": message, "errorCode": code, **more}]


def calls(method: str, part: str) -> list[Any]:
    """The requests made so far with this method whose address contains `part`."""
    return [
        c.request for c in responses.calls if c.request.method == method and part in (c.request.url or "")
    ]


def composite(bodies: dict[str, Any]) -> Callable[[Any], tuple[int, dict[str, str], str]]:
    """Answer a composite: each part by its reference id; what is not told does not exist."""

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        names = [part["referenceId"] for part in json.loads(request.body)["compositeRequest"]]
        parts = [
            {"referenceId": name, "httpStatusCode": 200, "body": bodies[name]}
            if name in bodies
            else {"referenceId": name, "httpStatusCode": 404, "body": error("NOT_FOUND")}
            for name in names
        ]
        return 200, {}, json.dumps({"compositeResponse": parts})

    return answer


def asked_parts() -> list[list[dict[str, Any]]]:
    """The parts of each composite so far."""
    return [json.loads(call.body)["compositeRequest"] for call in calls("POST", "/composite")]


def update(number: int, **values: str | None) -> Update:
    return Update("Contact", f"003{number:012d}AAA", values or {"tenure_days": str(number)})


def send(updates: Iterable[Update], total: int, scratch: Path) -> dict[str, WriteResult]:
    writable = dict.fromkeys(SOBJECTS, frozenset(field.key for field in FIELDS))
    results = list(write(rest_api(), updates, total, FIELDS, scratch, writable=writable))
    assert len({r.record_id for r in results}) == len(results), "one result for each record"
    return {result.record_id: result for result in results}


def saves(codes: dict[str, str] | None = None, first_only: bool = False) -> None:
    """Answer collections like the platform: success, or the code told for a record id."""
    seen: set[str] = set()

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        made = []
        for record in json.loads(request.body)["records"]:
            code = (codes or {}).get(record["id"])
            if first_only and record["id"] in seen:
                code = None
            seen.add(record["id"])
            fault = {
                "statusCode": code,
                "message": "Yamada Taro is not allowed",
                "fields": ["Zaiseki_Segment__c"],
            }
            made.append({"id": record["id"], "success": not code, "errors": [fault] if code else []})
        return 200, {}, json.dumps(made)

    responses.add_callback(responses.PATCH, COLLECTIONS, answer)
