"""Rows written as the REST API writes them."""

import sqlite3
from typing import TYPE_CHECKING, Any

from sandbox.shopify.ids import gid

if TYPE_CHECKING:
    from sandbox.state import State


def shop_json(state: "State") -> dict[str, Any]:
    """Write the shop."""
    config = state.config.shopify
    return {
        "id": 1,
        "name": config.shop.split(".")[0],
        "email": "shop@example.com",
        "domain": config.shop,
        "myshopify_domain": config.shop,
        "currency": config.currency,
        "iana_timezone": config.timezone,
        "plan_name": config.plan,
    }


def customer_json(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    """Write a customer."""
    count, spent = db.execute(
        "SELECT count(*), ifnull(sum(total), 0) FROM shopify_orders WHERE customer_id = ?", (row["id"],)
    ).fetchone()
    return {
        "id": row["id"],
        "admin_graphql_api_id": gid("Customer", row["id"]),
        "email": row["email"],
        "phone": row["phone"],
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "state": "disabled",
        "tags": row["tags"].replace(";", ", "),
        "orders_count": count,
        "total_spent": f"{spent:.2f}",
        "email_marketing_consent": {"state": row["email_consent"].lower()} if row["email"] else None,
        "sms_marketing_consent": {"state": row["sms_consent"].lower()} if row["phone"] else None,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def order_json(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    """Write an order with its lines and refunds."""
    customer = None
    if row["customer_id"] is not None:
        found = db.execute("SELECT * FROM shopify_customers WHERE id = ?", (row["customer_id"],)).fetchone()
        customer = customer_json(db, found) if found else None
    return {
        "id": row["id"],
        "admin_graphql_api_id": gid("Order", row["id"]),
        "name": row["name"],
        "email": row["email"],
        "phone": row["phone"],
        "currency": row["currency"],
        "presentment_currency": row["presentment_currency"],
        "total_price": _places(row["total"]),
        "financial_status": row["financial_status"].lower(),
        "cancelled_at": row["cancelled_at"],
        "cancel_reason": row["cancel_reason"].lower() if row["cancel_reason"] else None,
        "test": bool(row["test"]),
        "source_name": row["source_name"],
        "landing_site": row["landing_page"],
        "referring_site": row["referrer_url"],
        "tags": row["tags"].replace(";", ", "),
        "discount_codes": [{"code": code} for code in row["discount_codes"].split(";") if code],
        "customer": customer,
        "line_items": _children(
            db, "shopify_order_lines", row["id"], ("id", "product_id", "title", "quantity")
        ),
        "refunds": _children(db, "shopify_refunds", row["id"], ("id", "order_id", "note", "processed_at")),
        "processed_at": row["processed_at"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def _children(
    db: sqlite3.Connection, table: str, order_id: int, names: tuple[str, ...]
) -> list[dict[str, Any]]:
    rows = db.execute(f"SELECT {', '.join(names)} FROM {table} WHERE order_id = ? ORDER BY id", (order_id,))
    return [dict(row) for row in rows]


def _places(amount: str) -> str:
    """Write an amount as REST does: at least two places."""
    whole, places = amount.split(".")
    return f"{whole}.{places.ljust(2, '0')}"
