"""A working subset of the segment query language, turned into an SQL condition on customers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sandbox.shopify.conditions import Filter
from sandbox.shopify.context import Context
from sandbox.shopify.ids import number_of
from sandbox.shopify.namespaces import stored_namespace
from sandbox.shopify.problems import Problem, access_denied
from sandbox.shopify.selection import Field

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<date>\d{4}-\d{2}-\d{2}|-\d+[dwmy]|today\b)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<sign>!=|>=|<=|=|>|<)|(?P<paren>[()])|(?P<name>[A-Za-z_$][\w.$:-]*))"
)
_ORDERS = "(SELECT {} FROM shopify_orders o WHERE o.customer_id = t0.id)"
_ATTRIBUTES = {
    "amount_spent": _ORDERS.format("ifnull(sum(o.total), 0)"),
    "number_of_orders": _ORDERS.format("count(*)"),
    "last_order_date": _ORDERS.format("substr(max(o.processed_at), 1, 10)"),
    "first_order_date": _ORDERS.format("substr(min(o.processed_at), 1, 10)"),
    "customer_added_date": "substr(t0.created_at, 1, 10)",
    "customer_language": "t0.locale",
    "email_subscription_status": "t0.email_consent",
    "sms_subscription_status": "t0.sms_consent",
    "customer_tags": "t0.tags",
}
_LISTS = ("customer_tags",)
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


class InvalidQuery(ValueError):
    """A segment query that cannot be read; the message is the platform's."""


@dataclass
class _Reader:
    query: str
    today: date
    values: dict[str, Any] = field(default_factory=dict)
    _at: int = 0

    def whole(self) -> str:
        condition = self._either() if self.query.strip() else "true"
        if self.query[self._at :].strip():
            raise self._unexpected()
        return condition

    def _either(self) -> str:
        # In this language AND binds before OR, as usual.
        parts = [self._all()]
        while self._word("OR"):
            parts.append(self._all())
        return "(" + " OR ".join(parts) + ")"

    def _all(self) -> str:
        parts = [self._one()]
        while self._word("AND"):
            parts.append(self._one())
        return "(" + " AND ".join(parts) + ")"

    def _one(self) -> str:
        column = self._at + 1
        kind, word = self._next()
        if word == "(":
            inner = self._either()
            if self._next()[1] != ")":
                raise self._unexpected()
            return inner
        if kind != "name":
            raise InvalidQuery(f"Query Line 1 Column {column}: '{word}' is unexpected.")
        return self._compared(
            self._attribute(word, column), listed=word in _LISTS or word.startswith("metafields.")
        )

    def _compared(self, sql: str, *, listed: bool) -> str:
        if self._word("IS"):
            negated = self._word("NOT")
            self._expect("NULL")
            return f"{'NOT ' if negated else ''}(ifnull({sql}, '') = '')"
        if listed and self._word("NOT"):
            self._expect("CONTAINS")
            return f"NOT ifnull({self._contains(sql)}, false)"
        if listed and self._word("CONTAINS"):
            return self._contains(sql)
        if self._word("BETWEEN"):
            low = self._value()
            self._expect("AND")
            return f"({sql} >= {low} AND {sql} <= {self._value()})"
        kind, sign = self._next()
        if kind != "sign":
            raise self._unexpected()
        mark = self._value()
        as_number = isinstance(self.values[mark[1:]], int | float) and "m.value" in sql
        return f"({f'CAST({sql} AS REAL)' if as_number else sql} {sign} {mark})"

    def _attribute(self, name: str, column: int) -> str:
        if name.startswith("metafields."):
            namespace, _, key = name.removeprefix("metafields.").rpartition(".")
            return (
                "(SELECT m.value FROM shopify_metafields m WHERE m.owner_type = 'CUSTOMER'"
                " AND m.owner_id = t0.id"
                f" AND m.namespace = {self._bind(stored_namespace(namespace))} AND m.key = {self._bind(key)})"
            )
        if name not in _ATTRIBUTES:
            raise InvalidQuery(f"Query Line 1 Column {column}: '{name}' filter cannot be found.")
        return _ATTRIBUTES[name]

    def _contains(self, sql: str) -> str:
        mark = self._value()
        # Tags are `;`-joined, list metafields are JSON arrays; both enclose an item in a known sign.
        tagged = f"instr(';' || {sql} || ';', ';' || {mark} || ';') > 0"
        return f"({tagged} OR instr({sql}, '\"' || {mark} || '\"') > 0)"

    def _value(self) -> str:
        kind, word = self._next()
        readers: dict[str, Callable[[str], Any]] = {
            "text": lambda text: re.sub(r"\\(.)", r"\1", text[1:-1]),
            "number": lambda text: float(text) if "." in text else int(text),
            "date": self._date,
            "name": lambda text: text,
        }
        if kind not in readers:
            raise self._unexpected()
        return self._bind(readers[kind](word))

    def _date(self, text: str) -> str:
        if text == "today":
            return self.today.isoformat()
        if text.startswith("-"):
            return (self.today - timedelta(days=int(text[1:-1]) * _DAYS[text[-1]])).isoformat()
        return text

    def _bind(self, value: Any) -> str:
        name = f"s{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def _next(self) -> tuple[str, str]:
        found = _TOKEN.match(self.query, self._at)
        if found is None or found.lastgroup is None:
            raise self._unexpected()
        self._at = found.end()
        return found.lastgroup, found[found.lastgroup]

    def _word(self, word: str) -> bool:
        found = _TOKEN.match(self.query, self._at)
        if found is None or found.lastgroup != "name" or found["name"].upper() != word:
            return False
        self._at = found.end()
        return True

    def _expect(self, word: str) -> None:
        if not self._word(word):
            raise self._unexpected()

    def _unexpected(self) -> InvalidQuery:
        rest = self.query[self._at :].split()
        return InvalidQuery(f"Query Line 1 Column {self._at + 1}: '{rest[0] if rest else ''}' is unexpected.")


def compile_query(query: str, today: date) -> Filter:
    """Turn a segment query into a condition on `t0`, a customer; raises InvalidQuery."""
    reader = _Reader(query, today)
    return Filter(reader.whole(), reader.values)


def members_filter(context: Context, asked: Field) -> Filter:
    """Answer `customerSegmentMembers`: the customers that a segment, or a query, is about."""
    if not context.access.has("read_customers"):
        raise access_denied(asked.name, "read_customers")
    query = asked.arguments.get("query")
    if asked.arguments.get("segmentId") is not None:
        row = context.db.execute(
            "SELECT query FROM shopify_segments WHERE id = ?",
            (number_of(asked.arguments["segmentId"], "Segment"),),
        ).fetchone()
        if row is None:
            raise Problem("The segment does not exist", code="NOT_FOUND")
        query = row["query"]
    today = context.state.clock.now().astimezone(context.state.config.shopify.zone).date()
    try:
        return compile_query(query or "", today)
    except InvalidQuery as invalid:
        raise Problem(str(invalid), code="INVALID") from invalid
