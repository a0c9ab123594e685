"""Reads SOQL into a `Query`; what a query means is decided in `soql_compile`."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from sandbox.salesforce.errors import malformed_query

MAX_LENGTH = 100_000
"""Characters a statement may have."""

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Path_:  # noqa: N801 - `Path` is pathlib's
    """A field, perhaps through relationships: `Account.Owner.Name`; `at` is its place in the text, from 0."""

    parts: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        """The path as written."""
        return ".".join(self.parts)


@dataclass(frozen=True)
class Call:
    """A function over a field: COUNT(), MAX(CloseDate), FIELDS(ALL)."""

    name: str
    path: Path_ | None
    at: int


Term = Path_ | Call


@dataclass(frozen=True)
class Column:
    """One entry of the SELECT list."""

    term: Term
    alias: str | None


@dataclass(frozen=True)
class Literal_:  # noqa: N801 - `Literal` is typing's
    """A value in the text; strings are unescaped, except for LIKE patterns, which stay `raw`."""

    kind: Literal["string", "datetime", "date", "number", "boolean", "null", "relative"]
    raw: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """`term operator value`, or with many values for IN, NOT IN, INCLUDES and EXCLUDES."""

    term: Term
    operator: str
    values: "tuple[Literal_, ...] | Query"


@dataclass(frozen=True)
class Combination:
    """AND or OR of conditions, or NOT of one."""

    kind: Literal["and", "or", "not"]
    parts: "tuple[Condition, ...]"


Condition = Comparison | Combination


@dataclass(frozen=True)
class Sort:
    """One entry of ORDER BY."""

    term: Term
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """A whole statement."""

    columns: tuple[Column, ...]
    object_name: str
    object_at: int
    alias: str | None
    where: Condition | None
    group: tuple[Term, ...]
    having: Condition | None
    order: tuple[Sort, ...]
    limit: int | None
    offset: int | None


def parse(text: str) -> Query:
    """Read a statement; raises `SalesforceError` MALFORMED_QUERY."""
    if len(text) > MAX_LENGTH:
        raise malformed_query("SOQL statements cannot be longer than 100000 characters.")
    try:
        tree = _parser().parse(text)
    except UnexpectedEOF as error:
        raise malformed_query("unexpected token: <EOF>") from error
    except UnexpectedToken as error:
        token = "<EOF>" if error.token.type == "$END" else str(error.token)
        raise malformed_query(f"unexpected token: {token}") from error
    except UnexpectedCharacters as error:
        raise malformed_query(_unreadable(text, error.pos_in_stream or 0)) from error
    return _Builder().transform(tree)


def _unreadable(text: str, at: int) -> str:
    word = re.match(r"\w+|'|.", text[at:], re.DOTALL)
    found = word.group() if word else ""
    if found == "'":
        return f"line 1:{at} mismatched character '<EOF>' expecting '''"
    return f"unexpected token: {found}"


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("soql.lark").read_text(encoding="utf-8")
    return Lark(grammar, start="query", parser="lalr", lexer="contextual", maybe_placeholders=False)


def _unescape(quoted: str) -> str:
    return re.sub(
        r"\\(.)", lambda found: _ESCAPES.get(found[1].lower(), found[1]), quoted[1:-1], flags=re.DOTALL
    )


class _Builder(Transformer[Token, Query]):
    """Turns lark's tree into the classes above, bottom up; a method a rule of the grammar."""

    def path(self, names: list[Token]) -> Path_:
        return Path_(tuple(str(name) for name in names), names[0].start_pos or 0)

    def call(self, parts: list[Any]) -> Call:
        return Call(str(parts[0]).upper(), parts[1] if len(parts) > 1 else None, parts[0].start_pos or 0)

    def alias(self, parts: list[Token]) -> tuple[str, str]:
        return ("alias", str(parts[-1]))

    def column(self, parts: list[Any]) -> Column:
        return Column(parts[0], parts[1][1] if len(parts) > 1 else None)

    def select_list(self, columns: list[Column]) -> tuple[Column, ...]:
        return tuple(columns)

    def string(self, parts: list[Token]) -> Literal_:
        return Literal_("string", str(parts[0])[1:-1], _unescape(str(parts[0])))

    def _plain(self, kind: Any, parts: list[Token]) -> Literal_:
        return Literal_(kind, str(parts[0]), str(parts[0]))

    def datetime(self, parts: list[Token]) -> Literal_:
        return self._plain("datetime", parts)

    def date(self, parts: list[Token]) -> Literal_:
        return self._plain("date", parts)

    def number(self, parts: list[Token]) -> Literal_:
        return self._plain("number", parts)

    def boolean(self, parts: list[Token]) -> Literal_:
        return self._plain("boolean", parts)

    def null(self, parts: list[Token]) -> Literal_:
        return self._plain("null", parts)

    def relative(self, parts: list[Token]) -> Literal_:
        return self._plain("relative", parts)

    def values(self, values: list[Literal_]) -> tuple[Literal_, ...]:
        return tuple(values)

    def comparison(self, parts: list[Any]) -> Comparison:
        operator = "!=" if parts[1] == "<>" else str(parts[1]).lower()
        return Comparison(parts[0], operator, (parts[2],))

    def membership(self, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], " ".join(str(parts[1]).lower().split()), parts[2])

    def conjunction(self, parts: list[Condition]) -> Combination:
        return Combination("and", tuple(parts))

    def disjunction(self, parts: list[Condition]) -> Combination:
        return Combination("or", tuple(parts))

    def negation(self, parts: list[Condition]) -> Combination:
        return Combination("not", tuple(parts))

    def where(self, parts: list[Condition]) -> tuple[str, Condition]:
        return ("where", parts[0])

    def having(self, parts: list[Condition]) -> tuple[str, Condition]:
        return ("having", parts[0])

    def group(self, parts: list[Any]) -> tuple[str, Any]:
        having = next((part[1] for part in parts if isinstance(part, tuple)), None)
        return ("group", (tuple(part for part in parts if isinstance(part, Path_ | Call)), having))

    def sort(self, parts: list[Any]) -> Sort:
        marks = [" ".join(str(part).lower().split()) for part in parts[1:]]
        return Sort(parts[0], "desc" in marks, "nulls last" in marks)

    def order(self, parts: list[Any]) -> tuple[str, tuple[Sort, ...]]:
        return ("order", tuple(part for part in parts if isinstance(part, Sort)))

    def limit(self, parts: list[Token]) -> tuple[str, int]:
        return ("limit", int(parts[0]))

    def offset(self, parts: list[Token]) -> tuple[str, int]:
        return ("offset", int(parts[0]))

    def purpose(self, _parts: list[Token]) -> tuple[str, None]:
        return ("purpose", None)

    def query(self, parts: list[Any]) -> Query:
        clauses = dict(parts[2:])
        group, having = clauses.get("group", ((), None))
        return Query(
            columns=parts[0],
            object_name=str(parts[1]),
            object_at=parts[1].start_pos or 0,
            alias=clauses.get("alias"),
            where=clauses.get("where"),
            group=group,
            having=having,
            order=clauses.get("order", ()),
            limit=clauses.get("limit"),
            offset=clauses.get("offset"),
        )
