"""Shopify's search syntax: terms with AND, OR, NOT and parentheses, turned into an SQL condition."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""\s+|(?P<open>\()|(?P<close>\))
    |(?P<term>-?[\w.$]+:(?:<=|>=|<|>|=)?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s()]+))
    |(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<word>[^\s()]+)""",
    re.VERBOSE,
)
_TERM = re.compile(r"(?P<minus>-?)(?P<field>[\w.$]+):(?P<sign><=|>=|<|>|=)?(?P<value>.+)", re.DOTALL)


@dataclass(frozen=True)
class Term:
    """One `field:value`; `sign` is empty for plain matching, `field` for a bare word."""

    field: str
    sign: str
    value: str
    quoted: bool


@dataclass
class Search:
    """A search being read. `match` turns a term into SQL, or gives None where the term means nothing."""

    match: Callable[[Term], str | None]
    warnings: list[dict[str, str]] = field(default_factory=list)
    _tokens: list[tuple[str, str]] = field(default_factory=list)

    def condition(self, query: str) -> str:
        """Give the SQL condition of a query; terms that mean nothing are left out and warned about."""
        self._tokens = [
            (found.lastgroup, found.group())
            for found in _TOKEN.finditer(query)
            if found.lastgroup is not None
        ]
        parts = []
        while self._tokens:
            parts.append(self._either())
            if self._tokens and self._tokens[0][0] == "close":
                self._tokens.pop(0)
        return _joined(parts, "AND") or "true"

    def _either(self) -> str | None:
        parts = [self._all()]
        while self._is_word("OR"):
            self._tokens.pop(0)
            parts.append(self._all())
        return _joined(parts, "OR")

    def _all(self) -> str | None:
        parts = []
        while self._tokens and self._tokens[0][0] != "close" and not self._is_word("OR"):
            if self._is_word("AND"):
                self._tokens.pop(0)
                continue
            parts.append(self._one())
        return _joined(parts, "AND")

    def _one(self) -> str | None:
        kind, text = self._tokens.pop(0)
        if (kind, text) == ("word", "NOT"):
            inner = self._one() if self._tokens else None
            return f"NOT ({inner})" if inner else None
        if kind == "open":
            inner = self._either()
            if self._tokens:
                self._tokens.pop(0)
            return inner
        return self._term(text) if kind == "term" else self._word(text)

    def _word(self, text: str) -> str | None:
        return self.match(Term("", "", _unquoted(text), text[0] in "'\""))

    def _term(self, text: str) -> str | None:
        found = _TERM.fullmatch(text)
        if found is None:
            return None
        value, quoted = found["value"], found["value"][0] in "'\""
        if not quoted and ":" in value:
            # An unquoted time is cut at its colons: what follows the first becomes a term of its own.
            self._warn(value.split(":")[1])
            return None
        condition = self.match(Term(found["field"], found["sign"] or "", _unquoted(value), quoted))
        if condition is None:
            self._warn(found["field"])
            return None
        return f"NOT ({condition})" if found["minus"] else condition

    def _warn(self, name: str) -> None:
        self.warnings.append(
            {"field": name, "message": "Invalid search field for this query.", "code": "invalid_field"}
        )

    def _is_word(self, word: str) -> bool:
        return bool(self._tokens) and self._tokens[0] == ("word", word)


def entry(path: list[str], query: str, warnings: list[dict[str, str]]) -> dict[str, Any]:
    """Write the entry of `extensions.search` for a query with warnings."""
    return {"path": path, "query": query, "parsed": {"match_all": query}, "warnings": warnings}


def _joined(parts: list[str | None], word: str) -> str | None:
    # An ignored term matches everything under AND, and vanishes from an OR.
    kept = [part for part in parts if part is not None]
    return "(" + f" {word} ".join(kept) + ")" if kept else None


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[0] in "'\"" else text
