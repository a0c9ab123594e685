"""A bulk query at work: the selection compiled once into SELECTs, rows streamed into JSONL."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from sandbox.shopify.bulk_job import Job
from sandbox.shopify.conditions import own_condition
from sandbox.shopify.context import Context, new_context
from sandbox.shopify.ids import gid
from sandbox.shopify.pages import order_column
from sandbox.shopify.problems import Problem
from sandbox.shopify.projector import Nested, Projector, require_model
from sandbox.shopify.schema import node_type_name, object_type
from sandbox.shopify.selection import Document, Field

ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class _Level:
    """One connection of the query: its SELECT, and the connections inside its nodes.

    A row is the node's JSON, the owner's id (NULL at the root), then the owner id of each inner connection.
    """

    sql: str
    values: dict[str, Any]
    parent_type: str
    inner: tuple["_Level", ...]


def export_rows(job: Job, document: Document, *, grouped: bool) -> None:
    """Write every row that the query is about; with `grouped`, children directly follow their parent."""
    context = new_context(job.runtime)
    (root,) = document.fields(object_type("QueryRoot"), document.root())
    level = _level(document, context, root, None)
    if context.errors:
        raise Problem(context.errors[0]["message"])
    cursor = context.db.execute(level.sql, level.values)
    at_once = 1 if grouped and level.inner else ROWS_AT_ONCE
    while rows := cursor.fetchmany(at_once):
        lines = [row[0].replace("/", "\\/") + "\n" for row in rows]
        job.write(lines, roots=len(lines))
        _write_children(job, context.db, level, rows, at_once)


def _write_children(
    job: Job, db: sqlite3.Connection, level: _Level, rows: Sequence[Sequence[Any]], at_once: int
) -> None:
    for at, inner in enumerate(level.inner):
        owners = list(dict.fromkeys(row[at + 2] for row in rows if row[at + 2] is not None))
        if not owners:
            continue
        found = db.execute(inner.sql, inner.values | {"owners": orjson.dumps(owners).decode()}).fetchall()
        found = _in_order_of(owners, found)
        step = at_once if inner.inner else len(found)
        for start in range(0, len(found), step or 1):
            some = found[start : start + step]
            job.write([_child_line(row, inner.parent_type) for row in some], roots=0)
            _write_children(job, db, inner, some, at_once)


def _in_order_of(owners: Iterable[int], rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    by_owner: dict[int, list[Sequence[Any]]] = {}
    for row in rows:
        by_owner.setdefault(row[1], []).append(row)
    return [row for owner in owners for row in by_owner.get(owner, ())]


def _child_line(row: Sequence[Any], parent_type: str) -> str:
    parent = json.dumps(gid(parent_type, row[1]))
    comma = "," if len(row[0]) > 2 else ""
    return f'{row[0][:-1]}{comma}"__parentId":{parent}}}'.replace("/", "\\/") + "\n"


def _level(document: Document, context: Context, asked: Field, nested: Nested | None) -> _Level:
    type_name = node_type_name(asked.type)
    model = require_model(context, asked, type_name)
    projector = Projector(document, context, flat=True)
    json_sql, inner = projector.node(type_name, _node_sets(document, asked))
    where = own_condition(context, projector.params, asked, type_name, model)
    owner = "NULL"
    if nested is not None:
        owner = f"t0.{nested.nest.column}"
        condition = nested.nest.condition.replace("$", "t0")
        where += f" AND {owner} IN (SELECT value FROM json_each(:owners)) AND {condition}"
    column, way = order_column(model, asked), "DESC" if asked.arguments.get("reverse") else "ASC"
    columns = ", ".join([json_sql, owner, *(one.owner for one in inner)])
    return _Level(
        sql=f"SELECT {columns} FROM {model.table} t0 WHERE {where} ORDER BY {column} {way}, t0.id {way}",
        values=projector.params.values,
        parent_type=_parent_type(nested),
        inner=tuple(_level(document, context, one.field, one) for one in inner),
    )


def _parent_type(nested: Nested | None) -> str:
    return nested.parent_type if nested else ""


def _node_sets(document: Document, asked: Field) -> Any:
    edges = document.fields(object_type(asked.type_name), asked.sets)
    return tuple(
        selection
        for edge in edges
        if edge.name == "edges"
        for node in document.fields(object_type(edge.type_name), edge.sets)
        if node.name == "node"
        for selection in node.sets
    )
