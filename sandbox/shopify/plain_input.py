"""A fast way through the variables of imports: those that need no coercion are seen to be fine, and taken."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    OperationDefinitionNode,
    Undefined,
    type_from_ast,
)

from sandbox.shopify.schema import admin_schema

Check = Callable[[Any], bool]
_TEXTS = ("ID", "String")


def is_plain(operation: OperationDefinitionNode, variables: dict[str, Any]) -> bool:
    """Say whether coercing these variables would change nothing and complain about nothing.

    False only means that it has to be tried the long way, as graphql-core does it.
    """
    return _check_of(operation)(variables)


@lru_cache(maxsize=32)
def _check_of(operation: OperationDefinitionNode) -> Check:
    checks: dict[str, Check] = {}
    for definition in operation.variable_definitions or ():
        kind = type_from_ast(admin_schema(), definition.type)
        if definition.default_value is not None or kind is None:
            return _never
        checks[definition.variable.name.value] = _check(kind)  # type: ignore[arg-type]

    def all_plain(variables: dict[str, Any]) -> bool:
        return variables.keys() == checks.keys() and all(
            check(variables[name]) for name, check in checks.items()
        )

    return all_plain


def _check(kind: GraphQLInputType) -> Check:
    if isinstance(kind, GraphQLNonNull):
        inner = _check(kind.of_type)
        return lambda value: value is not None and inner(value)
    if isinstance(kind, GraphQLList):
        item = _check(kind.of_type)
        return lambda value: value is None or (isinstance(value, list) and all(map(item, value)))
    if isinstance(kind, GraphQLInputObjectType):
        return _object_check(kind)
    if kind.name in _TEXTS:
        return lambda value: value is None or type(value) is str
    return _never


def _object_check(kind: GraphQLInputObjectType) -> Check:
    if any(field.default_value is not Undefined for field in kind.fields.values()):
        return _never
    needed = frozenset(name for name, field in kind.fields.items() if isinstance(field.type, GraphQLNonNull))
    # Fields of other kinds are looked at only where they are given, so recursion ends with the value.
    checks = {name: _check(field.type) for name, field in kind.fields.items() if _is_shallow(field.type)}

    def plain(value: Any) -> bool:
        return value is None or (
            isinstance(value, dict)
            and needed <= value.keys()
            and all(name in checks and checks[name](one) for name, one in value.items())
        )

    return plain


def _is_shallow(kind: GraphQLInputType) -> bool:
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return not isinstance(kind, GraphQLInputObjectType)


def _never(_value: Any) -> bool:
    return False
