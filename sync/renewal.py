"""The store's file written anew: what was deleted stays in the old file's blocks, whatever the tables say.

The copy stands beside the store until it is whole and on the disk, and then takes its place in one step. That
it is still to be done is noted in the store; the copy lacks the note, so that a kill at any moment leaves
either the old file with the note or the new one without.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from sync.keyed_lines import sync_folder

DUE = "renewal_due"
"""The key of the note, in table `meta`."""


def copy(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write every table and view of the store at `path` into a file beside it; temporary ones are left."""
    drop_copy(path)
    place = str(_beside(path)).replace("'", "''")
    ((name,),) = con.execute("SELECT current_database()").fetchall()
    con.execute(f"ATTACH '{place}' AS renewed")
    try:
        con.execute(f'COPY FROM DATABASE "{name}" TO renewed')
        con.execute("DELETE FROM renewed.meta WHERE key = ?", [DUE])
        con.execute("CHECKPOINT renewed")
    finally:
        con.execute("DETACH renewed")


def put_in_place(path: Path) -> None:
    """Let the copy take the place of the store, which nobody may have open."""
    beside = _beside(path)
    handle = os.open(beside, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    beside.replace(path)
    sync_folder(path.parent)


def drop_copy(path: Path) -> None:
    """Remove what a killed process has left of a copy."""
    for name in (_beside(path), Path(f"{_beside(path)}.wal")):
        name.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.renewed")
