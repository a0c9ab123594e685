"""Which page of a connection is asked for: sizes, cursors, and which way the list runs."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from sandbox.shopify.problems import Problem
from sandbox.shopify.selection import Field
from sandbox.shopify.specs import Model

MOST_PER_PAGE = 250
MOST_MEMBERS_PER_PAGE = 1_000


@dataclass(frozen=True)
class Window:
    """One page: how many rows, after which cursor, and whether it is taken from the end (`last`)."""

    size: int
    cursor: tuple[Any, int] | None
    backwards: bool
    descending: bool

    def paging(self, cursors: list[str], *, more: bool) -> dict[str, Any]:
        """Give `pageInfo`; `more` says whether there are rows beyond this page in the way it was taken."""
        return {
            "hasNextPage": self.cursor is not None if self.backwards else more,
            "hasPreviousPage": more if self.backwards else self.cursor is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        }


def window_of(asked: Field) -> Window:
    """Read a connection's paging arguments; raises Problem as the platform does."""
    first, last = asked.arguments.get("first"), asked.arguments.get("last")
    if first is not None and last is not None:
        raise Problem("providing both first and last is not supported", code="BAD_REQUEST")
    backwards = first is None
    size = last if first is None else first
    if size is None:
        raise Problem("you must provide one of first or last", code="BAD_REQUEST")
    _check_size("last" if backwards else "first", int(size), asked.name)
    cursor = read_cursor(asked.arguments.get("before" if backwards else "after"))
    return Window(int(size), cursor, backwards, bool(asked.arguments.get("reverse")))


def order_column(model: Model, asked: Field) -> str:
    """Give the column that a connection is sorted by; the id decides among equals."""
    return model.sort_keys.get(asked.arguments.get("sortKey") or "ID", "id")


def write_cursor(value: Any, number: int) -> str:
    """Write the place of a row as a cursor."""
    return base64.b64encode(json.dumps([value, number], separators=(",", ":")).encode()).decode()


def read_cursor(text: str | None) -> tuple[Any, int] | None:
    """Read a cursor back; raises Problem where it is none."""
    if text is None:
        return None
    try:
        value, number = json.loads(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise Problem(f"Invalid cursor for current pagination sort: {text}", code="BAD_REQUEST") from error
    return value, number


def _check_size(name: str, size: int, connection: str) -> None:
    most = MOST_MEMBERS_PER_PAGE if connection == "customerSegmentMembers" else MOST_PER_PAGE
    if size < 0:
        raise Problem(f"{name} cannot be negative", code="BAD_REQUEST")
    if size > most:
        raise Problem(
            f"{name} cannot exceed {most}. To query larger amounts of data with fewer limits, "
            "bulk operations should be used instead.",
            code="BAD_REQUEST",
        )
