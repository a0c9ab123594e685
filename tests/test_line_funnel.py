"""The way to the first purchase, from both platforms to what is suggested: who refused is left alone, what
was reached stays reached, and a past day looks as it looked then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import write_scenario
from line_support import Line, small

from sync.edge import day_of

TODAY, LATER = "2026-10-01T12:00:00+09:00", "2026-10-06T12:00:00+09:00"
PLACE = (
    '[shopify]\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n'
    '[salesforce]\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n'
)
TOML = f'now = "{TODAY}"\n{PLACE}'
PROPOSAL = "Proposal/Price Quote"


def at(day: str) -> str:
    return f"2026-{day}T12:00:00+09:00"


def on(day: str) -> int:
    """A day of 2026 as days since 1970-01-01."""
    return day_of(date.fromisoformat(f"2026-{day}"))


def one(prefix: str, number: int) -> str:
    """An id of the org."""
    return f"{prefix}000000{number:06}AAA"


def customer(number: int, day: str = "01-05", **more: object) -> dict[str, object]:
    name = {"first_name": f"P{number}", "last_name": f"L{number}"}
    made = {"created_at": at("01-05"), "updated_at": at(day)}
    return {"id": number, "email": f"p{number}@example.com", **name, **made, **more}


def order(number: int, who: int, day: str) -> dict[str, object]:
    return {
        "id": number,
        "customer_id": who,
        "processed_at": at(day),
        "updated_at": at(day),
        "total": 30_000,
    }


def row(prefix: str, number: int, day: str, changed: str = "", /, **more: object) -> dict[str, object]:
    stamps = {"CreatedDate": at(day), "LastModifiedDate": at(changed or day)}
    return {"Id": one(prefix, number), **stamps, **more}


def person(sobject: str, number: int, **more: object) -> dict[str, object]:
    return row(sobject, number, "01-06", LastName=f"Q{number}", Email=f"q{number}@example.com", **more)


def deal(number: int, stage: str, changed: str, closed: str = "2026-12-01") -> dict[str, object]:
    facts = {"Name": "Deal", "AccountId": one("001", 1), "StageName": stage, "CloseDate": closed}
    return row("006", number, "08-01", changed, **facts)


def stage(number: int, whose: int, day: str, name: str) -> dict[str, object]:
    return row("008", number, day, OpportunityId=one("006", whose), StageName=name)


ROWS: dict[str, list[dict[str, object]]] = {
    "shopify_customers": [
        customer(1, rfm_group="CHAMPIONS"),
        customer(2, rfm_group="LOYAL"),
        customer(3, phone="+819012345678", sms_consent="SUBSCRIBED", sms_consent_at=at("05-02")),
        customer(4, email_consent="UNSUBSCRIBED", email_consent_at=at("08-01")),
        customer(5, email_consent="SUBSCRIBED", email_consent_at=at("02-01")),
        customer(
            6,
            email_consent="UNSUBSCRIBED",
            email_consent_at=at("09-01"),
            phone="+819012345679",
            sms_consent="SUBSCRIBED",
            sms_consent_at=at("03-01"),
        ),
        customer(7, phone="+819012345670", sms_consent="UNSUBSCRIBED", sms_consent_at=at("04-01")),
        customer(8),
    ],
    "shopify_orders": [order(11, 1, "01-10"), order(12, 1, "09-10"), order(13, 2, "09-01")],
    "shopify_abandoned_checkouts": [
        {"id": 31, "customer_id": 8, "created_at": at("09-01"), "updated_at": at("09-01")}
    ],
    "salesforce_Account": [row("001", 1, "01-01", Name="A1")],
    "salesforce_Contact": [
        person("003", 1, HasOptedOutOfEmail="true"),
        person("003", 2, AccountId=one("001", 1)),
        person("003", 3, AccountId=one("001", 1)),
        person("003", 4),
    ],
    "salesforce_Lead": [
        person("00Q", 5, Company="-", Status="Closed - Not Converted"),
        person("00Q", 6, Company="-", Status="Working - Contacted"),
    ],
    "salesforce_Campaign": [row("701", 1, "01-01", Name="Spring")],
    "salesforce_CampaignMember": [
        row(
            "00v",
            number,
            "04-01",
            CampaignId=one("701", 1),
            Status="Responded",
            FirstRespondedDate="2026-04-09",
            **whose,
        )
        for number, whose in ((1, {"ContactId": one("003", 1)}), (2, {"LeadId": one("00Q", 5)}))
    ],
    "salesforce_Opportunity": [deal(2, PROPOSAL, "09-10"), deal(3, "Prospecting", "08-01")],
    "salesforce_OpportunityHistory": [stage(1, 2, "08-01", "Prospecting"), stage(2, 2, "09-10", PROPOSAL)],
    "salesforce_OpportunityContactRole": [
        row("00K", n, "08-01", OpportunityId=one("006", n), ContactId=one("003", n), IsPrimary="true")
        for n in (2, 3)
    ],
    "salesforce_Case": [row("500", 1, "09-20", ContactId=one("003", 4), Type="Complaint", Status="New")],
    "salesforce_Event": [row("00U", 1, "09-01", WhoId=one("003", 4), EndDateTime=at("10-03"))],
}
SINCE_THEN: dict[str, list[dict[str, object]]] = {
    "shopify_customers": [
        customer(5, "10-05", email_consent="UNSUBSCRIBED", email_consent_at=at("10-05")),
        customer(8, "10-05"),
    ],
    "shopify_orders": [order(14, 1, "10-05"), order(15, 8, "10-05")],
    "shopify_refunds": [{"id": 21, "order_id": 13, "processed_at": at("10-05"), "amount": 30_000}],
    "shopify_abandoned_checkouts": [
        {
            "id": 31,
            "customer_id": 8,
            "created_at": at("09-01"),
            "updated_at": at("10-05"),
            "completed_at": at("10-05"),
        }
    ],
    "salesforce_Opportunity": [
        deal(2, "Closed Lost", "10-05", "2026-10-05"),
        deal(3, "Closed Lost", "10-05", "2026-10-05"),
    ],
    "salesforce_OpportunityHistory": [stage(3, 3, "10-03", PROPOSAL)],
    "salesforce_Case": [
        row(
            "500",
            1,
            "09-20",
            "10-05",
            ContactId=one("003", 4),
            Type="Complaint",
            Status="Closed",
            ClosedDate=at("10-05"),
        )
    ],
}
UNTIL_NOW = ("5", one("00Q", 5), one("00Q", 6))
"""Whose consent or lead changed: of those the platforms keep what is so now."""


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("funnel")
    with small(folder / "job", write_scenario(folder / "scenario", ROWS, TOML)) as made:
        made.configure(plain=True, best_spend=50_000, more="[metrics]\nshop = true\n")
        made.provision()
        made.sync()
        yield made


def asked(line: Line, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(line.store), read_only=True) as con:
        return con.execute(query).fetchall()


def scores(line: Line) -> dict[str, dict[str, Any]]:
    """Every person's row of scores, by the id of a record."""
    with duckdb.connect(str(line.store), read_only=True) as con:
        found = con.sql("SELECT m.id AS record, s.* FROM scores s JOIN members m USING (person_id)")
        return {row["record"]: row for row in found.to_arrow_table().to_pylist()}


