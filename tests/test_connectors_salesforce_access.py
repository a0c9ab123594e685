"""What our user may read and write: whatever stands in the way is named, the rest goes on."""

import re
from pathlib import Path
from typing import Literal

import pytest
import responses
from phonenumbers import SUPPORTED_REGIONS
from salesforce_look import ORGANIZATION, SHAPES, SINCE, TOUCHED, TOUCHES, an_org
from salesforce_org import (
    ACCOUNT,
    CONTACT,
    LEAD,
    ORDER,
    OURS,
    PERSONS,
    connector,
)

from connectors.salesforce import countries


@responses.activate
def test_objects_that_are_not_wanted_are_no_targets(tmp_path: Path) -> None:
    an_org()
    org = connector(tmp_path, objects=("Contact",))
    site = org.survey({})
    assert set(site.present) == set(site.writable) == {"Contact"}
    assert org.streams == ("Contact", "Lead", "Account", "Order", *TOUCHES), "they are read all the same"


@responses.activate
def test_missing_and_locked_fields_are_named_apart(tmp_path: Path) -> None:
    an_org({**SHAPES, "Contact": CONTACT + OURS[:2]}, read_only=("Zaiseki_Net_Spend__c",))
    site = connector(tmp_path, objects=("Contact",)).survey({})
    told = {finding.code: finding.details["fields"] for finding in site.findings}
    assert told == {
        "fields_missing": "Zaiseki_Segment__c, Zaiseki_Lapses_On__c",
        "fields_not_writable": "Zaiseki_Net_Spend__c",
    }
    assert {finding.severity for finding in site.findings} == {"error"}
    assert site.present == {"Contact": frozenset({"tenure_days", "net_spend"})}
    assert site.writable == {"Contact": frozenset({"tenure_days"})}


@responses.activate
def test_fields_that_identity_or_the_settings_need_are_named_when_unseen(tmp_path: Path) -> None:
    an_org({**SHAPES, "Contact": tuple(name for name in CONTACT + OURS if name != "Email")})
    merchants = {"shopify_id_field": "Shop_Id__c", "exclude_field": "Staff__c"}
    found = connector(tmp_path, order_reference="Shop_Order__c", **merchants).survey({}).findings
    errors = {one.details["object"]: one.details["fields"] for one in found if one.severity == "error"}
    assert errors == {"Contact": "Email, Shop_Id__c, Staff__c", "Order": "Shop_Order__c"}
    assert {one.code for one in found if one.severity == "error"} == {"fields_not_readable"}


BOX, MIRROR = "Staff__c", "Staff__pc"
MUST, MAY = "fields_not_readable", "exclusion_unseen"


@pytest.mark.parametrize(
    ("seen_on", "named", "accounts", "told"),
    [
        ({"Contact", "Lead", "Account"}, (), "auto", set()),
        ({"Contact"}, (), "auto", {(MAY, "Lead", BOX), (MAY, "Account", BOX)}),
        ({"Contact"}, (), "never", {(MAY, "Lead", BOX)}),
        (set(), (), "never", {(MUST, "Contact", BOX), (MUST, "Account", MIRROR), (MAY, "Lead", BOX)}),
        ({"Contact"}, ("Contact",), "auto", set()),
        ({"Contact"}, ("Contact", "Lead"), "auto", {(MUST, "Lead", BOX)}),
        ({"Lead"}, ("Lead",), "auto", set()),
        ({"Contact", "Lead"}, ("Account",), "always", {(MUST, "Account", BOX)}),
        ({"Contact", "Lead"}, ("Contact", "Account"), "never", {(MUST, "Account", BOX)}),
    ],
)
@responses.activate
def test_the_box_of_those_left_alone_is_missed_where_it_is_and_asked_for_where_it_may_be(
    seen_on: set[str],
    named: tuple[str, ...],
    accounts: Literal["auto", "always", "never"],
    told: set[tuple[str, str, str]],
    tmp_path: Path,
) -> None:
    boxes = {name: (BOX,) if name in seen_on else () for name in ("Contact", "Lead", "Account")}
    mirror = (MIRROR,) if "Contact" in seen_on else ()
    shapes = {
        "Contact": (*CONTACT, "IsPersonAccount", *boxes["Contact"]),
        "Lead": (*LEAD, *boxes["Lead"]),
        "Account": (*ACCOUNT, *PERSONS, *mirror, *boxes["Account"]),
    }
    an_org({**SHAPES, **shapes})
    org = connector(tmp_path, objects=(), exclude_field=BOX, exclude_on=named, accounts=accounts)
    found = {(f.code, f.details["object"], f.details["fields"]) for f in org.survey({}).findings}
    assert found == told


