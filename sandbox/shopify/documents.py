"""From the text of a request to a validated document, with the platform's words for what is wrong."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import DocumentNode, GraphQLError, get_variable_values, parse, validate
from graphql.execution.values import VariableValues

from sandbox.shopify.plain_input import is_plain
from sandbox.shopify.schema import admin_schema
from sandbox.shopify.selection import Document, find_operation

_UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")


class BadDocument(Exception):
    """A request that is no valid document; `errors` go into the response as they are."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(error["message"] for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Parsed:
    """A document's syntax tree, or what is wrong with it."""

    tree: DocumentNode | None
    errors: tuple[GraphQLError, ...]


@lru_cache(maxsize=512)
def parsed(text: str) -> Parsed:
    """Parse and validate a text against the schema; kept, because clients send the same texts again."""
    try:
        tree = parse(text, max_tokens=20_000)
    except GraphQLError as error:
        return Parsed(None, (error,))
    return Parsed(tree, tuple(validate(admin_schema(), tree, max_errors=20)))


def read_document(text: str, variables: dict[str, Any] | None, operation: str | None) -> Document:
    """Read the operation to run, its variables coerced; raises BadDocument."""
    found = parsed(text)
    if found.tree is None or found.errors:
        raise BadDocument([_as_json(error) for error in found.errors])
    try:
        chosen, fragments = find_operation(found.tree.definitions, operation)
    except GraphQLError as error:
        raise BadDocument([_as_json(error)]) from error
    return with_variables(Document(chosen, fragments), variables)


def with_variables(document: Document, variables: dict[str, Any] | None) -> Document:
    """Give the same operation with these variables; raises BadDocument where they do not fit."""
    given = variables or {}
    if is_plain(document.operation, given):
        return Document(document.operation, document.fragments, VariableValues({}, given))
    coerced = get_variable_values(
        admin_schema(), document.operation.variable_definitions or (), given, max_errors=20
    )
    if isinstance(coerced, list):
        raise BadDocument(
            [_as_json(error) | {"extensions": {"code": "INVALID_VARIABLE"}} for error in coerced]
        )
    return Document(document.operation, document.fragments, coerced)


def _as_json(error: GraphQLError) -> dict[str, Any]:
    entry: dict[str, Any] = {"message": error.message}
    if error.locations:
        entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    unknown = _UNKNOWN_FIELD.match(error.message)
    if unknown:
        entry["message"] = f"Field '{unknown[1]}' doesn't exist on type '{unknown[2]}'"
        entry["extensions"] = {"code": "undefinedField", "typeName": unknown[2], "fieldName": unknown[1]}
    return entry


def operation_only(text: str) -> Document:
    """Read a document whose variables are not known yet; raises BadDocument."""
    found = parsed(text)
    if found.tree is None or found.errors:
        raise BadDocument([_as_json(error) for error in found.errors])
    chosen, fragments = find_operation(found.tree.definitions, None)
    return Document(chosen, fragments)
