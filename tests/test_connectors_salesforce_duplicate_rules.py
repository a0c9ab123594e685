"""Duplicate rules of the org: what they only warn of is saved, what they refuse is told for that record."""

from pathlib import Path

import responses
from salesforce_org import calls, saves, send, update


@responses.activate
def test_a_duplicate_rule_that_only_warns_refuses_nothing(tmp_path: Path) -> None:
    """The platform refuses even what a rule allows unless the request says that it knows."""
    saves()
    send(map(update, range(250)), 250, tmp_path)
    told = [one.headers["Sforce-Duplicate-Rule-Header"] for one in calls("PATCH", "/composite/sobjects")]
    assert told == ["allowSave=true", "allowSave=true"]


@responses.activate
def test_a_duplicate_rule_that_refuses_costs_only_its_own_record(tmp_path: Path) -> None:
    refused = update(7).record_id
    saves({refused: "DUPLICATES_DETECTED"})
    results = send(map(update, range(10)), 10, tmp_path)
    assert {record for record, result in results.items() if result.status == "rejected"} == {refused}
    assert results[refused].code == "DUPLICATES_DETECTED"
    assert len(calls("PATCH", "/composite/sobjects")) == 1, "sending it again would change nothing"
