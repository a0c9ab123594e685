"""The JSON of a deploy's result."""

from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.metadata_archive import Component
from sandbox.salesforce.org import Org
from sandbox.salesforce.values import shown_in_json


@dataclass(frozen=True)
class Done:
    """What became of one component."""

    component: Component
    created: bool = False
    problem: str | None = None


def now_of(org: Org) -> str:
    """Give the present time as JSON shows it."""
    return str(shown_in_json("datetime", org.state.stamp()))


def fresh_result(org: Org, deploy_id: str, user_id: str, options: dict[str, Any]) -> dict[str, Any]:
    """Make the result of a deploy that has not begun."""
    now = now_of(org)
    return {
        "id": deploy_id,
        "checkOnly": options.get("checkOnly") is True,
        "ignoreWarnings": options.get("ignoreWarnings") is True,
        # An org that is no production org keeps what succeeded unless it is told otherwise.
        "rollbackOnError": options.get("rollbackOnError") is True,
        "status": "Pending",
        "success": False,
        "done": False,
        "details": None,
        "createdBy": user_id,
        "createdDate": now,
        "startDate": None,
        "completedDate": None,
        "lastModifiedDate": now,
        "errorMessage": None,
        "errorStatusCode": None,
        "stateDetail": None,
        "numberComponentsTotal": 0,
        "numberComponentsDeployed": 0,
        "numberComponentErrors": 0,
        "numberTestsTotal": 0,
        "numberTestsCompleted": 0,
        "numberTestErrors": 0,
        "runTestsEnabled": False,
    }


def finish(org: Org, result: dict[str, Any], status: str) -> None:
    """End a deploy; `done` comes last, because a reader may look between two changes."""
    now = now_of(org)
    result |= {
        "status": status,
        "success": status == "Succeeded",
        "completedDate": now,
        "lastModifiedDate": now,
    }
    result["done"] = True


def message_of(org: Org, one: Done) -> dict[str, Any]:
    """Give the entry of one component in the details."""
    failed = one.problem is not None
    return {
        "changed": not failed,
        "columnNumber": None,
        "componentType": one.component.kind,
        "created": one.created,
        "createdDate": now_of(org),
        "deleted": False,
        "fileName": one.component.file,
        "fullName": one.component.name,
        "id": None,
        "knownPackagingProblem": False,
        "lineNumber": None,
        "problem": one.problem,
        "problemType": "Error" if failed else None,
        "requiresProductionTestRun": False,
        "success": not failed,
        "warning": False,
    }
