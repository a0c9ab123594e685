"""What a query costs, and the leaky bucket that pays for it."""

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from sandbox.shopify.schema import admin_schema, object_type
from sandbox.shopify.selection import Document, Field, Sets

MOST_PER_QUERY = 1_000
MUTATION_COST = 10
PLANS = {"standard": (2_000, 100), "advanced": (4_000, 200), "plus": (20_000, 1_000)}
"""Bucket size and points restored per second, by plan."""

_FREE = ("MoneyV2", "MoneyBag", "LocationAddress", "PageInfo")
_MANUAL = {"productsCount": 10}
_NOT_GIVEN = object()


def query_cost(document: Document, data: Mapping[str, Any] | None = None) -> int:
    """Price an operation: as requested, or as it turned out where `data` holds the answer.

    An object costs 1, a leaf 0, a connection 2 + floor(2 ln n) for n rows and what each of them selects,
    a mutation 10 and what its payload's objects select.
    """
    given = _NOT_GIVEN if data is None else data
    if document.operation.operation.value == "query":
        return _object_cost(document, object_type("QueryRoot"), document.root(), given)
    total = 0
    for asked in document.fields(object_type("Mutation"), document.root()):
        payload = _under(given, asked)
        total += MUTATION_COST
        if payload is not None:
            parent = object_type(asked.type_name)
            for field in document.fields(parent, asked.sets):
                # The payload's own objects are free; what they select is not.
                total += max(0, _field_cost(document, field, _under(payload, field)) - _own_cost(field))
    return total


def _object_cost(document: Document, parent: GraphQLObjectType, sets: Sets, given: Any) -> int:
    return sum(_field_cost(document, field, _under(given, field)) for field in document.fields(parent, sets))


def _field_cost(document: Document, asked: Field, given: Any) -> int:
    named = get_named_type(asked.type)
    if is_leaf_type(named) or asked.name == "userErrors" or given is None:
        return 0
    if named.name.endswith("Connection"):
        return _connection_cost(document, asked, given)
    if isinstance(given, list):
        inner = max((_selected_cost(document, named, asked.sets, one) for one in given), default=0)
    else:
        inner = _selected_cost(document, named, asked.sets, given)
    return _MANUAL.get(asked.name, _own_cost(asked)) + inner


def _own_cost(asked: Field) -> int:
    return 0 if is_leaf_type(get_named_type(asked.type)) or asked.type_name in _FREE else 1


def _selected_cost(document: Document, named: Any, sets: Sets, given: Any) -> int:
    if given is None:
        return 0
    if is_abstract_type(named):
        possible = admin_schema().get_possible_types(named)
        return max((_object_cost(document, one, sets, given) for one in possible), default=0)
    return _object_cost(document, named, sets, given)


def _connection_cost(document: Document, asked: Field, given: Any) -> int:
    parent = object_type(asked.type_name)
    rows, per_row, beside = 0, 0.0, 0
    for field in document.fields(parent, asked.sets):
        under = _under(given, field)
        if field.name not in ("edges", "nodes"):
            beside += _field_cost(document, field, under) if field.name != "pageInfo" else 0
            continue
        found = _row_costs(document, field, under)
        rows = max(rows, len(found))
        per_row += sum(found) / len(found) if found else 0
    if given is _NOT_GIVEN:
        rows = asked.arguments.get("first") or asked.arguments.get("last") or 0
    factor = math.floor(2 * math.log(rows)) if rows > 1 else 0
    return 2 + factor * (1 + math.ceil(per_row)) + beside


def _row_costs(document: Document, asked: Field, given: Any) -> list[int]:
    named = get_named_type(asked.type)
    rows = [_NOT_GIVEN] if given is _NOT_GIVEN else (given or [])
    if asked.name == "nodes":
        return [_selected_cost(document, named, asked.sets, row) for row in rows]
    inner = [field for field in document.fields(named, asked.sets) if field.name == "node"]  # type: ignore[arg-type]
    return [
        sum(_selected_cost(document, get_named_type(one.type), one.sets, _under(row, one)) for one in inner)
        for row in rows
    ]


def _under(given: Any, asked: Field) -> Any:
    return given if given is _NOT_GIVEN else given.get(asked.key)


@dataclass
class Bucket:
    """A leaky bucket on wall time; safe to use from any thread."""

    size: int
    per_second: int

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._available = float(self.size)
        self._at = time.monotonic()

    def take(self, points: int) -> bool:
        """Take the points of an admitted query; False where there are too few."""
        with self._lock:
            self._restore()
            if self._available < points:
                return False
            self._available -= points
            return True

    def give_back(self, points: int) -> None:
        """Return what was requested and not used."""
        with self._lock:
            self._restore()
            self._available = min(self.size, self._available + points)

    def status(self) -> dict[str, float | int]:
        """Give `throttleStatus`."""
        with self._lock:
            self._restore()
            return {
                "maximumAvailable": float(self.size),
                "currentlyAvailable": int(self._available),
                "restoreRate": float(self.per_second),
            }

    def _restore(self) -> None:
        now = time.monotonic()
        self._available = min(self.size, self._available + (now - self._at) * self.per_second)
        self._at = now


def bucket_of(plan: str) -> Bucket:
    """Make the full bucket of a plan."""
    return Bucket(*PLANS[plan])
