"""How the text of a scenario's cell becomes a stored value; every reader raises ValueError with a reason."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

_NUMBER = re.compile(r"-?\d{1,18}(\.\d+)?")
_ENUM = re.compile(r"[A-Z][A-Z_]*")


@dataclass(frozen=True)
class Cell:
    """One column: its SQL declaration, its reader, and what is stored where the cell is empty or missing."""

    sql: str
    read: Callable[[str], object]
    default: object = None


def stamp(text: str) -> str:
    """Read an ISO 8601 time with offset as stored text in UTC."""
    at = datetime.fromisoformat(text)
    if text[-1] == "Z" and len(text) == 20 and text[10] == "T":
        return text
    if at.tzinfo is None:
        raise ValueError("a time needs an offset, such as 2026-10-01T12:00:00+09:00")
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


@lru_cache(maxsize=1 << 16)
def money(text: str) -> str:
    """Read an amount as the platform writes decimals: no trailing zeros, at least one place."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("an amount is a decimal number such as 1200 or 12.5")
    if "." not in text:
        return text + ".0"
    whole, places = text.split(".")
    return f"{whole}.{places.rstrip('0') or '0'}"


def flag(text: str) -> int:
    """Read `true` or `false` as 1 or 0."""
    if text not in ("true", "false"):
        raise ValueError("write true or false")
    return int(text == "true")


def names(text: str) -> str:
    """Read a `;`-separated list; blanks around and between the entries are dropped."""
    return ";".join(part for one in text.split(";") if (part := one.strip()))


def enum(text: str) -> str:
    """Read an upper-case enum name of the API."""
    if not _ENUM.fullmatch(text):
        raise ValueError("write the API's upper-case name, such as PAID")
    return text


def number(text: str) -> int:
    """Read a whole number; also takes a global id and keeps its number."""
    return int(text) if text.isdigit() else int(text.rsplit("/", 1)[-1])


def key() -> Cell:
    """Declare the id column."""
    return Cell("INTEGER PRIMARY KEY", number)


def whole(default: int | None = None) -> Cell:
    """Declare a whole number."""
    return Cell("INTEGER", number, default)


def text(default: str | None = None) -> Cell:
    """Declare free text."""
    return Cell("TEXT", str, default)


def time() -> Cell:
    """Declare a time."""
    return Cell("TEXT", stamp)


def amount(default: str | None = "0.0") -> Cell:
    """Declare an amount of money."""
    return Cell("TEXT", money, default)


def truth() -> Cell:
    """Declare a boolean."""
    return Cell("INTEGER NOT NULL DEFAULT 0", flag, 0)


def choice(default: str | None) -> Cell:
    """Declare an enum."""
    return Cell("TEXT", enum, default)


def listed() -> Cell:
    """Declare a list of names."""
    return Cell("TEXT NOT NULL DEFAULT ''", names, "")