@responses.activate
def test_an_object_that_bears_the_box_must_be_seen_at_all(tmp_path: Path) -> None:
    an_org({**SHAPES, "Contact": (*CONTACT, BOX), "Lead": ()})
    org = connector(tmp_path, objects=(), exclude_field=BOX, exclude_on=("Contact", "Lead"))
    found = {(f.code, f.severity) for f in org.survey({}).findings}
    assert found == {("stream_unseen", "warning"), ("object_not_visible", "error")}


@responses.activate
def test_contacts_that_the_user_cannot_see_stop_the_run(tmp_path: Path) -> None:
    an_org({name: fields for name, fields in SHAPES.items() if name != "Contact"})
    site = connector(tmp_path).survey({})
    (finding,) = site.findings
    assert (finding.code, finding.severity, finding.details["object"]) == (
        "object_not_visible",
        "error",
        "Contact",
    )
    assert "Contact" not in site.counts


@pytest.mark.parametrize("sobject", ["Lead", "Account"])
@responses.activate
def test_an_optional_object_that_the_user_cannot_see_is_left_out_with_a_warning(
    sobject: str, tmp_path: Path
) -> None:
    an_org({name: fields for name, fields in SHAPES.items() if name != sobject})
    org = connector(tmp_path)
    site = org.survey(dict.fromkeys(org.streams, SINCE))
    (finding,) = site.findings
    assert (finding.code, finding.severity, finding.details["object"]) == (
        "stream_unseen",
        "warning",
        sobject,
    )
    assert sobject not in {*org.streams, *site.counts, *site.present}
    assert site.whole_history is None


@responses.activate
def test_leads_and_person_accounts_without_their_email_are_left_out_with_a_warning(tmp_path: Path) -> None:
    persons = tuple(name for name in (*ACCOUNT, *PERSONS) if name != "PersonEmail")
    leads = tuple(name for name in LEAD if name != "Email")
    an_org({**SHAPES, "Lead": leads, "Account": persons})
    org = connector(tmp_path)
    found = org.survey({}).findings
    told = {(f.code, f.severity, f.details["object"], f.details["fields"]) for f in found}
    assert told == {
        ("stream_unreadable", "warning", "Lead", "Email"),
        ("stream_unreadable", "warning", "Account", "PersonEmail"),
    }
    assert org.streams == ("Contact", "Order", *TOUCHES)


@pytest.mark.parametrize(
    ("order", "missing"),
    [
        (tuple(name for name in ORDER if name != "TotalAmount"), "TotalAmount"),
        (tuple(name for name in ORDER if name != "BillToContactId"), "BillToContactId"),
        ((*ORDER, "IsReductionOrder"), "OriginalOrderId"),
        ((), ", ".join(["Id", "CreatedDate", "SystemModstamp", "IsDeleted", *ORDER[1:6]])),
    ],
)
@responses.activate
def test_orders_that_cannot_be_read_whole_are_not_read_and_the_history_is_not_whole(
    order: tuple[str, ...], missing: str, tmp_path: Path
) -> None:
    shapes = {**SHAPES, "Order": order} if order else {n: f for n, f in SHAPES.items() if n != "Order"}
    an_org(shapes)
    org = connector(tmp_path, order_reference="Shop_Order__c")
    site = org.survey(dict.fromkeys(org.streams, SINCE))
    (finding,) = site.findings
    assert (finding.code, finding.severity) == ("orders_unreadable", "warning")
    assert finding.details == {"platform": "Salesforce", "object": "Order", "fields": missing}
    assert org.streams == ("Contact", "Lead", "Account", *TOUCHES)
    assert site.whole_history is False


