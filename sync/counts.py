"""What the store holds, for the balance sheet: live rows, rows set apart, orders of nobody; and the sweep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import pyarrow as pa

from connectors.base import Platform
from sync.store import Store
from sync.streams import STREAMS, Stream


def live(store: Store, platform: Platform, account: str, stream: str) -> int:
    """Rows of a stream that are stored and not deleted."""
    kind = STREAMS[platform, stream]
    ((count,),) = store.rows(
        f"SELECT count(*) FROM {kind.table} WHERE NOT deleted AND {_of(kind)}", platform, account
    )
    return int(count)


def apart(store: Store, platform: Platform, account: str, stream: str) -> int:
    """Rows of a stream that are in quarantine and not stored in an earlier, good form."""
    kind = STREAMS[platform, stream]
    ((count,),) = store.rows(
        f"""SELECT count(*) FROM quarantine WHERE platform = ? AND account = ? AND stream = ?
        AND id NOT IN (SELECT id FROM {kind.table} WHERE NOT deleted AND {_of(kind)})""",
        platform,
        account,
        stream,
        platform,
        account,
    )
    return int(count)


def moved(store: Store, platform: Platform, account: str, stream: str, since: datetime) -> int:
    """Stored rows of a stream that came or went on the platform at `since` or later.

    A row that merely changed is none of them: no count changes with it.
    """
    kind = STREAMS[platform, stream]
    ((count,),) = store.rows(
        f"""SELECT count(*) FROM {kind.table}
        WHERE CASE WHEN deleted THEN updated_at ELSE created_at END >= ? AND {_of(kind)}""",
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
    ((records,),) = store.rows("SELECT count(*) FROM records WHERE NOT deleted")
    ((members,),) = store.rows(
        "SELECT count(*) FROM members JOIN records USING (platform, account, object, id) WHERE NOT deleted"
    )
    return int(records), int(members)


def sweep(
    store: Store, platform: Platform, account: str, stream: str, ids: Iterable[Sequence[str]]
) -> tuple[int, int]:
    """Mark stored rows deleted that the platform no longer has, and forget their keys.

    `ids` yields the id of every live row of the platform, in batches. Gives back how many rows were marked,
    and how many ids of the platform the store does not have.
    """
    kind = STREAMS[platform, stream]
    known = store.temp_name("swept")
    store.con.execute(f"CREATE TEMP TABLE {known} (id VARCHAR)")
    for batch in ids:
        store.con.register("arriving", pa.table({"id": pa.array(batch, pa.string())}))
        store.con.execute(f"INSERT INTO {known} SELECT id FROM arriving")
        store.con.unregister("arriving")
    with store.transaction():
        marked = _mark(store, kind, known, platform, account)
        store.con.execute(
            f"""DELETE FROM quarantine WHERE platform = ? AND account = ? AND stream = ?
            AND id NOT IN (SELECT id FROM {known})""",
            [platform, account, stream],
        )
    ((missing,),) = store.rows(
        f"""SELECT count(DISTINCT id) FROM {known} WHERE id NOT IN (
            SELECT id FROM {kind.table} WHERE NOT deleted AND {_of(kind)})
        AND id NOT IN (SELECT id FROM quarantine WHERE platform = ? AND account = ? AND stream = ?)""",
        platform,
        account,
        platform,
        account,
        stream,
    )
    store.con.execute(f"DROP TABLE {known}")
    return marked, int(missing)


def _mark(store: Store, kind: Stream, known: str, platform: str, account: str) -> int:
    cleared = "deleted = true, row_hash = NULL, email_key = NULL, phone_key = NULL"
    if kind.table == "records":
        cleared += ", ours = '{}', referral_code = NULL, linked_id = NULL"
    ((count,),) = store.rows(
        f"""UPDATE {kind.table} SET {cleared}
        WHERE NOT deleted AND {_of(kind)} AND id NOT IN (SELECT id FROM {known})""",
        platform,
        account,
    )
    if kind.table == "orders":
        # A refund goes with the row that told of it: on Salesforce that is an order of its own.
        store.con.execute(
            f"""DELETE FROM refunds WHERE platform = ? AND account = ?
            AND source_id NOT IN (SELECT id FROM {known})""",
            [platform, account],
        )
    return int(count)


def _of(kind: Stream) -> str:
    """The rows of a stream in its table; wants platform and account as parameters."""
    wanted = "platform = ? AND account = ?"
    return f"{wanted} AND object = '{kind.object}'" if kind.object else wanted
