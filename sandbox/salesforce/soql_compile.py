"""Turns a parsed query into one SQL statement, and says how its rows are to be shown."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.salesforce.errors import SalesforceError, malformed_query
from sandbox.salesforce.objects import Field
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.soql import Call, Column, Path_, Query, Term, parse
from sandbox.salesforce.soql_conditions import Conditions
from sandbox.salesforce.soql_scope import Reached, Scope

_AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
_PARTS_OF_DATES = {
    "CALENDAR_YEAR": "CAST(substr({}, 1, 4) AS INTEGER)",
    "CALENDAR_MONTH": "CAST(substr({}, 6, 2) AS INTEGER)",
    "DAY_IN_MONTH": "CAST(substr({}, 9, 2) AS INTEGER)",
    "DAY_ONLY": "substr({}, 1, 10)",
}
_MAX_OFFSET = 2_000
_FIELDS_LIMIT = 200


@dataclass(frozen=True)
class Shown:
    """One column of the answer: where it stands (`Account.Name` has a relation) and its describe type."""

    name: str
    relations: tuple[str, ...]
    type: str

    @property
    def header(self) -> str:
        """The column's name in a bulk result."""
        return ".".join((*self.relations, self.name))


@dataclass(frozen=True)
class Statement:
    """SQL ready to run. The first columns are the record ids of `objects`, then come those of `columns`."""

    sql: str
    parameters: list[Any]
    columns: list[Shown]
    objects: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Object names by relation, in the order of the leading id columns; () is the object in FROM."""
    only_count: bool = False
    aggregate: bool = False

    @property
    def compound(self) -> bool:
        """Whether a compound field, such as an address, is asked for."""
        return any(one.type == "address" for one in self.columns)


@dataclass(frozen=True)
class Setting:
    """What a query's meaning depends on besides its text."""

    schema: Schema
    today: date
    zone: ZoneInfo
    deleted_too: bool = False
    for_csv: bool = False
    """Whether values are to come out of the database as a bulk result shows them, without leading ids."""


def compile_soql(text: str, setting: Setting) -> Statement:
    """Parse a statement and turn it into SQL; raises `SalesforceError` with Salesforce's own texts."""
    return _Compiler(text, parse(text), setting).statement()


