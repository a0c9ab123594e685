"""A made-up org that is looked at and deployed to, and what was deployed."""

import base64
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import responses
from salesforce_org import (
    ACCOUNT,
    CONTACT,
    DATA,
    FIELDS,
    HOST,
    LEAD,
    ORDER,
    ORG_ID,
    OURS,
    TOKEN_URL,
    USER_ID,
    access,
    calls,
    composite,
    connector,
    described,
)

from connectors.base import Field, Formula, Provisioned

FORMULA = Formula("days_since_last", "last_purchase_on", "Days", "Help", "Description")
FORMULA_NAME = "Zaiseki_Days_Since_Last__c"
JOB_USER = "005000000000002AAA"
JOB = access(client_id="job", client_secret="j0b")


def unpack(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


Look = dict[str, dict[str, Any]]
WHOLE = (*OURS, FORMULA_NAME)


def look(contact: tuple[str, ...] = (), lead: tuple[str, ...] = (), account: tuple[str, ...] = ()) -> Look:
    """What a user sees of the three objects besides the standard fields, and of orders."""
    return {
        "describeContact": described(CONTACT + contact, (FORMULA_NAME,), CONTACT),
        "describeLead": described(LEAD + lead, (FORMULA_NAME,), LEAD),
        "describeAccount": described(ACCOUNT + account, (FORMULA_NAME,), ACCOUNT),
        "describeOrder": described(ORDER, (), ORDER),
    }


def an_org(
    *looks: Look, existing: tuple[tuple[str, str], ...] = (), result: dict[str, Any] | None = None
) -> None:
    """An org that is looked at once after the other as `looks` say, the last one for good."""
    left = [composite(one) for one in looks]

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        return (left.pop(0) if len(left) > 1 else left[0])(request)

    responses.add_callback(responses.POST, f"{DATA}/composite", answer)
    rows = [{"TableEnumOrId": name, "DeveloperName": field.removesuffix("__c")} for name, field in existing]
    responses.get(f"{DATA}/tooling/query", json={"totalSize": len(rows), "records": rows})
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


def run(
    scratch: Path, *, dry_run: bool = False, fields: tuple[Field, ...] = FIELDS, **more: Any
) -> list[Provisioned]:
    return connector(scratch, **more).provision(fields, [FORMULA], dry_run=dry_run)


def rights(node_set: bytes) -> tuple[dict[str, bool], dict[str, bool]]:
    """Of a permission set: fields and objects with whether they may be edited."""
    root = Xml.fromstring(node_set)
    space = "{http://soap.sforce.com/2006/04/metadata}"
    fields = {
        node.findtext(f"{space}field", ""): node.findtext(f"{space}editable") == "true"
        for node in root.iter(f"{space}fieldPermissions")
    }
    objects = {
        node.findtext(f"{space}object", ""): node.findtext(f"{space}allowEdit") == "true"
        for node in root.iter(f"{space}objectPermissions")
    }
    return fields, objects


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


def an_admin(sees: Look) -> None:
    """Let whoever does not log in as `JOB` see another org than the job's user, whose describe decides."""
    key = base64.b64encode(b"job:j0b").decode()

    def log_in(request: Any) -> tuple[int, dict[str, str], str]:
        is_job = request.headers["Authorization"] == f"Basic {key}"
        token, user = ("token-job", JOB_USER) if is_job else ("token-admin", USER_ID)
        told = {"access_token": token, "instance_url": HOST, "token_type": "Bearer"}
        return 200, {}, json.dumps({**told, "id": f"https://login.salesforce.com/id/{ORG_ID}/{user}"})

    responses.remove(responses.POST, TOKEN_URL)
    responses.add_callback(responses.POST, TOKEN_URL, log_in)
    own = composite(sees)
    (job,) = [one for one in responses.registered() if one.url == f"{DATA}/composite"]

    def answer_by_user(request: Any) -> tuple[int, dict[str, str], str]:
        by_admin = request.headers["Authorization"] == "Bearer token-admin"
        return own(request) if by_admin else job.callback(request)  # type: ignore[attr-defined]

    responses.remove(responses.POST, f"{DATA}/composite")
    responses.add_callback(responses.POST, f"{DATA}/composite", answer_by_user)
