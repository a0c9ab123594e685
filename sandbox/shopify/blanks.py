"""What a field answers that the sandbox does not model: null, an empty list, or a plain value."""

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    get_named_type,
)

from sandbox.shopify.schema import admin_schema
from sandbox.shopify.selection import Document, Sets

_SCALARS: dict[str, Any] = {
    "Boolean": False,
    "Int": 0,
    "Float": 0.0,
    "UnsignedInt64": "0",
    "BigInt": "0",
    "Decimal": "0.0",
    "Money": "0.0",
    "DateTime": "1970-01-01T00:00:00Z",
    "Date": "1970-01-01",
    "URL": "https://shop.example.com/",
    "JSON": {},
}


def blank(document: Document, output: GraphQLOutputType, sets: Sets, currency: str) -> Any:
    """Build the answer of an unmodelled field of this type; `currency` is the shop's."""
    inner = output.of_type if isinstance(output, GraphQLNonNull) else output
    if not isinstance(output, GraphQLNonNull) and not get_named_type(output).name.endswith("Connection"):
        return None
    if isinstance(inner, GraphQLList):
        return []
    if isinstance(inner, GraphQLObjectType):
        return blank_object(document, inner, sets, currency)
    if isinstance(inner, GraphQLInterfaceType | GraphQLUnionType):
        return blank_object(document, admin_schema().get_possible_types(inner)[0], sets, currency)
    if isinstance(inner, GraphQLEnumType):
        return currency if inner.name == "CurrencyCode" else next(iter(inner.values))
    return _SCALARS.get(inner.name, "")


def blank_object(document: Document, parent: GraphQLObjectType, sets: Sets, currency: str) -> dict[str, Any]:
    """Build an object of unmodelled fields."""
    answer: dict[str, Any] = {}
    for field in document.fields(parent, sets):
        if field.name == "__typename":
            answer[field.key] = parent.name
        elif field.name == "id":
            answer[field.key] = f"gid://shopify/{parent.name}/0"
        else:
            answer[field.key] = blank(document, field.type, field.sets, currency)
    return answer
