"""The store: one DuckDB file, opened by one run at a time, readable by its owner only."""

from __future__ import annotations

import itertools
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
from filelock import FileLock, Timeout

from sync import renewal, runfile
from sync.errors import StoreBusy, StoreUnusable
from sync.keys import HashKey
from sync.migrate import migrate
from sync.tables import DDL, SCHEMA_VERSION

__all__ = ["Store", "StoreBusy", "StoreUnusable", "instant"]


@dataclass(slots=True)
class Store:
    """An open store. `con` is its one connection; `is_new` tells that this opening made the file.

    Use it as a context manager. While it is open, every file this process makes is its owner's only
    (umask 077), since DuckDB makes and removes files beside the store as it pleases.
    """

    path: Path
    con: duckdb.DuckDBPyConnection
    is_new: bool
    _lock: FileLock
    _umask: int
    _room: tuple[str, int]
    _names: Iterator[int] = field(default_factory=itertools.count)

    @classmethod
    def open(
        cls, path: Path, *, memory: str = "600MB", threads: int = 2, store_id: str | None = None
    ) -> Store:
        """Open or make the store at `path`; `store_id` is given to a new one (else it makes its own).

        Raises `StoreBusy` at once if another process holds it, `StoreUnusable` if it cannot be read or was
        made by a newer version.
        """
        umask = os.umask(0o077)
        lock = FileLock(f"{path}.lock", mode=0o600)
        try:
            _acquire(lock, path)
            renewal.drop_copy(path)
            con = _connect(path, memory, threads)
        except BaseException:
            lock.release()
            os.umask(umask)
            raise
        store = cls(path, con, False, lock, umask, (memory, threads))
        try:
            store.is_new = _prepare(con, path, store_id)
        except BaseException:
            store.close()
            raise
        runfile.begin(path)
        return store

    def close(self) -> None:
        """Write everything out and let the next run in; safe to call twice."""
        self.con.close()
        shutil.rmtree(_scratch(self.path), ignore_errors=True)
        if self._lock.is_locked:
            runfile.end(self.path)
            self._lock.release()
            os.umask(self._umask)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is stored together, or not at all."""
        self.con.begin()
        try:
            yield
        except BaseException:
            self.con.rollback()
            raise
        self.con.commit()

    def renew(self) -> None:
        """Write the file anew, so that nothing that was deleted stands in its bytes; temporary tables go.

        Raises `StoreUnusable` where the disk does not allow it: the store stays as it was, and still due.
        """
        self.set_meta(renewal.DUE, "yes")
        try:
            renewal.copy(self.con, self.path)
            self.con.close()
            renewal.put_in_place(self.path)
        except duckdb.OutOfMemoryException:
            raise
        except (duckdb.Error, OSError) as error:
            facts = {"path": str(self.path), "cause": type(error).__name__}
            raise StoreUnusable("store_not_renewed", **facts) from error
        self.con = _connect(self.path, *self._room)
        if self.meta(renewal.DUE):
            raise StoreUnusable("store_broken", path=str(self.path), cause="the old file is still open")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that a query of bounded size returns."""
        return self.con.execute(sql, list(values)).fetchall()

    def meta(self, key: str) -> str | None:
        """One remembered fact about the store itself (`store_id`, `schema_version`, ...)."""
        found = self.rows("SELECT value FROM meta WHERE key = ?", key)
        return found[0][0] if found else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember one fact about the store itself."""
        self.con.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])

    def bind(self, what: str, value: str) -> None:
        """Tie the store to a setting that its rows depend on (reporting currency, ...).

        Raises `StoreUnusable` where the store was made with another value.
        """
        held = self.meta(f"bound:{what}")
        if held is None:
            self.set_meta(f"bound:{what}", value)
        elif held != value:
            facts = {"path": str(self.path), "what": what, "before": held, "now": value}
            raise StoreUnusable("store_other_settings", **facts)

    def bind_key(self, key: HashKey) -> None:
        """Tie the store to its hash key, by a mark that tells nothing of the key; see `bind`."""
        self.bind("hash key", key.of("store", self.meta("store_id") or "")[:8])

    def temp_name(self, prefix: str = "scratch") -> str:
        """A name for a temporary table that nothing else uses."""
        return f"{prefix}_{next(self._names)}"

    def materialise(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """`frame` computed now into a temporary table, which lasts until `release` or the end of the run."""
        name = self.temp_name()
        self.con.execute(f"CREATE TEMP TABLE {name} AS {frame.to_native().sql_query()}")
        return nw.from_native(self.con.table(name))

    def release(self) -> None:
        """Drop every temporary table that `materialise` made."""
        made = self.rows(
            "SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'scratch_')"
        )
        for (name,) in made:
            self.con.execute(f"DROP TABLE {name}")


def instant(microseconds: int) -> datetime:
    """The UTC datetime of DuckDB's `epoch_us`; its own datetimes would need a package we do without."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _acquire(lock: FileLock, path: Path) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout as busy:
        held = runfile.read(path)
        raise StoreBusy(path, held.get("pid"), held.get("since")) from busy
    except OSError as error:
        raise StoreUnusable("store_broken", path=str(path), cause=type(error).__name__) from error


def _scratch(path: Path) -> Path:
    return path.with_name(f"{path.name}.tmp")


def _connect(path: Path, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    scratch = _scratch(path)
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed run left
    scratch.mkdir(mode=0o700)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "threads": threads,
        "preserve_insertion_order": False,
        "temp_directory": str(scratch),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        con = duckdb.connect(str(path), config=settings)
    except duckdb.Error as error:
        raise StoreUnusable("store_broken", path=str(path), cause=type(error).__name__) from error
    con.execute("SET enable_progress_bar = false")
    con.execute("SET TimeZone = 'UTC'")  # else casts of instants depend on the machine
    return con


def _prepare(con: duckdb.DuckDBPyConnection, path: Path, store_id: str | None) -> bool:
    """Make the tables if there are none, True if so; those of an earlier version are brought up to date.

    Raises `StoreUnusable` for a newer schema.
    """
    known = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'meta' AND NOT temporary")
    if known.fetchall() == [(1,)]:
        ((found,),) = con.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchall()
        if int(found) > SCHEMA_VERSION:
            raise StoreUnusable("store_too_new", path=str(path), found=found, known=str(SCHEMA_VERSION))
        _bring_up_to_date(con, path, int(found))
        return False
    con.begin()
    for statement in DDL:
        con.execute(statement)
    facts = {"schema_version": str(SCHEMA_VERSION), "store_id": store_id or str(uuid.uuid4())}
    con.executemany("INSERT INTO meta VALUES (?, ?)", [list(fact) for fact in facts.items()])
    con.commit()
    return True


def _bring_up_to_date(con: duckdb.DuckDBPyConnection, path: Path, found: int) -> None:
    try:
        migrate(con, found)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise StoreUnusable("store_broken", path=str(path), cause=type(error).__name__) from error
