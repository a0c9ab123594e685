"""Puts JSON text together in SQL, constant parts folded."""

import json
from collections.abc import Iterable
from typing import Any


class JsonSql:
    """A JSON value as a run of constant texts and SQL expressions that give text."""

    def __init__(self, parts: Iterable[tuple[bool, str]] = ()) -> None:
        self._parts: list[tuple[bool, str]] = []
        for is_sql, part in parts:
            self._add(is_sql, part)

    @classmethod
    def of_value(cls, value: Any) -> "JsonSql":
        """Hold a constant."""
        return cls([(False, json.dumps(value, ensure_ascii=False, separators=(",", ":")))])

    @classmethod
    def of_sql(cls, sql: str) -> "JsonSql":
        """Hold an expression that gives JSON text, never NULL."""
        return cls([(True, sql)])

    @classmethod
    def of_object(cls, members: Iterable[tuple[str, "JsonSql"]]) -> "JsonSql":
        """Hold an object of keys and values."""
        parts: list[tuple[bool, str]] = [(False, "{")]
        for at, (key, value) in enumerate(members):
            parts.append((False, ("," if at else "") + json.dumps(key) + ":"))
            parts.extend(value._parts)
        return cls([*parts, (False, "}")])

    def sql(self) -> str:
        """Write the whole as one SQL expression."""
        written = [part if is_sql else _quoted(part) for is_sql, part in self._parts]
        return _balanced([f"({one})" for one in written])

    def _add(self, is_sql: bool, part: str) -> None:
        if not is_sql and self._parts and not self._parts[-1][0]:
            self._parts[-1] = (False, self._parts[-1][1] + part)
        else:
            self._parts.append((is_sql, part))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _balanced(terms: list[str]) -> str:
    # SQLite limits how deep an expression nests, and a || b || c … nests once per operand.
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return f"({_balanced(terms[:half])} || {_balanced(terms[half:])})"
