"""What happens with customers beside their orders, from the org to the scorers' frames: cases, campaigns,
tasks, opportunities, leads, answers, consent and who introduced whom."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_support import Line, small

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


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("touches")
    with small(folder / "job", write_scenario(folder / "scenario", ROWS, TOML)) as made:
        made.configure(plain=True, more=SETTINGS, best_spend=50_000)
        made.provision()
        made.sync()
        yield made


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


def test_cases_are_told_with_whether_they_are_complaints_and_nothing_of_their_text(line: Line) -> None:
    assert touches(line, "case") == [
        ("C1", "case", 1, on("03-01"), None, "complaint"),
        ("C1", "case", 3, on("03-03"), None, "other"),
        ("C2", "case", 2, on("03-02"), on("03-05"), "complaint"),
    ]
    assert b"SECRET" not in line.store.read_bytes()


def test_campaigns_are_told_of_contacts_and_leads_with_their_answer(line: Line) -> None:
    assert touches(line, "campaign_sent", "campaign_response") == [
        ("C1", "campaign_sent", 1, on("04-01"), None, None),
        ("L1", "campaign_response", 2, on("04-09"), None, None),
        ("L1", "campaign_sent", 2, on("04-02"), None, None),
    ]


def test_done_tasks_that_are_no_mail_to_lists_and_events_are_activities(line: Line) -> None:
    assert touches(line, "activity") == [
        ("C1", "activity", 1, on("05-03"), None, None),
        ("C1", "activity", 1, on("05-08"), None, None),
        ("C2", "activity", 4, on("05-06"), None, None),
        ("C2", "activity", 2, on("05-09"), None, None),
        ("C4", "activity", 7, on("12-24"), None, None),
    ], "an event to come counts once its day has come"


def test_opportunities_are_their_primary_contacts_by_flags_and_the_stages_of_the_settings(line: Line) -> None:
    assert touches(line, "opportunity") == [
        ("C1", "opportunity", 1, on("06-01"), None, "open"),
        ("C2", "opportunity", 2, on("06-02"), on("06-20"), "won"),
        ("C2", "opportunity", 3, on("06-03"), on("06-21"), "lost"),
    ]
    assert told(line, "person_orders", "order_id") == [], "opportunities are no purchases here"


def test_stages_that_count_are_read_from_the_history_with_the_day_they_were_reached(line: Line) -> None:
    assert touches(line, "opportunity_stage") == [
        ("C1", "opportunity_stage", 3, on("06-01"), None, "proposal"),
        ("C2", "opportunity_stage", 1, on("06-10"), None, "proposal"),
    ]
    with Store.open(line.store) as store:
        assert store.rows("SELECT count(*) FROM touches WHERE object = 'opportunity_stage'") == [(2,)]


def test_leads_say_how_far_they_are(line: Line) -> None:
    assert touches(line, "lead") == [
        ("C1", "lead", 4, on("02-04"), on("02-20"), "converted"),
        ("L1", "lead", 1, on("02-01"), None, "new"),
        ("L2", "lead", 2, on("02-02"), None, "working"),
        ("L3", "lead", 3, on("02-03"), None, "closed"),
    ]


def test_answers_bear_the_day_that_the_merchants_field_tells_in_the_orgs_zone(line: Line) -> None:
    assert touches(line, "expectation", "nps", "stars") == [
        ("C1", "expectation", 1, on("07-01"), None, "better"),
        ("C1", "nps", 1, on("07-01"), None, "9"),
        ("C1", "stars", 1, on("07-01"), None, "5"),
        ("C2", "expectation", 2, on("07-02"), None, "worse"),
    ]


def test_an_opt_out_is_known_of_since_the_record_was_made_and_bears_no_day_of_its_own(line: Line) -> None:
    assert touches(line, "consent") == [("C2", "consent", 2, on("01-06"), None, "opted_out")]


def test_who_introduced_somebody_is_named_by_code_or_id_where_the_lead_source_says_so(line: Line) -> None:
    assert told(line, "referrers", "referrer_id") == [("C2", "C1"), ("C3", "C2")]


def test_a_quiet_run_writes_nothing_and_takes_six_requests_to_the_org(line: Line) -> None:
    again = line.sync().json
    assert (again["planned"], again["written"], again["balanced"]) == (0, 0, True)
    fetched = {name for name, stream in again["streams"].items() if stream["fetched"]}
    assert fetched == {"salesforce.Contact", "salesforce.Lead"}, "what the run before wrote to"
    assert again["api"]["salesforce"]["requests"] == 6, "token, describes with counts, seventeen queries"


def test_the_rows_of_a_person_are_told_with_why(line: Line) -> None:
    kept = line.run("why", one("003", 2), "--json").out
    told = {(row["object"], int(row["id"][3:15])) for row in json.loads(kept)["stored"]["touches"]}
    assert told == {
        *(("case", 2), ("task", 4), ("event", 2), ("opportunity", 2), ("opportunity", 3)),
        ("opportunity_stage", 1),
    }


LATER: dict[str, list[dict[str, object]]] = {
    "salesforce_Case": [
        {"Id": one("500", 1), "Status": "Closed", "ClosedDate": at("10-02"), "LastModifiedDate": at("10-02")},
        {"Id": one("500", 3), "deleted": "true", "LastModifiedDate": at("10-02")},
    ],
    "salesforce_Task": [{"Id": one("00T", 2), "Status": "Completed", "LastModifiedDate": at("10-02")}],
    "salesforce_CampaignMember": [
        {"Id": one("00v", 1), "Status": "Responded", "LastModifiedDate": at("10-02")},
        {"Id": one("00v", 2), "deleted": "true", "LastModifiedDate": at("10-02")},
    ],
    "salesforce_Opportunity": [
        {
            "Id": one("006", 1),
            "StageName": "Closed Won",
            "CloseDate": "2026-10-02",
            "LastModifiedDate": at("10-02"),
        }
    ],
    "salesforce_Lead": [
        {"Id": one("00Q", 1), "Status": "Working - Contacted", "LastModifiedDate": at("10-02")}
    ],
}


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[..., Line]]:
    """Give a function (more of scenario.toml) -> a line of its own that has synced once."""
    with ExitStack() as stack:

        def start(hidden: str = "") -> Line:
            scenario = write_scenario(tmp_path / "scenario", ROWS, TOML + hidden)
            made = stack.enter_context(small(tmp_path / "job", scenario))
            made.configure(plain=True, more=SETTINGS, best_spend=50_000)
            made.provision()
            return made

        yield start


def test_what_changed_or_was_deleted_since_comes_with_the_next_run(
    begun: Callable[..., Line], tmp_path: Path
) -> None:
    line = begun()
    line.sync()
    line.apply(
        tmp_path / "later", {n: [whole(n, one) for one in rows] for n, rows in LATER.items()}, TOMORROW
    )
    balance = line.sync().json
    assert balance["balanced"]
    changed = {n: one["updated"] + one["inserted"] for n, one in balance["streams"].items()}
    assert {n.removeprefix("salesforce."): count for n, count in changed.items() if count} == {
        "Case": 2,
        "Task": 1,
        "CampaignMember": 2,
        "Pipeline": 1,
        "Lead": 1,
    }
    assert touches(line, "case") == [
        ("C1", "case", 1, on("03-01"), on("10-02"), "complaint"),
        ("C2", "case", 2, on("03-02"), on("03-05"), "complaint"),
    ]
    assert ("L1", "activity", 2, on("05-04"), None, None) in touches(line, "activity")
    assert touches(line, "campaign_response") == [("C1", "campaign_response", 1, on("10-02"), None, None)]
    assert ("C1", "opportunity", 1, on("06-01"), on("10-02"), "won") in touches(line, "opportunity")
    assert ("L1", "lead", 1, on("02-01"), None, "working") in touches(line, "lead")
    with Store.open(line.store) as store:
        gone = store.rows("SELECT id, record_id, value, day FROM touches WHERE deleted ORDER BY id")
    assert gone == [(one("00v", 2), None, None, None), (one("500", 3), None, None, None)]
    assert line.sync().json["planned"] == 0


def whole(stem: str, change: dict[str, object]) -> dict[str, object]:
    """The row of the scenario with what changed: what a file leaves out would be blank."""
    return {**next(one for one in ROWS[stem] if one["Id"] == change["Id"]), **change}


def test_the_last_row_of_an_object_is_found_deleted_by_its_count(
    begun: Callable[..., Line], tmp_path: Path
) -> None:
    line = begun()
    line.sync()
    gone = [{**row, "deleted": "true", "LastModifiedDate": at("10-02")} for row in CASES]
    line.apply(tmp_path / "later", {"salesforce_Case": gone}, TOMORROW)
    assert line.sync().holds == [], "the last case may well be gone"
    assert touches(line, "case") == []


@pytest.mark.parametrize(
    ("hidden", "sobject", "without"),
    [
        ('hidden_objects = ["Case"]', "Case", {"case"}),
        (
            'hidden_objects = ["CampaignMember"]',
            "CampaignMember",
            {"campaign_sent", "campaign_response"},
        ),
        ('hidden_objects = ["Task"]', "Task", set()),
        ('hidden_objects = ["Opportunity"]', "Opportunity", {"opportunity", "opportunity_stage"}),
        ('hidden_objects = ["Event"]', "Event", set()),
        ('hidden_objects = ["OpportunityHistory"]', "OpportunityHistory", {"opportunity_stage"}),
        ('hidden_fields = ["Case.Reason"]', "Case", {"case"}),
        (
            'hidden_fields = ["Opportunity.StageName"]',
            "Opportunity",
            {"opportunity", "opportunity_stage"},
        ),
    ],
)
def test_what_the_org_does_not_show_is_left_out_with_a_word_and_comes_once_it_is_shown(
    hidden: str, sobject: str, without: set[str], begun: Callable[..., Line], tmp_path: Path
) -> None:
    code = "stream_unreadable" if "fields" in hidden else "stream_unseen"
    line = begun(hidden + "\n")
    told = line.sync().json
    (warning,) = told["warnings"]
    assert (warning["code"], told["balanced"]) == (code, True)
    assert f" {sobject} " in line.run("plan").err
    kinds = {row[1] for row in touches(line, *KINDS)}
    assert kinds == KINDS - without
    everything = "[salesforce]\nhidden_objects = []\nhidden_fields = []\n"
    line.apply(tmp_path / "later", {}, TOMORROW, everything)
    assert line.sync().json["warnings"] == []
    assert {row[1] for row in touches(line, *KINDS)} == KINDS


KINDS = {
    *("case", "campaign_sent", "campaign_response", "activity", "opportunity", "opportunity_stage"),
    *("lead", "consent", "nps"),
}


def test_who_was_forgotten_leaves_no_touch_and_no_introduction(begun: Callable[..., Line]) -> None:
    line = begun()
    line.sync()
    ran = line.run("forget", one("003", 2), "--yes")
    assert ran.code == 0, ran.err
    for words in ((), ("--full",)):
        line.sync(*words)
        assert {who for who, *_ in touches(line, *KINDS)} == {"C1", "C4", "L1", "L2", "L3"}
        assert told(line, "referrers", "referrer_id") == []
        with Store.open(line.store) as store:
            named = store.rows("SELECT count(*) FROM touches WHERE record_id = ?", one("003", 2))
            introduced = store.rows("SELECT count(*) FROM records WHERE referrer_id = ?", one("003", 2))
        assert named == introduced == [(0,)]
