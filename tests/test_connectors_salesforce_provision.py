"""Provisioning: what is missing and nothing else, in one deploy."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import responses
from salesforce_org import (
    CONTACT,
    DATA,
    FIELDS,
    HOST,
    ORG_ID,
    OURS,
    TOKEN_URL,
    USER_ID,
    access,
    calls,
    connector,
    described,
    error,
)

from connectors.base import Field, Formula, Provisioned
from connectors.errors import MendSettings

FORMULA = Formula("days_since_last", "last_purchase_on", "Days", "Help", "Description")
FORMULA_NAME = "Zaiseki_Days_Since_Last__c"
JOB_USER = "005000000000002AAA"


def unpack(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


def an_org(
    *shapes: dict[str, Any], existing: tuple[str, ...] = (), result: dict[str, Any] | None = None
) -> None:
    for shape in shapes:
        responses.get(f"{DATA}/sobjects/Contact/describe", json=shape)
    names = [{"DeveloperName": name.removesuffix("__c")} for name in existing]
    responses.get(f"{DATA}/tooling/query", json={"totalSize": len(names), "records": names})
    responses.post(f"{DATA}/metadata/deployRequest", json={"id": "0Af1"}, status=201)
    responses.get(
        f"{DATA}/metadata/deployRequest/0Af1", json={"deployResult": {"done": False, "status": "Pending"}}
    )
    responses.get(
        f"{DATA}/metadata/deployRequest/0Af1",
        json={"deployResult": result or {"done": True, "success": True, "status": "Succeeded"}},
    )
    responses.get(f"{DATA}/query", json={"totalSize": 1, "records": [{"Id": "0PS1"}]})
    responses.post(
        f"{DATA}/sobjects/PermissionSetAssignment", json={"id": "0Pa1", "success": True}, status=201
    )


def run(scratch: Path, *, dry_run: bool = False, fields: tuple[Field, ...] = FIELDS) -> list[Provisioned]:
    return connector(scratch).provision(fields, [FORMULA], dry_run=dry_run)


def deployed() -> tuple[dict[str, Any], dict[str, bytes]]:
    """Options and files of the one deploy that was asked for."""
    (request,) = calls("POST", "deployRequest")
    content_type = request.headers["Content-Type"]
    mark = re.search("boundary=(.+)", content_type)
    assert mark
    parts = {}
    for part in request.body.split(b"--" + mark[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="(\w+)"', head)
        assert name
        parts[name[1]] = content[:-2]
    return json.loads(parts[b"json"])["deployOptions"], unpack(parts[b"file"])


@responses.activate
def test_an_empty_org_gets_every_field_and_our_user_the_access(tmp_path: Path) -> None:
    an_org(described(CONTACT), described(CONTACT + OURS + (FORMULA_NAME,), (FORMULA_NAME,)))
    made = run(tmp_path)
    assert [(p.name, p.kind, p.action) for p in made] == [
        *[(name, "field", "created") for name in OURS],
        (FORMULA_NAME, "formula", "created"),
        ("Zaiseki_Integration", "access", "updated"),
        ("Zaiseki_Viewer", "access", "updated"),
    ]
    options, files = deployed()
    assert options == {
        "checkOnly": False,
        "rollbackOnError": True,
        "singlePackage": True,
        "testLevel": "NoTestRun",
    }
    assert files["objects/Contact.object"].count(b"<fullName>Zaiseki_") == 5
    (assignment,) = calls("POST", "PermissionSetAssignment")
    assert json.loads(assignment.body) == {"AssigneeId": USER_ID, "PermissionSetId": "0PS1"}


@responses.activate
def test_where_an_admin_provisions_the_jobs_own_user_is_looked_after(tmp_path: Path) -> None:
    """The admin sees every field; whether anything is to be done depends on what the job's user sees."""
    whole = CONTACT + OURS + (FORMULA_NAME,)
    an_org(described(CONTACT), described(whole, (FORMULA_NAME,)), existing=(*OURS, FORMULA_NAME))
    job = access(client_id="job", client_secret="j0b")
    made = connector(tmp_path, job_access=job)
    answer = {"access_token": "token-job", "instance_url": HOST, "token_type": "Bearer"}
    # The first to log in is the job's user: its describe decides.
    responses.replace(
        responses.POST,
        TOKEN_URL,
        json={**answer, "id": f"https://login.salesforce.com/id/{ORG_ID}/{JOB_USER}"},
    )
    responses.post(
        TOKEN_URL,
        json={
            **answer,
            "access_token": "token-admin",
            "id": f"https://x.salesforce.com/id/{ORG_ID}/{USER_ID}",
        },
    )
    done = made.provision(FIELDS, [FORMULA], dry_run=False)
    assert {p.action for p in done if p.kind != "access"} == {"unchanged"}
    assert {p.action for p in done if p.kind == "access"} == {"updated"}
    (assignment,) = calls("POST", "PermissionSetAssignment")
    assert json.loads(assignment.body) == {"AssigneeId": JOB_USER, "PermissionSetId": "0PS1"}
    assert {call.headers["Authorization"] for call in calls("GET", "describe")} == {"Bearer token-job"}
    assert {call.headers["Authorization"] for call in calls("POST", "deployRequest")} == {
        "Bearer token-admin"
    }


