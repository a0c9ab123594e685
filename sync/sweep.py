"""The sweep: the ids that a platform has now, laid beside the store.

What vanished is marked deleted and forgets whose it was; what was emptied on the platform (a redacted
customer) forgets it too; an order that names another customer than before goes over to that one. A shop
tells of no merge: a customer that vanished while all its orders went to one other was merged into that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from connectors.base import Platform, Swept
from sync import merges
from sync.counts import rows_of
from sync.merges import NOBODY as NOBODY_ANY_MORE
from sync.merges import SOMEBODY, UNLINKED
from sync.store import Store
from sync.streams import STREAMS, Stream
from sync.tombstones import NOBODY, Tombstones, record_line

Rows = Iterable[Sequence[Swept]]

_GONE = {
    "records": f"{NOBODY_ANY_MORE}, {UNLINKED}, ours = '{{}}', referral_codes = []",
    "orders": "email_key = NULL, phone_key = NULL",
    "roles": "contact_id = NULL",
    "touches": "record_id = NULL, opportunity_id = NULL, order_id = NULL, value = NULL",
}
"""What a vanished row forgets, by table."""


_FORGET_KEYS = """
UPDATE orders SET email_key = NULL, phone_key = NULL
WHERE (email_key IS NOT NULL OR phone_key IS NOT NULL) AND platform = ? AND account = ?
    AND record_id IN ({whose})"""


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep changed: rows marked deleted (`merged` of them into another record), records emptied,
    orders that went over to another record; and `missing`, ids of the platform that the store lacks."""

    deleted: int
    merged: int
    blanked: int
    moved: int
    missing: int


@dataclass(frozen=True, slots=True)
class _Place:
    """One stream of one account, and the temporary table of what the platform has of it."""

    store: Store
    kind: Stream
    platform: Platform
    account: str
    stream: str
    seen: str

    @property
    def rows(self) -> str:
        """The condition for the stream's rows in its table; wants `at` as parameters."""
        return rows_of(self.kind)

    @property
    def at(self) -> tuple[Platform, str]:
        """Platform and account."""
        return self.platform, self.account


def sweep(
    store: Store,
    platform: Platform,
    account: str,
    stream: str,
    rows: Rows,
    *,
    orders: Callable[[], Rows] | None = None,
    tombstones: Tombstones = NOBODY,
) -> SweepResult:
    """Make the store's rows of `stream` agree with `rows`, every live row of the platform, in batches.

    `orders` is asked for the platform's orders only where a vanished record still has some in the store:
    only they tell whether it was merged. `tombstones` keep their rows out. Everything is stored together or
    not at all, so that a killed sweep is simply made again.
    """
    place = _Place(store, STREAMS[platform, stream], platform, account, stream, _staged(store, rows))
    followed = _staged(store, orders()) if orders and _vanished_with_orders(place) else None
    with store.transaction():
        merged = moved = 0
        if followed:
            merged = merges.into_others(
                store, place.kind, platform, account, seen=place.seen, followed=followed
            )
            moved = _move(place, followed, tombstones)
        if place.kind.table == "orders":
            moved = _move(place, place.seen, tombstones)
        deleted = _mark(place)
        _tidy(place)
        blanked = _empty(place) if place.kind.table == "records" else 0
        missing = _keep_out(place, tombstones)
    for table in filter(None, (place.seen, followed)):
        store.con.execute(f"DROP TABLE {table}")
    return SweepResult(deleted + merged, merged, blanked, moved, missing)


def _staged(store: Store, rows: Rows) -> str:
    """The platform's rows in a temporary table."""
    table = store.temp_name("swept")
    store.con.execute(f"CREATE TEMP TABLE {table} (id VARCHAR, blank BOOLEAN, owner VARCHAR)")
    for batch in rows:
        if batch:
            ids, blanks, owners = zip(*batch, strict=True)
            kinds = (pa.string(), pa.bool_(), pa.string())
            columns = [pa.array(c, k) for c, k in zip((ids, blanks, owners), kinds, strict=True)]
            store.con.register("arriving", pa.table(columns, names=["id", "blank", "owner"]))
            try:
                store.con.execute(f"INSERT INTO {table} SELECT * FROM arriving")
            finally:
                store.con.unregister("arriving")
    return table


