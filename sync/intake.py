"""Taking in one stream: batches gather in a staging table, then rows, quarantine and bookmark are stored in
one transaction, as sets.

Gathering keeps the cost straight: each store step reads the ids of the whole table once, whatever its size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from sync import bookmarks
from sync import intake_sql as sql
from sync.keys import HashKey
from sync.model import Normalised
from sync.store import Store
from sync.streams import Stream
from sync.tables import ORDER_LINES, QUARANTINED, REFUNDS
from sync.tombstones import Tombstones, record_line

_SEQ = pa.field("seq", pa.int64())
_FORGOTTEN = pa.schema([("id", pa.string()), ("key", pa.string()), ("gone", pa.bool_())])


@dataclass(frozen=True, slots=True)
class StreamCount:
    """What became of the distinct ids of one stream in one run:
    fetched = inserted + updated + unchanged + quarantined. `deleted` of them were newly found deleted;
    `forgotten` of the unchanged ones are not stored, because a tombstone keeps them out."""

    fetched: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    deleted: int = 0
    forgotten: int = 0


@dataclass(slots=True)
class Intake:
    """The staging of one stream of one account in one run. `key` hashes the ids of forgotten rows."""

    store: Store
    platform: str
    account: str
    name: str
    stream: Stream
    run_id: str
    key: HashKey
    staged: int = 0
    _seq: int = 0
    _bookmark: datetime | None = None
    _tables: dict[str, str] = field(default_factory=dict)

    def _open(self) -> None:
        """Make the staging tables, once there is something to stage: most streams of a night have no row."""
        if self._tables:
            return
        for kind, schema in self._schemas().items():
            self._tables[kind] = self.store.temp_name(f"staged_{kind}")
            empty = schema.append(_SEQ).empty_table()
            self._from_arrow(f"CREATE TEMP TABLE {self._tables[kind]} AS SELECT * FROM arriving", empty)
        seen = self._tables["seen"] = self.store.temp_name("seen")
        shape = "id VARCHAR, seq BIGINT, outcome VARCHAR, deleted BOOLEAN"
        self.store.con.execute(f"CREATE TEMP TABLE {seen} ({shape})")

    def add(self, batch: Normalised) -> None:
        """Stage the rows of one batch."""
        main: Sequence[Any] = getattr(batch, self.stream.table)
        if main or batch.bad or batch.forgotten or batch.gone:
            self._open()
        numbers = self._stage("main", main)
        for kind, parts in (("refunds", batch.refunds), ("lines", batch.lines)):
            told = [(row, seq) for rows, seq in zip(parts, numbers, strict=False) for row in rows]
            self._stage(kind, [row for row, _ in told], [seq for _, seq in told])
        self._stage("bad", batch.bad)
        kept_out = [
            (one, gone) for ids, gone in ((batch.forgotten, False), (batch.gone, True)) for one in ids
        ]
        self._stage("forgotten", [(one, self._line(one), gone) for one, gone in kept_out])
        self.staged += len(main) + len(batch.bad) + len(kept_out)

    def reach(self, bookmark: datetime | None) -> None:
        """Once what is staged is stored, the stream has been read up to `bookmark`."""
        self._bookmark = bookmark or self._bookmark

    def save(self) -> None:
        """Store what is staged and the bookmark, together or not at all."""
        with self.store.transaction():
            if self.staged:
                self._merge()
                self._quarantine()
                self._bury()
            if self._bookmark is not None:
                bookmarks.put(self.store, self.platform, self.account, self.name, self._bookmark)
        for kind in self._schemas() if self.staged else ():
            self.store.con.execute(f"DELETE FROM {self._tables[kind]}")
        self.staged = 0
        self._bookmark = None

    def close(self) -> StreamCount:
        """Count what was seen and give back the staging tables."""
        if not self._tables:
            return StreamCount()
        found = self.store.rows(sql.COUNT.format(**self._tables))
        for table in self._tables.values():
            self.store.con.execute(f"DROP TABLE {table}")
        return StreamCount(*(int(count) for count in found[0]))

    def drop_old_tombs(self, tombstones: Tombstones) -> None:
        """Take out of the forgotten rows of this stream those that no tombstone names any more."""
        table = pa.table({"key": pa.array(tombstones.records, pa.string())})
        self._from_arrow(
            """DELETE FROM forgotten WHERE platform = ? AND account = ? AND stream = ?
            AND key NOT IN (SELECT key FROM arriving)""",
            table,
            self._of,
        )

    @property
    def _of(self) -> list[str]:
        return [self.platform, self.account, self.name]

    def _schemas(self) -> Mapping[str, pa.Schema]:
        main = sql.SCHEMAS[self.stream.table]
        told = {"refunds": REFUNDS, "lines": ORDER_LINES} if self.stream.table == "orders" else {}
        return {"main": main, **told, "bad": QUARANTINED, "forgotten": _FORGOTTEN}

    def _line(self, record_id: str) -> str:
        return record_line(self.key, self.platform, self.account, record_id)

    def _stage(self, kind: str, rows: Sequence[Any], seq: Sequence[int] | None = None) -> Sequence[int]:
        """Stage rows under the given numbers, else under the next ones; gives the numbers back."""
        if seq is None:
            seq = range(self._seq, self._seq + len(rows))
            self._seq += len(rows)
        if rows:
            schema = self._schemas()[kind]
            columns = [
                pa.array(cells, type=column.type)
                for cells, column in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            table = pa.table([*columns, pa.array(seq, pa.int64())], schema=schema.append(_SEQ))
            self._from_arrow(f"INSERT INTO {self._tables[kind]} SELECT * FROM arriving", table)
        return seq

    def _from_arrow(self, statement: str, table: pa.Table, given: Sequence[Any] = ()) -> None:
        self.store.con.register("arriving", table)
        try:
            self.store.con.execute(statement, given)
        finally:
            self.store.con.unregister("arriving")

    def _merge(self) -> None:
        con = self.store.con
        con.execute(sql.latest(self.stream.table, self._tables["main"]))
        merged = con.sql(sql.merge(self.stream)).to_arrow_table()
        self._from_arrow("CREATE OR REPLACE TEMP TABLE merged AS SELECT * FROM arriving", merged)
        con.execute(sql.stamp(self.stream))
        con.execute(sql.SEEN.format(**self._tables))
        if self.stream.table == "orders":
            for statement in (sql.DROP_REFUNDS, sql.ADD_REFUNDS, sql.DROP_LINES, sql.ADD_LINES):
                con.execute(statement.format(**self._tables))

    def _quarantine(self) -> None:
        self.store.con.execute(sql.CURED.format(**self._tables), self._of)
        self.store.con.execute(sql.WORST.format(**self._tables))
        self.store.con.execute(sql.KNOWN_BAD, [self.run_id, *self._of])
        self.store.con.execute(sql.NEW_BAD, [*self._of, self.run_id, self.run_id, *self._of])
        self.store.con.execute(sql.SEEN_BAD.format(**self._tables))
        if self.stream.table == "orders" and self.store.rows("SELECT 1 FROM worst LIMIT 1"):
            for statement in sql.REFUSE:
                self.store.con.execute(statement.format(**self._tables), self._of[:2])

    def _bury(self) -> None:
        if not self.store.rows(f"SELECT 1 FROM {self._tables['forgotten']} LIMIT 1"):
            return
        for statement in (sql.OLD_TOMBS, sql.NEW_TOMBS):
            self.store.con.execute(statement.format(**self._tables), self._of)
        self.store.con.execute(sql.bury(self.stream).format(**self._tables), self._of[:2])
        self.store.con.execute(sql.SEEN_TOMBS.format(**self._tables))
