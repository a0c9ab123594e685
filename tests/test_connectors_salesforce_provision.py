"""Provisioning: what is missing and nothing else, in one deploy."""

import json
from pathlib import Path

import pytest
import responses
from salesforce_deploys import (
    FORMULA_NAME,
    WHOLE,
    an_org,
    deployed,
    look,
    run,
)
from salesforce_org import DATA, OURS, USER_ID, calls, error

from connectors.errors import MendSettings


@responses.activate
def test_an_empty_org_gets_every_field_on_every_object_and_our_user_the_access(tmp_path: Path) -> None:
    an_org(look(), look(WHOLE, WHOLE, WHOLE))
    made = run(tmp_path)
    per_object = [*[(name, "field", "created") for name in OURS], (FORMULA_NAME, "formula", "created")]
    assert [(p.object, p.name, p.kind, p.action) for p in made] == [
        *[(sobject, *row) for sobject in ("Contact", "Lead", "Account") for row in per_object],
        ("PermissionSet", "Zaiseki_Integration", "access", "updated"),
        ("PermissionSet", "Zaiseki_Viewer", "access", "updated"),
    ]
    options, files = deployed()
    assert options == {
        "checkOnly": False,
        "rollbackOnError": True,
        "singlePackage": True,
        "testLevel": "NoTestRun",
    }
    for sobject in ("Contact", "Lead", "Account"):
        assert files[f"objects/{sobject}.object"].count(b"<fullName>Zaiseki_") == 5
    (assignment,) = calls("POST", "PermissionSetAssignment")
    assert json.loads(assignment.body) == {"AssigneeId": USER_ID, "PermissionSetId": "0PS1"}


@responses.activate
def test_an_object_that_nobody_sees_is_left_alone(tmp_path: Path) -> None:
    an_org({name: shape for name, shape in look(WHOLE, (), WHOLE).items() if name != "describeLead"})
    made = run(tmp_path)
    assert {p.object for p in made} == {"Contact", "Account", "PermissionSet"}
    assert {p.action for p in made} == {"unchanged"}


@responses.activate
def test_a_complete_org_is_left_alone(tmp_path: Path) -> None:
    an_org(look(WHOLE, WHOLE, WHOLE))
    assert {p.action for p in run(tmp_path)} == {"unchanged"}
    assert len(responses.calls) == 2


@responses.activate
def test_a_dry_run_is_checked_by_the_platform_and_changes_nothing(tmp_path: Path) -> None:
    an_org(look())
    assert {p.action for p in run(tmp_path, dry_run=True)} == {"created", "updated"}
    assert deployed()[0]["checkOnly"] is True
    assert calls("POST", "PermissionSetAssignment") == []


@responses.activate
def test_a_failed_deploy_names_the_component_and_claims_nothing(tmp_path: Path) -> None:
    problem = {"fullName": f"Lead.{OURS[1]}", "problem": "Can not specify more than 18 digits"}
    an_org(
        look(),
        result={
            "done": True,
            "success": False,
            "status": "Failed",
            "details": {"componentFailures": [problem]},
        },
    )
    made = {(p.object, p.name): p for p in run(tmp_path)}
    assert {p.action for p in made.values()} == {"failed"}
    assert made["Lead", OURS[1]].reason == "Can not specify more than 18 digits"
    assert made["Contact", OURS[1]].reason == "rolled back: another component failed"


@responses.activate
def test_a_user_who_may_not_deploy_is_told_so(tmp_path: Path) -> None:
    an_org(look())
    responses.replace(
        responses.POST, f"{DATA}/metadata/deployRequest", json=error("INSUFFICIENT_ACCESS"), status=403
    )
    with pytest.raises(MendSettings) as caught:
        run(tmp_path)
    assert caught.value.code == "access_refused"