def _vanished_with_orders(place: _Place) -> bool:
    ((found,),) = place.store.rows(
        f"""SELECT EXISTS (FROM orders WHERE NOT deleted AND platform = ? AND account = ? AND record_id IN (
            SELECT id FROM records WHERE NOT deleted AND {place.rows}
            AND id NOT IN (SELECT id FROM {place.seen})))""",
        *place.at * 2,
    )
    return bool(found)


_ELSEWHERE = """
    o.platform = ? AND o.account = ? AND NOT o.deleted AND f.id = o.id
    AND f.owner IS NOT NULL AND f.owner IS DISTINCT FROM o.record_id"""


def _move(place: _Place, followed: str, tombstones: Tombstones) -> int:
    """Let orders belong to whom they name now, unless that one is forgotten."""
    owners = place.store.rows(
        f"SELECT DISTINCT f.owner FROM orders o, {followed} f WHERE {_ELSEWHERE}", *place.at
    )
    kept_out = [owner for (owner,) in owners if tombstones.has_record(*place.at, owner)]
    ((count,),) = place.store.rows(
        f"""UPDATE orders o SET record_id = f.owner, row_hash = NULL FROM {followed} f
        WHERE {_ELSEWHERE} AND NOT list_contains(?, f.owner)""",
        *place.at,
        kept_out,
    )
    return int(count)


def _mark(place: _Place) -> int:
    ((count,),) = place.store.rows(
        f"""UPDATE {place.kind.table} SET deleted = true, row_hash = NULL, {_GONE[place.kind.table]}
        WHERE NOT deleted AND {place.rows} AND id NOT IN (SELECT id FROM {place.seen})""",
        *place.at,
    )
    return int(count)


def _empty(place: _Place) -> int:
    """Records that the platform has emptied forget whose they were, and so do their orders.

    One without keys was read as empty: it keeps its hash, or every full read would give its names back.
    """
    store, blank = place.store, f"(SELECT id FROM {place.seen} WHERE blank)"
    ((count,),) = store.rows(
        f"""UPDATE records SET {NOBODY_ANY_MORE},
            row_hash = CASE WHEN email_key IS NULL AND phone_key IS NULL THEN row_hash END
        WHERE NOT deleted AND {SOMEBODY} AND {place.rows} AND id IN {blank}""",
        *place.at,
    )
    store.con.execute(_FORGET_KEYS.format(whose=f"FROM {blank}"), place.at)
    merges.settle(store, place.kind, *place.at, blank=blank)
    return int(count)


def _keep_out(place: _Place, tombstones: Tombstones) -> int:
    """Note which of the platform's rows a tombstone keeps out; tells how many others the store lacks."""
    store, key = place.store, [*place.at, place.stream]
    unknown = store.rows(
        f"""SELECT DISTINCT id FROM {place.seen} WHERE id NOT IN (
            SELECT id FROM {place.kind.table} WHERE NOT deleted AND {place.rows})
        AND id NOT IN (SELECT id FROM quarantine WHERE platform = ? AND account = ? AND stream = ?)""",
        *place.at,
        *key,
    )
    lines = [
        record_line(tombstones.key, *place.at, one)
        for (one,) in unknown
        if place.kind.table == "records" and tombstones.has_record(*place.at, one)
    ]
    store.con.execute("DELETE FROM forgotten WHERE platform = ? AND account = ? AND stream = ?", key)
    store.con.execute("INSERT INTO forgotten SELECT ?, ?, ?, unnest(?::VARCHAR[])", [*key, lines])
    return len(unknown) - len(lines)


def _tidy(place: _Place) -> None:
    """What is set aside or subtracted goes with the row that told of it."""
    con = place.store.con
    con.execute(
        f"""DELETE FROM quarantine WHERE platform = ? AND account = ? AND stream = ?
        AND id NOT IN (SELECT id FROM {place.seen})""",
        [*place.at, place.stream],
    )
    if place.kind.table == "orders":
        # On Salesforce a refund is told of by an order of its own.
        con.execute(
            f"""DELETE FROM refunds WHERE platform = ? AND account = ?
            AND source_id NOT IN (SELECT id FROM {place.seen})""",
            place.at,
        )
        con.execute(
            f"""DELETE FROM order_lines WHERE platform = ? AND account = ?
            AND order_id NOT IN (SELECT id FROM {place.seen})""",
            place.at,
        )
