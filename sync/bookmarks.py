"""How far each stream has been read: everything that changed up to that instant is stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sync.store import Store, instant


def of(store: Store, platform: str, account: str, streams: Iterable[str]) -> dict[str, datetime | None]:
    """The bookmark of each of `streams`, None where it was never read."""
    found = store.rows(
        "SELECT stream, epoch_us(reached_at) FROM bookmarks WHERE platform = ? AND account = ?",
        platform,
        account,
    )
    known = {stream: instant(at) for stream, at in found}
    return {stream: known.get(stream) for stream in streams}


def put(store: Store, platform: str, account: str, stream: str, at: datetime) -> None:
    """Set a bookmark; to be called in the transaction that stores the rows."""
    drop(store, platform, account, stream)
    store.con.execute("INSERT INTO bookmarks VALUES (?, ?, ?, ?)", [platform, account, stream, at])


def drop(store: Store, platform: str, account: str, stream: str) -> None:
    """Forget a bookmark, so that the stream is read from the beginning next time."""
    store.con.execute(
        "DELETE FROM bookmarks WHERE platform = ? AND account = ? AND stream = ?", [platform, account, stream]
    )


def accounts(store: Store, platform: str) -> tuple[str, ...]:
    """The accounts of a platform that were ever read, in alphabetical order."""
    rows = store.rows("SELECT DISTINCT account FROM bookmarks WHERE platform = ? ORDER BY account", platform)
    return tuple(account for (account,) in rows)


def all_of(store: Store, platform: str, account: str) -> dict[str, datetime]:
    """Every bookmark of one account, by stream."""
    rows = store.rows(
        """SELECT stream, epoch_us(reached_at) FROM bookmarks
        WHERE platform = ? AND account = ? ORDER BY stream""",
        platform,
        account,
    )
    return {stream: instant(at) for stream, at in rows}
