"""What a metafield definition may say: checked as the platform does, and turned into columns."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from sandbox.shopify.namespaces import stored_namespace
from sandbox.shopify.other_fields import FILTERABLE_TYPES, UNIQUE_TYPES
from sandbox.shopify.values import InvalidValue, is_known_type, normalise_value

MOST_DEFINITIONS = 256
MOST_PINNED = 50
MOST_FILTERABLE = 50
_COLUMN_OF = {
    "adminFilterable": "admin_filterable",
    "analyticsQueryable": "analytics_queryable",
    "uniqueValues": "unique_values",
}
_ELIGIBLE = {"adminFilterable": FILTERABLE_TYPES, "uniqueValues": UNIQUE_TYPES}


class Refused(Exception):
    """A definition that the platform would not take; one user error."""

    def __init__(self, message: str, code: str, *field: str) -> None:
        super().__init__(message)
        self.error = {"field": list(field) or None, "message": message, "code": code}


def create_row(db: sqlite3.Connection, given: Mapping[str, Any]) -> int:
    """Create a definition and give its id; raises Refused. Matching metafields are adopted."""
    owner_type, namespace, key = given["ownerType"], stored_namespace(given.get("namespace")), given["key"]
    _check_input(db, given, owner_type, namespace, key)
    capabilities = capability_columns(db, owner_type, given["type"], given)
    columns = {
        "owner_type": owner_type,
        "namespace": namespace,
        "key": key,
        "name": given["name"],
        "description": given.get("description"),
        "type": given["type"],
        "validations": json.dumps(given.get("validations") or []),
        "pinned_position": next_pin(db, {"owner_type": owner_type, "pinned_position": None})
        if given.get("pin")
        else None,
    }
    columns |= access_columns(given.get("access")) | capabilities
    _adopt(db, columns)
    marks = ", ".join("?" * len(columns))
    done = db.execute(
        f"INSERT INTO shopify_metafield_definitions ({', '.join(columns)}) VALUES ({marks})",
        tuple(columns.values()),
    )
    return int(done.lastrowid or 0)


def _check_input(
    db: sqlite3.Connection, given: Mapping[str, Any], owner_type: str, namespace: str, key: str
) -> None:
    _check_length("namespace", namespace, 3, 255)
    _check_length("key", key, 2, 64)
    _check_length("name", given["name"], 1, 255)
    if not is_known_type(given["type"]):
        raise Refused(f"Type name {given['type']} is not a valid type.", "INCLUSION", "definition", "type")
    taken = db.execute(
        "SELECT 1 FROM shopify_metafield_definitions WHERE owner_type = ? AND namespace = ? AND key = ?",
        (owner_type, namespace, key),
    ).fetchone()
    if taken:
        message = f"Key is in use for {owner_type.capitalize()} metafields on the '{namespace}' namespace."
        raise Refused(message, "TAKEN", "definition", "key")
    (count,) = db.execute(
        "SELECT count(*) FROM shopify_metafield_definitions WHERE owner_type = ?", (owner_type,)
    ).fetchone()
    if count >= MOST_DEFINITIONS:
        message = f"Stores can only have {MOST_DEFINITIONS} definitions for each store resource."
        raise Refused(message, "RESOURCE_TYPE_LIMIT_EXCEEDED", "definition")


def _check_length(name: str, text: str, least: int, most: int) -> None:
    if len(text) < least:
        message = f"{name.capitalize()} is too short (minimum is {least} characters)"
        raise Refused(message, "TOO_SHORT" if text else "BLANK", "definition", name)
    if len(text) > most:
        message = f"{name.capitalize()} is too long (maximum is {most} characters)"
        raise Refused(message, "TOO_LONG", "definition", name)


def _adopt(db: sqlite3.Connection, columns: Mapping[str, Any]) -> None:
    """Check the values that already stand under the new definition; invalid ones bar it."""
    rules = {rule["name"]: rule["value"] for rule in json.loads(columns["validations"])}
    place = (columns["owner_type"], columns["namespace"], columns["key"])
    for row in db.execute(
        "SELECT value FROM shopify_metafields WHERE owner_type = ? AND namespace = ? AND key = ?", place
    ):
        try:
            normalise_value(columns["type"], row["value"], rules)
        except InvalidValue as invalid:
            raise Refused(
                "Unstructured metafields with this namespace and key "
                "have values that the definition does not take.",
                "UNSTRUCTURED_ALREADY_EXISTS",
                "definition",
            ) from invalid
    db.execute(
        "UPDATE shopify_metafields SET type = ? WHERE owner_type = ? AND namespace = ? AND key = ?",
        (columns["type"], *place),
    )


def access_columns(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Read the access settings; raises Refused for `admin`, which only app-owned definitions have."""
    if not given:
        return {}
    if given.get("admin") is not None:
        raise Refused(
            'Setting this access control is not permitted. It must be one of ["public_read_write"].',
            "ADMIN_ACCESS_INPUT_NOT_ALLOWED",
            "definition",
            "access",
            "admin",
        )
    columns = {"storefront": "storefront", "customerAccount": "customer_account"}
    return {column: given[name] for name, column in columns.items() if given.get(name) is not None}


def capability_columns(
    db: sqlite3.Connection, owner_type: str, kind: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Read the capabilities; raises Refused where the type is not eligible or a limit is reached."""
    chosen: dict[str, Any] = {}
    for name, setting in (given.get("capabilities") or {}).items():
        if setting is None:
            continue
        enabled = bool(setting["enabled"])
        if enabled and (name not in _COLUMN_OF or kind not in _ELIGIBLE.get(name, (kind,))):
            raise Refused(
                f"The capability {name} is not valid for this definition.",
                "INVALID_CAPABILITY",
                "definition",
                "capabilities",
                name,
            )
        if name in _COLUMN_OF:
            chosen[_COLUMN_OF[name]] = int(enabled)
    if chosen.get("admin_filterable"):
        (count,) = db.execute(
            "SELECT count(*) FROM shopify_metafield_definitions WHERE owner_type = ? AND admin_filterable",
            (owner_type,),
        ).fetchone()
        if count >= MOST_FILTERABLE:
            raise Refused(
                f"Owner type is limited to {MOST_FILTERABLE} definitions used as admin filters.",
                "OWNER_TYPE_LIMIT_EXCEEDED_FOR_USE_AS_ADMIN_FILTERS",
                "definition",
            )
    return chosen


def next_pin(db: sqlite3.Connection, row: Mapping[str, Any] | sqlite3.Row) -> int:
    """Give the pinned position to take: its own, or the one after the last; raises Refused at the limit."""
    if row["pinned_position"] is not None:
        return int(row["pinned_position"])
    count, top = db.execute(
        "SELECT count(pinned_position), ifnull(max(pinned_position), 0) FROM shopify_metafield_definitions"
        " WHERE owner_type = ?",
        (row["owner_type"],),
    ).fetchone()
    if count >= MOST_PINNED:
        raise Refused(f"Limit of {MOST_PINNED} pinned definitions.", "PINNED_LIMIT_REACHED", "definition")
    return int(top) + 1
