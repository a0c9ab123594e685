"""Taking in one stream: batches gather in a staging table, then rows, quarantine and bookmark are stored in
one transaction, as sets.

Gathering keeps the cost straight: each store step reads the ids of the whole table once, whatever its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from sync import bookmarks
from sync.model import Normalised
from sync.store import Store
from sync.streams import Stream
from sync.tables import ORDERS, QUARANTINED, RECORDS, REFUNDS

_SEQ = pa.field("seq", pa.int64())


@dataclass(frozen=True, slots=True)
class StreamCount:
    """What became of the distinct ids of one stream in one run:
    fetched = inserted + updated + unchanged + quarantined. `deleted` of them were newly found deleted."""

    fetched: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    deleted: int = 0


@dataclass(slots=True)
class Intake:
    """The staging of one stream of one account in one run."""

    store: Store
    platform: str
    account: str
    name: str
    stream: Stream
    run_id: str
    staged: int = 0
    _seq: int = 0
    _bookmark: datetime | None = None
    _tables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        main = RECORDS if self.stream.table == "records" else ORDERS
        kept = {"main": main, "refunds": REFUNDS, "bad": QUARANTINED}
        for kind, schema in kept.items():
            self._tables[kind] = self.store.temp_name(f"staged_{kind}")
            empty = schema.append(_SEQ).empty_table()
            self._from_arrow(f"CREATE TEMP TABLE {self._tables[kind]} AS SELECT * FROM arriving", empty)
        seen = self._tables["seen"] = self.store.temp_name("seen")
        shape = "id VARCHAR, seq BIGINT, outcome VARCHAR, deleted BOOLEAN"
        self.store.con.execute(f"CREATE TEMP TABLE {seen} ({shape})")

    def add(self, batch: Normalised) -> None:
        """Stage the rows of one batch."""
        main = batch.records if self.stream.table == "records" else batch.orders
        schema = RECORDS if self.stream.table == "records" else ORDERS
        numbers = range(self._seq, self._seq + len(main))
        self._stage("main", main, schema, numbers)
        refunds = [(row, seq) for rows, seq in zip(batch.refunds, numbers, strict=False) for row in rows]
        self._stage("refunds", [row for row, _ in refunds], REFUNDS, [seq for _, seq in refunds])
        self._seq += len(main)
        if batch.bad:
            self._stage("bad", batch.bad, QUARANTINED, range(self._seq, self._seq + len(batch.bad)))
            self._seq += len(batch.bad)
        self.staged += len(main) + len(batch.bad)

    def reach(self, bookmark: datetime | None) -> None:
        """Once what is staged is stored, the stream has been read up to `bookmark`."""
        self._bookmark = bookmark or self._bookmark

    def save(self) -> None:
        """Store what is staged and the bookmark, together or not at all."""
        with self.store.transaction():
            if self.staged:
                self._merge()
                self._quarantine()
            if self._bookmark is not None:
                bookmarks.put(self.store, self.platform, self.account, self.name, self._bookmark)
        for kind in ("main", "refunds", "bad"):
            self.store.con.execute(f"DELETE FROM {self._tables[kind]}")
        self.staged = 0
        self._bookmark = None

    def close(self) -> StreamCount:
        """Count what was seen and give back the staging tables."""
        found = self.store.rows(_COUNT.format(**self._tables))
        for table in self._tables.values():
            self.store.con.execute(f"DROP TABLE {table}")
        return StreamCount(*(int(count) for count in found[0]))

    def _stage(self, kind: str, rows: Sequence[Any], schema: pa.Schema, seq: Sequence[int]) -> None:
        if not rows:
            return
        columns = [pa.array(c, type=f.type) for c, f in zip(zip(*rows, strict=True), schema, strict=True)]
        table = pa.table([*columns, pa.array(seq, pa.int64())], schema=schema.append(_SEQ))
        self._from_arrow(f"INSERT INTO {self._tables[kind]} SELECT * FROM arriving", table)

    def _from_arrow(self, sql: str, table: pa.Table) -> None:
        self.store.con.register("arriving", table)
        try:
            self.store.con.execute(sql)
        finally:
            self.store.con.unregister("arriving")

    def _merge(self) -> None:
        con = self.store.con
        con.execute(_latest(self.stream.table, self._tables["main"]))
        merged = con.sql(_merge_sql(self.stream.table)).to_arrow_table()
        self._from_arrow("CREATE OR REPLACE TEMP TABLE merged AS SELECT * FROM arriving", merged)
        con.execute(_STAMP.format(table=self.stream.table))
        con.execute(_SEEN.format(**self._tables))
        if self.stream.table == "orders":
            con.execute(_DROP_REFUNDS)
            con.execute(_ADD_REFUNDS.format(**self._tables))

    def _quarantine(self) -> None:
        key = [self.platform, self.account, self.name]
        self.store.con.execute(_CURED, key)
        self.store.con.execute(_WORST.format(**self._tables))
        self.store.con.execute(_KNOWN_BAD, [self.run_id, *key])
        self.store.con.execute(_NEW_BAD, [*key, self.run_id, self.run_id, *key])
        self.store.con.execute(_SEEN_BAD.format(**self._tables))


def _columns(table: str) -> list[str]:
    schema = RECORDS if table == "records" else ORDERS
    return [name for name in schema.names if name != "detail"]


def _latest(table: str, staged: str) -> str:
    """The last arrival of each staged id, with a hash of all that the platform says of it.

    A stamp that moved alone is no change: our own writes may move it.
    """
    apart = ("ours", "updated_at")
    hashed = [name for name in _columns(table) if name not in apart] + ["detail"] * (table == "orders")
    packed = ", ".join(f"{name} := {name}" for name in hashed)
    return f"""
        CREATE OR REPLACE TEMP TABLE latest AS
        SELECT *, md5_number(to_json(struct_pack({packed}))) AS row_hash FROM {staged}
        QUALIFY row_number() OVER (PARTITION BY id ORDER BY seq DESC) = 1"""


def _merge_sql(table: str) -> str:
    names = [*_columns(table), "row_hash"]
    differs = "t.row_hash IS DISTINCT FROM s.row_hash"
    if table == "records":
        differs += " OR t.ours IS DISTINCT FROM s.ours"
    same = " AND ".join(
        f"t.{k} = s.{k}" for k in ("id", "account", "platform") + ("object",) * (table == "records")
    )
    return f"""
        MERGE INTO {table} t USING latest s ON {same}
        WHEN MATCHED AND ({differs}) THEN UPDATE SET {", ".join(f"{n} = s.{n}" for n in names)}
        WHEN NOT MATCHED THEN INSERT ({", ".join(names)}) VALUES ({", ".join(f"s.{n}" for n in names)})
        RETURNING merge_action AS action, platform, account, id, deleted"""


_STAMP = """
    UPDATE {table} t SET updated_at = l.updated_at FROM latest l
    WHERE t.id = l.id AND t.account = l.account AND t.platform = l.platform
        AND t.updated_at IS DISTINCT FROM l.updated_at"""
_SEEN = """
    INSERT INTO {seen}
    SELECT id, l.seq, coalesce(m.action, 'UNCHANGED'), coalesce(m.deleted, false)
    FROM latest l LEFT JOIN merged m USING (id)"""
_DROP_REFUNDS = """
    DELETE FROM refunds r USING merged m
    WHERE r.source_id = m.id AND r.account = m.account AND r.platform = m.platform"""
_ADD_REFUNDS = """
    INSERT INTO refunds BY NAME
    SELECT r.* EXCLUDE (seq) FROM {refunds} r
    JOIN latest l ON l.id = r.source_id AND l.seq = r.seq JOIN merged m ON m.id = l.id"""
_WORST = """
    CREATE OR REPLACE TEMP TABLE worst AS
    SELECT b.* FROM {bad} b LEFT JOIN latest l USING (id) WHERE l.seq IS NULL OR l.seq < b.seq
    QUALIFY row_number() OVER (PARTITION BY b.id ORDER BY b.seq DESC) = 1"""
_CURED = """
    DELETE FROM quarantine WHERE platform = ? AND account = ? AND stream = ?
    AND id IN (SELECT id FROM latest)"""
_KNOWN_BAD = """
    UPDATE quarantine q SET seen_run = ?, field = w.field, cause = w.cause,
        acknowledged = q.acknowledged AND q.field = w.field AND q.cause = w.cause
    FROM worst w WHERE q.platform = ? AND q.account = ? AND q.stream = ? AND q.id = w.id"""
_NEW_BAD = """
    INSERT INTO quarantine
    SELECT ?, ?, ?, id, field, cause, ?, ?, false FROM worst WHERE id NOT IN (
        SELECT id FROM quarantine WHERE platform = ? AND account = ? AND stream = ?)"""
_SEEN_BAD = "INSERT INTO {seen} SELECT id, seq, 'QUARANTINED', false FROM worst"
_COUNT = """
    WITH per_id AS (
        SELECT CASE
            WHEN arg_max(outcome, seq) = 'QUARANTINED' THEN 'QUARANTINED'
            WHEN bool_or(outcome = 'INSERT') THEN 'INSERT'
            WHEN bool_or(outcome = 'UPDATE') THEN 'UPDATE'
            WHEN bool_or(outcome = 'UNCHANGED') THEN 'UNCHANGED' END AS outcome,
            arg_max(deleted, seq) AS deleted
        FROM {seen} GROUP BY id)
    SELECT count(*), count(*) FILTER (outcome = 'INSERT'), count(*) FILTER (outcome = 'UPDATE'),
        count(*) FILTER (outcome = 'UNCHANGED'), count(*) FILTER (outcome = 'QUARANTINED'),
        count(*) FILTER (deleted)
    FROM per_id"""
