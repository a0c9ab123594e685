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
IS_FIRST = "IsFirstStatus"
"""What the connector adds to a lead: whether its status is the org's default, which only describe tells."""
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
    "Lead": (
        *_EVERY,
        "MasterRecordId",
        *_PERSON,
        "Status",
        "IsConverted",
        "ConvertedDate",
        "ConvertedContactId",
        "ConvertedAccountId",
    ),
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
    "Pipeline": (*_EVERY, "AccountId", "StageName", "IsClosed", "IsWon", "CloseDate"),
    "Case": (*_EVERY, "ContactId", "AccountId", "Type", "Reason", "IsClosed", "ClosedDate"),
    "CampaignMember": (*_EVERY, "ContactId", "LeadId", "HasResponded", "FirstRespondedDate"),
    "Task": (*_EVERY, "WhoId", "ActivityDate", "CompletedDateTime"),
    "Event": (*_EVERY, "WhoId", "ActivityDate", "IsAllDayEvent", "EndDateTime"),
    "OpportunityHistory": (*_EVERY, "OpportunityId", "StageName"),
}
"""What is read for each stream, where the org has it and our user may see it."""
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "Contact": ("AccountId", "Email"),
    "Lead": ("Email",),
    "Account": (),
    "Order": ("AccountId", "BillToContactId", "EffectiveDate", "Status", "TotalAmount"),
    "Opportunity": ("AccountId", "Amount", "CloseDate", "IsWon"),
    "OpportunityContactRole": ("OpportunityId", "ContactId", "IsPrimary"),
    "Pipeline": ("AccountId", "StageName", "IsClosed", "IsWon", "CloseDate"),
    "Case": ("ContactId", "Type", "Reason", "IsClosed"),
    "CampaignMember": ("ContactId", "LeadId", "HasResponded"),
    "Task": ("WhoId", "ActivityDate", "IsClosed", "TaskSubtype"),
    "Event": (
        "WhoId",
        "ActivityDate",
        "IsAllDayEvent",
        "EndDateTime",
        "IsChild",
        "IsRecurrence",
        "GroupEventType",
    ),
    "OpportunityHistory": ("OpportunityId", "StageName"),
}

CONSENT, NAMES, PHONES, ORDER_MARKS, SOURCES = "consent", "names", "phones", "order_marks", "sources"
"""What becomes wrong where columns are hidden that nothing stops without."""
_PEOPLE_WATCHED: Mapping[str, tuple[str, ...]] = {
    CONSENT: ("HasOptedOutOfEmail", "DoNotCall"),
    NAMES: ("FirstName", "LastName"),
    PHONES: ("MobilePhone", "Phone"),
    SOURCES: ("LeadSource",),
}
_PERSONS_WATCHED: Mapping[str, tuple[str, ...]] = {
    CONSENT: ("PersonHasOptedOutOfEmail", "PersonDoNotCall"),
    NAMES: ("Name", "FirstName", "LastName"),
    PHONES: ("PersonMobilePhone", "Phone"),
    SOURCES: ("PersonLeadSource",),
}
_WATCHED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Contact": _PEOPLE_WATCHED,
    "Lead": _PEOPLE_WATCHED,
    "Account": {NAMES: ("Name",), PHONES: ("Phone",)},
    "Order": {ORDER_MARKS: ("Name", "OrderReferenceNumber", "PoNumber")},
    "Opportunity": {ORDER_MARKS: ("Name",)},
}


def unseen(sobject: str, visible: frozenset[str]) -> dict[str, list[str]]:
    """By what becomes wrong, the columns hidden from our user that every org has.

    Describe leaves out what field-level security hides just as what does not exist: only standard fields,
    which every org has, can be told to be hidden.
    """
    persons = sobject == "Account" and IS_PERSON in visible
    watched = _PERSONS_WATCHED if persons else _WATCHED.get(sobject, {})
    hidden = {topic: [name for name in names if name not in visible] for topic, names in watched.items()}
    return {topic: names for topic, names in hidden.items() if names}


def needed(stream: str, visible: frozenset[str]) -> list[str]:
    """What must be seen for a stream: without e-mail everybody would be a stranger, without the original a
    reduction order would count as a purchase, without its contact an order would be somebody else's."""
    more = {"Account": (IS_PERSON, "PersonEmail"), "Order": ("IsReductionOrder", "OriginalOrderId")}
    given, then = more.get(stream, ("", ""))
    return [*_EVERY, *_NEEDED[stream], *([then] if given in visible else [])]


def person_column(name: str) -> str:
    """What a field of Contact is called on the Account of a Person Account."""
    if name.endswith("__c"):
        return name.removesuffix("__c") + "__pc"
    return next((theirs for theirs, ours in PERSON_COLUMNS.items() if ours == name), f"Person{name}")
