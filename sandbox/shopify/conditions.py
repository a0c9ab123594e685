"""The SQL condition that a list field's own arguments set: search text, namespace, keys, owner type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.filters import Matcher
from sandbox.shopify.namespaces import stored_namespace
from sandbox.shopify.params import Params
from sandbox.shopify.search import Search, entry
from sandbox.shopify.selection import Field
from sandbox.shopify.specs import Model


@dataclass(frozen=True)
class Filter:
    """Which rows a connection is about: an SQL condition on the alias `t0`, and its parameters."""

    condition: str = "true"
    values: Mapping[str, Any] | None = None


def own_condition(context: Context, params: Params, asked: Field, type_name: str, model: Model) -> str:
    """Give the condition on `t0`; search terms that mean nothing are noted in the context."""
    given = asked.arguments
    parts = [context.access.visible(model, "t0")]
    # A segment's query is in a language of its own, which the members' resolver has read already.
    if given.get("query") and type_name != "CustomerSegmentMember":
        parts.append(_searched(context, params, asked, type_name))
    if given.get("namespace") is not None:
        parts.append(f"t0.namespace = {params.bind(stored_namespace(given['namespace']))}")
    for name, column in (("key", "key"), ("ownerType", "owner_type")):
        if given.get(name) is not None:
            parts.append(f"t0.{column} = {params.bind(given[name])}")
    if given.get("keys"):
        marks = ", ".join(params.bind(_full_key(key)) for key in given["keys"])
        parts.append(f"t0.namespace || '.' || t0.key IN ({marks})")
    pinned = given.get("pinnedStatus", "ANY")
    if pinned != "ANY":
        parts.append(f"t0.pinned_position IS {'NOT ' if pinned == 'PINNED' else ''}NULL")
    return " AND ".join(parts)


def _searched(context: Context, params: Params, asked: Field, type_name: str) -> str:
    query = asked.arguments["query"]
    search = Search(Matcher(type_name, "t0", context.state.config.shopify.zone, params.bind))
    condition = search.condition(query)
    if search.warnings:
        context.search.append(entry([asked.key], query, search.warnings))
    return condition


def _full_key(key: str) -> str:
    namespace, dot, name = key.rpartition(".")
    return f"{stored_namespace(namespace if dot else None)}.{name}"
