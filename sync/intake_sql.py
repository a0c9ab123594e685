"""The statements that bring staged rows into the tables of the store, as sets.

They work on the temporary tables that `sync.intake` names, and on two of their own: `latest`, the last
arrival of each staged id, and `merged`, what the store did with it.
"""

from __future__ import annotations

import pyarrow as pa

from sync.edge import REFUSED
from sync.streams import Stream, Table
from sync.tables import ORDERS, RECORDS, ROLES, TOUCHES

SCHEMAS: dict[Table, pa.Schema] = {
    "records": RECORDS,
    "orders": ORDERS,
    "roles": ROLES,
    "touches": TOUCHES,
}
_UNHASHED: dict[Table, tuple[str, ...]] = {
    "records": ("ours", "updated_at"),
    "orders": ("amount", "rate", "updated_at"),
    "roles": ("updated_at",),
    "touches": ("updated_at",),
}
"""A stamp that moved alone is no change (our own writes may move it), nor is another rate of today."""
_SAME_WORTH = (
    "t.original_amount = s.original_amount AND t.currency = s.currency"
    " AND t.ordered_day = s.ordered_day AND t.rate > 0"
)
"""An order is converted once, when it is first stored, whatever its currency is worth by now."""
_OURS = "if(t.deleted AND s.deleted, t.ours, s.ours)"
"""A deleted record holds nothing of ours; whose it was, the store has noted itself."""


def _columns(table: Table) -> list[str]:
    return [name for name in SCHEMAS[table].names if name != "detail"]


def latest(table: Table, staged: str) -> str:
    """The last arrival of each staged id, with a hash of all that the platform says of it."""
    hashed = [name for name in SCHEMAS[table].names if name not in _UNHASHED[table]]
    packed = ", ".join(f"{name} := {name}" for name in hashed)
    return f"""
        CREATE OR REPLACE TEMP TABLE latest AS
        SELECT *, md5_number(to_json(struct_pack({packed}))) AS row_hash FROM {staged}
        QUALIFY row_number() OVER (PARTITION BY id ORDER BY seq DESC) = 1"""


def merge(stream: Stream) -> str:
    """Insert what is new, update what differs; gives back what was done to each."""
    table = stream.table
    names = [*_columns(table), "row_hash"]
    differs = "t.row_hash IS DISTINCT FROM s.row_hash"
    if table == "records":
        differs += f" OR t.ours IS DISTINCT FROM {_OURS}"
    set_to = {name: f"s.{name}" for name in names}
    if table == "records":
        set_to["ours"] = _OURS
    if table == "orders":
        set_to |= {name: f"if({_SAME_WORTH}, t.{name}, s.{name})" for name in ("amount", "rate")}
    return f"""
        MERGE INTO {table} t USING latest s
        ON t.id = s.id AND t.account = s.account AND t.platform = s.platform{_of(stream)}
        WHEN MATCHED AND ({differs}) THEN UPDATE SET {", ".join(f"{n} = {v}" for n, v in set_to.items())}
        WHEN NOT MATCHED THEN INSERT ({", ".join(names)}) VALUES ({", ".join(f"s.{n}" for n in names)})
        RETURNING merge_action AS action, platform, account, id, deleted"""


def stamp(stream: Stream) -> str:
    """Note when the platform says that each staged row last changed."""
    return f"""
        UPDATE {stream.table} t SET updated_at = l.updated_at FROM latest l
        WHERE t.id = l.id AND t.account = l.account AND t.platform = l.platform{_of(stream)}
            AND t.updated_at IS DISTINCT FROM l.updated_at"""


def bury(stream: Stream) -> str:
    """Delete stored rows of those who were forgotten since; wants platform and account as parameters."""
    return f"""
        DELETE FROM {stream.table} t WHERE platform = ? AND account = ?{_of(stream)}
        AND id IN (SELECT id FROM {{forgotten}})"""


def _of(stream: Stream) -> str:
    """The condition on the objects of a stream, where its table holds those of others as well."""
    listed = ", ".join(f"'{name}'" for name in stream.objects)
    return f" AND t.object IN ({listed})" if listed else ""


SEEN = """
    INSERT INTO {seen}
    SELECT id, l.seq, coalesce(m.action, 'UNCHANGED'), coalesce(m.deleted, false)
    FROM latest l LEFT JOIN merged m USING (id)"""
