"""Metafields as rows: their owners, and how a scenario's come in."""

import sqlite3
from collections.abc import Mapping, Sequence

from sandbox.errors import ScenarioError
from sandbox.shopify.ids import parse_gid
from sandbox.shopify.values import InvalidValue, normalise_value

OWNER_TABLES = {
    "CUSTOMER": ("Customer", "shopify_customers"),
    "ORDER": ("Order", "shopify_orders"),
    "DRAFTORDER": ("DraftOrder", "shopify_draft_orders"),
    "SHOP": ("Shop", None),
    "API_PERMISSION": ("AppInstallation", None),
}
"""Owner type by enum name: its GraphQL type, and its table where there are many of it."""

_OWNER_TYPES = {type_name: owner_type for owner_type, (type_name, _) in OWNER_TABLES.items()}

AT_PLACE = "owner_type = ? AND owner_id = ? AND namespace = ? AND key = ?"
UPSERT = (
    "INSERT INTO shopify_metafields"
    " (owner_type, owner_id, namespace, key, type, value, created_at, updated_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) ON CONFLICT (owner_type, owner_id, namespace, key)"
    " DO UPDATE SET type = excluded.type, value = excluded.value, updated_at = excluded.updated_at"
)


def owner_of(text: str) -> tuple[str, int]:
    """Read an owner: a plain number is a customer, otherwise a global id; raises ValueError."""
    if text.isdigit():
        return "CUSTOMER", int(text)
    found = parse_gid(text)
    if found is None or found[0] not in _OWNER_TYPES:
        raise ValueError(f"{text!r} owns no metafields here")
    return _OWNER_TYPES[found[0]], found[1]


def owner_exists(db: sqlite3.Connection, owner_type: str, owner_id: int) -> bool:
    """Say whether the owner of a metafield is there."""
    table = OWNER_TABLES[owner_type][1]
    return (
        table is None or db.execute(f"SELECT 1 FROM {table} WHERE id = ?", (owner_id,)).fetchone() is not None
    )


def load_metafields(db: sqlite3.Connection, rows: Sequence[Mapping[str, str]], now: str) -> None:
    """Upsert the rows of `shopify_metafields.csv`, each value checked as the platform would."""
    stored = []
    for row in rows:
        try:
            owner = owner_of(row["owner_id"])
            kind = row.get("type") or "single_line_text_field"
            stored.append(
                (*owner, row["namespace"], row["key"], kind, normalise_value(kind, row["value"]), now)
            )
        except (ValueError, KeyError, InvalidValue) as error:
            where = f"{row.get('namespace')}.{row.get('key')} of {row.get('owner_id')}"
            raise ScenarioError(f"shopify_metafields.csv: {where}: {error}") from error
    db.executemany(UPSERT, stored)
