"""Customer segments: saved queries, made, renamed and deleted."""

import sqlite3
from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.execute import ref
from sandbox.shopify.ids import number_of
from sandbox.shopify.problems import access_denied
from sandbox.shopify.segment_members import InvalidQuery, compile_query
from sandbox.shopify.selection import Field

MOST_NAME = 255
MOST_QUERY = 5_000
Payload = dict[str, Any]


def create(context: Context, asked: Field) -> Payload:
    """Answer `segmentCreate`; a name that is taken gets a number, as the platform does."""
    _check_scope(context, asked)
    name, query = asked.arguments["name"].strip(), asked.arguments["query"]
    errors = _errors(context, name, query)
    if errors:
        return {"segment": None, "userErrors": errors}
    with context.state.writing() as db:
        now = context.state.stamp()
        done = db.execute(
            "INSERT INTO shopify_segments (name, query, created_at, updated_at) VALUES (?, ?, ?, ?)",
            (_free_name(db, name), query, now, now),
        )
    return {"segment": ref("Segment", done.lastrowid), "userErrors": []}


def update(context: Context, asked: Field) -> Payload:
    """Answer `segmentUpdate`."""
    _check_scope(context, asked)
    number = number_of(asked.arguments["id"], "Segment")
    row = context.db.execute("SELECT name, query FROM shopify_segments WHERE id = ?", (number,)).fetchone()
    if row is None:
        return {"segment": None, "userErrors": [_missing()]}
    name = asked.arguments.get("name") or row["name"]
    query = asked.arguments.get("query") or row["query"]
    errors = _errors(context, name, query)
    if errors:
        return {"segment": None, "userErrors": errors}
    with context.state.writing() as db:
        db.execute(
            "UPDATE shopify_segments SET name = ?, query = ?, updated_at = ? WHERE id = ?",
            (name if name == row["name"] else _free_name(db, name), query, context.state.stamp(), number),
        )
    return {"segment": ref("Segment", number), "userErrors": []}


def delete(context: Context, asked: Field) -> Payload:
    """Answer `segmentDelete`."""
    _check_scope(context, asked)
    with context.state.writing() as db:
        gone = db.execute(
            "DELETE FROM shopify_segments WHERE id = ?", (number_of(asked.arguments["id"], "Segment"),)
        )
    if not gone.rowcount:
        return {"deletedSegmentId": None, "userErrors": [_missing()]}
    return {"deletedSegmentId": asked.arguments["id"], "userErrors": []}


def _errors(context: Context, name: str, query: str) -> list[dict[str, Any]]:
    if not name:
        return [{"field": ["name"], "message": "Name can't be blank"}]
    if len(name) > MOST_NAME:
        return [{"field": ["name"], "message": f"Name is too long (maximum is {MOST_NAME} characters)"}]
    if len(query) > MOST_QUERY:
        return [{"field": ["query"], "message": f"Query is too long (maximum is {MOST_QUERY} characters)"}]
    try:
        compile_query(query, context.state.clock.now().astimezone(context.state.config.shopify.zone).date())
    except InvalidQuery as invalid:
        return [{"field": ["query"], "message": str(invalid)}]
    return []


def _free_name(db: sqlite3.Connection, name: str) -> str:
    taken = {row["name"] for row in db.execute("SELECT name FROM shopify_segments")}
    if name not in taken:
        return name
    return next(f"{name} ({count})" for count in range(2, len(taken) + 3) if f"{name} ({count})" not in taken)


def _missing() -> dict[str, Any]:
    return {"field": ["id"], "message": "Segment does not exist"}


def _check_scope(context: Context, asked: Field) -> None:
    if not context.access.has("write_customers"):
        raise access_denied(asked.name, "write_customers")