def stands(line: Line, record: str) -> tuple[Any, ...]:
    told = scores(line)[record]
    return tuple(told[name] for name in ("funnel_stage", "funnel_evidence", "exited", "next_action"))


def test_the_shops_own_groups_are_compared_with_our_segments(line: Line) -> None:
    found = {
        (name, part): rest
        for name, part, *rest in asked(line, "SELECT name, part, value, base FROM shop_scores")
    }
    assert found["rfm_people", "champions>best_active"] == [1, 1]
    assert found["rfm_agreement", "theirs in ours"] == [0.5, 2]
    assert found["rfm_agreement", "ours in theirs"] == [1, 1]


def test_who_opted_out_of_mail_is_left_alone_whatever_they_answered_since_the_record_was_made(
    line: Line,
) -> None:
    assert stands(line, one("003", 1)) == ("interest", "campaign_response", True, "leave_alone")
    told = line.run("why", one("003", 1)).out
    assert "mail was refused. The platform does not say since when" in told


def test_a_lead_that_was_closed_is_left_alone_and_one_that_is_worked_on_is_not(line: Line) -> None:
    assert stands(line, one("00Q", 5)) == ("interest", "campaign_response", True, "leave_alone")
    assert stands(line, one("00Q", 6)) == ("interest", "lead_working", False, "offer_first")


def test_a_yes_to_messages_is_a_sign_of_interest_on_its_day(line: Line) -> None:
    assert stands(line, "3") == ("interest", "consent", False, "offer_first")
    told = scores(line)["3"]
    assert (told["funnel_day"], told["contact_by"]) == (on("05-02"), "sms")


def test_who_unsubscribed_was_interested_once_and_has_left_unless_another_medium_stays_open(
    line: Line,
) -> None:
    assert stands(line, "4") == ("interest", "consent", True, "leave_alone")
    assert scores(line)["4"]["exit_day"] == on("08-01")
    assert stands(line, "6") == ("interest", "consent", False, "offer_first")
    assert stands(line, "7") == ("interest", "consent", True, "leave_alone")


def test_a_past_day_looks_as_it_looked_then_and_a_lost_opportunity_keeps_its_proposal(
    tmp_path: Path,
) -> None:
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", ROWS, TOML)) as line:
        line.configure(plain=True, best_spend=50_000)
        line.provision()
        line.sync()
        then = scores(line)
        line.apply(tmp_path / "later", SINCE_THEN, LATER, PLACE)
        line.sync()
        assert stands(line, one("003", 2)) == ("memory", "proposal", True, "leave_alone")
        assert scores(line)[one("003", 2)]["funnel_day"] == on("09-10")
        assert stands(line, one("003", 3)) == ("memory", "proposal", True, "leave_alone")
        assert stands(line, "5") == ("interest", "consent", True, "leave_alone")
        line.sync("--as-of", "2026-10-01", "--approve")
        again = scores(line)
        assert then.keys() == again.keys()
        for record in then.keys() - set(UNTIL_NOW):
            assert again[record] == then[record], record
        assert stands(line, one("003", 2)) == ("memory", "proposal", False, "remind")
        assert stands(line, one("003", 3)) == ("desire", "opportunity", False, "help_decide")
        kept = ("funnel_stage", "exited", "next_action")
        assert [again["5"][name] for name in kept] == [then["5"][name] for name in kept]