class _Compiler:
    def __init__(self, text: str, query: Query, setting: Setting, level: int = 0) -> None:
        self._query = query
        self._setting = setting
        self._scope = Scope(text, query, setting.schema, setting.today, setting.zone, level)

    def statement(self) -> Statement:
        query = self._query
        first = query.columns[0].term
        if isinstance(first, Call) and first.name == "COUNT" and first.path is None:
            return replace(self._finish(["count(*)"], [Shown("expr0", (), "int")]), only_count=True)
        columns = list(self._expanded(query.columns))
        if query.group or any(isinstance(one.term, Call) and one.term.name in _AGGREGATES for one in columns):
            return self._aggregate(columns)
        reached = [self._reached(one) for one in columns]
        relations = {()} | {
            one.relations[:size] for one in reached for size in range(1, len(one.relations) + 1)
        }
        objects, ids = {}, []
        for relation in sorted(relations):
            table, target = (self._scope.table, self._scope.base)
            if relation:
                table, target, _ = self._scope.joins[relation]
            objects[relation] = target.name
            ids.append(f"{table}.Id")
        shown = [Shown(one.field.name, one.relations, one.field.type) for one in reached]
        if self._setting.for_csv:
            return self._finish([_csv_sql(one) for one in reached], shown)
        return replace(self._finish([*ids, *(one.sql for one in reached)], shown), objects=objects)

    def subquery(self) -> tuple[str, list[Any]]:
        """Give the SQL of a semi-join: one field."""
        reached = self._reached(self._query.columns[0])
        done = self._finish([reached.sql], [], f"{reached.sql} IS NOT NULL")
        return done.sql, done.parameters

    def _reached(self, column: Column) -> Reached:
        term = column.term
        if isinstance(term, Path_):
            return self._scope.reach(term)
        if term.name == "TOLABEL" and term.path:
            found = self._scope.reach(term.path)
            whens = "".join(
                f" WHEN {_quoted(value)} THEN {_quoted(label)}" for value, label in found.field.choices
            )
            return replace(found, sql=f"CASE {found.sql}{whens} ELSE {found.sql} END" if whens else found.sql)
        if term.name == "FORMAT" and term.path:
            return self._scope.reach(term.path)
        raise malformed_query(f"Invalid function: {term.name.lower()}")

    def _expanded(self, columns: Iterable[Column]) -> Iterable[Column]:
        for one in columns:
            if not (isinstance(one.term, Call) and one.term.name == "FIELDS"):
                yield one
                continue
            which = one.term.path.text.upper() if one.term.path else ""
            if which not in ("ALL", "STANDARD", "CUSTOM"):
                raise malformed_query(f"unexpected token: {which}")
            limit = self._query.limit
            if which != "STANDARD" and (limit is None or limit > _FIELDS_LIMIT):
                raise malformed_query("The SOQL FIELDS function must have a LIMIT of at most 200")
            for known in self._scope.base.fields.values():
                if which == "ALL" or known.custom == (which == "CUSTOM"):
                    yield Column(Path_((known.name,), one.term.at), None)

    def _aggregate(self, columns: list[Column]) -> Statement:
        sql, shown = [], []
        unnamed = 0
        for one in columns:
            part, found = self._term(one.term)
            name = one.alias
            if name is None and isinstance(one.term, Path_):
                name = found.name
            elif name is None:
                name, unnamed = f"expr{unnamed}", unnamed + 1
            sql.append(part)
            shown.append(Shown(name, (), found.type))
        return replace(self._finish(sql, shown), aggregate=True)

    def _term(self, term: Term) -> tuple[str, Field]:
        """Give the SQL of a field or function, and a field of its type."""
        if isinstance(term, Path_):
            found = self._scope.reach(term)
            return found.sql, found.field
        inner = self._scope.reach(term.path) if term.path else None
        count = Field(term.name, "int", term.name)
        if term.name in _PARTS_OF_DATES and inner:
            kind = "date" if term.name == "DAY_ONLY" else "int"
            return _PARTS_OF_DATES[term.name].format(inner.sql), replace(count, type=kind)
        if term.name not in _AGGREGATES or (inner is None and term.name != "COUNT"):
            raise malformed_query(f"Invalid aggregate function: {term.name}")
        if term.name == "COUNT_DISTINCT" and inner:
            return f"count(DISTINCT {inner.sql})", count
        sql = f"{term.name.lower()}({inner.sql if inner else '*'})"
        if term.name == "COUNT" or inner is None:
            return sql, count
        return sql, replace(inner.field, type="double") if term.name == "AVG" else inner.field

    def _finish(self, select: list[str], shown: list[Shown], *more: str) -> Statement:
        """Add everything that follows the SELECT list; `more` are tests besides those of WHERE."""
        query, scope = self._query, self._scope
        where = Conditions(scope, self._term, self._semi_join)
        tests = [where.sql(query.where)] if query.where else []
        if not self._setting.deleted_too:
            tests.append(f"NOT {scope.table}.IsDeleted")
        tests += more
        having = Conditions(scope, self._term, self._semi_join)
        group = [self._term(one)[0] for one in query.group]
        having_sql = having.sql(query.having) if query.having else ""
        order = [
            f"{self._term(one.term)[0]} {'DESC' if one.descending else 'ASC'}"
            f" NULLS {'LAST' if one.nulls_last else 'FIRST'}"
            for one in query.order
        ]
        sql = f"SELECT {', '.join(select)} FROM {scope.from_sql()}"
        sql += f" WHERE {' AND '.join(tests)}" if tests else ""
        sql += f" GROUP BY {', '.join(group)}" if group else ""
        sql += f" HAVING {having_sql}" if having_sql else ""
        sql += f" ORDER BY {', '.join(order)}" if order else ""
        sql += self._limit_sql()
        return Statement(sql, where.parameters + having.parameters, shown)

    def _limit_sql(self) -> str:
        limit, offset = self._query.limit, self._query.offset
        if offset is not None and offset > _MAX_OFFSET:
            raise SalesforceError(
                400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_MAX_OFFSET}"
            )
        if limit is None and offset is None:
            return ""
        return f" LIMIT {-1 if limit is None else limit} OFFSET {offset or 0}"

    def _semi_join(self, query: Query) -> tuple[str, list[Any]]:
        level = self._scope.level + 1
        return _Compiler(self._scope.text, query, self._setting, level).subquery()


def _csv_sql(one: Reached) -> str:
    if one.field.type == "datetime":
        return f"substr({one.sql}, 1, 19) || '.000Z'"
    if one.field.type == "boolean":
        return f"CASE {one.sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
    return one.sql


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
