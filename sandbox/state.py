"""Everything a running sandbox holds: its clock, its database file, its secrets, its faults."""

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sandbox.clock import Clock, stamp_text
from sandbox.config import ScenarioConfig
from sandbox.credentials import Secrets, make_secrets
from sandbox.faults import Faults
from sandbox.request_log import RequestLog

DATABASE = "sandbox.sqlite"


@dataclass(frozen=True)
class Kept:
    """What both platforms of a sandbox held at one moment: a copy of the database file, and the clock."""

    database: Path
    now: datetime


@dataclass
class State:
    """One running sandbox; `create_state` makes it, `close` removes every trace of it."""

    config: ScenarioConfig
    clock: Clock
    folder: Path
    secrets: Secrets
    faults: Faults
    executor: ThreadPoolExecutor
    requests: RequestLog = field(default_factory=RequestLog)
    base_url: str = ""
    """Where the server listens, such as http://127.0.0.1:43211; for links inside answers."""
    write_lock: threading.RLock = field(default_factory=threading.RLock)
    _local: threading.local = field(default_factory=threading.local)
    _open: list[sqlite3.Connection] = field(default_factory=list)

    def connection(self) -> sqlite3.Connection:
        """Give this thread's connection to the database file; rows are `sqlite3.Row`."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = open_database(self.folder / DATABASE)
            self._local.db = db
            self._open.append(db)
        return db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock for one short transaction; it is committed, or rolled back on an exception."""
        with self.write_lock, self.connection() as db:
            yield db

    def stamp(self) -> str:
        """Give the clock's present time as stored text, such as 1998-06-30T16:00:00Z."""
        return stamp_text(self.clock.now())

    def keep(self, database: Path) -> Kept:
        """Copy all rows into a new database file, from which other sandboxes can go on."""
        with self.write_lock, closing(sqlite3.connect(database)) as copy:
            self.connection().backup(copy)
            return Kept(database, self.clock.now())

    def take(self, kept: Kept) -> None:
        """Go on from what another sandbox held; nothing may have been loaded into this one."""
        shutil.copyfile(kept.database, self.folder / DATABASE)
        self.clock.set(kept.now)

    def close(self) -> None:
        """Stop the background jobs, close the database and remove the folder."""
        self.executor.shutdown(wait=True, cancel_futures=True)
        for db in self._open:
            db.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def open_database(path: Path) -> sqlite3.Connection:
    """Open the database file; it dies with the process, so nothing waits for the disk."""
    db = sqlite3.connect(path, timeout=60, check_same_thread=False, cached_statements=512)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("PRAGMA cache_size = -32000")
    return db


def create_state(config: ScenarioConfig) -> State:
    """Make an empty sandbox in a fresh folder that only this user can read."""
    folder = Path(tempfile.mkdtemp(prefix="zaiseki-sandbox-"))
    return State(
        config=config,
        clock=Clock(config.now),
        folder=folder,
        secrets=make_secrets(folder),
        faults=Faults(config.faults),
        executor=ThreadPoolExecutor(max_workers=5, thread_name_prefix="sandbox-job"),
    )
