"""Compiles a selection on a modelled type into one SQL expression that writes the node as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graphql import GraphQLNonNull, GraphQLObjectType

from sandbox.shopify.blanks import blank
from sandbox.shopify.context import Context
from sandbox.shopify.json_sql import JsonSql
from sandbox.shopify.namespaces import stored_namespace
from sandbox.shopify.params import Params
from sandbox.shopify.problems import Problem
from sandbox.shopify.schema import node_type_name, object_type
from sandbox.shopify.selection import Document, Field, Sets
from sandbox.shopify.specs import (
    Each,
    Either,
    Embed,
    Leaf,
    Link,
    Many,
    MetafieldOf,
    Model,
    Nest,
    Spec,
)

MOST_LISTED = 250


@dataclass(frozen=True)
class Nested:
    """A connection inside a node: where it hangs in the node, and the SQL for the id of its owner."""

    path: tuple[str, ...]
    field: Field
    nest: Nest
    owner: str
    parent_type: str


@dataclass(frozen=True)
class _Place:
    """Where the compiler stands: the row's alias and table, the way there in the node.

    `number` is the row's id in terms of the outermost row; None inside lists, where no connection can hang.
    """

    type_name: str
    alias: str
    table: str
    number: str | None
    path: tuple[str, ...]


@dataclass
class Projector:
    """Compiles the nodes of one SELECT, whose rows are `t0`."""

    document: Document
    context: Context
    flat: bool = False
    """Whether connections stay out of the nodes altogether, as in a bulk result."""
    params: Params = field(default_factory=Params)
    _aliases: int = 0

    def node(self, type_name: str, sets: Sets) -> tuple[str, list[Nested]]:
        """Compile one node; gives the SQL of its JSON, and the connections hanging in it."""
        nested: list[Nested] = []
        model = self.context.models[type_name]
        place = _Place(type_name, "t0", model.table, "t0.id", ())
        return self._object(object_type(type_name), sets, model.fields, place, nested).sql(), nested

    def alias(self) -> str:
        """Give a fresh table alias."""
        self._aliases += 1
        return f"t{self._aliases}"

    def _object(
        self,
        parent: GraphQLObjectType,
        sets: Sets,
        specs: Mapping[str, Spec],
        place: _Place,
        nested: list[Nested],
    ) -> JsonSql:
        members = []
        for asked in self.document.fields(parent, sets):
            here = replace(place, path=(*place.path, asked.key))
            value = (
                JsonSql.of_value(parent.name)
                if asked.name == "__typename"
                else self._field(asked, specs.get(asked.name), here, nested)
            )
            if value is not None:
                members.append((asked.key, value))
        return JsonSql.of_object(members)

    def _field(self, asked: Field, spec: Spec | None, place: _Place, nested: list[Nested]) -> JsonSql | None:
        if self._refused(asked, place):
            return JsonSql.of_value(None)
        match spec:
            case Leaf():
                value = JsonSql.of_sql(_at(spec.sql, place.alias))
            case Embed():
                value = self._embed(asked, spec, place, nested)
            case Link():
                value = self._link(asked, spec, place, nested)
            case Either():
                value = self._either(asked, spec, place)
            case MetafieldOf():
                value = self._metafield(asked, spec, place)
            case Many():
                value = self._many(asked, spec, place)
            case Each():
                value = self._each(asked, spec, place)
            case Nest() if place.number is not None:
                nested.append(Nested(place.path, asked, spec, place.number, place.type_name))
                return None  # The rows of a connection are fetched apart, and hung in later.
            case _ if self.flat and asked.type_name.endswith("Connection"):
                return None
            case _:
                value = JsonSql.of_value(blank(self.document, asked.type, asked.sets, self.context.currency))
        return value

    def _refused(self, asked: Field, place: _Place) -> bool:
        name = node_type_name(asked.type)
        model = self.context.models.get(name)
        problem = self.context.access.refusal(asked.name, name, model) if model else None
        if problem is None:
            return False
        if isinstance(asked.type, GraphQLNonNull):
            raise problem
        entry = problem.as_json(list(place.path))
        if entry not in self.context.errors:
            self.context.errors.append(entry)
        return True

    def _embed(self, asked: Field, spec: Embed, place: _Place, nested: list[Nested]) -> JsonSql:
        inside = self._object(object_type(asked.type_name), asked.sets, spec.fields, place, nested)
        if spec.when is None:
            return inside
        return JsonSql.of_sql(f"CASE WHEN {_at(spec.when, place.alias)} THEN {inside.sql()} ELSE 'null' END")

    def _link(self, asked: Field, spec: Link, place: _Place, nested: list[Nested]) -> JsonSql:
        model, alias = self.context.models[spec.type_name], self.alias()
        number = _at(spec.number, place.alias)
        there = _Place(spec.type_name, alias, model.table, _from_outside(number, place), place.path)
        inside = self._object(object_type(spec.type_name), asked.sets, model.fields, there, nested)
        seen = self.context.access.visible(model, alias)
        return JsonSql.of_sql(
            f"ifnull((SELECT {inside.sql()} FROM {model.table} {alias}"
            f" WHERE {alias}.id = {number} AND {seen}), 'null')"
        )

    def _either(self, asked: Field, spec: Either, place: _Place) -> JsonSql:
        place = replace(place, number=None)
        cases = " ".join(
            f"WHEN {_at(condition, place.alias)} THEN {self._link(asked, link, place, []).sql()}"
            for condition, link in spec.cases
        )
        return JsonSql.of_sql(f"CASE {cases} ELSE 'null' END")

    def _metafield(self, asked: Field, spec: MetafieldOf, place: _Place) -> JsonSql:
        alias = self.alias()
        there = _Place("Metafield", alias, "shopify_metafields", None, place.path)
        fields = self.context.models["Metafield"].fields
        inside = self._object(object_type("Metafield"), asked.sets, fields, there, [])
        namespace = self.params.bind(stored_namespace(asked.arguments.get("namespace")))
        key = self.params.bind(asked.arguments["key"])
        return JsonSql.of_sql(
            f"ifnull((SELECT {inside.sql()} FROM shopify_metafields {alias}"
            f" WHERE {alias}.owner_type = '{spec.owner_type}' AND {alias}.owner_id = {place.alias}.id"
            f" AND {alias}.namespace = {namespace} AND {alias}.key = {key}), 'null')"
        )

    def _many(self, asked: Field, spec: Many, place: _Place) -> JsonSql:
        model, alias = self.context.models[spec.type_name], self.alias()
        there = _Place(spec.type_name, alias, model.table, None, place.path)
        inside = self._object(object_type(spec.type_name), asked.sets, model.fields, there, [])
        most = min(asked.arguments.get("first") or MOST_LISTED, MOST_LISTED)
        return _array(
            inside,
            f"(SELECT * FROM {model.table} m WHERE m.{spec.column} = {place.alias}.id"
            f" ORDER BY {spec.order} LIMIT {most}) {alias}",
        )

    def _each(self, asked: Field, spec: Each, place: _Place) -> JsonSql:
        alias = self.alias()
        there = _Place("", alias, "", None, place.path)
        inside = self._object(object_type(asked.type_name), asked.sets, spec.fields, there, [])
        return _array(inside, f"json_each({_at(spec.array, place.alias)}) {alias}")


def _array(inside: JsonSql, source: str) -> JsonSql:
    return JsonSql.of_sql(
        f"(SELECT '[' || ifnull(group_concat({inside.sql()}, ','), '') || ']' FROM {source})"
    )


def _from_outside(number: str, place: _Place) -> str | None:
    """Rewrite an id that is known on the row of `place` in terms of the outermost row."""
    if place.number is None or place.number == f"{place.alias}.id":
        return number if place.number else None
    return f"(SELECT {number} FROM {place.table} {place.alias} WHERE {place.alias}.id = {place.number})"


def _at(sql: str, alias: str) -> str:
    return sql.replace("$", alias)


def require_model(context: Context, asked: Field, type_name: str) -> Model:
    """Give the model of a root field, or raise the Problem that bars it."""
    model = context.models[type_name]
    problem: Problem | None = context.access.refusal(asked.name, type_name, model)
    if problem:
        raise problem
    return model