@responses.activate
def test_opportunities_without_their_contact_roles_are_not_read(tmp_path: Path) -> None:
    opportunity = (*TOUCHED["Opportunity"], "Amount")
    an_org({**SHAPES, "Opportunity": opportunity, "OpportunityContactRole": ()})
    org = connector(tmp_path, purchases="opportunity")
    site = org.survey({})
    assert [f.details["object"] for f in site.findings] == ["OpportunityContactRole"]
    assert org.streams == ("Contact", "Lead", "Account", *TOUCHES[:5]), "opportunities tell of interest still"
    assert site.whole_history is False


def without(shape: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return tuple(name for name in shape if name not in names)


@pytest.mark.parametrize(
    ("sobject", "shape", "hidden", "code"),
    [
        ("Contact", CONTACT, "HasOptedOutOfEmail", "consent_unseen"),
        ("Contact", CONTACT, "DoNotCall", "consent_unseen"),
        ("Contact", CONTACT, "FirstName", "names_unseen"),
        ("Contact", CONTACT, "LastName", "names_unseen"),
        ("Contact", CONTACT, "MobilePhone", "phones_unseen"),
        ("Lead", LEAD, "HasOptedOutOfEmail", "consent_unseen"),
        ("Lead", LEAD, "FirstName", "names_unseen"),
        ("Account", ACCOUNT, "Phone", "phones_unseen"),
        ("Account", ACCOUNT, "Name", "names_unseen"),
        ("Account", (*ACCOUNT, *PERSONS), "PersonHasOptedOutOfEmail", "consent_unseen"),
        ("Account", (*ACCOUNT, *PERSONS), "FirstName", "names_unseen"),
        ("Account", (*ACCOUNT, *PERSONS), "PersonMobilePhone", "phones_unseen"),
        ("Order", ORDER, "PoNumber", "order_marks_unseen"),
        ("Contact", CONTACT, "LeadSource", "sources_unseen"),
        ("Lead", LEAD, "LeadSource", "sources_unseen"),
        ("Account", (*ACCOUNT, *PERSONS), "PersonLeadSource", "sources_unseen"),
    ],
)
@responses.activate
def test_hidden_columns_that_nothing_stops_without_are_told(
    sobject: str, shape: tuple[str, ...], hidden: str, code: str, tmp_path: Path
) -> None:
    an_org({**SHAPES, sobject: without(shape, hidden)})
    org = connector(tmp_path, objects=())
    (finding,) = org.survey({}).findings
    assert (finding.code, finding.severity) == (code, "warning")
    assert (finding.details["object"], finding.details["fields"]) == (sobject, hidden)
    assert sobject in org.streams


@responses.activate
def test_an_org_without_person_accounts_hides_none_of_their_columns(tmp_path: Path) -> None:
    an_org()
    assert connector(tmp_path, objects=()).survey({}).findings == ()


@responses.activate
def test_order_marks_are_not_missed_where_the_merchants_own_field_names_the_order(tmp_path: Path) -> None:
    an_org({**SHAPES, "Order": (*without(ORDER, "PoNumber"), "Shop_Order__c")})
    assert connector(tmp_path, objects=(), order_reference="Shop_Order__c").survey({}).findings == ()


@responses.activate
def test_what_is_not_read_misses_nothing(tmp_path: Path) -> None:
    an_org({**SHAPES, "Lead": without(LEAD, "Email", "HasOptedOutOfEmail")})
    assert [f.code for f in connector(tmp_path, objects=()).survey({}).findings] == ["stream_unreadable"]


@responses.activate
def test_the_columns_read_are_told_stream_by_stream(tmp_path: Path) -> None:
    an_org({**SHAPES, "Contact": without(CONTACT, "LastName")})
    columns = connector(tmp_path, objects=()).survey({}).columns
    assert columns["Contact"] == frozenset(CONTACT) - {"LastName"}
    assert set(columns) == {"Contact", "Lead", "Account", "Order", *TOUCHES}


@pytest.mark.parametrize(
    ("told", "country"),
    [
        ({"Country": "JP", "DefaultLocaleSidKey": "en_US"}, "JP"),
        ({"Country": "Deutschland", "CountryCode": "DE"}, "DE"),
        ({"Country": "Atlantis", "DefaultLocaleSidKey": "de_DE_EURO"}, "DE"),
        ({"Country": "Japan", "DefaultLocaleSidKey": "en_US"}, "JP"),
        ({"Country": "日本", "DefaultLocaleSidKey": "en_US"}, "JP"),
        ({"Country": "JPN"}, "JP"),
        ({"Country": "United States", "DefaultLocaleSidKey": "ja_JP"}, "US"),
        ({"Country": "united  states"}, "US"),
        ({"Country": "Ｕ.Ｓ.Ａ."}, "US"),
        ({"Country": "アメリカ合衆国"}, "US"),
        ({"Country": "Germany", "DefaultLocaleSidKey": "ja_JP"}, "DE"),
        ({"Country": "Deutschland"}, "DE"),
        ({"Country": "Korea, Republic of"}, "KR"),
        ({"Country": "UK"}, "GB"),
        ({"Country": None, "DefaultLocaleSidKey": "zh_Hant_TW"}, "TW"),
        ({"DefaultLocaleSidKey": "en_US"}, ""),
        ({"DefaultLocaleSidKey": "ja"}, ""),
        ({}, ""),
    ],
)
@responses.activate
def test_the_country_of_an_org_is_that_of_its_address_else_of_a_locale_somebody_chose(
    told: dict[str, object], country: str, tmp_path: Path
) -> None:
    an_org(organization={**ORGANIZATION, **told})
    site = connector(tmp_path, objects=()).survey({})
    assert site.country == country
    assert [f.code for f in site.findings] == (
        ["country_unread"] if told.get("Country") == "Atlantis" else []
    )


def test_every_country_of_the_table_is_one_whose_numbers_can_be_read_and_no_name_means_two() -> None:
    rows = (Path(countries.__file__).with_suffix(".tsv")).read_text(encoding="utf-8").splitlines()[1:]
    told = [(line.split("\t")[0], name) for line in rows for name in re.split("[\t;]", line)]
    assert {code for code, _ in told} >= SUPPORTED_REGIONS - {"AC", "TA"}, "islands of Saint Helena"
    assert [(code, name) for code, name in told if countries.code_of(name) != code] == []
    assert {countries.code_of(nothing) for nothing in ("", " ", "XX", "Atlantis", "Europe")} == {""}


@pytest.mark.parametrize(
    ("shapes", "told", "left"),
    [
        ({"Case": ()}, [("stream_unseen", "Case")], {"Case"}),
        ({"Task": ()}, [("stream_unseen", "Task")], {"Task"}),
        ({"Event": ()}, [("stream_unseen", "Event")], {"Event"}),
        ({"CampaignMember": ()}, [("stream_unseen", "CampaignMember")], {"CampaignMember"}),
        (
            {"Opportunity": (), "OpportunityContactRole": ()},
            [("stream_unseen", "Opportunity")],
            {"Pipeline", "OpportunityContactRole"},
        ),
        (
            {"OpportunityContactRole": ()},
            [("stream_unseen", "OpportunityContactRole")],
            {"OpportunityContactRole"},
        ),
        ({"Case": without(TOUCHED["Case"], "Reason")}, [("stream_unreadable", "Case")], {"Case"}),
        (
            {"Opportunity": without(TOUCHED["Opportunity"], "StageName")},
            [("stream_unreadable", "Opportunity")],
            {"Pipeline", "OpportunityContactRole"},
        ),
    ],
)
@responses.activate
def test_what_happened_beside_purchases_is_left_out_where_it_is_hidden_and_nothing_else_is(
    shapes: dict[str, tuple[str, ...]], told: list[tuple[str, str]], left: set[str], tmp_path: Path
) -> None:
    an_org({**SHAPES, **shapes})
    org = connector(tmp_path, objects=())
    site = org.survey({})
    assert [(f.code, f.details["object"]) for f in site.findings] == told
    assert {f.severity for f in site.findings} == {"warning"}
    every = ("Contact", "Lead", "Account", "Order", *TOUCHES)
    assert org.streams == tuple(name for name in every if name not in left)
    assert site.whole_history is None


@responses.activate
def test_where_opportunities_are_purchases_their_lack_is_told_once(tmp_path: Path) -> None:
    an_org({**SHAPES, "Opportunity": (), "OpportunityContactRole": ()})
    org = connector(tmp_path, objects=(), purchases="opportunity")
    assert [f.code for f in org.survey({}).findings] == ["orders_unreadable"]
    assert org.streams == ("Contact", "Lead", "Account", *TOUCHES[:4])
