"""`metafieldsSet` and `metafieldsDelete`: 25 a call, all or nothing, checked against the definitions."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.faults import Faults
from sandbox.shopify.access import Access
from sandbox.shopify.database import compare_digest
from sandbox.shopify.ids import parse_gid
from sandbox.shopify.metafield_rows import AT_PLACE, OWNER_TABLES, UPSERT, owner_exists
from sandbox.shopify.namespaces import stored_namespace
from sandbox.shopify.problems import access_denied
from sandbox.shopify.removal import delete_metafield
from sandbox.shopify.values import InvalidValue, is_known_type, normalise_value

MOST_PER_CALL = 25
_OWNER_TYPES = {type_name: owner_type for owner_type, (type_name, _) in OWNER_TABLES.items()}
_WRITE_SCOPES = {"CUSTOMER": "write_customers", "ORDER": "write_orders", "DRAFTORDER": "write_draft_orders"}

Definitions = Mapping[tuple[str, str, str], "Definition"]


@dataclass(frozen=True)
class Definition:
    """What a metafield definition asks of values."""

    type: str
    rules: Mapping[str, str]
    unique: bool


@dataclass(frozen=True)
class _Write:
    """One checked input; `unchanged` writes nothing."""

    place: tuple[str, int, str, str]
    type: str
    value: str
    unchanged: bool


class _Refused(Exception):
    def __init__(self, message: str, code: str, *field: str) -> None:
        super().__init__(message)
        self.message, self.code, self.field = message, code, field


def read_definitions(db: sqlite3.Connection) -> Definitions:
    """Read all definitions, by owner type, namespace and key."""
    rows = db.execute(
        "SELECT owner_type, namespace, key, type, validations, unique_values"
        " FROM shopify_metafield_definitions"
    )
    return {
        (row[0], row[1], row[2]): Definition(
            row[3], {rule["name"]: rule["value"] for rule in json.loads(row[4])}, bool(row[5])
        )
        for row in rows
    }


def set_metafields(
    db: sqlite3.Connection,
    inputs: Sequence[Mapping[str, Any]],
    *,
    access: Access,
    definitions: Definitions,
    now: str,
    bump: bool,
    faults: Faults,
) -> tuple[list[int] | None, list[dict[str, Any]]]:
    """Write all inputs or none; gives the ids of the metafields and no errors, or None and the user errors.

    The caller holds the write lock. `bump` says whether a write moves the owner's `updatedAt`.
    """
    if len(inputs) > MOST_PER_CALL:
        return None, [_too_many("metafields")]
    writes: list[_Write] = []
    errors: list[dict[str, Any]] = []
    for at, one in enumerate(inputs):
        try:
            _play_fault(faults, one)
            writes.append(_checked(db, one, access, definitions))
        except _Refused as refused:
            errors.append(_user_error(["metafields", str(at), *refused.field], refused.message, refused.code))
    if errors:
        return None, errors
    changed = [write for write in writes if not write.unchanged]
    db.executemany(UPSERT, [(*write.place, write.type, write.value, now) for write in changed])
    if bump:
        bump_owners(db, {write.place[:2] for write in changed}, now)
    return [_number(db, write.place) for write in writes], []


def delete_metafields(
    db: sqlite3.Connection,
    inputs: Sequence[Mapping[str, Any]],
    *,
    access: Access,
    now: str,
    bump: bool,
    faults: Faults,
) -> tuple[list[dict[str, Any] | None] | None, list[dict[str, Any]]]:
    """Delete metafields; a missing one is no error and answers null. The caller holds the write lock."""
    if len(inputs) > MOST_PER_CALL:
        return None, [_too_many("metafields")]
    owners_by_input: list[tuple[str, int]] = []
    for at, one in enumerate(inputs):
        try:
            _play_fault(faults, one)
            owners_by_input.append(_owner(db, one, access))
        except _Refused as refused:
            return None, [_user_error(["metafields", str(at), *refused.field], refused.message, refused.code)]
    deleted: list[dict[str, Any] | None] = []
    owners: set[tuple[str, int]] = set()
    for one, owner in zip(inputs, owners_by_input, strict=True):
        if delete_metafield(db, *owner, stored_namespace(one["namespace"]), one["key"]):
            deleted.append({name: one[name] for name in ("ownerId", "namespace", "key")})
            owners.add(owner)
        else:
            deleted.append(None)
    if bump:
        bump_owners(db, owners, now)
    return deleted, []


def bump_owners(db: sqlite3.Connection, owners: set[tuple[str, int]], now: str) -> None:
    """Move the `updatedAt` of owners to now."""
    for owner_type, number in owners:
        table = OWNER_TABLES[owner_type][1]
        if table is not None:
            db.execute(f"UPDATE {table} SET updated_at = ? WHERE id = ?", (now, number))


def _checked(
    db: sqlite3.Connection, one: Mapping[str, Any], access: Access, definitions: Definitions
) -> _Write:
    owner = _owner(db, one, access)
    namespace, key = stored_namespace(one.get("namespace")), one["key"]
    _check_length("namespace", namespace, 3, 255)
    _check_length("key", key, 2, 64)
    definition = definitions.get((owner[0], namespace, key))
    kind = _type(one.get("type"), definition)
    place = (*owner, namespace, key)
    present = db.execute(f"SELECT id, type, value FROM shopify_metafields WHERE {AT_PLACE}", place).fetchone()
    if not one["value"].strip():
        raise _Refused("Value can't be blank.", "BLANK", "value")
    try:
        value = normalise_value(kind, one["value"], definition.rules if definition else None)
    except InvalidValue as invalid:
        raise _Refused(str(invalid), "INVALID_VALUE", "value") from invalid
    unchanged = present is not None and (present["type"], present["value"]) == (kind, value)
    if "compareDigest" in one and not unchanged:
        _compare(one["compareDigest"], present)
    if definition and definition.unique and not unchanged:
        _check_unique(db, place, value)
    return _Write(place, kind, value, unchanged)


def _play_fault(faults: Faults, one: Mapping[str, Any]) -> None:
    rule = faults.take("reject_records", platform="shopify", text=f"{one['ownerId']} {one['key']}")
    if rule is not None:
        raise _Refused(rule.message or "Value is invalid.", "INVALID_VALUE", "value")


def _owner(db: sqlite3.Connection, one: Mapping[str, Any], access: Access) -> tuple[str, int]:
    found = parse_gid(one["ownerId"])
    owner_type = _OWNER_TYPES.get(found[0]) if found else None
    if found is None or owner_type is None:
        raise _Refused("Owner does not exist.", "INVALID_VALUE", "ownerId")
    scope = _WRITE_SCOPES.get(owner_type)
    if scope and not access.has(scope):
        raise access_denied("metafieldsSet", scope)
    if not owner_exists(db, owner_type, found[1]):
        raise _Refused("Owner does not exist.", "INVALID_VALUE", "ownerId")
    return owner_type, found[1]


def _type(given: str | None, definition: Definition | None) -> str:
    if definition is not None:
        if given is not None and given != definition.type:
            raise _Refused(
                f"Type must be consistent with the definition's type: {definition.type}.",
                "INVALID_TYPE",
                "type",
            )
        return definition.type
    if not given:
        raise _Refused("Type can't be blank.", "BLANK", "type")
    if not is_known_type(given):
        raise _Refused("Type is not included in the list of metafield types.", "INCLUSION", "type")
    return given


def _check_length(name: str, text: str, least: int, most: int) -> None:
    if len(text) < least:
        raise _Refused(f"{name.capitalize()} is too short (minimum is {least} characters)", "TOO_SHORT", name)
    if len(text) > most:
        raise _Refused(f"{name.capitalize()} is too long (maximum is {most} characters)", "TOO_LONG", name)


def _compare(given: str | None, present: sqlite3.Row | None) -> None:
    digest = compare_digest(present["type"], present["value"]) if present else None
    if given != digest:
        raise _Refused(
            "The resource has been updated since it was loaded. "
            "Try again with an updated `compareDigest` value.",
            "STALE_OBJECT",
        )


def _check_unique(db: sqlite3.Connection, place: tuple[str, int, str, str], value: str) -> None:
    taken = db.execute(
        "SELECT 1 FROM shopify_metafields WHERE owner_type = ? AND owner_id <> ? AND namespace = ?"
        " AND key = ? AND value = ?",
        (*place, value),
    ).fetchone()
    if taken:
        raise _Refused("Value must be unique.", "CAPABILITY_VIOLATION", "value")


def _number(db: sqlite3.Connection, place: tuple[str, int, str, str]) -> int:
    (number,) = db.execute(f"SELECT id FROM shopify_metafields WHERE {AT_PLACE}", place).fetchone()
    return int(number)


def _too_many(name: str) -> dict[str, Any]:
    message = f"Exceeded the maximum metafields input limit of {MOST_PER_CALL}."
    return _user_error([name], message, "LESS_THAN_OR_EQUAL_TO")


def _user_error(field: list[str], message: str, code: str) -> dict[str, Any]:
    return {"field": field, "message": message, "code": code, "elementIndex": None}
