"""What an admin sees of the shop's customers."""

import json
import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.pages.listing import PAGE_ROWS, Listing, Wanted

PERSON_ID = ("zaiseki", "person_id")
_NAME = (
    "trim(CASE WHEN c.locale LIKE 'ja%' THEN coalesce(c.last_name, '') || ' ' || coalesce(c.first_name, '')"
    " ELSE coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '') END)"
)
_SEARCHED = (
    f"({_NAME} LIKE :like ESCAPE '\\' OR replace({_NAME}, ' ', '') LIKE :like ESCAPE '\\'"
    " OR c.email LIKE :like ESCAPE '\\' OR c.id = :exact)"
)
_FIELD = (
    "(SELECT value FROM shopify_metafields WHERE owner_type = 'CUSTOMER' AND owner_id = c.id"
    " AND namespace = 'zaiseki' AND key = '{key}')"
)
_SEGMENT = _FIELD.format(key="segment")


@dataclass(frozen=True)
class Metafield:
    """A custom field as the admin shows it: by the name of its definition where it has one."""

    key: str
    name: str
    value: str
    pinned: bool


def list_customers(db: sqlite3.Connection, wanted: Wanted) -> Listing:
    """Give one page of customers with their orders, amount spent and our most looked-at fields."""
    exact = int(wanted.search) if wanted.search.isascii() and wanted.search.isdigit() else None
    values = {"like": wanted.pattern, "exact": exact, "segment": wanted.segment}
    where = " AND ".join(
        (["true"])
        + ([_SEARCHED] if wanted.search else [])
        + ([f"{_SEGMENT} = :segment"] if wanted.segment else [])
    )
    total = db.execute(f"SELECT count(*) FROM shopify_customers c WHERE {where}", values).fetchone()[0]
    rows = db.execute(
        f"""SELECT c.id, {_NAME} AS name, c.locale, c.email, {_SEGMENT} AS segment,
            {_FIELD.format(key="tenure_days")} AS tenure_days, {_FIELD.format(key="lapses_on")} AS lapses_on,
            (SELECT count(*) FROM shopify_orders o WHERE o.customer_id = c.id) AS orders
            FROM shopify_customers c WHERE {where} ORDER BY c.id LIMIT {PAGE_ROWS} OFFSET {wanted.offset}""",
        values,
    ).fetchall()
    return Listing(rows, total, segments(db))


def segments(db: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """Count the customers of each segment, in the order of the definition's choices.

    The shop shows the stored value itself, so the label is the value.
    """
    definition = db.execute(
        "SELECT validations FROM shopify_metafield_definitions WHERE owner_type = 'CUSTOMER'"
        " AND namespace = 'zaiseki' AND key = 'segment'"
    ).fetchone()
    rules = (
        {rule["name"]: rule["value"] for rule in json.loads(definition["validations"])} if definition else {}
    )
    order = {value: place for place, value in enumerate(json.loads(rules.get("choices", "[]")))}
    counted = db.execute(
        "SELECT value, count(*) AS customers FROM shopify_metafields WHERE owner_type = 'CUSTOMER'"
        " AND namespace = 'zaiseki' AND key = 'segment' GROUP BY value"
    ).fetchall()
    counted.sort(key=lambda row: (order.get(row["value"], len(order)), row["value"]))
    return [(row["value"], row["value"], row["customers"]) for row in counted]


def read_customer(db: sqlite3.Connection, number: int) -> dict[str, Any] | None:
    """Give everything about one customer, or None where there is no such customer."""
    customer = db.execute(
        f"SELECT c.*, {_NAME} AS name FROM shopify_customers c WHERE id = ?", (number,)
    ).fetchone()
    if customer is None:
        return None
    orders = db.execute(
        "SELECT id, name, processed_at, source_name, financial_status, cancelled_at, test, discount_codes,"
        " total, currency FROM shopify_orders WHERE customer_id = ? ORDER BY processed_at DESC",
        (number,),
    ).fetchall()
    return {
        "customer": customer,
        "orders": orders,
        "spent": sum(
            (Decimal(order["total"]) for order in orders if not order["cancelled_at"] and not order["test"]),
            Decimal(),
        ),
        "metafields": _metafields(db, number),
        "person_id": _person_id(db, number),
    }


def customers_of_person(db: sqlite3.Connection, person_id: str) -> list[sqlite3.Row]:
    """Find the customers that carry this person id."""
    return db.execute(
        f"""SELECT c.id, {_NAME} AS name
            FROM shopify_metafields m JOIN shopify_customers c ON c.id = m.owner_id
            WHERE m.owner_type = 'CUSTOMER' AND m.namespace = ? AND m.key = ? AND m.value = ?""",
        (*PERSON_ID, person_id),
    ).fetchall()


def _person_id(db: sqlite3.Connection, number: int) -> str | None:
    row = db.execute(
        "SELECT value FROM shopify_metafields WHERE owner_type = 'CUSTOMER' AND owner_id = ?"
        " AND namespace = ? AND key = ?",
        (number, *PERSON_ID),
    ).fetchone()
    return row and str(row["value"])


def _metafields(db: sqlite3.Connection, number: int) -> list[Metafield]:
    """Give the values of one customer in the order of their definitions: pinned ones first."""
    rows = db.execute(
        """SELECT m.namespace || '.' || m.key AS full_key, d.name, m.type, m.value, d.pinned_position
           FROM shopify_metafields m LEFT JOIN shopify_metafield_definitions d
           ON d.owner_type = m.owner_type AND d.namespace = m.namespace AND d.key = m.key
           WHERE m.owner_type = 'CUSTOMER' AND m.owner_id = ?
           ORDER BY d.pinned_position IS NULL, d.pinned_position, d.id IS NULL, d.id, full_key""",
        (number,),
    )
    return [
        Metafield(
            key=row["full_key"],
            name=row["name"] or row["full_key"],
            value=", ".join(json.loads(row["value"])) if row["type"].startswith("list.") else row["value"],
            pinned=row["pinned_position"] is not None,
        )
        for row in rows
    ]
