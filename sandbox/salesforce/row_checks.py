"""Checks drafts against what the org holds: existing records, references, unique values."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.check import Draft
from sandbox.salesforce.derive import chunks
from sandbox.salesforce.errors import RowError, SalesforceError
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.schema import Schema


@dataclass(frozen=True)
class _Known:
    """What the org holds of a record that is to be changed."""

    id: str
    deleted: bool
    barred: RowError | None


def find_by_key(db: sqlite3.Connection, target: SObject, drafts: list[Draft], key: str) -> None:
    """Find the record of each draft of an upsert by the value of its external id."""
    field = target.get(key)
    if field is None or not (field.external_id or field.lookup):
        raise SalesforceError(
            404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + key
        )
    seen = set()
    for made in drafts:
        value = made.values.get(field.name)
        if value is None:
            made.errors.append(RowError("MISSING_ARGUMENT", f"{field.name} not specified", (field.name,)))
            continue
        if value in seen:
            made.errors.append(RowError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}"))
        seen.add(value)
        found = db.execute(
            f'SELECT Id FROM {target.table} WHERE "{field.name}" = ? AND NOT IsDeleted LIMIT 2', (value,)
        ).fetchall()
        if len(found) > 1:
            made.errors.append(
                RowError(
                    "DUPLICATE_EXTERNAL_ID",
                    f"{field.name}: more than one record found for external id field: "
                    f"[{', '.join(row['Id'] for row in found)}]",
                    (field.name,),
                )
            )
        made.id = found[0]["Id"] if found else None


def check_known(
    db: sqlite3.Connection, target: SObject, drafts: list[Draft], *, deleting: bool = False
) -> None:
    """Note drafts whose record does not exist, is deleted or may not be changed.

    A converted lead can still be deleted.
    """
    known = _known(db, target, [full_id(str(made.id)) or str(made.id) for made in drafts])
    for made in drafts:
        found = known.get(full_id(str(made.id)) or str(made.id))
        if found is not None:
            made.id = found.id
            if found.deleted:
                made.errors.insert(0, RowError("ENTITY_IS_DELETED", "entity is deleted"))
            elif found.barred and not (deleting and target.name == "Lead"):
                made.errors.insert(0, found.barred)
        elif full_id(str(made.id)) is None or not str(made.id).startswith(target.prefix):
            made.errors.insert(
                0, RowError("MALFORMED_ID", f"Record ID: id value of incorrect type: {made.id}", ("Id",))
            )
        else:
            made.errors.insert(0, RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"))


def _known(db: sqlite3.Connection, target: SObject, ids: list[str]) -> dict[str, _Known]:
    extra = next((name for name in ("IsPersonAccount", "IsConverted") if name.lower() in target.fields), "0")
    bars = {
        ("Lead", "IsConverted"): RowError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"),
        ("Contact", "IsPersonAccount"): RowError(
            "INVALID_PERSON_ACCOUNT_OPERATION", "cannot reference person contact; use the person account"
        ),
    }
    found = {}
    for part in chunks(ids):
        marks = ", ".join("?" * len(part))
        for row in db.execute(
            f"SELECT Id, IsDeleted, {extra} AS extra FROM {target.table} WHERE Id IN ({marks})", part
        ):
            bar = bars.get((target.name, extra)) if row["extra"] else None
            found[row["Id"]] = _Known(row["Id"], bool(row["IsDeleted"]), bar)
    return found


def check_references(db: sqlite3.Connection, schema: Schema, target: SObject, drafts: list[Draft]) -> None:
    """Note drafts that point to a record that does not exist."""
    tables = {
        field.name: [schema[to.lower()].table for to in field.refers_to if to.lower() in schema]
        for field in target.fields.values()
        if field.type == "reference"
    }
    for made in drafts:
        for name in made.values.keys() & tables.keys():
            value = made.values[name]
            if value is not None and tables[name] and not _exists(db, tables[name], value):
                text = f"invalid cross reference id: {value}"
                made.errors.append(RowError("INVALID_CROSS_REFERENCE_KEY", text, (name,)))


def _exists(db: sqlite3.Connection, tables: list[str], record_id: Any) -> bool:
    return any(db.execute(f"SELECT 1 FROM {table} WHERE Id = ?", (record_id,)).fetchone() for table in tables)


def check_unique(db: sqlite3.Connection, target: SObject, drafts: list[Draft]) -> None:
    """Note drafts whose value of a unique field another record has."""
    unique = [field.name for field in target.fields.values() if field.unique]
    for made in drafts:
        for name in unique:
            value = made.values.get(name)
            other = (
                value is not None
                and db.execute(
                    f'SELECT Id FROM {target.table} WHERE "{name}" = ? AND Id IS NOT ?', (value, made.id)
                ).fetchone()
            )
            if other:
                made.errors.append(
                    RowError(
                        "DUPLICATE_VALUE",
                        f"duplicate value found: {name} duplicates value on record with id: "
                        f"{other['Id'][:15]}",
                    )
                )
        if target.name == "PermissionSetAssignment" and not made.errors and not made.id:
            _check_assignment(db, made)


def _check_assignment(db: sqlite3.Connection, made: Draft) -> None:
    pair = (made.values["PermissionSetId"], made.values["AssigneeId"])
    if db.execute(
        "SELECT 1 FROM sf_PermissionSetAssignment WHERE PermissionSetId = ? AND AssigneeId = ?", pair
    ).fetchone():
        text = f"Duplicate PermissionSetAssignment. Assignee: {pair[1]}; Permission Set: {pair[0]}"
        made.errors.append(RowError("DUPLICATE_VALUE", text))
