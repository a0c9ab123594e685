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
SEVERAL = {**SHAPES, "Order": (*ORDER, "CurrencyIsoCode")}


def page(*rows: dict[str, Any], total: int | None = None, more: str | None = None) -> dict[str, Any]:
    records = [{"attributes": {"type": "Contact", "url": "/x"}, **row} for row in rows]
    found = {"totalSize": len(rows) if total is None else total, "done": more is None, "records": records}
    return {**found, "nextRecordsUrl": more} if more else found


def an_org(
    shapes: dict[str, tuple[str, ...]] | None = None, read_only: tuple[str, ...] = (), **bodies: Any
) -> None:
    """An org whose user sees the fields in `shapes`, three live rows of each object, and no change."""
    seen = SHAPES if shapes is None else shapes
    known = {"organization": ORGANIZATION}
    for name, fields in seen.items():
        known |= {
            f"describe{name}": described(fields, read_only),
            f"count{name}": {"totalSize": 3},
            f"since{name}": page(),
        }
    responses.add_callback(responses.POST, f"{DATA}/composite", composite({**known, **bodies}))


def soql_of(part: dict[str, Any]) -> str:
    (soql,) = parse_qs(urlsplit(part["url"]).query)["q"]
    return soql
