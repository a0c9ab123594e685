"""Everybody an org knows: persons and businesses, leads and contacts, each read and written once."""

import pytest
from salesforce_look import TOUCHES
from salesforce_people import (
    ACME,
    CONTACT,
    HANA,
    KEN,
    LEAD,
    PEOPLE,
    an_org,
    by_id,
    person,
    swept,
)
from salesforce_sandbox import (
    FIELDS,
    TOML,
    Start,
    connected,
    independent,
    provisioned,
    rows,
    values,
)

from connectors.base import Update


@pytest.mark.parametrize("more", [0, 2100])
def test_a_person_account_is_one_account_row_with_the_names_of_a_contact(sandbox: Start, more: int) -> None:
    """The same from pages of JSON and from a bulk result."""
    org_rows = an_org()
    org_rows["salesforce_Account"] += [
        person(f"001{number:012d}AAA", f"P{number}") for number in range(100, 100 + more)
    ]
    ready = sandbox(org_rows, PEOPLE)
    provisioned(ready)
    with connected(ready) as org:
        site = org.survey({})
        counts = {"Contact": 1, "Lead": 2, "Account": 3 + more, "Order": 0}
        assert site.counts == {**counts, **dict.fromkeys(TOUCHES, 0)}
        assert list(by_id(org, "Contact")) == [CONTACT], "the person's contact row is no contact"
        accounts = by_id(org, "Account")
    hana, acme = accounts[HANA], accounts[ACME]
    assert (hana["FirstName"], hana["LastName"], hana["Email"]) == ("花", "伊藤", "hana@example.com")
    assert (hana["MobilePhone"], hana["LeadSource"]) == ("090-1111-2222", "Web")
    assert hana["HasOptedOutOfEmail"] in (True, "true") and hana["PersonContactId"].startswith("003")
    assert (acme["Name"], acme["Phone"], acme["Email"]) == ("Acme", "03-1111-2222", None)
    assert acme["IsPersonAccount"] in (False, "false")
    assert not [name for row in accounts.values() for name in row if name.endswith("__pc")]
    assert not [name for row in accounts.values() for name in row if name.startswith("PersonE")]


def test_a_merchants_field_is_read_under_one_name_wherever_it_stands(sandbox: Start) -> None:
    org_rows = an_org()
    org_rows["salesforce_Account"][0]["Shop__c"] = "acme"
    org_rows["salesforce_Account"][1]["Shop__pc"] = "hana"
    org_rows["salesforce_Account"][2]["Shop__c"] = "ken's account"
    ready = sandbox(org_rows, PEOPLE)
    with connected(ready, {"shopify_id_field": "Shop__c"}) as org:
        org.survey({})
        held = {record_id: row["Shop__c"] for record_id, row in by_id(org, "Account").items()}
        assert held == {ACME: "acme", HANA: "hana", KEN: "ken's account"}
        assert by_id(org, "Contact")[CONTACT]["Shop__c"] == "7"
        assert "Shop__c" not in by_id(org, "Lead")[LEAD]


