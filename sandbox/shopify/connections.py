"""Answers a connection: the page it asks for in one SELECT, and the connections inside its nodes."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLObjectType

from sandbox.shopify.blanks import blank
from sandbox.shopify.conditions import Filter, own_condition
from sandbox.shopify.context import Context
from sandbox.shopify.pages import Window, order_column, window_of, write_cursor
from sandbox.shopify.projector import Nested, Projector, require_model
from sandbox.shopify.schema import node_type_name, object_type
from sandbox.shopify.selection import Document, Field
from sandbox.shopify.specs import Nest

Answer = Callable[["_Page"], Any]


@dataclass(frozen=True)
class _Page:
    """What was fetched: per row one node for each selected column, its cursor, and `pageInfo`."""

    nodes: list[list[Any]]
    cursors: list[str]
    paging: dict[str, Any]


@dataclass
class _Columns:
    """The nodes that a connection's selection asks for: one for each `node` or `nodes` in it."""

    projector: Projector
    type_name: str
    sql: list[str] = field(default_factory=list)
    nested: list[list[Nested]] = field(default_factory=list)

    def add(self, asked: Field) -> int:
        """Add the selection under a field and give the number of its column."""
        sql, nested = self.projector.node(self.type_name, asked.sets)
        self.sql.append(sql)
        self.nested.append(nested)
        return len(self.sql) - 1


def fetch_connection(document: Document, context: Context, asked: Field, limit: Filter) -> dict[str, Any]:
    """Answer a connection field with the page it asks for; `limit` says which rows it is about."""
    type_name = node_type_name(asked.type)
    model = require_model(context, asked, type_name)
    window = window_of(asked)
    projector = Projector(document, context)
    projector.params.values.update(limit.values or {})
    own = own_condition(context, projector.params, asked, type_name, model)
    where = f"({limit.condition}) AND ({own})"
    columns = _Columns(projector, type_name)
    makers = _makers(document, asked, columns, context.currency)
    total = _total(projector, asked, f"{model.table} t0 WHERE {where}")
    rows = _rows(columns, f"{model.table} t0 WHERE {where}", order_column(model, asked), window)
    more = len(rows) > window.size
    rows = rows[: window.size]
    if window.backwards:
        rows.reverse()
    nodes = [[orjson.loads(row[at + 2]) for at in range(len(columns.sql))] for row in rows]
    fill_nested(document, context, columns.nested, rows, nodes)
    cursors = [write_cursor(row[0], row[1]) for row in rows]
    page = _Page(nodes, cursors, window.paging(cursors, more=more) | {"totalCount": total})
    return {key: make(page) for key, make in makers}


def fill_nested(
    document: Document,
    context: Context,
    columns: list[list[Nested]],
    rows: list[sqlite3.Row],
    nodes: list[list[Any]],
) -> None:
    """Put the connections that hang inside nodes where they belong; the owners' ids end each row."""
    total = sum(map(len, columns))
    for row, slots in zip(rows, nodes, strict=True):
        at = len(row) - total
        for node, found in zip(slots, columns, strict=True):
            for nested in found:
                _hang(document, context, nested, row[at], node)
                at += 1


def owned(nest: Nest, owner: int) -> Filter:
    """Limit a connection to the rows of one owner."""
    return Filter(f"t0.{nest.column} = :owner AND {nest.condition.replace('$', 't0')}", {"owner": owner})


def _hang(document: Document, context: Context, nested: Nested, owner: int | None, node: Any) -> None:
    *way, key = nested.path
    for step in way:
        node = node.get(step) if node is not None else None
    if node is not None and owner is not None:
        node[key] = fetch_connection(document, context, nested.field, owned(nested.nest, owner))


def _rows(columns: _Columns, source: str, column: str, window: Window) -> list[sqlite3.Row]:
    way, sign = ("DESC", "<") if window.descending != window.backwards else ("ASC", ">")
    params = columns.projector.params
    if window.cursor is not None:
        value, number = (params.bind(one) for one in window.cursor)
        source += f" AND ({column}, t0.id) {sign} ({value}, {number})"
    owners = [nested.owner for found in columns.nested for nested in found]
    selected = ", ".join([column, "t0.id", *columns.sql, *owners])
    return columns.projector.context.db.execute(
        f"SELECT {selected} FROM {source} ORDER BY {column} {way}, t0.id {way} LIMIT {window.size + 1}",
        params.values,
    ).fetchall()


def _total(projector: Projector, asked: Field, source: str) -> int | None:
    """Count all rows, where the selection asks for `totalCount`."""
    fields = projector.document.fields(object_type(asked.type_name), asked.sets)
    if all(one.name != "totalCount" for one in fields):
        return None
    db, values = projector.context.db, projector.params.values
    (count,) = db.execute(f"SELECT count(*) FROM {source}", values).fetchone()
    return int(count)


def _makers(document: Document, asked: Field, columns: _Columns, currency: str) -> list[tuple[str, Answer]]:
    """Read what is asked of a connection: gives, by response key, how to answer it from a page."""
    parent = object_type(asked.type_name)
    return [
        (one.key, _maker(document, one, parent, columns, currency))
        for one in document.fields(parent, asked.sets)
    ]


def _maker(
    document: Document, asked: Field, parent: GraphQLObjectType, columns: _Columns, currency: str
) -> Answer:
    if asked.name == "__typename":
        return lambda _: parent.name
    if asked.name == "totalCount":
        return lambda page: page.paging["totalCount"]
    if asked.name == "nodes":
        slot = columns.add(asked)
        return lambda page: [slots[slot] for slots in page.nodes]
    if asked.name == "edges":
        return _edges(document, asked, columns)
    if asked.name == "pageInfo":
        inner = document.fields(object_type("PageInfo"), asked.sets)
        return lambda page: {one.key: page.paging.get(one.name, "PageInfo") for one in inner}
    rest = blank(document, asked.type, asked.sets, currency)
    return lambda _: rest


def _edges(document: Document, asked: Field, columns: _Columns) -> Answer:
    edge = object_type(asked.type_name)
    inner = document.fields(edge, asked.sets)
    slots = {one.key: columns.add(one) for one in inner if one.name == "node"}

    def answer(page: _Page) -> list[dict[str, Any]]:
        return [
            {
                one.key: nodes[slots[one.key]] if one.key in slots else _edge_value(one, edge, cursor)
                for one in inner
            }
            for nodes, cursor in zip(page.nodes, page.cursors, strict=True)
        ]

    return answer


def _edge_value(asked: Field, edge: GraphQLObjectType, cursor: str) -> str | None:
    return {"cursor": cursor, "__typename": edge.name}.get(asked.name)
