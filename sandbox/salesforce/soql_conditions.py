"""Turns WHERE and HAVING into SQL with bound parameters, with SOQL's own ideas of null, text and dates."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from sandbox.clock import stamp_text
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import ID_TYPES, NUMBER_TYPES, TEXT_TYPES, Field
from sandbox.salesforce.soql import Call, Comparison, Condition, Literal_, Path_, Query, Term
from sandbox.salesforce.soql_dates import relative_days
from sandbox.salesforce.soql_scope import Scope
from sandbox.salesforce.values import store_time

_MANY = 200
"""From so many values on, an IN list travels as one parameter."""

_EXPECTED = {
    **dict.fromkeys(TEXT_TYPES, ("string", "string and should be enclosed in quotes")),
    **dict.fromkeys(NUMBER_TYPES, ("number", "double and should not be enclosed in quotes")),
    **dict.fromkeys(ID_TYPES, ("string", "string and should be enclosed in quotes")),
    "int": ("number", "int and should not be enclosed in quotes"),
    "boolean": ("boolean", "boolean and should not be enclosed in quotes"),
    "date": ("date", "date and should not be enclosed in quotes"),
    "datetime": ("datetime", "dateTime and should not be enclosed in quotes"),
}

TermSql = Callable[[Term], tuple[str, Field]]
"""Gives the SQL of a term and a field that says its type."""


class Conditions:
    """Compiles conditions of one scope; `parameters` collects the bound values in the order of the SQL."""

    def __init__(
        self, scope: Scope, term_sql: TermSql, subquery: Callable[[Query], tuple[str, list[Any]]]
    ) -> None:
        self._scope = scope
        self._term_sql = term_sql
        self._subquery = subquery
        self.parameters: list[Any] = []

    def sql(self, condition: Condition, *, negated: bool = False) -> str:
        """Give the SQL of a condition; under NOT a comparison with null is plainly false."""
        if isinstance(condition, Comparison):
            sql = self._comparison(condition)
            return f"coalesce({sql}, 0)" if negated else sql
        parts = [self.sql(part, negated=negated or condition.kind == "not") for part in condition.parts]
        if condition.kind == "not":
            return f"(NOT {parts[0]})"
        return "(" + f" {condition.kind.upper()} ".join(parts) + ")"

    def _comparison(self, one: Comparison) -> str:
        sql, field = self._term_sql(one.term)
        if field.type == "address" or not field.filterable:
            raise self._error(one.term, f"field '{field.name}' can not be filtered in a query call")
        if isinstance(one.values, Query):
            inner, parameters = self._subquery(one.values)
            self.parameters += parameters
            found = f"({sql} IN ({inner}))"
            return found if one.operator == "in" else f"(NOT coalesce({found}, 0))"
        if one.operator in ("in", "not in"):
            return self._among(sql, field, one)
        if one.operator in ("includes", "excludes"):
            return self._includes(sql, one)
        return self._with_one(sql, field, one, one.values[0])

    def _with_one(self, sql: str, field: Field, one: Comparison, value: Literal_) -> str:
        if value.kind == "null":
            return self._null(sql, field, one)
        if one.operator == "like":
            return self._like(sql, field, one.term, value)
        if field.type in ("date", "datetime"):
            return self._time(sql, field, one, value)
        return self._plain(sql, field, one, value)

    def _null(self, sql: str, field: Field, one: Comparison) -> str:
        if one.operator not in ("=", "!="):
            raise self._error(one.term, f"'{one.operator}' operator is not valid with null value")
        if field.type == "boolean":
            return "0" if one.operator == "=" else "1"
        return f"({sql} IS {'' if one.operator == '=' else 'NOT '}NULL)"

    def _plain(self, sql: str, field: Field, one: Comparison, value: Literal_) -> str:
        bound = self._value(field, one.term, value)
        self.parameters.append(bound)
        if field.type == "boolean":
            sql = f"coalesce({sql}, 0)"
        # != keeps rows without a value, as SOQL does.
        return f"({sql} {'IS NOT' if one.operator == '!=' else one.operator} ?)"

    def _among(self, sql: str, field: Field, one: Comparison) -> str:
        values = [value for value in self._literals(one) if value.kind != "null"]
        has_null = len(values) < len(self._literals(one))
        if field.type in ("date", "datetime"):
            parts = [self._time(sql, field, Comparison(one.term, "=", (value,)), value) for value in values]
            found = "(" + " OR ".join(parts or ["0"]) + ")"
        else:
            found = self._in_list(sql, [self._value(field, one.term, value) for value in values])
        if has_null:
            found = f"({found} OR {sql} IS NULL)"
        return found if one.operator == "in" else f"(NOT coalesce({found}, 0))"

    def _in_list(self, sql: str, values: list[Any]) -> str:
        if len(values) >= _MANY:
            self.parameters.append(json.dumps(values))
            return f"({sql} IN (SELECT value FROM json_each(?)))"
        self.parameters += values
        return f"({sql} IN ({', '.join('?' * len(values))}))"

    def _includes(self, sql: str, one: Comparison) -> str:
        tests = []
        for value in self._literals(one):
            wanted = [part for part in value.text.split(";") if part]
            self.parameters += [f";{part};" for part in wanted]
            tests.append("(" + " AND ".join([f"instr(';' || {sql} || ';', ?) > 0"] * len(wanted)) + ")")
        found = f"coalesce({' OR '.join(tests)}, 0)"
        return found if one.operator == "includes" else f"(NOT {found})"

    def _literals(self, one: Comparison) -> tuple[Literal_, ...]:
        return () if isinstance(one.values, Query) else one.values

    def _like(self, sql: str, field: Field, term: Term, value: Literal_) -> str:
        if field.type not in TEXT_TYPES or value.kind != "string":
            raise self._error(term, "invalid operator on " + field.type + " field")
        # The escapes of % and _ stay, all others are taken out.
        pattern = re.sub(r"\\(.)", lambda found: found[0] if found[1] in "%_\\" else found[1], value.raw)
        self.parameters.append(pattern)
        return f"({sql} LIKE ? ESCAPE '\\')"

    def _value(self, field: Field, term: Term, value: Literal_) -> Any:
        expected, words = _EXPECTED.get(field.type, ("string", "string and should be enclosed in quotes"))
        if value.kind != expected:
            raise self._error(
                term, f"value of filter criterion for field '{field.name}' must be of type {words}"
            )
        if field.type in ID_TYPES:
            found = full_id(value.text)
            if found is None:
                raise self._error(term, f"invalid ID field: {value.text}", "INVALID_QUERY_FILTER_OPERATOR")
            return found
        if expected == "number":
            return float(value.text)
        return int(value.text.lower() == "true") if expected == "boolean" else value.text

    def _time(self, sql: str, field: Field, one: Comparison, value: Literal_) -> str:
        if value.kind == "relative":
            days = relative_days(value.text, self._scope.today)
            if days is None:
                raise SalesforceError(400, "MALFORMED_QUERY", f"unexpected token: {value.text}")
            return self._range(sql, field, one.operator, days)
        expected, words = _EXPECTED[field.type]
        if value.kind != expected:
            raise self._error(
                one.term, f"value of filter criterion for field '{field.name}' must be of type {words}"
            )
        operator, bound = one.operator, value.text
        try:
            if field.type == "datetime":
                operator, bound = _whole_seconds(operator, bound)
            else:
                date.fromisoformat(bound)
        except ValueError as error:
            raise SalesforceError(400, "MALFORMED_QUERY", f"Invalid date: {value.text}") from error
        self.parameters.append(bound)
        return f"({sql} {'IS NOT' if operator == '!=' else operator} ?)"

    def _range(self, sql: str, field: Field, operator: str, days: tuple[date, date]) -> str:
        after = days[1] + timedelta(days=1)
        low, high = (
            self._midnight(day) if field.type == "datetime" else day.isoformat() for day in (days[0], after)
        )
        ways = {"<": ("<", low), ">": (">=", high), "<=": ("<", high), ">=": (">=", low)}
        if operator in ways:
            sign, bound = ways[operator]
            self.parameters.append(bound)
            return f"({sql} {sign} ?)"
        self.parameters += [low, high]
        within = f"({sql} >= ? AND {sql} < ?)"
        return within if operator == "=" else f"(NOT coalesce({within}, 0))"

    def _midnight(self, day: date) -> str:
        return stamp_text(datetime.combine(day, time.min, self._scope.zone))

    def _error(self, term: Term, message: str, code: str = "INVALID_FIELD") -> SalesforceError:
        path = term.path if isinstance(term, Call) and term.path else term
        place = path if isinstance(path, Path_) else Path_((path.name,), path.at)
        return self._scope.error(place, message, code)


def _whole_seconds(operator: str, text: str) -> tuple[str, str]:
    """Compare with a fraction of a second as one must when stored times are whole seconds."""
    clean = re.sub(r"(\.\d{6})\d+", r"\1", text.upper().replace(" ", "+"))
    clean = re.sub(r"\.(\d{1,6})", lambda found: "." + found[1].ljust(6, "0"), clean)
    at = datetime.fromisoformat(clean)
    stored = store_time(at.replace(microsecond=0).isoformat())
    if at.microsecond:
        return {">=": ">", "<": "<="}.get(operator, operator), stored
    return operator, stored
