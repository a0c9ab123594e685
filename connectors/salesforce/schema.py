"""What the org has and what our user may see and edit of it, by describe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import Field, Finding
from connectors.errors import MendSettings, UnexpectedAnswer
from connectors.salesforce.names import api_name
from connectors.salesforce.rest import Rest

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Contact": (
        "Id",
        "AccountId",
        "CreatedDate",
        "SystemModstamp",
        "IsDeleted",
        "MasterRecordId",
        "FirstName",
        "LastName",
        "Email",
        "Phone",
        "MobilePhone",
        "HasOptedOutOfEmail",
        "DoNotCall",
        "LeadSource",
    ),
    "Order": (
        "Id",
        "AccountId",
        "BillToContactId",
        "EffectiveDate",
        "Status",
        "StatusCode",
        "TotalAmount",
        "IsReductionOrder",
        "OriginalOrderId",
        "OrderNumber",
        "Name",
        "OrderReferenceNumber",
        "PoNumber",
        "CurrencyIsoCode",
        "CreatedDate",
        "SystemModstamp",
        "IsDeleted",
    ),
}
"""What is read of each object, where the org has it and our user may see it."""
NEEDED: Mapping[str, frozenset[str]] = {
    "Contact": frozenset({"Id", "AccountId", "CreatedDate", "SystemModstamp", "IsDeleted", "Email"}),
    "Order": frozenset(
        {
            "Id",
            "AccountId",
            "EffectiveDate",
            "Status",
            "TotalAmount",
            "CreatedDate",
            "SystemModstamp",
            "IsDeleted",
        }
    ),
}
"""What nothing right can be computed without: without Email everybody would be a stranger."""
TARGETS = ("Contact",)
"""Objects that carry our fields."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one object: those our user sees, and those it may edit. Empty where it sees no object."""

    visible: frozenset[str]
    editable: frozenset[str]

    def columns(self, sobject: str, extra: Iterable[str]) -> list[str]:
        """What can be selected of what is wanted: the known columns, then `extra`."""
        wanted = dict.fromkeys((*COLUMNS[sobject], *extra))
        return [name for name in wanted if name in self.visible]


def describe(rest: Rest, sobject: str) -> Shape:
    """Ask the org about one object.

    Raises `MendSettings` where the org does not offer the pinned version: the same status as for an object
    that our user cannot see, so only then the list of versions is asked for.
    """
    try:
        answer = rest.call("GET", f"sobjects/{sobject}/describe")
    except UnexpectedAnswer as error:
        if error.details.get("cause") != "NOT_FOUND":
            raise
        require_version(rest)
        return Shape(frozenset(), frozenset())
    return shape_of(answer)


def shape_of(answer: Mapping[str, Any]) -> Shape:
    """The part of a describe answer that we use."""
    fields = answer["fields"]
    return Shape(
        frozenset(field["name"] for field in fields),
        frozenset(field["name"] for field in fields if field["updateable"] and answer["updateable"]),
    )


def require_version(rest: Rest) -> None:
    """Raise `MendSettings` unless the org offers the pinned API version; never fall to another silently."""
    offered = [entry["version"] for entry in rest.call("GET", "/services/data/")]
    if rest.version not in offered:
        raise MendSettings(
            "salesforce",
            "api_version_unknown",
            rest.version,
            version=rest.version,
            offered=f"{offered[0]} – {offered[-1]}" if offered else "–",
        )


def findings(
    shapes: Mapping[str, Shape], fields: Sequence[Field], configured: Mapping[str, Sequence[str]]
) -> list[Finding]:
    """What stands in the way: objects or fields unseen, fields of ours missing or not to be edited.

    `configured` names the merchant's own fields per object that the settings ask for.
    """
    found = []
    for sobject, shape in shapes.items():
        if not shape.visible:
            found.append(_finding("object_not_visible", sobject, ()))
            continue
        wanted = (*sorted(NEEDED[sobject]), *configured.get(sobject, ()))
        found.append(_finding("fields_not_readable", sobject, [n for n in wanted if n not in shape.visible]))
    for sobject in TARGETS:
        shape = shapes[sobject]
        ours = [api_name(field.key) for field in fields] if shape.visible else []
        missing = [name for name in ours if name not in shape.visible]
        locked = [name for name in ours if name in shape.visible - shape.editable]
        found += [
            _finding("fields_missing", sobject, missing),
            _finding("fields_not_writable", sobject, locked),
        ]
    return [finding for finding in found if finding.code == "object_not_visible" or finding.details["fields"]]


def _finding(code: str, sobject: str, names: Sequence[str]) -> Finding:
    return Finding(
        code,
        "error",
        {"platform": "Salesforce", "object": sobject, "fields": ", ".join(dict.fromkeys(names))},
    )
