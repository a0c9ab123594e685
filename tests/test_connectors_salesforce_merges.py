"""What became of a record: converted, merged, deleted, emptied."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from salesforce_look import TOUCHES
from salesforce_people import (
    ACME,
    CONTACT,
    CONVERTED,
    HANA,
    KEN,
    LATER,
    LEAD,
    PEOPLE,
    an_org,
    by_id,
    person,
    swept,
)
from salesforce_sandbox import (
    TOML,
    Start,
    apply,
    connected,
    contacts,
    independent,
    provisioned,
    read,
    rows,
)

from connectors.base import Swept, Update

Scenario = Callable[..., Path]


def test_a_converted_lead_is_read_with_its_contact_and_refused_when_written(sandbox: Start) -> None:
    ready = sandbox(an_org(), PEOPLE)
    provisioned(ready)
    with connected(ready) as org:
        org.survey({})
        lead = by_id(org, "Lead")[CONVERTED]
        assert lead["IsConverted"] is True
        assert (lead["ConvertedContactId"], lead["ConvertedAccountId"]) == (CONTACT, ACME)
        (result,) = org.write([Update("Lead", CONVERTED, {"tenure_days": "1"})], 1)
    assert (result.status, result.code) == ("rejected", "CANNOT_UPDATE_CONVERTED_LEAD")


def test_merged_contacts_leads_and_accounts_name_the_record_that_stayed(
    sandbox: Start, scenario: Scenario
) -> None:
    org_rows = an_org()
    other = {"Contact": "003000000000008AAA", "Lead": "00Q000000000008AAA", "Account": "001000000000008AAA"}
    org_rows["salesforce_Contact"].append(
        {"Id": other["Contact"], "LastName": "Leigh", "AccountId": other["Account"]}
    )
    org_rows["salesforce_Lead"].append({"Id": other["Lead"], "LastName": "New", "Company": "x"})
    org_rows["salesforce_Account"].append({"Id": other["Account"], "Name": "Acme Ltd"})
    org_rows["salesforce_Order"] = [
        {"Id": "801000000000001AAA", "AccountId": other["Account"], "BillToContactId": other["Contact"],
         "EffectiveDate": "2026-02-03", "Status": "Activated"}
    ]  # fmt: skip
    ready = sandbox(org_rows, PEOPLE)
    with connected(ready) as org:
        seen = org.survey({}).server_time
    merged = {
        "salesforce_Contact": [{"Id": other["Contact"], "LastName": "Leigh", "merged_into": CONTACT}],
        "salesforce_Lead": [{"Id": other["Lead"], "LastName": "New", "Company": "x", "merged_into": LEAD}],
        "salesforce_Account": [{"Id": other["Account"], "Name": "Acme Ltd", "merged_into": ACME}],
    }
    apply(ready, scenario(merged, LATER))
    with connected(ready) as org:
        site = org.survey(dict.fromkeys(org.streams, seen + timedelta(seconds=600)))
        counts = {"Contact": 1, "Lead": 2, "Account": 3, "Order": 1}
        assert site.counts == {**counts, **dict.fromkeys(TOUCHES, 0)}
        for stream, winner in (("Contact", CONTACT), ("Lead", LEAD), ("Account", ACME)):
            lost = by_id(org, stream)[other[stream]]
            assert (lost["IsDeleted"], lost["MasterRecordId"]) == (True, winner)
        (order,) = read(org, "Order")
        assert (order["AccountId"], order["BillToContactId"]) == (ACME, CONTACT), "its children moved along"


def test_merged_person_accounts_leave_one_person(sandbox: Start, scenario: Scenario) -> None:
    org_rows = an_org()
    ready = sandbox(org_rows, PEOPLE)
    with connected(ready) as org:
        seen = org.survey({}).server_time
        alias = {record_id: row["PersonContactId"] for record_id, row in by_id(org, "Account").items()}
    order = {"Id": "801000000000001AAA", "EffectiveDate": "2026-02-03", "Status": "Activated"}
    bought = {**order, "AccountId": KEN, "BillToContactId": alias[KEN]}
    apply(ready, scenario({"salesforce_Order": [bought]}, LATER))
    apply(ready, scenario({"salesforce_Account": [{**person(KEN, "森"), "merged_into": HANA}]}, LATER))
    with connected(ready) as org:
        site = org.survey(dict.fromkeys(org.streams, seen + timedelta(seconds=600)))
        assert (site.counts["Account"], site.counts["Contact"]) == (2, 1)
        lost = by_id(org, "Account")[KEN]
        assert (lost["IsDeleted"], lost["MasterRecordId"]) == (True, HANA)
        (order,) = read(org, "Order")
        assert (order["AccountId"], order["BillToContactId"]) == (HANA, alias[HANA])
    client = independent(ready)
    live = client.query("SELECT Id FROM Contact WHERE IsPersonAccount = true")["records"]
    assert [row["Id"] for row in live] == [alias[HANA]]


@pytest.mark.parametrize("more", [0, 2100])
def test_a_sweep_tells_every_live_record_and_which_of_them_nothing_is_known_of(
    sandbox: Start, more: int
) -> None:
    org_rows = an_org()
    org_rows["salesforce_Account"].append({"Id": "001000000000004AAA", "Name": "No phone"})
    org_rows["salesforce_Contact"] += [
        {"Id": "003900000000005AAA", "LastName": "Blank"},
        {"Id": "003900000000006AAA", "LastName": "Phone", "Phone": "03-1234-5678"},
        *contacts(more),
    ]
    ready = sandbox(org_rows, PEOPLE)
    independent(ready).Lead.delete(CONVERTED)
    with connected(ready) as org:
        org.survey({})
        everybody = swept(org, "Contact")
        assert {one.id for one in everybody if one.blank} == {"003900000000005AAA"}
        assert len(everybody) == 3 + more
        assert swept(org, "Lead") == {Swept(LEAD)}
        assert swept(org, "Account") == {
            Swept(ACME), Swept(HANA), Swept(KEN, blank=True), Swept("001000000000004AAA")
        }  # fmt: skip


def test_orders_are_swept_by_id_alone(sandbox: Start) -> None:
    ready = sandbox(rows(), TOML)
    with connected(ready) as org:
        org.survey({})
        assert swept(org, "Order") == {Swept(f"801{number:012d}AAA") for number in range(3)}
