"""Metafield definitions: created, changed, pinned and deleted."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.definition_rules import Refused, access_columns, capability_columns, create_row, next_pin
from sandbox.shopify.execute import Refs, Resolver, ref
from sandbox.shopify.ids import gid, number_of
from sandbox.shopify.namespaces import APP_PREFIX, stored_namespace
from sandbox.shopify.problems import access_denied
from sandbox.shopify.selection import Field

Payload = dict[str, Any]
_WRITE_SCOPES = {"CUSTOMER": "write_customers", "ORDER": "write_orders"}


def _resolver(name: str, work: Callable[[Context, Field, sqlite3.Connection], Any]) -> Resolver:
    """Make a mutation of `work`: its result stands under `name`, its refusal among the user errors."""

    def resolve(context: Context, asked: Field) -> Payload:
        try:
            with context.state.writing() as db:
                return {name: work(context, asked, db), "userErrors": []}
        except Refused as refused:
            return {name: None, "userErrors": [refused.error]}

    return resolve


def _create(context: Context, asked: Field, db: sqlite3.Connection) -> Refs:
    given = asked.arguments["definition"]
    _check_scope(context, asked, given["ownerType"])
    return ref("MetafieldDefinition", create_row(db, given))


def _update(context: Context, asked: Field, db: sqlite3.Connection) -> Refs:
    given = asked.arguments["definition"]
    _check_scope(context, asked, given["ownerType"])
    row = _found(db, given)
    changes = {name: given[name] for name in ("name", "description") if name in given}
    changes |= access_columns(given.get("access"))
    changes |= capability_columns(db, row["owner_type"], row["type"], given)
    if "validations" in given:
        changes["validations"] = json.dumps(given["validations"] or [])
    if given.get("pin") is not None:
        changes["pinned_position"] = next_pin(db, row) if given["pin"] else None
    for column, value in changes.items():
        _set(db, row, column, value)
    return ref("MetafieldDefinition", row["id"])


def _delete(context: Context, asked: Field, db: sqlite3.Connection) -> Payload:
    """Delete a definition; values of a merchant's namespace stay unless told otherwise."""
    row = _addressed(db, asked.arguments, "id")
    _check_scope(context, asked, row["owner_type"])
    with_values = asked.arguments.get("deleteAllAssociatedMetafields")
    if row["namespace"].startswith(APP_PREFIX) and not with_values:
        raise Refused(
            "Deleting an app-reserved definition requires deleteAllAssociatedMetafields.",
            "RESERVED_NAMESPACE_ORPHANED_METAFIELDS",
        )
    if with_values:
        db.execute(
            "DELETE FROM shopify_metafields WHERE owner_type = ? AND namespace = ? AND key = ?",
            (row["owner_type"], row["namespace"], row["key"]),
        )
    db.execute("DELETE FROM shopify_metafield_definitions WHERE id = ?", (row["id"],))
    return {"id": row["id"], "ownerType": row["owner_type"], "namespace": row["namespace"], "key": row["key"]}


def _pin(context: Context, asked: Field, db: sqlite3.Connection) -> Refs:
    row = _addressed(db, asked.arguments, "definitionId")
    _check_scope(context, asked, row["owner_type"])
    if row["pinned_position"] is not None:
        raise Refused("Definition already pinned.", "ALREADY_PINNED")
    _set(db, row, "pinned_position", next_pin(db, row))
    return ref("MetafieldDefinition", row["id"])


def _unpin(context: Context, asked: Field, db: sqlite3.Connection) -> Refs:
    row = _addressed(db, asked.arguments, "definitionId")
    _check_scope(context, asked, row["owner_type"])
    if row["pinned_position"] is None:
        raise Refused("Definition isn't pinned.", "NOT_PINNED")
    _set(db, row, "pinned_position", None)
    return ref("MetafieldDefinition", row["id"])


create = _resolver("createdDefinition", _create)
update = _resolver("updatedDefinition", _update)
pin = _resolver("pinnedDefinition", _pin)
unpin = _resolver("unpinnedDefinition", _unpin)


def delete(context: Context, asked: Field) -> Payload:
    """Answer `metafieldDefinitionDelete`, which also names the id that is gone."""
    payload: Payload = _resolver("deletedDefinition", _delete)(context, asked)
    gone = payload["deletedDefinition"]
    return payload | {"deletedDefinitionId": gid("MetafieldDefinition", gone["id"]) if gone else None}


def _set(db: sqlite3.Connection, row: sqlite3.Row, column: str, value: Any) -> None:
    db.execute(f"UPDATE shopify_metafield_definitions SET {column} = ? WHERE id = ?", (value, row["id"]))


def _addressed(db: sqlite3.Connection, arguments: Mapping[str, Any], id_name: str) -> sqlite3.Row:
    if arguments.get("identifier"):
        return _found(db, arguments["identifier"])
    number = number_of(arguments.get(id_name), "MetafieldDefinition")
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM shopify_metafield_definitions WHERE id = ?", (number,)
    ).fetchone()
    if row is None:
        raise Refused("Definition not found.", "NOT_FOUND", id_name)
    return row


def _found(db: sqlite3.Connection, given: Mapping[str, Any]) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM shopify_metafield_definitions WHERE owner_type = ? AND namespace = ? AND key = ?",
        (given["ownerType"], stored_namespace(given.get("namespace")), given["key"]),
    ).fetchone()
    if row is None:
        raise Refused("Definition not found.", "NOT_FOUND")
    return row


def _check_scope(context: Context, asked: Field, owner_type: str) -> None:
    scope = _WRITE_SCOPES.get(owner_type)
    if scope and not context.access.has(scope):
        raise access_denied(asked.name, scope)
