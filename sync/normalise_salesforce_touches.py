"""What else Salesforce tells of people to touches of the model: cases, campaigns, activities, opportunities.

Nothing that anybody wrote is read: no subject, description, comment or name. ActivityDate, CloseDate and
FirstRespondedDate are days as they stand, in nobody's time zone; instants give the org's local day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from sync import salesforce_shapes as shapes
from sync.edge import Edge, day_of, local_day
from sync.model import Account, Normalised, Quarantined, Rows, Touch
from sync.normalise_salesforce import PLATFORM, id_of, is_forgotten
from sync.personal import folded_tag

_T = TypeVar("_T", bound=shapes.Touched)
_DEALS = Edge(shapes.Deal, id_of)
_CASES = Edge(shapes.Case, id_of)
_MEMBERS = Edge(shapes.CampaignMember, id_of)
_TASKS = Edge(shapes.Task, id_of)
_EVENTS = Edge(shapes.Event, id_of)
_STAGES = Edge(shapes.Stage, id_of)


def deals(rows: Rows, account: Account) -> Normalised:
    """Opportunities, open ones too; whose they are stands in their contact roles before their account."""
    return _touches(_DEALS, rows, account, "opportunity", _deal)


def cases(rows: Rows, account: Account) -> Normalised:
    """Cases: of their contact, else of their account."""
    return _touches(_CASES, rows, account, "case", _case)


def campaign_members(rows: Rows, account: Account) -> Normalised:
    """Campaign members: of a contact, else of a lead; `ended_day` is when they first responded."""
    return _touches(_MEMBERS, rows, account, "campaign_member", _member)


def tasks(rows: Rows, account: Account) -> Normalised:
    """Tasks that are done. The day is the one they were completed on, else the one they were due on."""
    return _touches(_TASKS, rows, account, "task", _task)


def events(rows: Rows, account: Account) -> Normalised:
    """Events, past and to come: each counts from the day on which it ended."""
    return _touches(_EVENTS, rows, account, "event", _event)


def stages(rows: Rows, account: Account) -> Normalised:
    """Stages that opportunities were at, each on the day it was reached; whose they are, their opportunity
    tells."""
    return _touches(_STAGES, rows, account, "opportunity_stage", _reached)


def _touches(
    edge: Edge[_T], rows: Rows, account: Account, name: str, of: Callable[[_T, Account], dict[str, Any]]
) -> Normalised:
    made: list[Touch] = []
    bad: list[Quarantined] = []

    def make(node: _T, _: object) -> None:
        gone = bool(node.get("IsDeleted"))
        # What is gone says no more of anybody; that it is gone must be stored all the same.
        told = {} if gone else {"day": _day(node["CreatedDate"], account), **of(node, account)}
        made.append(
            Touch(
                platform=PLATFORM,
                account=account.account,
                object=name,
                id=node["Id"],
                created_at=node["CreatedDate"],
                updated_at=node["SystemModstamp"],
                deleted=gone,
                **told,
            )
        )

    edge.build(rows, make, bad)
    return Normalised(touches=made, bad=bad)


def _deal(node: shapes.Deal, account: Account) -> dict[str, Any]:
    # One that was forgotten with its buyer must not go over to the account's next contact.
    whose = (None, None) if is_forgotten(node["Id"], account) else (node.get("AccountId"), node["Id"])
    return {
        "record_id": _whose(account, whose[0]),
        "opportunity_id": whose[1],
        "ended_day": _on(node.get("CloseDate")) if node["IsClosed"] else None,
        "value": _stage(node, account),
    }


def _stage(node: shapes.Deal, account: Account) -> str:
    """How far an opportunity is: by the platform's own flags, whatever its stages are called."""
    if node["IsClosed"]:
        return "won" if node["IsWon"] else "lost"
    return _at(node.get("StageName"), account)


def _at(stage: str | None, account: Account) -> str:
    return "proposal" if folded_tag(stage or "") in account.memory_stages else "open"


def _reached(node: shapes.Stage, account: Account) -> dict[str, Any]:
    deal = None if is_forgotten(node["OpportunityId"], account) else node["OpportunityId"]
    return {"opportunity_id": deal, "value": _at(node.get("StageName"), account)}


def _case(node: shapes.Case, account: Account) -> dict[str, Any]:
    kinds = {folded_tag(text) for text in (node.get("Type"), node.get("Reason")) if text}
    return {
        "record_id": _whose(account, node.get("ContactId"), node.get("AccountId")),
        "ended_day": _day(node.get("ClosedDate"), account) if node["IsClosed"] else None,
        "value": "complaint" if kinds & account.complaint_types else "other",
    }


def _member(node: shapes.CampaignMember, account: Account) -> dict[str, Any]:
    return {
        "record_id": _whose(account, node.get("ContactId"), node.get("LeadId")),
        "ended_day": _on(node.get("FirstRespondedDate")) if node["HasResponded"] else None,
    }


def _task(node: shapes.Task, account: Account) -> dict[str, Any]:
    done = _day(node.get("CompletedDateTime"), account)
    return {
        "record_id": _whose(account, node.get("WhoId")),
        "day": _on(node.get("ActivityDate")) if done is None else done,
    }


def _event(node: shapes.Event, account: Account) -> dict[str, Any]:
    # The instants of an event of a whole day are midnight in London, whatever day that is in the org.
    ended = None if node["IsAllDayEvent"] else _day(node.get("EndDateTime"), account)
    return {
        "record_id": _whose(account, node.get("WhoId")),
        "day": _on(node.get("ActivityDate")) if ended is None else ended,
    }


def _whose(account: Account, *ids: str | None) -> str | None:
    """The first record that is named; nobody where that one was forgotten, rather than the next."""
    named = next(filter(None, ids), None)
    return None if is_forgotten(named, account) else named


def _on(on: date | None) -> int | None:
    return day_of(on) if on else None


def _day(at: datetime | None, account: Account) -> int | None:
    return local_day(at, account.timezone)[1] if at else None
