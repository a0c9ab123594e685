"""What is read of each object, and what of it nothing right can be computed without."""

from __future__ import annotations

from collections.abc import Mapping

PERSON_COLUMNS: Mapping[str, str] = {
    "PersonEmail": "Email",
    "PersonMobilePhone": "MobilePhone",
    "PersonHasOptedOutOfEmail": "HasOptedOutOfEmail",
    "PersonDoNotCall": "DoNotCall",
    "PersonLeadSource": "LeadSource",
}
"""Fields of a Person Account that bear another name on Contact; first name, last name and phone do not."""
IS_PERSON = "IsPersonAccount"
"""The field that only orgs with Person Accounts have; no right hides it (reference section 5.4)."""
_EVERY = ("Id", "CreatedDate", "SystemModstamp", "IsDeleted")
_PERSON = (
    "FirstName",
    "LastName",
    "Email",
    "Phone",
    "MobilePhone",
    "HasOptedOutOfEmail",
    "DoNotCall",
    "LeadSource",
)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Contact": (*_EVERY, "MasterRecordId", "AccountId", *_PERSON),
    "Lead": (*_EVERY, "MasterRecordId", *_PERSON, "IsConverted", "ConvertedContactId", "ConvertedAccountId"),
    "Account": (
        *_EVERY,
        "MasterRecordId",
        "Name",
        "Phone",
        IS_PERSON,
        "PersonContactId",
        "FirstName",
        "LastName",
        *PERSON_COLUMNS,
    ),
    "Order": (
        *_EVERY,
        "AccountId",
        "BillToContactId",
        "EffectiveDate",
        "Status",
        "StatusCode",
        "TotalAmount",
        "IsReductionOrder",
        "OriginalOrderId",
        "OrderNumber",
        "Name",
        "OrderReferenceNumber",
        "PoNumber",
        "CurrencyIsoCode",
    ),
    "Opportunity": (
        *_EVERY,
        "AccountId",
        "Name",
        "IsWon",
        "CloseDate",
        "Amount",
        "CurrencyIsoCode",
    ),
    "OpportunityContactRole": (*_EVERY, "OpportunityId", "ContactId", "IsPrimary"),
}
"""What is read of each object, where the org has it and our user may see it."""
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "Contact": ("AccountId", "Email"),
    "Lead": ("Email",),
    "Account": (),
    "Order": ("AccountId", "BillToContactId", "EffectiveDate", "Status", "TotalAmount"),
    "Opportunity": ("AccountId", "Amount", "CloseDate", "IsWon"),
    "OpportunityContactRole": ("OpportunityId", "ContactId", "IsPrimary"),
}


def needed(sobject: str, visible: frozenset[str]) -> list[str]:
    """What must be seen of an object: without e-mail everybody would be a stranger, without the original a
    reduction order would count as a purchase, without its contact an order would be somebody else's."""
    more = {"Account": (IS_PERSON, "PersonEmail"), "Order": ("IsReductionOrder", "OriginalOrderId")}
    given, then = more.get(sobject, ("", ""))
    return [*_EVERY, *_NEEDED[sobject], *([then] if given in visible else [])]


def person_column(name: str) -> str:
    """What a field of Contact is called on the Account of a Person Account."""
    if name.endswith("__c"):
        return name.removesuffix("__c") + "__pc"
    return next((theirs for theirs, ours in PERSON_COLUMNS.items() if ours == name), f"Person{name}")
