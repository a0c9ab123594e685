"""Checks one record on its way in: known fields, rights, types, what is required."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.salesforce.errors import RowError
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.values import BadValueError, Stored, accept

Operation = Literal["insert", "update", "upsert", "delete"]


@dataclass
class Draft:
    """A record to be written: stored values by column, and what is wrong with it."""

    id: str | None
    values: dict[str, Stored] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)


def draft(target: SObject, row: Mapping[str, Any]) -> Draft:
    """Turn what a client sent into columns."""
    made = Draft(id=None)
    for name, value in row.items():
        lower = name.lower()
        if lower == "attributes":
            continue
        if lower == "id":
            made.id = value or None
            continue
        found = target.fields.get(lower)
        if found is None:
            made.errors.append(
                RowError("INVALID_FIELD", f"No such column '{name}' on sobject of type {target.name}")
            )
            continue
        try:
            made.values[found.name] = accept(found, value)
        except BadValueError as bad:
            made.errors.append(bad.error)
    return made


def check_insert(target: SObject, made: Draft) -> None:
    """Note what speaks against a new record."""
    missing = [
        one.name for one in target.fields.values() if one.required and made.values.get(one.name) is None
    ]
    if target.name == "Account" and made.values.get("LastName") is not None:
        missing = [name for name in missing if name != "Name"]
    _note_missing(made, missing)
    _note_locked(made, [name for name in made.values if not target.fields[name.lower()].createable])


def check_update(target: SObject, made: Draft) -> None:
    """Note what speaks against a change of a record."""
    missing = [
        name for name, value in made.values.items() if value is None and target.fields[name.lower()].required
    ]
    _note_missing(made, missing)
    _note_locked(made, [name for name in made.values if not target.fields[name.lower()].updateable])


def _note_missing(made: Draft, missing: list[str]) -> None:
    if missing:
        made.errors.append(
            RowError(
                "REQUIRED_FIELD_MISSING",
                f"Required fields are missing: [{', '.join(missing)}]",
                tuple(missing),
            )
        )


def _note_locked(made: Draft, locked: list[str]) -> None:
    if locked:
        made.errors.append(
            RowError(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {', '.join(locked)}. Please check the security settings "
                "of this "
                "field and verify that it is read/write for your profile or permission set.",
                tuple(locked),
            )
        )