@pytest.mark.parametrize("count", [0, 2300])
def test_each_kind_of_record_is_written_through_its_own_object(sandbox: Start, count: int) -> None:
    org_rows = an_org()
    org_rows["salesforce_Account"] += [
        person(f"001{number:012d}AAA", f"P{number}") for number in range(100, 100 + count)
    ]
    ready = sandbox(org_rows, PEOPLE)
    provisioned(ready)
    persons = [HANA, *(f"001{number:012d}AAA" for number in range(100, 100 + count))]
    targets = [
        ("Contact", CONTACT),
        *(("PersonAccount", one) for one in persons),
        ("Lead", LEAD),
        ("Account", ACME),
    ]
    updates = [Update(name, record_id, values(n)) for n, (name, record_id) in enumerate(targets, start=1)]
    with connected(ready) as org:
        site = org.survey({})
        every = frozenset(field.key for field in FIELDS)
        assert site.writable == dict.fromkeys(("Contact", "PersonAccount", "Lead", "Account"), every)
        results = list(org.write(iter(updates), len(updates)))
        assert {(r.object, r.record_id) for r in results} == set(targets)
        assert {r.status for r in results} == {"confirmed"}
        assert org.usage.requests < 25
    client, columns = independent(ready), "Zaiseki_Tenure_Days__c, Zaiseki_Days_Since_Last__c"
    for sobject, record_id, days in (
        ("Contact", CONTACT, 1),
        ("Lead", LEAD, count + 3),
        ("Account", ACME, count + 4),
    ):
        (row,) = client.query(f"SELECT {columns} FROM {sobject} WHERE Id = '{record_id}'")["records"]
        assert row["Zaiseki_Tenure_Days__c"] == days
    soql = f"SELECT Zaiseki_Tenure_Days__pc, Zaiseki_Tenure_Days__c FROM Account WHERE Id = '{HANA}'"
    (row,) = client.query(soql)["records"]
    assert (row["Zaiseki_Tenure_Days__pc"], row["Zaiseki_Tenure_Days__c"]) == (2, None)
    with connected(ready) as org:
        org.survey({})
        held = by_id(org, "Account")[HANA]
        assert str(held["Zaiseki_Net_Spend__c"]) == "2.05"
        assert held["Zaiseki_Segment__c"] == "steady_active"


def test_blanks_reach_a_person_account_by_bulk_too(sandbox: Start) -> None:
    count = 2100
    ready = sandbox(
        {"salesforce_Account": [person(f"001{n:012d}AAA", f"P{n}") for n in range(count)]}, PEOPLE
    )
    provisioned(ready)
    ids = [f"001{n:012d}AAA" for n in range(count)]
    with connected(ready) as org:
        org.survey({})
        for value in ("steady_active", None):
            made = (Update("PersonAccount", one, {"segment": value}) for one in ids)
            assert {r.status for r in org.write(made, count)} == {"confirmed"}
            where = f"= '{value}'" if value else "= null"
            found = independent(ready).query(f"SELECT Id FROM Account WHERE Zaiseki_Segment__pc {where}")
            assert found["totalSize"] == count


def test_the_days_since_the_last_purchase_of_a_person_account_count_from_its_own_date(sandbox: Start) -> None:
    ready = sandbox(an_org(), PEOPLE)
    provisioned(ready)
    with connected(ready) as org:
        org.survey({})
        update = Update("PersonAccount", HANA, {"last_purchase_on": "2026-09-01"})
        assert [r.status for r in org.write([update], 1)] == ["confirmed"]
    soql = f"SELECT Zaiseki_Days_Since_Last__pc, Zaiseki_Days_Since_Last__c FROM Account WHERE Id = '{HANA}'"
    (row,) = independent(ready).query(soql)["records"]
    assert (row["Zaiseki_Days_Since_Last__pc"], row["Zaiseki_Days_Since_Last__c"]) == (30, None)


def test_where_businesses_never_count_only_persons_are_read_and_written(sandbox: Start) -> None:
    ready = sandbox(an_org(), PEOPLE)
    provisioned(ready, {"accounts": "never"})
    with connected(ready, {"accounts": "never"}) as org:
        site = org.survey({})
        assert site.counts["Account"] == 2
        assert set(by_id(org, "Account")) == {HANA, KEN} == {one.id for one in swept(org, "Account")}
        assert set(site.writable) == {"Contact", "PersonAccount", "Lead"}
    described = {field["name"] for field in independent(ready).Account.describe()["fields"]}
    assert "Zaiseki_Segment__pc" in described and "Zaiseki_Segment__c" not in described


def test_objects_and_fields_that_the_user_cannot_see_are_left_out_and_told(sandbox: Start) -> None:
    hidden = f'{TOML}hidden_objects = ["Lead"]\nhidden_fields = ["Order.TotalAmount"]\n'
    ready = sandbox(rows(), hidden)
    provisioned(ready)
    with connected(ready) as org:
        site = org.survey({})
        assert {(f.code, f.severity, f.details["object"]) for f in site.findings} == {
            ("stream_unseen", "warning", "Lead"),
            ("orders_unreadable", "warning", "Order"),
        }
        assert org.streams == ("Contact", "Account", *TOUCHES)
        assert site.whole_history is False
        assert set(site.present) == {"Contact", "Account"}
