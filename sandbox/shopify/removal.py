"""How rows leave the shop: deleted, or merged into another customer."""

import sqlite3
from collections.abc import Iterable, Mapping

from sandbox.shopify import cells
from sandbox.shopify.metafield_rows import AT_PLACE, owner_of

_CHILDREN = {
    "shopify_customers": (
        "DELETE FROM shopify_metafields WHERE owner_type = 'CUSTOMER' AND owner_id = ?",
        "UPDATE shopify_orders SET customer_id = NULL WHERE customer_id = ?",
        "UPDATE shopify_draft_orders SET customer_id = NULL WHERE customer_id = ?",
        "UPDATE shopify_abandoned_checkouts SET customer_id = NULL WHERE customer_id = ?",
    ),
    "shopify_orders": (
        "DELETE FROM shopify_metafields WHERE owner_type = 'ORDER' AND owner_id = ?",
        "DELETE FROM shopify_order_lines WHERE order_id = ?",
        "DELETE FROM shopify_refunds WHERE order_id = ?",
    ),
}

_FILLED = ("email", "phone", "first_name", "last_name")


def remove_rows(
    db: sqlite3.Connection, stem: str, rows: Iterable[Mapping[str, str]], now: str, *, bump_orders: bool
) -> None:
    """Take out the rows of a scenario file that say `deleted` or `merged_into`."""
    for row in rows:
        if stem == "shopify_metafields":
            delete_metafield(db, *owner_of(row["owner_id"]), row["namespace"], row["key"])
        elif row.get("merged_into"):
            lost, kept = cells.number(row["id"]), cells.number(row["merged_into"])
            merge_customers(db, lost=lost, kept=kept, now=now, bump_orders=bump_orders)
        else:
            delete_row(db, stem, cells.number(row["id"]))


def delete_row(db: sqlite3.Connection, stem: str, number: int) -> None:
    """Delete one row and what belongs to it; orders of a deleted customer stay, without a customer."""
    for statement in _CHILDREN.get(stem, ()):
        db.execute(statement, (number,))
    db.execute(f"DELETE FROM {stem} WHERE id = ?", (number,))


def delete_metafield(
    db: sqlite3.Connection, owner_type: str, owner_id: int, namespace: str, key: str
) -> bool:
    """Delete one metafield; says whether there was one."""
    found = db.execute(
        f"DELETE FROM shopify_metafields WHERE {AT_PLACE}", (owner_type, owner_id, namespace, key)
    )
    return found.rowcount > 0


def merge_customers(db: sqlite3.Connection, *, lost: int, kept: int, now: str, bump_orders: bool) -> None:
    """Merge one customer into another, as the platform does.

    Orders move to the kept customer, with a new `updatedAt` only where `bump_orders`; where both have a
    metafield the kept one's wins, and what only the lost one has is copied under a new id. Empty contact
    fields of the kept customer are filled.
    """
    for table in ("shopify_orders", "shopify_draft_orders", "shopify_abandoned_checkouts"):
        db.execute(
            f"UPDATE {table} SET customer_id = ?, updated_at = iif(?, ?, updated_at) WHERE customer_id = ?",
            (kept, bump_orders or table != "shopify_orders", now, lost),
        )
    db.execute(
        "INSERT OR IGNORE INTO shopify_metafields"
        " (owner_type, owner_id, namespace, key, type, value, created_at, updated_at)"
        " SELECT owner_type, ?, namespace, key, type, value, ?, ? FROM shopify_metafields"
        " WHERE owner_type = 'CUSTOMER' AND owner_id = ?",
        (kept, now, now, lost),
    )
    filled = ", ".join(f"{name} = ifnull(kept.{name}, lost.{name})" for name in _FILLED)
    db.execute(
        f"UPDATE shopify_customers AS kept SET {filled}, tags = trim(kept.tags || ';' || lost.tags, ';'),"
        " updated_at = ? FROM shopify_customers AS lost WHERE kept.id = ? AND lost.id = ?",
        (now, kept, lost),
    )
    delete_row(db, "shopify_customers", lost)
