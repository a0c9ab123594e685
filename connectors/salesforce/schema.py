"""What the org has and what our user may see and edit of it, by describe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import MendSettings, UnexpectedAnswer
from connectors.salesforce.columns import IS_PERSON
from connectors.salesforce.rest import Rest


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one object: those our user sees, those of them it may edit, and those that a permission
    set can give or withhold. Empty where it sees no object. `first_status` is the Status of a new record."""

    visible: frozenset[str]
    editable: frozenset[str]
    grantable: frozenset[str] = frozenset()
    first_status: str = ""


NOTHING = Shape(frozenset(), frozenset())


def has_person_accounts(shapes: Mapping[str, Shape]) -> bool:
    """Whether the org has the feature."""
    return any(IS_PERSON in shape.visible for shape in shapes.values())


def describe(
    rest: Rest,
    sobjects: Iterable[str],
    beside: Sequence[tuple[str, str]] = (),
    *,
    perhaps: Sequence[tuple[str, str]] = (),
) -> tuple[dict[str, Shape], dict[str, Any]]:
    """The shape of each object, and the bodies of the parts `beside` them by name; all in one request.

    Those of `perhaps` are left out where there is no such object for our user.
    Raises `MendSettings` where the org does not offer the pinned version: it answers as if the resource did
    not exist, so only then the list of versions is asked for.
    """
    parts = {f"describe{name}": name for name in sobjects}
    asked = [(part, f"sobjects/{name}/describe") for part, name in parts.items()]
    try:
        optional = frozenset((*parts, *(name for name, _ in perhaps)))
        bodies = rest.composite([*beside, *perhaps, *asked], optional=optional)
    except UnexpectedAnswer as error:
        if error.details.get("cause") == "NOT_FOUND":
            require_version(rest)
        raise
    shapes = {name: shape_of(bodies.pop(part)) if part in bodies else NOTHING for part, name in parts.items()}
    return shapes, bodies


def shape_of(answer: Mapping[str, Any]) -> Shape:
    """The part of a describe answer that we use."""
    fields = answer["fields"]
    return Shape(
        frozenset(field["name"] for field in fields),
        frozenset(field["name"] for field in fields if field["updateable"] and answer["updateable"]),
        frozenset(field["name"] for field in fields if field.get("permissionable")),
        next((_default_of(field) for field in fields if field["name"] == "Status"), ""),
    )


def _default_of(field: Mapping[str, Any]) -> str:
    choices = field.get("picklistValues") or ()
    return next((str(choice["value"]) for choice in choices if choice.get("defaultValue")), "")


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
