"""Runs a validated document: root fields give values, and this writes them as the document asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import FieldNode, GraphQLNonNull, GraphQLObjectType, execute, get_named_type, is_abstract_type

from sandbox.shopify.blanks import blank, blank_object
from sandbox.shopify.conditions import Filter
from sandbox.shopify.connections import fetch_connection, fill_nested
from sandbox.shopify.context import Context
from sandbox.shopify.problems import Problem
from sandbox.shopify.projector import Projector, require_model
from sandbox.shopify.schema import admin_schema, object_type
from sandbox.shopify.selection import Document, Field


@dataclass(frozen=True)
class Refs:
    """Rows of a modelled type by id, in this order; `single` is one or nothing instead of a list."""

    type_name: str
    numbers: Sequence[int | None]
    single: bool = False


def ref(type_name: str, number: int | None) -> Refs:
    """Stand for one row, or for null where it is not there."""
    return Refs(type_name, (number,), single=True)


Resolver = Callable[[Context, Field], Any]


def run_document(document: Document, context: Context) -> dict[str, Any] | None:
    """Give the `data` of a response; what goes wrong on the way is left in `context.errors`."""
    is_query = document.operation.operation.value == "query"
    root = object_type("QueryRoot" if is_query else "Mutation")
    data: dict[str, Any] = {}
    for asked in document.fields(root, document.root()):
        before = len(context.errors)
        try:
            data[asked.key] = _root_value(document, context, root, asked)
        except Problem as problem:
            context.errors.append(problem.as_json())
            if isinstance(asked.type, GraphQLNonNull):
                return None
            data[asked.key] = None
        finally:
            for error in context.errors[before:]:
                error["path"] = [asked.key, *error.get("path", ())]
    return data


def _root_value(document: Document, context: Context, root: GraphQLObjectType, asked: Field) -> Any:
    if asked.name == "__typename":
        return root.name
    resolver = context.runtime.resolvers.get(asked.name)
    if resolver is not None:
        return written(document, context, asked, resolver(context, asked))
    return blank(document, asked.type, asked.sets, context.currency)


def written(document: Document, context: Context, asked: Field, value: Any) -> Any:
    """Write a field's value as the document asks: rows are fetched, objects get the asked fields only."""
    if isinstance(value, Refs):
        return _fetched(document, context, asked, value)
    if isinstance(value, Filter):
        return fetch_connection(document, context, asked, value)
    if isinstance(value, list):
        return [written(document, context, asked, one) for one in value]
    if isinstance(value, dict) and asked.sets:
        return _object(document, context, asked, value)
    return value


def _object(document: Document, context: Context, asked: Field, value: Mapping[str, Any]) -> dict[str, Any]:
    named = get_named_type(asked.type)
    parent = object_type(value["__typename"] if is_abstract_type(named) else named.name)
    answer: dict[str, Any] = {}
    for field in document.fields(parent, asked.sets):
        if field.name == "__typename":
            answer[field.key] = parent.name
        elif field.name in value:
            inner = value[field.name]
            answer[field.key] = written(document, context, field, inner(field) if callable(inner) else inner)
        else:
            answer[field.key] = blank(document, field.type, field.sets, context.currency)
    return answer


def _fetched(document: Document, context: Context, asked: Field, refs: Refs) -> Any:
    wanted = [number for number in refs.numbers if number is not None]
    if refs.type_name not in context.models:
        found = {
            number: blank_object(document, object_type(refs.type_name), asked.sets, context.currency)
            for number in wanted
        }
        return _in_order(refs, found)
    model = require_model(context, asked, refs.type_name)
    projector = Projector(document, context)
    sql, nested = projector.node(refs.type_name, asked.sets)
    columns = ", ".join([sql, "t0.id", *(one.owner for one in nested)])
    rows = context.db.execute(
        f"SELECT {columns} FROM {model.table} t0 WHERE t0.id IN (SELECT value FROM json_each(:wanted))"
        f" AND {context.access.visible(model, 't0')}",
        projector.params.values | {"wanted": orjson.dumps(wanted).decode()},
    ).fetchall()
    nodes = [[orjson.loads(row[0])] for row in rows]
    fill_nested(document, context, [nested], rows, nodes)
    return _in_order(refs, {row[1]: node[0] for row, node in zip(rows, nodes, strict=True)})


def _in_order(refs: Refs, found: Mapping[int, Any]) -> Any:
    nodes = [found.get(number) if number is not None else None for number in refs.numbers]
    return nodes[0] if refs.single else nodes


def introspects(document: Document) -> bool:
    """Say whether the document asks about the schema itself."""
    return any(
        isinstance(node, FieldNode) and node.name.value in ("__schema", "__type")
        for node in document.operation.selection_set.selections
    )


def run_introspection(parsed: Any, variables: dict[str, Any] | None, operation: str | None) -> dict[str, Any]:
    """Answer a question about the schema with the library's own executor."""
    result = execute(admin_schema(), parsed, variable_values=variables, operation_name=operation)
    return dict(result.formatted)  # type: ignore[union-attr]
