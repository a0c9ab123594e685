"""Metadata of the org: what exists of ours, a deploy, and whom a permission set is given to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from connectors.errors import MendSettings, UnexpectedAnswer
from connectors.salesforce.names import INTEGRATION_SET, PREFIX
from connectors.salesforce.rest import Rest
from connectors.salesforce.waiting import wait_for


def existing(rest: Rest, sobjects: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Object and API name of our fields that exist though our user cannot see them.

    A describe shows only what the user may see, and deploying a field anew would undo an admin's labels.
    """
    listed = ", ".join(f"'{name}'" for name in sobjects)
    soql = (
        f"SELECT TableEnumOrId, DeveloperName FROM CustomField WHERE TableEnumOrId IN ({listed})"
        f" AND DeveloperName LIKE '{PREFIX.replace('_', chr(92) + '_')}%'"
    )
    try:
        answer = rest.call("GET", "tooling/query", params={"q": soql})
    except (UnexpectedAnswer, MendSettings):
        # Without the right to view set-up the deploy itself will be refused, and say so better.
        return frozenset()
    return frozenset((row["TableEnumOrId"], f"{row['DeveloperName']}__c") for row in answer["records"])


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


def _problems(result: Mapping[str, Any]) -> dict[str, str]:
    failures = (result.get("details") or {}).get("componentFailures") or []
    listed = [failures] if isinstance(failures, dict) else failures
    told = {str(item.get("fullName")): str(item.get("problem", "")) for item in listed}
    return told or {"": str(result.get("errorMessage") or result.get("status") or "failed")}
