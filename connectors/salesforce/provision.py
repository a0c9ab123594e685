"""Giving an org our fields and the access to them, by one metadata deploy of what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.base import Field, Formula, Provisioned
from connectors.errors import MendSettings, UnexpectedAnswer
from connectors.salesforce import package
from connectors.salesforce.names import INTEGRATION_SET, VIEWER_SET, api_name
from connectors.salesforce.rest import Rest
from connectors.salesforce.schema import Shape, describe
from connectors.salesforce.waiting import wait_for


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an object is to carry, and the objects (`reads`) in which the job's own set grants access."""

    sobject: str
    fields: tuple[Field, ...]
    formulas: tuple[Formula, ...]
    reads: tuple[str, ...]

    def all(self) -> list[Field | Formula]:
        """Fields and formulas in the order of the catalogue."""
        return [*self.fields, *self.formulas]

    def locked(self, shape: Shape) -> list[str]:
        """Keys of the fields that our user cannot edit."""
        return [field.key for field in self.fields if api_name(field.key) not in shape.editable]


def provision(rest: Rest, job: Rest, wanted: Wanted, *, dry_run: bool) -> list[Provisioned]:
    """Create the fields that are missing, and the permission sets where access is; `dry_run` only checks.

    `rest` speaks for the user who may create, `job` for the one the job runs as, who is given the access;
    they may be one. Fields that exist are left as they are, labels and help included. Raises `MendSettings`
    where the user may not deploy metadata.
    """
    shape = describe(job, wanted.sobject)
    hidden = [item for item in wanted.all() if api_name(item.key) not in shape.visible]
    there = existing(rest, wanted.sobject) if hidden else frozenset()
    missing = [item for item in hidden if api_name(item.key) not in there]
    rows = [
        _row(wanted.sobject, item, "created" if item in missing else "unchanged") for item in wanted.all()
    ]
    if not (hidden or wanted.locked(shape)):
        return [*rows, *_access_rows("unchanged")]
    problems = deploy(rest, _archive(rest.version, wanted, missing), dry_run=dry_run)
    if problems:
        return _failed([*rows, *_access_rows("updated")], problems)
    return [*rows, *(_access_rows("updated") if dry_run else _granted(rest, job, wanted))]


def _archive(version: str, wanted: Wanted, missing: Sequence[Field | Formula]) -> bytes:
    nodes = [
        package.formula_xml(item) if isinstance(item, Formula) else package.field_xml(item)
        for item in missing
    ]
    sets = package.access_sets([wanted.sobject], wanted.fields, wanted.formulas, wanted.reads)
    return package.archive(version, {wanted.sobject: nodes}, sets)


def _granted(rest: Rest, job: Rest, wanted: Wanted) -> list[Provisioned]:
    """Give the job's user the access and look with its own eyes whether it has arrived."""
    assign(rest, job.logged_in().user_id)
    locked = wanted.locked(describe(job, wanted.sobject))
    if locked:
        return _access_rows("failed", f"no edit access: {', '.join(locked)}")
    return _access_rows("updated")


def existing(rest: Rest, sobject: str) -> frozenset[str]:
    """API names of our fields that exist though our user cannot see them.

    A describe shows only what the user may see, and deploying a field anew would undo an admin's labels.
    """
    soql = f"SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = '{sobject}'"
    try:
        answer = rest.call("GET", "tooling/query", params={"q": soql})
    except (UnexpectedAnswer, MendSettings):
        # Without the right to view set-up the deploy itself will be refused, and say so better.
        return frozenset()
    return frozenset(f"{row['DeveloperName']}__c" for row in answer["records"])


def deploy(rest: Rest, archive: bytes, *, dry_run: bool) -> dict[str, str]:
    """Deploy an archive whole or not at all; `dry_run` only validates. Returns problems by component name."""
    options = {
        "checkOnly": dry_run,
        "rollbackOnError": True,
        "singlePackage": True,
        "testLevel": "NoTestRun",
    }
    files = {
        "json": (None, orjson.dumps({"deployOptions": options}), "application/json"),
        "file": ("deploy.zip", archive, "application/zip"),
    }
    asked = rest.call("POST", "metadata/deployRequest", files=files)
    tail = f"metadata/deployRequest/{asked['id']}"
    result = wait_for(
        lambda: rest.call("GET", tail, params={"includeDetails": "true"})["deployResult"],
        ended=lambda result: bool(result.get("done")),
        progress=lambda result: (result.get("status"), result.get("numberComponentsDeployed")),
        sleep=rest.sleep,
        what=f"deploy {asked['id']}",
    )
    return {} if result.get("success") else _problems(result)


def assign(rest: Rest, user_id: str) -> None:
    """Give a user the integration permission set, without which it would not see the new fields."""
    soql = f"SELECT Id FROM PermissionSet WHERE Name = '{INTEGRATION_SET}'"
    found = rest.query(soql, deleted=False)["records"]
    if not found:
        return
    body = {"AssigneeId": user_id, "PermissionSetId": found[0]["Id"]}
    try:
        rest.call("POST", "sobjects/PermissionSetAssignment", body)
    except UnexpectedAnswer as error:
        if error.details.get("cause") != "DUPLICATE_VALUE":
            raise


def _problems(result: dict[str, Any]) -> dict[str, str]:
    failures = (result.get("details") or {}).get("componentFailures") or []
    listed = [failures] if isinstance(failures, dict) else failures
    told = {str(item.get("fullName")): str(item.get("problem", "")) for item in listed}
    return told or {"": str(result.get("errorMessage") or result.get("status") or "failed")}


def _failed(rows: Sequence[Provisioned], problems: dict[str, str]) -> list[Provisioned]:
    """Nothing was made, since a deploy is rolled back as a whole; say the reason where it is known."""
    general = problems.get("", "") or "rolled back: another component failed"
    return [
        row
        if row.action == "unchanged"
        else Provisioned(
            row.object,
            row.name,
            row.kind,
            "failed",
            problems.get(f"{row.object}.{row.name}") or problems.get(row.name) or general,
        )
        for row in rows
    ]


def _row(sobject: str, item: Field | Formula, action: str) -> Provisioned:
    kind = "formula" if isinstance(item, Formula) else "field"
    return Provisioned(sobject, api_name(item.key), kind, action)  # type: ignore[arg-type]


def _access_rows(action: str, reason: str = "") -> list[Provisioned]:
    names = (INTEGRATION_SET, VIEWER_SET)
    return [Provisioned("PermissionSet", name, "access", action, reason) for name in names]  # type: ignore[arg-type]
