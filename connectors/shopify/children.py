"""Rows of a bulk result that belong to others: each is handed out inside the row it belongs to.

Shopify promises only that such a row stands somewhere after the one it belongs to, and all of them together
are too many for memory: they wait in a small database beside the file.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from connectors.shopify.download import open_lines
from connectors.shopify.names import number_of

CHILDREN = ".db"
"""What is added to the name of a result for the database beside it."""
PARENTS = 2_000
"""Rows handed out at once, each with those that belong to it."""
_CACHE_KIB = 16_384


def with_children(path: Path, parent: str, name: str, rows: int = PARENTS) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of type `parent` in a JSONL result, in their order, at most `rows` at a time.

    Each bears the rows that belong to it, in their order, under `name`: `{"nodes": [...]}`, the form in which
    pages give them. Rows of other types that belong to none of these are left out.
    """
    # Inside a text the quotes would be escaped, and so may the slashes be.
    of_parent = rf'"[^"]*?\b{parent}\\?/([0-9]+)'.encode()
    belonging, own_id = re.compile(rb'"__parentId":\s*' + of_parent), re.compile(rb'"id":\s*' + of_parent)
    with closing(sqlite3.connect(path.with_name(path.name + CHILDREN), isolation_level=None)) as db:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("CREATE TABLE children (parent INTEGER, line BLOB)")
        with open_lines(path) as file:
            found = ((int(named[1]), line) for line in file if (named := belonging.search(line)))
            db.execute("BEGIN")
            db.executemany("INSERT INTO children VALUES (?, ?)", found)
            db.execute("COMMIT")
        db.execute("CREATE INDEX by_parent ON children (parent)")
        db.execute("CREATE TEMP TABLE asked (parent INTEGER PRIMARY KEY)")
        with open_lines(path) as file:
            own = (line for line in file if not belonging.search(line) and own_id.search(line))
            while some := list(islice(own, rows)):
                parents = orjson.loads(b"[" + b",".join(some) + b"]")
                _attach(db, parents, name)
                yield parents


def _attach(db: sqlite3.Connection, rows: list[dict[str, Any]], name: str) -> None:
    nodes: dict[int, list[Any]] = {int(number_of(row["id"])): [] for row in rows}
    db.execute("DELETE FROM asked")
    db.executemany("INSERT INTO asked VALUES (?)", ((number,) for number in nodes))
    told = db.execute(
        "SELECT c.parent, c.line FROM asked a JOIN children c ON c.parent = a.parent ORDER BY c.rowid"
    )
    for parent, line in told:
        nodes[parent].append(orjson.loads(line))
    for row in rows:
        row[name] = {"nodes": nodes[int(number_of(row["id"]))]}
