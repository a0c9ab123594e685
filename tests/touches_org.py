"""An org and a shop where something happened beside orders, and who it is told of afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any

from line_support import Line

from sync import frames
from sync.edge import day_of
from sync.frames import Name
from sync.store import Store

NOW = "2026-10-01T12:00:00+09:00"
TOMORROW = "2026-10-02T12:00:00+09:00"
PLACE = '[shopify]\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n[salesforce]\ntimezone = "Asia/Tokyo"\n'
TOML = f'now = "{NOW}"\n{PLACE}currency = "JPY"\n'
SETTINGS = """
[referral]
referrer_field = "Brought_By__c"
referrer_source = ["Customer Referral"]
salesforce_code_field = "Code__c"
[satisfaction]
expectation_field = "Expected__c"
nps_field = "Nps__c"
stars_field = "Stars__c"
answered_on_field = "Answered__c"
[funnel]
memory_stages = ["見積提示", "Negotiation/Review"]
lead_closed = ["Closed - Not Converted", "対象外"]
"""
NOBODY = ""


def at(day: str, time: str = "12:00:00") -> str:
    return f"2026-{day}T{time}+09:00"


def on(day: str) -> int:
    """A day of 2026 as days since 1970-01-01."""
    return day_of(date.fromisoformat(f"2026-{day}"))


def one(prefix: str, number: int, *, long: bool = True) -> str:
    """An id of the org."""
    return f"{prefix}000000{number:06}" + ("AAA" if long else "")


def row(prefix: str, number: int, day: str, **more: object) -> dict[str, object]:
    stamps = {"CreatedDate": at(day, "00:30:00"), "LastModifiedDate": at(day, "00:30:00")}
    return {"Id": one(prefix, number), **stamps, **more}


CASES = [
    row("500", 1, "03-01", ContactId=one("003", 1), Type="complaint", Status="New"),
    row(
        "500",
        2,
        "03-02",
        ContactId=one("003", 2),
        AccountId=one("001", 1),
        Reason="クレーム",
        Status="Closed",
        ClosedDate=at("03-05", "00:10:00"),
        Subject="SECRET-SUBJECT",
        Description="SECRET-TEXT",
    ),
    row("500", 3, "03-03", ContactId=one("003", 1), Type="Electrical", Reason="Feedback"),
    row("500", 4, "03-04", Type="Problem"),
]
MEMBERS = [
    row("00v", 1, "04-01", CampaignId=one("701", 1), ContactId=one("003", 1), Status="Sent"),
    row(
        "00v",
        2,
        "04-02",
        CampaignId=one("701", 1),
        LeadId=one("00Q", 1),
        Status="Responded",
        FirstRespondedDate="2026-04-09",
    ),
]
TASKS = [
    row("00T", 1, "05-01", WhoId=one("003", 1), Status="Completed", ActivityDate="2026-05-03"),
    row("00T", 2, "05-02", WhoId=one("00Q", 1), Status="Not Started", ActivityDate="2026-05-04"),
    row(
        "00T",
        3,
        "05-03",
        WhoId=one("003", 2),
        Status="Completed",
        ActivityDate="2026-05-05",
        TaskSubtype="ListEmail",
    ),
    row(
        "00T",
        4,
        "05-04",
        WhoId=one("003", 2),
        Status="Completed",
        TaskSubtype="Call",
        CompletedDateTime=at("05-06", "00:05:00"),
    ),
    row("00T", 5, "05-05", Status="Completed", ActivityDate="2026-05-05"),
]
EVENTS = [
    row(
        "00U", 1, "05-01", WhoId=one("003", 1), EndDateTime=at("05-08", "00:20:00"), ActivityDate="2026-05-07"
    ),
    row("00U", 2, "05-01", WhoId=one("003", 2), IsAllDayEvent="true", ActivityDate="2026-05-09"),
    row("00U", 3, "05-01", WhoId=one("003", 2), EndDateTime=at("05-10"), IsChild="true"),
    row("00U", 4, "05-01", WhoId=one("003", 2), EndDateTime=at("05-11"), IsRecurrence="true"),
    row("00U", 5, "05-01", WhoId=one("003", 2), EndDateTime=at("05-12"), GroupEventType="2"),
    row("00U", 6, "05-01", EndDateTime=at("05-13")),
    row("00U", 7, "05-01", WhoId=one("003", 4), EndDateTime=at("12-24")),
]
STAGES = [
    row("008", 1, "06-10", OpportunityId=one("006", 3), StageName="negotiation/review"),
    row("008", 2, "06-11", OpportunityId=one("006", 3), StageName="Needs Analysis"),
    row("008", 3, "06-01", OpportunityId=one("006", 1), StageName="見積提示"),
]
DEALS = [
    row("006", 1, "06-01", AccountId=one("001", 2), Name="D1", StageName="見積提示", CloseDate="2026-12-01"),
    row(
        "006", 2, "06-02", AccountId=one("001", 2), Name="D2", StageName="Closed Won", CloseDate="2026-06-20"
    ),
    row(
        "006", 3, "06-03", AccountId=one("001", 2), Name="D3", StageName="Closed Lost", CloseDate="2026-06-21"
    ),
    row("006", 4, "06-04", Name="D4", StageName="Prospecting", CloseDate="2026-12-01"),
]
ROLES = [
    row("00K", number, "06-04", OpportunityId=one("006", number), ContactId=one("003", who), IsPrimary=first)
    for number, who, first in ((1, 1, "true"), (2, 2, "true"), (3, 2, "true"), (4, 1, "false"))
]
LEADS = [
    row("00Q", 1, "02-01", LastName="L1", Company="-", Status="Open - Not Contacted", Email="l1@example.com"),
    row("00Q", 2, "02-02", LastName="L2", Company="-", Status="Working - Contacted", Email="l2@example.com"),
    row("00Q", 3, "02-03", LastName="L3", Company="-", Status="対象外", Email="l3@example.com"),
    row(
        "00Q",
        4,
        "02-04",
        LastName="L4",
        Company="-",
        Status="Closed - Converted",
        Email="l4@example.com",
        IsConverted="true",
        ConvertedDate="2026-02-20",
        ConvertedContactId=one("003", 1),
        ConvertedAccountId=one("001", 2),
    ),
]
CONTACTS = [
    row(
        "003",
        1,
        "01-05",
        LastName="P1",
        Email="p1@example.com",
        AccountId=one("001", 2),
        Code__c="ANNA-1",
        Expected__c="期待以上",
        Nps__c="9",
        Stars__c="4.5",
        Answered__c="2026-07-01",
    ),
    row(
        "003",
        2,
        "01-06",
        LastName="P2",
        Email="p2@example.com",
        AccountId=one("001", 1),
        HasOptedOutOfEmail="true",
        LeadSource="Customer Referral",
        Brought_By__c="anna-1",
        Expected__c="worse",
        Nps__c="eleven",
        Answered__c="2026-07-01T23:30:00+00:00",
    ),
    row(
        "003",
        3,
        "01-07",
        LastName="P3",
        Email="p3@example.com",
        LeadSource="Customer Referral",
        Brought_By__c=one("003", 2, long=False),
        Stars__c="5",
    ),
    row(
        "003",
        4,
        "01-08",
        LastName="P4",
        Email="p4@example.com",
        LeadSource="Web",
        Brought_By__c=one("003", 1),
    ),
]
ROWS: dict[str, list[dict[str, object]]] = {
    "salesforce_Account": [row("001", 1, "01-01", Name="A1"), row("001", 2, "01-01", Name="A2")],
    "salesforce_Contact": CONTACTS,
    "salesforce_Lead": LEADS,
    "salesforce_Case": CASES,
    "salesforce_Campaign": [row("701", 1, "01-01", Name="Spring")],
    "salesforce_CampaignMember": MEMBERS,
    "salesforce_Task": TASKS,
    "salesforce_Event": EVENTS,
    "salesforce_OpportunityHistory": STAGES,
    "salesforce_Opportunity": DEALS,
    "salesforce_OpportunityContactRole": ROLES,
}


def told(line: Line, name: Name, *columns: str) -> list[tuple[Any, ...]]:
    """A frame's rows, sorted, persons as `C1` (a contact) or `L1` (a lead)."""
    with Store.open(line.store) as store:
        frames.refresh(store, referrer_sources=["Customer Referral"])
        query = "SELECT person_id, min(left(object, 1) || ltrim(id[4:15], '0')) FROM members GROUP BY 1"
        known = dict(store.rows(query))
        found = frames.frame(store, name).select("person_id", *columns).collect().rows()
    return sorted(
        (
            tuple(known.get(cell, cell) if isinstance(cell, str) else cell for cell in cells)
            for cells in found
        ),
        key=str,
    )


def touches(line: Line, *kinds: str) -> list[tuple[Any, ...]]:
    """Who, kind, number, day, ended_day and value of the touches of some kinds."""
    found = told(line, "person_touches", "kind", "touch_id", "day", "ended_day", "value")
    return [(who, kind, int(one[3:15]), *rest) for who, kind, one, *rest in found if kind in kinds]
