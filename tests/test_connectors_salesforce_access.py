"""What our user may read and write: whatever stands in the way is named, the rest goes on."""

from pathlib import Path

import pytest
import responses
from salesforce_look import SHAPES, SINCE, an_org
from salesforce_org import (
    ACCOUNT,
    CONTACT,
    LEAD,
    ORDER,
    OURS,
    PERSONS,
    connector,
)


@responses.activate
def test_objects_that_are_not_wanted_are_no_targets(tmp_path: Path) -> None:
    an_org()
    org = connector(tmp_path, objects=("Contact",))
    site = org.survey({})
    assert set(site.present) == set(site.writable) == {"Contact"}
    assert org.streams == ("Contact", "Lead", "Account", "Order"), "they are read all the same"


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
    site = connector(tmp_path, order_reference="Shop_Order__c", **merchants).survey({})
    told = {finding.details["object"]: finding.details["fields"] for finding in site.findings}
    assert told == {"Contact": "Email, Shop_Id__c, Staff__c", "Order": "Shop_Order__c"}
    assert {finding.code for finding in site.findings} == {"fields_not_readable"}


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
    assert org.streams == ("Contact", "Order")


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
    assert org.streams == ("Contact", "Lead", "Account")
    assert site.whole_history is False


@responses.activate
def test_opportunities_without_their_contact_roles_are_not_read(tmp_path: Path) -> None:
    opportunity = (*LEAD[:4], "AccountId", "Amount", "CloseDate", "IsWon")
    an_org({**SHAPES, "Opportunity": opportunity})
    org = connector(tmp_path, purchases="opportunity")
    site = org.survey({})
    assert [f.details["object"] for f in site.findings] == ["OpportunityContactRole"]
    assert org.streams == ("Contact", "Lead", "Account")
    assert site.whole_history is False
