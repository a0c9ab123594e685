"""Formula fields: a formula becomes SQL that is worked out whenever a row is read."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError


class FormulaError(ValueError):
    """A formula cannot be read, or asks for something the sandbox does not compute."""


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("formula.lark").read_text(encoding="utf-8")
    return Lark(grammar, start="formula", parser="lalr", maybe_placeholders=False)


# By name and number of arguments; {0}, {1}, … are the arguments.
_FUNCTIONS = {
    ("IF", 3): "(CASE WHEN {0} THEN {1} ELSE {2} END)",
    ("ISBLANK", 1): "(coalesce({0}, '') = '')",
    ("ISNULL", 1): "(coalesce({0}, '') = '')",
    ("BLANKVALUE", 2): "coalesce({0}, {1})",
    ("NULLVALUE", 2): "coalesce({0}, {1})",
    ("AND", 2): "({0} AND {1})",
    ("OR", 2): "({0} OR {1})",
    ("NOT", 1): "(NOT {0})",
    ("MAX", 2): "max({0}, {1})",
    ("MIN", 2): "min({0}, {1})",
    ("TEXT", 1): "CAST({0} AS TEXT)",
    ("VALUE", 1): "CAST({0} AS REAL)",
}


def formula_sql(formula: str, column: Callable[[str], str | None], today: date) -> str:
    """Turn a formula into SQL; `column` gives the SQL of a field, or None where there is none.

    Dates are text in the tables, so TODAY() and fields meet as day numbers only inside a subtraction.
    """
    try:
        return _ToSql(column, today).transform(_parser().parse(formula))
    except UnexpectedInput as error:
        raise FormulaError(f"Syntax error. Found '{formula[error.pos_in_stream or 0 :][:20]}'") from error
    except VisitError as error:
        raise error.orig_exc from error


class _ToSql(Transformer[Token, str]):
    """Turns lark's tree into SQL, bottom up; a method a rule of the grammar."""

    def __init__(self, column: Callable[[str], str | None], today: date) -> None:
        super().__init__()
        self._column = column
        self._today = today

    def number(self, parts: list[Token]) -> str:
        return str(parts[0])

    def string(self, parts: list[Token]) -> str:
        return "'" + str(parts[0])[1:-1].replace("'", "''") + "'"

    def field(self, parts: list[Token]) -> str:
        name = str(parts[0])
        found = "NULL" if name.upper() == "NULL" else self._column(name)
        if found is None:
            raise FormulaError(f"Field {name} does not exist. Check spelling.")
        return found

    def negative(self, parts: list[str]) -> str:
        return f"(-{parts[1]})"

    def compare(self, parts: list[str]) -> str:
        return f"({parts[0]} {parts[1]} {parts[2]})"

    def operation(self, parts: list[str]) -> str:
        left, sign, right = parts
        if sign == "&":
            return f"(coalesce({left}, '') || coalesce({right}, ''))"
        if sign == "-":
            return f"({_as_number(left)} - {_as_number(right)})"
        return f"({left} {sign} {right})"

    def call(self, parts: list[str]) -> str:
        name, *arguments = parts
        if name.upper() == "TODAY" and not arguments:
            return f"'{self._today.isoformat()}'"
        template = _FUNCTIONS.get((name.upper(), len(arguments)))
        if template is None:
            raise FormulaError(f"Unknown function {name}. Check spelling.")
        return template.format(*arguments)


def _as_number(sql: str) -> str:
    """Let a date take part in a subtraction, as its day number."""
    return f"(CASE WHEN typeof({sql}) = 'text' THEN julianday({sql}) ELSE {sql} END)"
