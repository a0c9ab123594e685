"""What Salesforce tells of people beside their purchases in the model's words: whose, when, how far."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest
from salesforce_rows import lead
from sync_rows import KEY, ORG, SALESFORCE, contact, sf_id

from sync import normalise_salesforce as people
from sync import normalise_salesforce_touches as touches
from sync.edge import day_of
from sync.keys import fold_code
from sync.model import Account, Normalised, Record, Touch
from sync.tombstones import Tombstones, record_line

ANNA, BEN, ACME, LEE = sf_id("003", 1), sf_id("003", 2), sf_id("001", 1), sf_id("00Q", 1)
TOKYO = dataclasses.replace(
    SALESFORCE,
    complaint_types=frozenset({"complaint", "クレーム"}),
    memory_stages=frozenset({"negotiation/review"}),
    lead_new=frozenset({"new"}),
    lead_closed=frozenset({"unqualified"}),
    referrer_field="By__c",
    answer_fields={"expectation": "Expected__c", "nps": "Nps__c", "stars": "Stars__c"},
    answered_on_field="On__c",
    expectations={"better": "better"},
)


def forgetting(*ids: str) -> Account:
    lines = frozenset(record_line(KEY, "salesforce", ORG, one) for one in ids)
    return dataclasses.replace(TOKYO, tombstones=Tombstones(KEY, lines))


def row(prefix: str, **more: Any) -> dict[str, Any]:
    """A row as both JSON and CSV give it; 2026-01-31 23:30 in London is the first of February in Tokyo."""
    stamps = {"CreatedDate": "2026-01-31T23:30:00.000Z", "SystemModstamp": "2026-03-01T00:00:00.000+0000"}
    return {"Id": sf_id(prefix, 1), **stamps, "IsDeleted": "false", **more}


def deal(**more: Any) -> dict[str, Any]:
    facts = {"AccountId": ACME, "StageName": "Prospecting", "IsClosed": "false", "IsWon": "false"}
    return row("006", **{**facts, "CloseDate": "2026-09-01", **more})


def case(**more: Any) -> dict[str, Any]:
    facts = {"ContactId": ANNA, "AccountId": ACME, "Type": None, "Reason": None}
    return row("500", **{**facts, "IsClosed": "false", "ClosedDate": None, **more})


def member(**more: Any) -> dict[str, Any]:
    facts = {"ContactId": ANNA, "LeadId": None, "HasResponded": "false", "FirstRespondedDate": None}
    return row("00v", **{**facts, **more})


def task(**more: Any) -> dict[str, Any]:
    return row("00T", **{"WhoId": ANNA, "ActivityDate": "2026-05-01", "CompletedDateTime": None, **more})


def only(made: Normalised) -> Touch:
    assert made.bad == []
    (found,) = made.touches
    return found


def on(text: str) -> int:
    return day_of(date.fromisoformat(text))


@pytest.mark.parametrize(
    ("flags", "value", "ended"),
    [
        ({}, "open", None),
        ({"StageName": "Negotiation/Review"}, "proposal", None),
        ({"StageName": " NEGOTIATION/review "}, "proposal", None),
        ({"StageName": None}, "open", None),
        ({"StageName": "Negotiation/Review", "IsClosed": "true", "IsWon": "true"}, "won", "2026-09-01"),
        ({"StageName": "成約", "IsClosed": True, "IsWon": True}, "won", "2026-09-01"),
        ({"StageName": "Closed Won", "IsClosed": "true"}, "lost", "2026-09-01"),
    ],
)
def test_the_platforms_flags_say_how_an_opportunity_ended_and_the_settings_where_it_stands(
    flags: dict[str, Any], value: str, ended: str | None
) -> None:
    found = only(touches.deals([deal(**flags)], TOKYO))
    assert (found.object, found.value) == ("opportunity", value)
    assert found.day == on("2026-02-01"), "the org's own day"
    assert found.ended_day == (on(ended) if ended else None)
    assert (found.record_id, found.opportunity_id) == (ACME, sf_id("006", 1))


@pytest.mark.parametrize("forgotten", [ACME, sf_id("006", 1)])
def test_an_opportunity_of_the_forgotten_is_nobodys(forgotten: str) -> None:
    assert only(touches.deals([deal()], forgetting(forgotten))).record_id is None


def test_an_opportunity_forgotten_with_its_buyer_goes_over_to_no_other_contact() -> None:
    assert only(touches.deals([deal()], forgetting(sf_id("006", 1)))).opportunity_id is None


@pytest.mark.parametrize(
    ("facts", "whose", "value", "ended"),
    [
        ({}, ANNA, "other", None),
        ({"Type": "COMPLAINT"}, ANNA, "complaint", None),
        ({"Type": "Electrical", "Reason": " クレーム "}, ANNA, "complaint", None),
        ({"Reason": "ｃｏｍｐｌａｉｎｔ"}, ANNA, "complaint", None),
        ({"Type": "No complaint"}, ANNA, "other", None),
        ({"ContactId": None}, ACME, "other", None),
        ({"ContactId": None, "AccountId": None}, None, "other", None),
        ({"IsClosed": "true", "ClosedDate": "2026-03-31T15:00:00Z"}, ANNA, "other", "2026-04-01"),
        ({"ClosedDate": "2026-03-31T15:00:00Z"}, ANNA, "other", None),
    ],
)
def test_a_case_is_its_contacts_else_its_accounts_and_a_complaint_by_type_or_reason(
    facts: dict[str, Any], whose: str | None, value: str, ended: str | None
) -> None:
    found = only(touches.cases([case(**facts)], TOKYO))
    assert (found.object, found.record_id, found.value) == ("case", whose, value)
    assert found.ended_day == (on(ended) if ended else None)


def test_what_names_somebody_forgotten_is_nobodys_rather_than_the_next_ones() -> None:
    account = forgetting(ANNA)
    assert only(touches.cases([case()], account)).record_id is None
    assert only(touches.campaign_members([member(LeadId=LEE)], account)).record_id is None
    assert only(touches.tasks([task()], account)).record_id is None


def test_a_campaign_member_is_a_contact_before_a_lead_and_answered_when_the_flag_says_so() -> None:
    found = only(touches.campaign_members([member(LeadId=LEE, FirstRespondedDate="2026-04-02")], TOKYO))
    assert (found.record_id, found.ended_day) == (ANNA, None)
    answered = member(ContactId=None, LeadId=LEE, HasResponded=True, FirstRespondedDate="2026-04-02")
    found = only(touches.campaign_members([answered], TOKYO))
    assert (found.record_id, found.ended_day) == (LEE, on("2026-04-02"))


def test_a_task_counts_on_the_day_it_was_done_else_on_the_day_it_was_for() -> None:
    assert only(touches.tasks([task()], TOKYO)).day == on("2026-05-01")
    done = task(CompletedDateTime="2026-05-02T15:30:00Z")
    assert only(touches.tasks([done], TOKYO)).day == on("2026-05-03")
    assert only(touches.tasks([done | {"ActivityDate": None}], TOKYO)).day == on("2026-05-03")
    assert only(touches.tasks([task(ActivityDate=None)], TOKYO)).day is None


def test_an_event_counts_on_the_day_it_ended_and_one_of_a_whole_day_on_that() -> None:
    facts = {"WhoId": BEN, "ActivityDate": "2026-05-01", "EndDateTime": "2026-05-01T15:30:00Z"}
    met = only(touches.events([row("00U", IsAllDayEvent="false", **facts)], TOKYO))
    assert (met.object, met.record_id, met.day) == ("event", BEN, on("2026-05-02"))
    assert only(touches.events([row("00U", IsAllDayEvent="true", **facts)], TOKYO)).day == on("2026-05-01")


@pytest.mark.parametrize(("stage", "value"), [(" negotiation/Review", "proposal"), (None, "open")])
def test_a_stage_is_its_opportunitys_and_as_old_as_its_row(stage: str | None, value: str) -> None:
    told = row("008", OpportunityId=sf_id("006", 1), StageName=stage)
    found = only(touches.stages([told], TOKYO))
    assert (found.object, found.opportunity_id, found.value) == ("opportunity_stage", sf_id("006", 1), value)
    assert (found.record_id, found.day) == (None, on("2026-02-01"))
    forgotten = only(touches.stages([told], forgetting(sf_id("006", 1))))
    assert forgotten.opportunity_id is None


def test_what_was_deleted_says_nothing_of_anybody_any_more() -> None:
    gone = only(touches.cases([case(Type="Complaint", IsDeleted="true")], TOKYO))
    assert gone.deleted
    assert (gone.record_id, gone.value, gone.day) == (None, None, None)


def test_a_row_without_the_flag_that_decides_is_set_aside() -> None:
    made = touches.deals([deal(IsWon=None)], TOKYO)
    assert not made.touches
    assert [(one.field, one.id) for one in made.bad] == [("IsWon", sf_id("006", 1))]


def record(made: Normalised) -> Record:
    assert made.bad == []
    (found,) = made.records
    return found


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"Status": "New"}, "new"),
        ({"Status": "未対応", "IsFirstStatus": True}, "new"),
        ({"Status": "Contacted", "IsFirstStatus": False}, "working"),
        ({"Status": "unqualified", "IsFirstStatus": True}, "closed"),
        ({}, "working"),
        ({"Status": "New", "IsConverted": "true", "ConvertedDate": "2026-04-05"}, "converted"),
    ],
)
def test_a_lead_says_how_far_it_is(facts: dict[str, Any], state: str) -> None:
    found = record(people.leads([lead(1, **facts)], TOKYO))
    assert found.lead_state == state
    assert found.lead_ended_day == (on("2026-04-05") if state == "converted" else None)


def test_every_record_bears_the_orgs_own_day_it_was_made_on_and_only_leads_a_state() -> None:
    found = record(people.contacts([contact(1, CreatedDate="2026-01-31T23:30:00Z")], TOKYO))
    assert (found.created_day, found.lead_state) == (on("2026-02-01"), None)


@pytest.mark.parametrize(
    ("told", "referrer"),
    [
        (BEN, BEN),
        (BEN[:15], BEN),
        ("  " + BEN + " ", BEN),
        ("0035g00000AbCdE", "0035g00000AbCdEAAV"),
        ("ANNA-1", fold_code("ANNA-1")),
        ("ABCDEFGHIJKLMNO", fold_code("ABCDEFGHIJKLMNO")),
        ("", None),
        (None, None),
    ],
)
def test_a_referrer_is_told_by_id_or_by_code(told: str | None, referrer: str | None) -> None:
    assert record(people.contacts([contact(1, By__c=told)], TOKYO)).referrer_id == referrer


def test_a_referrer_who_was_forgotten_is_not_named_and_one_told_by_address_only_as_a_hash() -> None:
    assert record(people.contacts([contact(1, By__c=BEN)], forgetting(BEN))).referrer_id is None
    found = record(people.contacts([contact(1, By__c="Ben@Example.com")], TOKYO)).referrer_id
    assert found == KEY.of("code", "ben@example.com")


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-07-01", "2026-07-01"),
        ("2026-07-01T16:00:00.000+0000", "2026-07-02"),
        (None, None),
        ("soon", None),
        ("2030-01-01", None),
    ],
)
def test_answers_count_with_the_day_that_their_field_tells(day: str | None, told: str | None) -> None:
    facts = {"Expected__c": "Better", "Nps__c": "10.0", "Stars__c": "6", "On__c": day}
    found = record(people.contacts([contact(1, **facts)], TOKYO))
    assert (found.expectation, found.nps) == (("better", 10) if told else (None, None))
    assert found.expectation_day == found.nps_day == (on(told) if told else None)
    assert (found.stars, found.stars_day) == (None, None), "six stars are none"
