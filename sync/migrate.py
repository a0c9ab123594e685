"""Bringing a store that an earlier version made to the tables of this one.

Every row is read anew afterwards, so that what was never stored before is filled in; until then old rows
say the most harmless thing. What no platform can tell again stays: persons and their ids, members, writes,
runs.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from sync.tables import DDL, ORDERS, RECORDS, SCHEMA_VERSION

_REMADE = {
    1: ("refunds", "match_review", "shop_scores", "tombstones"),
    2: ("shop_scores",),
    3: ("touches",),
    4: ("touches",),
}
"""Tables that each earlier version made differently, and that hold nothing but what can be told anew."""
_COUNTED = ("scores", "attributions")
"""Made whole by every run, with the columns of its version."""
_KEPT = {"records": RECORDS, "orders": ORDERS}
_BLANKS = {pa.bool_(): "false", pa.list_(pa.string()): "[]"}


def migrate(con: duckdb.DuckDBPyConnection, found: int) -> None:
    """Take a store of version `found` to `SCHEMA_VERSION` in one transaction; nothing if that is it already.

    Raises `duckdb.Error` where the tables are not those of that version: they stay as they were.
    """
    if found == SCHEMA_VERSION:
        return
    con.begin()
    try:
        _make_anew(con, _REMADE[found])
        con.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", [str(SCHEMA_VERSION)])
    except BaseException:
        con.rollback()
        raise
    con.commit()
    # The dropped tables' blocks are free only then: the file does not grow by what it held.
    con.execute("CHECKPOINT")


def _make_anew(con: duckdb.DuckDBPyConnection, remade: Sequence[str]) -> None:
    """What is kept is copied, column by column, into the tables of now."""
    con.execute("DROP VIEW IF EXISTS live_records")
    for table in _COUNTED:
        con.execute(f"DROP TABLE IF EXISTS {table}")
    for table in remade:
        con.execute(f"DROP TABLE {table}")
    for table in _KEPT:
        con.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    _make_missing(con)
    for table, schema in _KEPT.items():
        _copy(con, table, schema)
        con.execute(f"DROP TABLE {table}_before")
    # Without a bookmark a stream is read from the beginning; guests are made anew from the orders.
    con.execute("DELETE FROM bookmarks")
    con.execute("DELETE FROM records WHERE object = 'guest'")


def _make_missing(con: duckdb.DuckDBPyConnection) -> None:
    there = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    for statement in DDL:
        if statement.split()[2] not in there:
            con.execute(statement)


def _copy(con: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema) -> None:
    """The rows of before; a column that is new is blank, without the nulls that no condition is ready for."""
    had = {row[0] for row in con.execute(f"DESCRIBE {table}_before").fetchall()}
    has = {row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()}
    kept = sorted(had & has)
    new = [
        f"{_BLANKS[column.type]} AS {column.name}"
        for column in schema
        if column.name in has - had and column.type in _BLANKS
    ]
    con.execute(f"INSERT INTO {table} BY NAME SELECT {', '.join([*kept, *new])} FROM {table}_before")
