"""What a look at the made-up org answers: shapes, counts, pages."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import responses
from salesforce_org import ACCOUNT, CONTACT, DATA, FIELDS, LEAD, ORDER, ORG_ID, OURS, composite, described

SINCE = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)
KEYS = frozenset(field.key for field in FIELDS)
ORGANIZATION = {"Id": ORG_ID, "TimeZoneSidKey": "Asia/Tokyo"}
SHAPES = {"Contact": CONTACT + OURS, "Lead": LEAD + OURS, "Account": ACCOUNT + OURS, "Order": ORDER}
TOUCHES = ("Case", "CampaignMember", "Task", "Event", "Pipeline", "OpportunityContactRole")
"""The streams that come beside people and their purchases."""
_ROW = ("Id", "CreatedDate", "SystemModstamp", "IsDeleted")
TOUCHED = {
    "Case": (*_ROW, "ContactId", "AccountId", "Type", "Reason", "IsClosed", "ClosedDate"),
    "CampaignMember": (*_ROW, "ContactId", "LeadId", "HasResponded", "FirstRespondedDate"),
    "Task": (*_ROW, "WhoId", "ActivityDate", "IsClosed", "TaskSubtype", "CompletedDateTime"),
    "Event": (
        *(*_ROW, "WhoId", "ActivityDate", "IsAllDayEvent", "EndDateTime"),
        *("IsChild", "IsRecurrence", "GroupEventType"),
    ),
    "Opportunity": (*_ROW, "AccountId", "StageName", "IsClosed", "IsWon", "CloseDate"),
    "OpportunityContactRole": (*_ROW, "OpportunityId", "ContactId", "IsPrimary"),
}
SEVERAL = {**SHAPES, "Order": (*ORDER, "CurrencyIsoCode")}


def page(*rows: dict[str, Any], total: int | None = None, more: str | None = None) -> dict[str, Any]:
    records = [{"attributes": {"type": "Contact", "url": "/x"}, **row} for row in rows]
    found = {"totalSize": len(rows) if total is None else total, "done": more is None, "records": records}
    return {**found, "nextRecordsUrl": more} if more else found


def an_org(
    shapes: dict[str, tuple[str, ...]] | None = None, read_only: tuple[str, ...] = (), **bodies: Any
) -> None:
    """An org whose user sees the fields in `shapes`, three live rows of each object, and no change; of what
    happened beside purchases (`TOUCHED`, where `shapes` do not say otherwise) it has nothing."""
    seen = {**TOUCHED, **(SHAPES if shapes is None else shapes)}
    known: dict[str, Any] = {"organization": ORGANIZATION}
    known |= {f"count{name}": {"totalSize": 0} for name in TOUCHES}
    for name, fields in seen.items():
        known[f"describe{name}"] = described(fields, read_only)
    for name in shapes or SHAPES:
        known |= {f"count{name}": {"totalSize": 3}, f"since{name}": page()}
    known = {part: body for part, body in known.items() if seen.get(part.removeprefix("describe")) != ()}
    responses.add_callback(responses.POST, f"{DATA}/composite", composite({**known, **bodies}))
    responses.get(f"{DATA}/connect/organization", json={"features": {"defaultCurrencyIsoCode": "EUR"}})


def soql_of(part: dict[str, Any]) -> str:
    (soql,) = parse_qs(urlsplit(part["url"]).query)["q"]
    return soql
