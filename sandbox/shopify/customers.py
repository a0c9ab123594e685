"""Customers changed through the API: merged, deleted, tagged, and their plain fields set."""

import uuid
from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.execute import ref
from sandbox.shopify.ids import gid, number_of, parse_gid
from sandbox.shopify.problems import access_denied
from sandbox.shopify.removal import delete_row, merge_customers
from sandbox.shopify.selection import Field
from sandbox.shopify.shop import shop_object

MOST_TAGS = 250
_TAGGED = {"Customer": ("shopify_customers", "write_customers"), "Order": ("shopify_orders", "write_orders")}
_PLAIN = {
    "firstName": "first_name",
    "lastName": "last_name",
    "email": "email",
    "phone": "phone",
    "locale": "locale",
}
Payload = dict[str, Any]


def merge(context: Context, asked: Field) -> Payload:
    """Answer `customerMerge`: a rule decides who stays, the one with more orders, then the older id."""
    _check_scope(context, asked, "write_customer_merge")
    numbers = [number_of(asked.arguments[name], "Customer") for name in ("customerOneId", "customerTwoId")]
    with context.state.writing() as db:
        rows = db.execute(
            "SELECT c.id, length(c.tags) - length(replace(c.tags, ';', '')) + 1 AS tags,"
            " (SELECT count(*) FROM shopify_orders o WHERE o.customer_id = c.id) AS orders"
            " FROM shopify_customers c WHERE c.id IN (?, ?) ORDER BY orders DESC, c.id",
            numbers,
        ).fetchall()
        if len(rows) != 2:
            return _not_merged("INVALID_CUSTOMER", "Customer does not exist.", ["customerOneId"])
        if rows[0]["tags"] + rows[1]["tags"] > MOST_TAGS:
            return _not_merged("INVALID_CUSTOMER", "Customers must have 250 tags or less.", None)
        job = gid("Job", str(uuid.uuid4()))
        bump = context.state.config.shopify.merge_bumps_orders
        merge_customers(
            db, lost=rows[1]["id"], kept=rows[0]["id"], now=context.state.stamp(), bump_orders=bump
        )
        db.execute("INSERT INTO shopify_merges (job_id, kept_id) VALUES (?, ?)", (job, rows[0]["id"]))
    return {
        "resultingCustomerId": gid("Customer", rows[0]["id"]),
        "job": {"id": job, "done": False},
        "userErrors": [],
    }


def delete(context: Context, asked: Field) -> Payload:
    """Answer `customerDelete`: only who never ordered can go."""
    _check_scope(context, asked, "write_customers")
    number = number_of(asked.arguments["input"]["id"], "Customer")
    answer: Payload = {"deletedCustomerId": None, "shop": shop_object(context), "userErrors": []}
    with context.state.writing() as db:
        if not db.execute("SELECT 1 FROM shopify_customers WHERE id = ?", (number,)).fetchone():
            return answer | {"userErrors": [{"field": ["id"], "message": "Customer can't be found"}]}
        if db.execute("SELECT 1 FROM shopify_orders WHERE customer_id = ?", (number,)).fetchone():
            message = "Customer can't be deleted because they have associated orders"
            return answer | {"userErrors": [{"field": ["id"], "message": message}]}
        delete_row(db, "shopify_customers", number or 0)
    return answer | {"deletedCustomerId": asked.arguments["input"]["id"]}


def update(context: Context, asked: Field) -> Payload:
    """Answer `customerUpdate` for names, contact, locale, tags."""
    _check_scope(context, asked, "write_customers")
    given = asked.arguments["input"]
    number = number_of(given.get("id"), "Customer")
    changes = {column: given[name] for name, column in _PLAIN.items() if name in given}
    if given.get("tags") is not None:
        changes["tags"] = ";".join(given["tags"])
    with context.state.writing() as db:
        changes["updated_at"] = context.state.stamp()
        settings = ", ".join(f"{column} = ?" for column in changes)
        done = db.execute(
            f"UPDATE shopify_customers SET {settings} WHERE id = ?", (*changes.values(), number)
        )
    if not done.rowcount:
        return {"customer": None, "userErrors": [{"field": ["id"], "message": "Customer does not exist"}]}
    return {"customer": ref("Customer", number), "userErrors": []}


def add_tags(context: Context, asked: Field) -> Payload:
    """Answer `tagsAdd`."""
    return _change_tags(
        context, asked, lambda present, given: [*present, *(t for t in given if t not in present)]
    )


def remove_tags(context: Context, asked: Field) -> Payload:
    """Answer `tagsRemove`."""
    return _change_tags(context, asked, lambda present, given: [tag for tag in present if tag not in given])


def _change_tags(context: Context, asked: Field, change: Any) -> Payload:
    found = parse_gid(asked.arguments["id"])
    table, scope = _TAGGED.get(found[0] if found else "", ("shopify_customers", "write_customers"))
    _check_scope(context, asked, scope)
    with context.state.writing() as db:
        row = db.execute(f"SELECT tags FROM {table} WHERE id = ?", (found[1] if found else 0,)).fetchone()
        if row is None or found is None:
            return {
                "node": None,
                "userErrors": [{"field": ["id"], "message": f"{asked.arguments['id']} does not exist"}],
            }
        present = [tag for tag in row["tags"].split(";") if tag]
        tags = change(present, [tag.strip() for one in asked.arguments["tags"] for tag in one.split(",")])
        db.execute(
            f"UPDATE {table} SET tags = ?, updated_at = ? WHERE id = ?",
            (";".join(tags), context.state.stamp(), found[1]),
        )
    return {"node": ref(found[0], found[1]), "userErrors": []}


def _not_merged(code: str, message: str, field: list[str] | None) -> Payload:
    return {
        "resultingCustomerId": None,
        "job": None,
        "userErrors": [{"field": field, "message": message, "code": code}],
    }


def _check_scope(context: Context, asked: Field, scope: str) -> None:
    if not context.access.has(scope):
        raise access_denied(asked.name, scope)