@responses.activate
def test_a_complete_org_is_left_alone(tmp_path: Path) -> None:
    an_org(described(CONTACT + OURS + (FORMULA_NAME,), (FORMULA_NAME,)))
    assert {p.action for p in run(tmp_path)} == {"unchanged"}
    assert len(responses.calls) == 2


@responses.activate
def test_a_field_that_exists_unseen_gets_access_and_keeps_the_admins_label(tmp_path: Path) -> None:
    an_org(
        described(CONTACT + OURS[1:]),
        described(CONTACT + OURS + (FORMULA_NAME,), (FORMULA_NAME,)),
        existing=(OURS[0],),
    )
    actions = {p.name: p.action for p in run(tmp_path)}
    assert actions[OURS[0]] == "unchanged"
    assert actions[FORMULA_NAME] == "created"
    assert b"Zaiseki_Tenure_Days__c" not in deployed()[1]["objects/Contact.object"]
    assert (
        b"Contact.Zaiseki_Tenure_Days__c" in deployed()[1]["permissionsets/Zaiseki_Integration.permissionset"]
    )


@responses.activate
def test_a_dry_run_is_checked_by_the_platform_and_changes_nothing(tmp_path: Path) -> None:
    an_org(described(CONTACT))
    assert {p.action for p in run(tmp_path, dry_run=True)} == {"created", "updated"}
    assert deployed()[0]["checkOnly"] is True
    assert calls("POST", "PermissionSetAssignment") == []


@responses.activate
def test_a_failed_deploy_names_the_component_and_claims_nothing(tmp_path: Path) -> None:
    problem = {"fullName": f"Contact.{OURS[1]}", "problem": "Can not specify more than 18 digits"}
    an_org(
        described(CONTACT),
        result={
            "done": True,
            "success": False,
            "status": "Failed",
            "details": {"componentFailures": [problem]},
        },
    )
    made = {p.name: p for p in run(tmp_path)}
    assert {p.action for p in made.values()} == {"failed"}
    assert made[OURS[1]].reason == "Can not specify more than 18 digits"
    assert made[OURS[0]].reason == "rolled back: another component failed"


@responses.activate
def test_an_assignment_that_stands_already_is_no_error_and_missing_access_is_told(tmp_path: Path) -> None:
    an_org(described(CONTACT), described(CONTACT + OURS, OURS[:1]))
    responses.replace(
        responses.POST, f"{DATA}/sobjects/PermissionSetAssignment", json=error("DUPLICATE_VALUE"), status=400
    )
    access = [p for p in run(tmp_path) if p.kind == "access"]
    assert {(p.action, p.reason) for p in access} == {("failed", "no edit access: tenure_days")}


@responses.activate
def test_a_user_who_may_not_deploy_is_told_so(tmp_path: Path) -> None:
    an_org(described(CONTACT))
    responses.replace(
        responses.POST, f"{DATA}/metadata/deployRequest", json=error("INSUFFICIENT_ACCESS"), status=403
    )
    with pytest.raises(MendSettings) as caught:
        run(tmp_path)
    assert caught.value.code == "access_refused"
