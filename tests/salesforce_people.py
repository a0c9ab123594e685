"""An org with persons, a business, a contact and leads, and how it is read."""

from typing import Any

from salesforce_sandbox import TOML, read

from connectors.base import Swept
from connectors.salesforce import SalesforceConnector

PEOPLE = f"{TOML}person_accounts = true\n"
ACME, HANA, KEN = "001000000000001AAA", "001000000000002AAA", "001000000000003AAA"
CONTACT, LEAD, CONVERTED = "003900000000009AAA", "00Q000000000001AAA", "00Q000000000002AAA"
LATER = 'now = "2026-10-02T12:00:00Z"\n'


def person(record_id: str, name: str, **more: str) -> dict[str, str]:
    return {"Id": record_id, "LastName": name, "IsPersonAccount": "true", **more}


def an_org() -> dict[str, list[dict[str, str]]]:
    hana = {"FirstName": "花", "PersonEmail": "hana@example.com", "PersonMobilePhone": "090-1111-2222"}
    return {
        "salesforce_Account": [
            {"Id": ACME, "Name": "Acme", "Phone": "03-1111-2222"},
            person(HANA, "伊藤", **hana, PersonHasOptedOutOfEmail="true", PersonLeadSource="Web"),
            person(KEN, "森"),
        ],
        "salesforce_Contact": [
            {"Id": CONTACT, "LastName": "Lee", "AccountId": ACME, "Email": "lee@example.com", "Shop__c": "7"}
        ],
        "salesforce_Lead": [
            {"Id": LEAD, "LastName": "New", "Company": "x", "MobilePhone": "090-3333-4444"},
            {
                "Id": CONVERTED,
                "LastName": "Lee",
                "Company": "x",
                "IsConverted": "true",
                "ConvertedContactId": CONTACT,
                "ConvertedAccountId": ACME,
            },
        ],
    }


def by_id(org: SalesforceConnector, stream: str) -> dict[str, dict[str, Any]]:
    return {row["Id"]: row for row in read(org, stream)}


def swept(org: SalesforceConnector, stream: str) -> set[Swept]:
    return {one for batch in org.sweep(stream) for one in batch}
