"""Streams that the settings no longer name: what was read of them must not count for ever."""

from __future__ import annotations

from collections.abc import Collection

from connectors.base import Platform
from sync import bookmarks
from sync.store import Store
from sync.streams import STREAMS

_NAMED = ("bookmarks", "quarantine", "forgotten")


def drop_streams(store: Store, platform: Platform, account: str, wanted: Collection[str]) -> tuple[str, ...]:
    """Forget the purchases of an account that were read from streams outside `wanted`; gives those streams.

    A row does not tell which stream brought it, so all purchases of the account go: whoever reads others
    from now on reads them from the beginning.
    """
    known = bookmarks.all_of(store, platform, account)
    gone = tuple(stream for stream in known if stream not in wanted)
    tables = {STREAMS[platform, stream].table for stream in gone}
    with store.transaction():
        for stream in gone:
            for table in _NAMED:
                store.con.execute(
                    f"DELETE FROM {table} WHERE platform = ? AND account = ? AND stream = ?",
                    [platform, account, stream],
                )
        if "orders" in tables:
            for table in ("orders", "refunds", "order_lines", "roles"):
                store.con.execute(
                    f"DELETE FROM {table} WHERE platform = ? AND account = ?", [platform, account]
                )
        for stream in gone:
            for name in STREAMS[platform, stream].objects if "touches" in tables else ():
                store.con.execute(
                    "DELETE FROM touches WHERE platform = ? AND account = ? AND object = ?",
                    [platform, account, name],
                )
    return gone
