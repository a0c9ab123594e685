"""What the store holds, for the balance sheet: live rows, rows set apart or kept out, orders of nobody."""

from __future__ import annotations

from datetime import datetime

from connectors.base import Platform
from sync.store import Store
from sync.streams import STREAMS, Stream


def live(store: Store, platform: Platform, account: str, stream: str) -> int:
    """Rows of a stream that are stored and not deleted."""
    kind = STREAMS[platform, stream]
    ((count,),) = store.rows(
        f"SELECT count(*) FROM {kind.table} WHERE NOT deleted AND {rows_of(kind)}", platform, account
    )
    return int(count)


def apart(store: Store, platform: Platform, account: str, stream: str) -> int:
    """Rows of a stream that are in quarantine and not stored in an earlier, good form."""
    kind = STREAMS[platform, stream]
    ((count,),) = store.rows(
        f"""SELECT count(*) FROM quarantine WHERE platform = ? AND account = ? AND stream = ?
        AND id NOT IN (SELECT id FROM {kind.table} WHERE NOT deleted AND {rows_of(kind)})""",
        platform,
        account,
        stream,
        platform,
        account,
    )
    return int(count)


def forgotten(store: Store, platform: Platform, account: str, stream: str) -> int:
    """Rows of a stream that the platform still has and a tombstone keeps out."""
    ((count,),) = store.rows(
        "SELECT count(*) FROM forgotten WHERE platform = ? AND account = ? AND stream = ?",
        platform,
        account,
        stream,
    )
    return int(count)


def moved(store: Store, platform: Platform, account: str, stream: str, since: datetime) -> int:
    """Stored rows of a stream that came or went on the platform at `since` or later.

    A row that merely changed is none of them: no count changes with it.
    """
    kind = STREAMS[platform, stream]
    # Nothing says when a role was made; that it changed is the nearest thing.
    came_at = "updated_at" if kind.table == "roles" else "created_at"
    ((count,),) = store.rows(
        f"""SELECT count(*) FROM {kind.table}
        WHERE CASE WHEN deleted THEN updated_at ELSE {came_at} END >= ? AND {rows_of(kind)}""",
        since,
        platform,
        account,
    )
    return int(count)


def unattributed(store: Store) -> int:
    """Live orders that belong to nobody, after `frames.refresh`."""
    ((count,),) = store.rows("SELECT count(*) FROM order_owners WHERE id IS NULL")
    return int(count)


def records_and_members(store: Store) -> tuple[int, int]:
    """Live records, and memberships of live records in persons: equal when each has exactly one person."""
    ((records,),) = store.rows("SELECT count(*) FROM live_records")
    ((members,),) = store.rows(
        "SELECT count(*) FROM members JOIN live_records USING (platform, account, object, id)"
    )
    return int(records), int(members)


def rows_of(kind: Stream) -> str:
    """The condition for a stream's rows in its table; wants platform and account as parameters."""
    wanted = "platform = ? AND account = ?"
    if not kind.objects:
        return wanted
    names = ", ".join(f"'{name}'" for name in kind.objects)
    return f"{wanted} AND object IN ({names})"