DROP_REFUNDS = """
    DELETE FROM refunds r USING merged m
    WHERE r.source_id = m.id AND r.account = m.account AND r.platform = m.platform"""
ADD_REFUNDS = """
    INSERT INTO refunds BY NAME
    SELECT r.* EXCLUDE (seq) FROM {refunds} r
    JOIN latest l ON l.id = r.source_id AND l.seq = r.seq JOIN merged m ON m.id = l.id"""
DROP_LINES = """
    DELETE FROM order_lines l USING merged m
    WHERE l.order_id = m.id AND l.account = m.account AND l.platform = m.platform"""
ADD_LINES = """
    INSERT INTO order_lines BY NAME
    SELECT r.* EXCLUDE (seq) FROM {lines} r
    JOIN latest l ON l.id = r.order_id AND l.seq = r.seq JOIN merged m ON m.id = l.id"""
WORST = """
    CREATE OR REPLACE TEMP TABLE worst AS
    SELECT b.* FROM {bad} b LEFT JOIN latest l USING (id) WHERE l.seq IS NULL OR l.seq < b.seq
    QUALIFY row_number() OVER (PARTITION BY b.id ORDER BY b.seq DESC) = 1"""
CURED = """
    DELETE FROM quarantine WHERE platform = ? AND account = ? AND stream = ?
    AND (id IN (SELECT id FROM latest) OR id IN (SELECT id FROM {forgotten}))"""
KNOWN_BAD = """
    UPDATE quarantine q SET seen_run = ?, field = w.field, cause = w.cause,
        acknowledged = q.acknowledged AND q.field = w.field AND q.cause = w.cause
    FROM worst w WHERE q.platform = ? AND q.account = ? AND q.stream = ? AND q.id = w.id"""
NEW_BAD = """
    INSERT INTO quarantine
    SELECT ?, ?, ?, id, field, cause, ?, ?, false FROM worst WHERE id NOT IN (
        SELECT id FROM quarantine WHERE platform = ? AND account = ? AND stream = ?)"""
_NAMED = ", ".join(f"'{cause}'" for cause in REFUSED)
_REFUSED = f"""
    SELECT b.id FROM {{bad}} b LEFT JOIN latest l USING (id)
    WHERE split_part(cause, ':', 1) IN ({_NAMED}) AND (l.seq IS NULL OR l.seq < b.seq)"""
REFUSE = (
    f"DELETE FROM orders WHERE platform = ? AND account = ? AND id IN ({_REFUSED})",
    f"DELETE FROM refunds WHERE platform = ? AND account = ? AND source_id IN ({_REFUSED})",
    f"DELETE FROM order_lines WHERE platform = ? AND account = ? AND order_id IN ({_REFUSED})",
)
SEEN_BAD = "INSERT INTO {seen} SELECT id, seq, 'QUARANTINED', false FROM worst"
OLD_TOMBS = """
    DELETE FROM forgotten WHERE platform = ? AND account = ? AND stream = ?
    AND key IN (SELECT key FROM {forgotten})"""
NEW_TOMBS = """
    INSERT INTO forgotten SELECT ?, ?, ?, key FROM {forgotten}
    GROUP BY key HAVING NOT arg_max(gone, seq)"""
SEEN_TOMBS = """
    INSERT INTO {seen} SELECT id, seq, if(gone, 'UNCHANGED', 'FORGOTTEN'), false FROM {forgotten}"""
COUNT = """
    WITH per_id AS (
        SELECT CASE
            WHEN arg_max(outcome, seq) IN ('QUARANTINED', 'FORGOTTEN') THEN arg_max(outcome, seq)
            WHEN bool_or(outcome = 'INSERT') THEN 'INSERT'
            WHEN bool_or(outcome = 'UPDATE') THEN 'UPDATE'
            ELSE 'UNCHANGED' END AS outcome,
            arg_max(deleted, seq) AS deleted
        FROM {seen} GROUP BY id)
    SELECT count(*), count(*) FILTER (outcome = 'INSERT'), count(*) FILTER (outcome = 'UPDATE'),
        count(*) FILTER (outcome IN ('UNCHANGED', 'FORGOTTEN')), count(*) FILTER (outcome = 'QUARANTINED'),
        count(*) FILTER (deleted), count(*) FILTER (outcome = 'FORGOTTEN')
    FROM per_id"""
