"""`metafieldsSet` and `metafieldsDelete`: 25 a call, all or nothing, checked against the definitions."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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

Inputs = Sequence[Mapping[str, Any]]
UserError = dict[str, Any]
Definitions = Mapping[tuple[str, str, str], "Definition"]


@dataclass(frozen=True)
class Definition:
    """What a metafield definition asks of values."""

    type: str
    rules: Mapping[str, str]
    unique: bool


@dataclass(frozen=True)
class _Write:
    """One checked input; `number` is the id of what already stands there unchanged, and is not written."""

    place: tuple[str, int, str, str]
    type: str
    value: str
    number: int | None


class _Refused(Exception):
    def __init__(self, message: str, code: str, *field: str) -> None:
        super().__init__(message)
        self.message, self.code, self.field = message, code, field

    def at(self, index: int) -> UserError:
        """Write the user error for the input at this index."""
        return _user_error(["metafields", str(index), *self.field], self.message, self.code)


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


@dataclass
class MetafieldCall:
    """One call of `metafieldsSet` or `metafieldsDelete`; the caller holds the write lock.

    `bump` says whether a write moves the owner's `updatedAt`.
    """

    db: sqlite3.Connection
    access: Access
    definitions: Definitions
    faults: Faults
    now: str
    bump: bool
    _owners: dict[str, tuple[str, int]] = field(default_factory=dict)

    def write(self, inputs: Inputs) -> tuple[list[int] | None, list[UserError]]:
        """Write all inputs or none; gives the ids of the metafields, or None and the user errors."""
        if len(inputs) > MOST_PER_CALL:
            return None, [_too_many()]
        writes: list[_Write] = []
        errors: list[UserError] = []
        for at, one in enumerate(inputs):
            try:
                writes.append(self._checked(one))
            except _Refused as refused:
                errors.append(refused.at(at))
        if errors:
            return None, errors
        numbers = [write.number or self._store(write) for write in writes]
        self._bump({write.place[:2] for write in writes if not write.number})
        return numbers, []

    def clear(self, inputs: Inputs) -> tuple[list[dict[str, Any] | None] | None, list[UserError]]:
        """Delete metafields, all or none; a missing one is no error and answers null."""
        if len(inputs) > MOST_PER_CALL:
            return None, [_too_many()]
        owners: list[tuple[str, int]] = []
        for at, one in enumerate(inputs):
            try:
                owners.append(self._owner(one))
            except _Refused as refused:
                return None, [refused.at(at)]
        deleted: list[dict[str, Any] | None] = []
        touched: set[tuple[str, int]] = set()
        for one, owner in zip(inputs, owners, strict=True):
            was_there = delete_metafield(self.db, *owner, stored_namespace(one["namespace"]), one["key"])
            deleted.append(
                {name: one[name] for name in ("ownerId", "namespace", "key")} if was_there else None
            )
            if was_there:
                touched.add(owner)
        self._bump(touched)
        return deleted, []

    def _checked(self, one: Mapping[str, Any]) -> _Write:
        owner = self._owner(one)
        namespace, key = stored_namespace(one.get("namespace")), one["key"]
        _check_length("namespace", namespace, 3, 255)
        _check_length("key", key, 2, 64)
        definition = self.definitions.get((owner[0], namespace, key))
        kind = _type(one.get("type"), definition)
        value = _value(kind, one["value"], definition)
        place = (*owner, namespace, key)
        present = self.db.execute(
            f"SELECT id, type, value FROM shopify_metafields WHERE {AT_PLACE}", place
        ).fetchone()
        if present is not None and (present["type"], present["value"]) == (kind, value):
            return _Write(place, kind, value, present["id"])
        if "compareDigest" in one:
            _compare(one["compareDigest"], present)
        if definition and definition.unique:
            self._check_unique(place, value)
        return _Write(place, kind, value, None)

    def _owner(self, one: Mapping[str, Any]) -> tuple[str, int]:
        rule = self.faults.take("reject_records", platform="shopify", text=f"{one['ownerId']} {one['key']}")
        if rule is not None:
            raise _Refused(rule.message or "Value is invalid.", "INVALID_VALUE", "value")
        known = self._owners.get(one["ownerId"])
        if known is None:
            known = self._owners[one["ownerId"]] = self._find_owner(one["ownerId"])
        return known

    def _find_owner(self, text: str) -> tuple[str, int]:
        found = parse_gid(text)
        owner_type = _OWNER_TYPES.get(found[0]) if found else None
        if found is None or owner_type is None:
            raise _Refused("Owner does not exist.", "INVALID_VALUE", "ownerId")
        scope = _WRITE_SCOPES.get(owner_type)
        if scope and not self.access.has(scope):
            raise access_denied("metafieldsSet", scope)
        if not owner_exists(self.db, owner_type, found[1]):
            raise _Refused("Owner does not exist.", "INVALID_VALUE", "ownerId")
        return owner_type, found[1]

    def _store(self, write: _Write) -> int:
        done = self.db.execute(UPSERT + " RETURNING id", (*write.place, write.type, write.value, self.now))
        (number,) = done.fetchone()
        return int(number)

    def _bump(self, owners: set[tuple[str, int]]) -> None:
        for owner_type, number in owners if self.bump else ():
            table = OWNER_TABLES[owner_type][1]
            if table is not None:
                self.db.execute(f"UPDATE {table} SET updated_at = ? WHERE id = ?", (self.now, number))

    def _check_unique(self, place: tuple[str, int, str, str], value: str) -> None:
        taken = self.db.execute(
            "SELECT 1 FROM shopify_metafields WHERE owner_type = ? AND owner_id <> ? AND namespace = ?"
            " AND key = ? AND value = ?",
            (*place, value),
        ).fetchone()
        if taken:
            raise _Refused("Value must be unique.", "CAPABILITY_VIOLATION", "value")


def _value(kind: str, text: str, definition: Definition | None) -> str:
    if not text.strip():
        raise _Refused("Value can't be blank.", "BLANK", "value")
    try:
        return normalise_value(kind, text, definition.rules if definition else None)
    except InvalidValue as invalid:
        raise _Refused(str(invalid), "INVALID_VALUE", "value") from invalid


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


def _too_many() -> UserError:
    message = f"Exceeded the maximum metafields input limit of {MOST_PER_CALL}."
    return _user_error(["metafields"], message, "LESS_THAN_OR_EQUAL_TO")


def _user_error(field: list[str], message: str, code: str) -> UserError:
    return {"field": field, "message": message, "code": code, "elementIndex": None}
