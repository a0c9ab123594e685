"""One look at the org: few requests, every stream by its own conditions, its rates."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from salesforce_look import KEYS, SEVERAL, SHAPES, SINCE, TOUCHED, TOUCHES, an_org, page, soql_of
from salesforce_org import (
    ACCOUNT,
    CONTACT,
    DATA,
    HOST,
    LEAD,
    ORG_ID,
    OURS,
    PERSONS,
    asked_parts,
    connector,
    described,
    error,
)

from connectors.base import Rate
from connectors.errors import MendSettings


@responses.activate
def test_a_survey_with_quiet_increments_takes_four_requests_and_pulling_them_none(tmp_path: Path) -> None:
    an_org(sinceContact=page({"Id": "003A", "IsDeleted": True}))
    org = connector(tmp_path)
    site = org.survey(dict.fromkeys(org.streams, SINCE))
    assert org.usage.requests == 4
    batches = {stream: list(org.pull(stream)) for stream in org.streams}
    assert org.usage.requests == 4
    assert [row for batch in batches["Contact"] for row in batch.rows] == [{"Id": "003A", "IsDeleted": True}]
    assert site.server_time == datetime(2026, 11, 1, 3, 4, 5, tzinfo=UTC)
    assert {found[-1].bookmark for found in batches.values()} == {site.server_time}
    assert (site.account, site.timezone, site.currency) == (ORG_ID, "Asia/Tokyo", "")
    assert site.counts == {"Contact": 3, "Lead": 3, "Account": 3, "Order": 3, **dict.fromkeys(TOUCHES, 0)}
    assert site.writable == site.present == {"Contact": KEYS, "Lead": KEYS, "Account": KEYS}
    assert (site.findings, site.whole_history, site.rates) == ((), None, ())


@responses.activate
def test_no_composite_holds_more_queries_than_the_platform_takes(tmp_path: Path) -> None:
    some = {f"count{name}": {"totalSize": 1} for name in TOUCHES}
    changes = {f"since{name}": page() for name in TOUCHES}
    an_org(SEVERAL, currencies=page(), dated=page(), **some, **changes)
    org = connector(tmp_path)
    org.survey(dict.fromkeys(org.streams, SINCE))
    queries = [sum("/query" in part["url"] for part in parts) for parts in asked_parts()]
    assert max(queries) <= 5 and sum(queries) == 5 + 2 * 4 + 5 + 2 + 2
    assert org.usage.requests == 6


@responses.activate
def test_an_increment_starts_ten_minutes_before_the_bookmark_and_has_no_upper_bound(tmp_path: Path) -> None:
    an_org()
    connector(tmp_path).survey({"Contact": SINCE, "Order": None})
    parts = asked_parts()[1]
    names = ["countContact", "sinceContact", "countLead", "countAccount", "countOrder"]
    assert [part["referenceId"] for part in parts] == names
    assert urlsplit(parts[1]["url"]).path.rstrip("/").endswith("/queryAll")
    soql = soql_of(parts[1])
    assert soql.endswith(" FROM Contact WHERE SystemModstamp >= 2026-10-31T11:50:00Z")
    assert "Zaiseki_Tenure_Days__c" in soql
    assert "LeadSource" in soql and "MasterRecordId" not in soql, "only what our user may see"


@responses.activate
def test_persons_of_person_accounts_are_no_contacts_in_rows_counts_and_sweeps(tmp_path: Path) -> None:
    an_org({**SHAPES, "Contact": (*CONTACT, "IsPersonAccount"), "Account": (*ACCOUNT, *PERSONS)})
    responses.get(f"{DATA}/query", json=page())
    org = connector(tmp_path)
    org.survey({"Contact": SINCE})
    count, since = (soql_of(part) for part in asked_parts()[1][:2])
    assert count == "SELECT COUNT() FROM Contact WHERE IsPersonAccount = false"
    assert " WHERE IsPersonAccount = false AND SystemModstamp >= " in since
    assert soql_of(asked_parts()[1][3]) == "SELECT COUNT() FROM Account"
    list(org.sweep("Contact"))
    (swept,) = parse_qs(urlsplit(responses.calls[-1].request.url or "").query)["q"]
    assert swept == "SELECT Id, Email, Phone, MobilePhone FROM Contact WHERE IsPersonAccount = false"


@responses.activate
def test_where_accounts_are_never_customers_only_person_accounts_are_read(tmp_path: Path) -> None:
    persons = (*ACCOUNT, *PERSONS, *(name.replace("__c", "__pc") for name in OURS))
    an_org({**SHAPES, "Account": persons})
    org = connector(tmp_path, accounts="never")
    site = org.survey({})
    assert soql_of(asked_parts()[1][2]) == "SELECT COUNT() FROM Account WHERE IsPersonAccount = true"
    assert site.writable == {"Contact": KEYS, "PersonAccount": KEYS, "Lead": KEYS}


@responses.activate
def test_without_person_accounts_and_customers_among_businesses_no_account_is_read(tmp_path: Path) -> None:
    an_org()
    org = connector(tmp_path, accounts="never")
    site = org.survey({})
    assert org.streams == ("Contact", "Lead", "Order", *TOUCHES)
    assert site.findings == ()
    assert set(site.present) == {"Contact", "Lead"}


@responses.activate
def test_the_rates_of_the_org_are_read_where_it_has_several_currencies(tmp_path: Path) -> None:
    currencies = page(
        {"IsoCode": "JPY", "ConversionRate": 1, "IsCorporate": True},
        {"IsoCode": "USD", "ConversionRate": 0.0067, "IsCorporate": False},
    )
    more = "/services/data/v67.0/query/01gR-1"
    dated = page(
        {"IsoCode": "USD", "ConversionRate": 0.007, "StartDate": "2025-01-01", "NextStartDate": "2026-01-01"},
        total=2,
        more=more,
    )
    last = {"IsoCode": "USD", "ConversionRate": 0.0065, "StartDate": "2026-01-01", "NextStartDate": None}
    responses.get(f"{HOST}{more}", json=page(last))
    an_org(SEVERAL, currencies=currencies, dated=dated)
    site = connector(tmp_path).survey({})
    assert site.currency == "JPY"
    assert site.rates == (
        Rate("USD", Decimal("0.0067")),
        Rate("USD", Decimal("0.007"), date(2025, 1, 1), date(2026, 1, 1)),
        Rate("USD", Decimal("0.0065"), date(2026, 1, 1), None),
    )


@responses.activate
def test_an_org_without_dated_rates_has_only_those_that_stand(tmp_path: Path) -> None:
    currencies = page({"IsoCode": "JPY", "ConversionRate": 1, "IsCorporate": True})
    an_org(SEVERAL, currencies=currencies)
    site = connector(tmp_path).survey({})
    assert (site.currency, site.rates) == ("JPY", ())


@responses.activate
def test_the_fields_of_a_person_account_are_those_of_contact_by_their_other_name(tmp_path: Path) -> None:
    an_org({**SHAPES, "Account": (*ACCOUNT, *PERSONS, *OURS, "Zaiseki_Segment__pc")})
    site = connector(tmp_path).survey({})
    assert site.present["Account"] == KEYS
    assert site.present["PersonAccount"] == frozenset({"segment"})
    (finding,) = site.findings
    assert finding.details["object"] == "PersonAccount"
    assert "Zaiseki_Tenure_Days__pc" in finding.details["fields"]


@responses.activate
def test_merchants_fields_are_read_on_leads_and_accounts_where_those_have_them(tmp_path: Path) -> None:
    shapes = {
        **SHAPES,
        "Contact": (*CONTACT, "Shop_Id__c", "Staff__c", "IsPersonAccount"),
        "Lead": (*LEAD, "Shop_Id__c"),
        "Account": (*ACCOUNT, *PERSONS, "Shop_Id__pc", "Staff__pc", "Staff__c"),
    }
    an_org(shapes)
    org = connector(tmp_path, shopify_id_field="Shop_Id__c", exclude_field="Staff__c", objects=())
    found = org.survey(dict.fromkeys(org.streams, SINCE)).findings
    assert [(one.code, one.details["object"]) for one in found] == [("exclusion_unseen", "Lead")]
    asked = {p["referenceId"]: soql_of(p) for parts in asked_parts()[1:] for p in parts}
    assert "Shop_Id__c" in asked["sinceLead"] and "Staff__c" not in asked["sinceLead"]
    assert "Staff__c, " in asked["sinceAccount"] and "Shop_Id__pc, Staff__pc" in asked["sinceAccount"]


@responses.activate
def test_a_version_that_the_org_does_not_offer_is_never_replaced_by_another(tmp_path: Path) -> None:
    responses.post(f"{DATA}/composite", json=error("NOT_FOUND"), status=404)
    responses.get(f"{HOST}/services/data/", json=[{"version": "65.0"}, {"version": "66.0"}])
    with pytest.raises(MendSettings) as caught:
        connector(tmp_path).survey({})
    assert caught.value.code == "api_version_unknown"
    assert caught.value.details["offered"] == "65.0 – 66.0"


@responses.activate
def test_small_increments_are_paged_until_the_address_is_missing(tmp_path: Path) -> None:
    more = "/services/data/v67.0/query/01gA-2000"
    an_org(sinceContact=page({"Id": "003A"}, total=2, more=more))
    responses.get(f"{HOST}{more}", json=page({"Id": "003B"}))
    org = connector(tmp_path, purchases="none")
    org.survey({"Contact": SINCE})
    assert [row["Id"] for batch in org.pull("Contact") for row in batch.rows] == ["003A", "003B"]
    assert org.usage.requests == 4


@responses.activate
def test_of_what_is_empty_nothing_but_the_count_is_asked_with_the_describes(tmp_path: Path) -> None:
    an_org(countTask={"totalSize": 1}, sinceTask=page({"Id": "00T1"}))
    org = connector(tmp_path)
    org.survey(dict.fromkeys(org.streams, SINCE))
    first, *later = asked_parts()
    counted = {p["referenceId"]: p for p in first if p["referenceId"].startswith("count")}
    assert list(counted) == [f"count{name}" for name in TOUCHES if name != ROLES], "five, as many as it takes"
    asked = [p["referenceId"] for parts in later for p in parts]
    assert [n for n in asked if n.removeprefix("since").removeprefix("count") in TOUCHES] == ["sinceTask"]
    for name in TOUCHES:
        *_, last = org.pull(name)
        assert last.bookmark is not None
    assert org.usage.requests == 4


@responses.activate
def test_archived_tasks_are_counted_and_swept_with_the_others(tmp_path: Path) -> None:
    an_org(countTask={"totalSize": 1})
    responses.get(f"{DATA}/queryAll", json=page({"Id": "00T1"}))
    org = connector(tmp_path)
    org.survey({})
    (part,) = (p for p in asked_parts()[0] if p["referenceId"] == "countTask")
    done = "IsClosed = true AND TaskSubtype NOT IN ('ListEmail', 'List Email')"
    assert soql_of(part) == f"SELECT COUNT() FROM Task WHERE {done} AND IsDeleted = false"
    assert urlsplit(part["url"]).path.rstrip("/").endswith("/queryAll")
    assert [row.id for rows in org.sweep("Task") for row in rows] == ["00T1"]
    (swept,) = parse_qs(urlsplit(responses.calls[-1].request.url or "").query)["q"]
    assert swept == f"SELECT Id FROM Task WHERE {done} AND IsDeleted = false"


@responses.activate
def test_opportunities_that_are_purchases_are_read_as_touches_too(tmp_path: Path) -> None:
    an_org(
        {**SHAPES, "Opportunity": (*TOUCHED["Opportunity"], "Amount"), "OpportunityContactRole": ROLE},
        countPipeline={"totalSize": 3},
        sincePipeline=page({"Id": "0061"}),
    )
    org = connector(tmp_path, purchases="opportunity")
    org.survey(dict.fromkeys(org.streams, SINCE))
    assert org.streams == ("Contact", "Lead", "Account", "Opportunity", ROLES, *TOUCHES[:5])
    asked = {p["referenceId"]: soql_of(p) for parts in asked_parts()[1:] for p in parts}
    assert "StageName" in asked["sincePipeline"] and "Amount" not in asked["sincePipeline"]
    assert "Amount" in asked["sinceOpportunity"] and "StageName" not in asked["sinceOpportunity"]


ROLES, ROLE = "OpportunityContactRole", TOUCHED["OpportunityContactRole"]


@responses.activate
def test_only_the_stages_that_count_are_read_of_the_history_of_opportunities(tmp_path: Path) -> None:
    history = (*TOUCHED["OpportunityContactRole"][:4], "OpportunityId", "StageName")
    an_org({**SHAPES, "OpportunityHistory": history}, countPipeline={"totalSize": 3})
    org = connector(tmp_path, memory_stages=("Devis envoyé", "L'offre"))
    org.survey({})
    asked = {p["referenceId"]: soql_of(p) for parts in asked_parts()[1:] for p in parts}
    only = r"WHERE StageName IN ('Devis envoyé', 'L\'offre')"
    assert asked["countOpportunityHistory"] == f"SELECT COUNT() FROM OpportunityHistory {only}"
    org.survey({"OpportunityHistory": SINCE})
    (part,) = (p for parts in asked_parts() for p in parts if p["referenceId"] == "sinceOpportunityHistory")
    columns = "Id, CreatedDate, SystemModstamp, IsDeleted, OpportunityId, StageName"
    assert soql_of(part).startswith(f"SELECT {columns} FROM OpportunityHistory {only} AND ")


@responses.activate
def test_without_stages_that_count_the_history_of_opportunities_is_not_asked_for(tmp_path: Path) -> None:
    an_org()
    org = connector(tmp_path, memory_stages=())
    org.survey({})
    assert "OpportunityHistory" not in str(asked_parts())
    assert "OpportunityHistory" not in org.streams


@responses.activate
def test_a_lead_says_whether_its_status_is_the_one_it_began_with(tmp_path: Path) -> None:
    leads = described((*LEAD, "Status"))
    leads["fields"][-1]["picklistValues"] = [
        {"value": "Working", "defaultValue": False},
        {"value": "未対応", "defaultValue": True},
    ]
    an_org(
        describeLead=leads, sinceLead=page({"Id": "1", "Status": "未対応"}, {"Id": "2", "Status": "Working"})
    )
    org = connector(tmp_path, objects=("Contact",))
    org.survey(dict.fromkeys(org.streams, SINCE))
    rows = [row for batch in org.pull("Lead") for row in batch.rows]
    assert [(row["Id"], row["IsFirstStatus"]) for row in rows] == [("1", True), ("2", False)]
