"""Shopify's own Admin schema of 2026-10, pruned by `scripts/prune_schema.py`: names and types, no data."""

from functools import cache
from pathlib import Path

from graphql import GraphQLObjectType, GraphQLOutputType, GraphQLSchema, build_schema, get_named_type

VERSION = "2026-10"
SUPPORTED_VERSIONS = ("2025-10", "2026-01", "2026-04", "2026-07", "2026-10")
_CONCRETE = {"ReturnLineItemType": "ReturnLineItem"}
"""Of an interface of connections the one type that the sandbox has rows of."""


@cache
def admin_schema() -> GraphQLSchema:
    """Build the schema once per process. It has no subscription type, so it is taken as valid."""
    text = (Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8")
    return build_schema(text, assume_valid=True)


def object_type(name: str) -> GraphQLObjectType:
    """Give an object type that is known to stand in the schema."""
    found = admin_schema().type_map[name]
    if not isinstance(found, GraphQLObjectType):
        raise TypeError(f"{name} is not an object type")
    return found


def node_type_name(output: GraphQLOutputType) -> str:
    """Name what a field is about: the node's type for a connection, the plain type otherwise."""
    name = get_named_type(output).name.removesuffix("Connection")
    return _CONCRETE.get(name, name)
