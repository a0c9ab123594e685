"""Provisioning and writing to a local org end to end, read back by a client that nobody here wrote."""

import time
from typing import Any

import pytest
from salesforce_sandbox import (
    FIELDS,
    TOML,
    Start,
    connected,
    contacts,
    fault,
    independent,
    provisioned,
    rows,
    values,
)

from connectors.base import Update
from metrics.fields import formulas


def test_provisioning_twice_makes_everything_once(sandbox: Start) -> None:
    ready = sandbox(rows(), TOML)
    with connected(ready) as org:
        assert {f.code for f in org.survey({}).findings} == {"fields_missing"}
    with connected(ready) as org:
        dry = org.provision(FIELDS, formulas(), dry_run=True)
        assert {f.code for f in org.survey({}).findings} == {"fields_missing"}, "a dry run makes nothing"
        made = org.provision(FIELDS, formulas(), dry_run=False)
        assert [(p.object, p.name, p.action) for p in dry] == [(p.object, p.name, p.action) for p in made]
        assert {p.action for p in made} == {"created", "updated"}
        assert {p.action for p in org.provision(FIELDS, formulas(), dry_run=False)} == {"unchanged"}
        site = org.survey({})
    assert site.findings == ()
    every = frozenset(field.key for field in FIELDS)
    assert site.writable == {"Contact": every, "Lead": every, "Account": every}
    fields = {field["name"]: field for field in independent(ready).Contact.describe()["fields"]}
    assert fields["Zaiseki_Segment__c"]["restrictedPicklist"] is True
    assert fields["Zaiseki_Days_Since_Last__c"]["calculated"] is True
    assert fields["Zaiseki_Net_Spend__c"]["inlineHelpText"].startswith("Counted purchases less refunds")


@pytest.mark.parametrize("count", [450, 2300])
def test_what_was_written_is_what_another_client_reads_and_blanks_become_null(
    sandbox: Start, count: int
) -> None:
    ready = sandbox(rows(count, 0), TOML)
    provisioned(ready)
    updates = [Update("Contact", row["Id"], values(n)) for n, row in enumerate(contacts(count))]
    with connected(ready) as org:
        org.survey({})
        results = list(org.write(iter(updates), count))
        assert {r.status for r in results} == {"confirmed"}
        assert len({r.record_id for r in results}) == count
        blanks = [Update(u.object, u.record_id, {"segment": None}) for u in updates]
        assert {r.status for r in org.write(iter(blanks), count)} == {"confirmed"}
        assert org.usage.requests < 40
        org.settle()
    soql = (
        "SELECT Id, Zaiseki_Net_Spend__c, Zaiseki_Tenure_Days__c, Zaiseki_Segment__c, Zaiseki_Lapses_On__c, "
    )
    held = {
        row["Id"]: row
        for row in independent(ready).query_all(f"{soql}Zaiseki_Channels__c FROM Contact")["records"]
    }
    one = held["003000000000123AAA"]
    assert (one["Zaiseki_Net_Spend__c"], one["Zaiseki_Tenure_Days__c"]) == (123.05, 123)
    assert (one["Zaiseki_Lapses_On__c"], one["Zaiseki_Channels__c"]) == ("2027-03-31", "online;sales")
    assert {row["Zaiseki_Segment__c"] for row in held.values()} == {None}


@pytest.mark.parametrize("count", [10, 2100])
def test_a_refused_record_is_told_with_its_code_and_the_others_are_written(
    sandbox: Start, count: int
) -> None:
    ready = sandbox(rows(count, 0), TOML)
    provisioned(ready)
    updates = [Update("Contact", row["Id"], {"segment": "prospect"}) for row in contacts(count)]
    updates[3] = Update("Contact", updates[3].record_id, {"segment": "no_such_code"})
    independent(ready).Contact.delete(updates[5].record_id)
    with connected(ready) as org:
        org.survey({})
        results = {r.record_id: r for r in org.write(iter(updates), count)}
    assert len(results) == count
    bad = {id_: r.code for id_, r in results.items() if r.status == "rejected"}
    assert bad == {
        updates[3].record_id: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        updates[5].record_id: "ENTITY_IS_DELETED",
    }
    assert "no_such_code" not in results[updates[3].record_id].reason


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "lost_answer", "method": "PUT", "path": "jobs/ingest"},
        {"fault": "lost_answer", "method": "PATCH", "path": "jobs/ingest"},
        {"fault": "lock_records", "times": 20},
        {"fault": "cut_off", "path": "successfulResults"},
        {"fault": "expired_token", "path": "jobs/ingest/.*"},
    ],
)
def test_a_large_write_survives_what_happens_on_the_way(sandbox: Start, rule: dict[str, Any]) -> None:
    ready = sandbox(rows(2300, 0), TOML)
    provisioned(ready)
    fault(ready, **rule)
    updates = [Update("Contact", row["Id"], {"tenure_days": "7"}) for row in contacts(2300)]
    with connected(ready) as org:
        org.survey({})
        org.rest.sleep = lambda seconds: time.sleep(min(seconds, 0.2))
        results = list(org.write(iter(updates), len(updates)))
    assert len({r.record_id for r in results}) == 2300
    assert {r.status for r in results} == {"confirmed"}
    soql = "SELECT Id FROM Contact WHERE Zaiseki_Tenure_Days__c = 7"
    assert independent(ready).query(soql)["totalSize"] == 2300


def test_fields_that_nobody_set_up_are_no_columns_of_a_bulk_file(sandbox: Start) -> None:
    ready = sandbox(rows(2300, 0), TOML)
    with connected(ready) as org:
        org.provision([field for field in FIELDS if field.key != "referrals"], [], dry_run=False)
        org.survey({})
        updates = [Update("Contact", row["Id"], {"tenure_days": "7"}) for row in contacts(2300)]
        results = list(org.write(iter(updates), len(updates)))
    assert {r.status for r in results} == {"confirmed"}


def test_a_write_job_that_fails_half_way_tells_which_half(sandbox: Start) -> None:
    ready = sandbox(rows(4500, 0), TOML)
    provisioned(ready)
    fault(ready, fault="fail_job", times=1)
    updates = [Update("Contact", row["Id"], {"tenure_days": "7"}) for row in contacts(4500)]
    with connected(ready) as org:
        org.survey({})
        results = list(org.write(iter(updates), len(updates)))
    assert len({r.record_id for r in results}) == 4500
    confirmed = {r.record_id for r in results if r.status == "confirmed"}
    soql = "SELECT Id FROM Contact WHERE Zaiseki_Tenure_Days__c = 7"
    assert {row["Id"] for row in independent(ready).query_all(soql)["records"]} == confirmed
    assert confirmed
