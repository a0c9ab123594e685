"""Small shops written down by a test: rows of a scenario for people who are known by a number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

NOW = "2026-10-01T12:00:00Z"
LATER = "2026-10-02T12:00:00Z"
"""A day on; rows that are laid on top then changed at `LATER` as far as the platforms are concerned."""
TOML = f'now = "{NOW}"\n'

Row = dict[str, Any]


def customers(numbers: Iterable[int], **more: object) -> list[Row]:
    """Shopify customers."""
    return [
        {
            "id": 1_000 + number,
            "email": f"p{number}@example.com",
            "first_name": f"P{number}",
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
            **more,
        }
        for number in numbers
    ]


def contacts(numbers: Iterable[int], **more: object) -> list[Row]:
    """Salesforce contacts; their address is nobody else's unless `more` says so."""
    return [
        {
            "Id": contact_id(number),
            "LastName": f"P{number}",
            "Email": f"c{number}@example.com",
            "CreatedDate": "2026-02-01T00:00:00Z",
            "LastModifiedDate": "2026-02-01T00:00:00Z",
            **more,
        }
        for number in numbers
    ]


def contact_id(number: int) -> str:
    """The short Id of a contact."""
    return f"003000000{number:06}"


def orders(
    numbers: Iterable[int], on: str, *, start: int = 1, total: str = "10.00", **more: object
) -> list[Row]:
    """One Shopify order each on the day `on`, numbered from `start`."""
    return [
        {
            "id": place,
            "customer_id": 1_000 + number,
            "processed_at": f"{on}T10:00:00Z",
            "updated_at": f"{on}T10:00:00Z",
            "total": total,
            **more,
        }
        for place, number in enumerate(numbers, start=start)
    ]


def sales(
    numbers: Iterable[int], on: str, *, start: int = 1, total: str = "10.00", **more: object
) -> list[Row]:
    """One Salesforce order each, billed to the contact."""
    return [
        {
            "Id": f"801000000{place:06}",
            "BillToContactId": contact_id(number),
            "EffectiveDate": on,
            "Status": "Activated",
            "StatusCode": "Activated",
            "TotalAmount": total,
            "CreatedDate": f"{on}T10:00:00Z",
            "LastModifiedDate": f"{on}T10:00:00Z",
            **more,
        }
        for place, number in enumerate(numbers, start=start)
    ]
