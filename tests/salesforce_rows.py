"""Rows of Salesforce's other objects, beside the contacts and orders of `sync_rows`."""

from __future__ import annotations

from typing import Any

from sync_rows import contact, sf_id


def lead(number: int, email: str | None = None, **more: Any) -> dict[str, Any]:
    """A Salesforce Lead row that is not converted."""
    row = {name: value for name, value in contact(number, email).items() if name != "AccountId"}
    became = {"IsConverted": False, "ConvertedContactId": None, "ConvertedAccountId": None}
    return {**row, **became, "Id": sf_id("00Q", number), **more}


def business(number: int, **more: Any) -> dict[str, Any]:
    """A Salesforce Account row of a company."""
    return {
        "Id": sf_id("001", number),
        "CreatedDate": "2025-02-01T00:00:00.000+0000",
        "SystemModstamp": "2026-01-01T00:00:00.000+0000",
        "IsDeleted": False,
        "MasterRecordId": None,
        "Name": "Acme",
        "Phone": None,
        "IsPersonAccount": False,
        **more,
    }


def person_account(number: int, email: str | None = None, **more: Any) -> dict[str, Any]:
    """A Salesforce Account row of a person, its fields named like a contact's (the connector does that)."""
    row = {name: value for name, value in contact(number, email).items() if name != "AccountId"}
    return {
        **row,
        "Id": sf_id("001", number),
        "IsPersonAccount": True,
        "PersonContactId": sf_id("003", number),
        **more,
    }


def opportunity(number: int, **more: Any) -> dict[str, Any]:
    """A won Salesforce Opportunity row of ¥3,000 on account `number`."""
    return {
        "Id": sf_id("006", number),
        "CreatedDate": "2026-01-01T00:00:00.000+0000",
        "SystemModstamp": "2026-03-01T00:00:00.000+0000",
        "IsDeleted": False,
        "AccountId": sf_id("001", number),
        "Name": "Yamada spring",
        "CloseDate": "2026-03-05",
        "IsWon": True,
        "Amount": "3000.0",
        **more,
    }


def role(number: int, **more: Any) -> dict[str, Any]:
    """The row that names contact `number` as the primary one of opportunity `number`."""
    return {
        "Id": sf_id("00K", number),
        "SystemModstamp": "2026-03-01T00:00:00.000+0000",
        "IsDeleted": False,
        "OpportunityId": sf_id("006", number),
        "ContactId": sf_id("003", number),
        "IsPrimary": True,
        **more,
    }
