"""Which id each person bears: once given it stays, through joins, splits and the loss of the store.

On a join the id assigned first survives; on a split the part that holds the person's anchor keeps it; a new
person gets a UUIDv5 of its anchor, the earliest record it has. A record that was merged away on its platform
counts as the one that stayed; one that was deleted keeps nothing of ours but the id of its person.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TypedDict

from sync.store import Store

NAMESPACE = uuid.UUID("7d0e1c52-98a5-5c8e-9f55-2b2f6a9b7a11")
"""Ours, and never to change: ids of new persons are made under it."""
MAX_CLASHES = 8

# UUID version 5 (RFC 9562, 5.5): SHA-1 of namespace and name, cut, with version and variant bits set.
_UUID5 = f"""
CREATE OR REPLACE TEMP MACRO person_uuid(name) AS (
    SELECT concat_ws('-', h[1:8], h[9:12], '5' || h[14:16],
        translate(h[17], '0123456789abcdef', '89ab89ab89ab89ab') || h[18:20], h[21:32])
    FROM (SELECT sha1(from_hex('{NAMESPACE.hex}') || encode(name)) AS h))"""
_ANCHOR = "concat_ws('/', platform, account, object, id)"

_OLD = """
CREATE OR REPLACE TEMP TABLE old_members AS
SELECT DISTINCT m.person_id, p.node, p.label
FROM members m JOIN known k ON k.platform = m.platform AND k.account = m.account AND k.named = m.id
JOIN placed p USING (node)"""
_HOMES = """
CREATE OR REPLACE TEMP TABLE homes AS
SELECT p.*, a.node AS anchor, coalesce(a.label, o.label) AS home, o.parts
FROM persons p
JOIN (SELECT person_id, min_by(label, node) AS label, count(DISTINCT label) AS parts
      FROM old_members GROUP BY person_id) o USING (person_id)
LEFT JOIN known k
    ON k.platform = p.anchor_platform AND k.account = p.anchor_account AND k.named = p.anchor_id
LEFT JOIN placed a ON a.node = k.node"""
_KEPT = """
CREATE OR REPLACE TEMP TABLE given AS
SELECT home AS label, person_id, assigned_at FROM homes
QUALIFY row_number() OVER (PARTITION BY home ORDER BY assigned_at, anchor_at NULLS LAST,
    anchor_platform, anchor_account, anchor_object, anchor_id, person_id) = 1"""
# Per component the id that most members hold, then the oldest holder's; per id the component with most.
_ADOPTED = """
INSERT INTO given
WITH votes AS (
    SELECT label, held_id, count(*) AS n, min(node) AS oldest FROM placed
    WHERE regexp_full_match(held_id, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
    GROUP BY label, held_id),
best AS (
    SELECT * FROM votes QUALIFY row_number() OVER (PARTITION BY label ORDER BY n DESC, oldest) = 1)
SELECT label, held_id, ?::TIMESTAMPTZ FROM best
QUALIFY row_number() OVER (PARTITION BY held_id ORDER BY n DESC, oldest) = 1"""
_NEW = f"""
INSERT INTO given
SELECT node, made, ?::TIMESTAMPTZ FROM (
    SELECT node, person_uuid({_ANCHOR} || ?) AS made
    FROM placed WHERE node = label AND node NOT IN (SELECT label FROM given))
WHERE made NOT IN (SELECT person_id FROM given)"""
# Who has none of the records it was named after any more is anchored anew.
_PERSONS = """
CREATE OR REPLACE TEMP TABLE new_persons AS
SELECT g.person_id, f.platform AS anchor_platform, f.account AS anchor_account, f.object AS anchor_object,
    f.id AS anchor_id, f.created_at AS anchor_at, g.assigned_at
FROM given g
LEFT JOIN (SELECT person_id, home, anchor FROM homes) h ON h.person_id = g.person_id AND h.home = g.label
JOIN placed f ON f.node = coalesce(h.anchor, g.label)"""
_MEMBERS = """
CREATE OR REPLACE TEMP TABLE new_members AS
SELECT g.person_id, p.platform, p.account, p.object, p.id, p.rule FROM placed p JOIN given g USING (label)"""
_LOG = """
INSERT INTO person_log
SELECT $run_id, $at, 'join', g.person_id, h.person_id
FROM homes h JOIN given g ON g.label = h.home WHERE g.person_id <> h.person_id
UNION ALL
SELECT DISTINCT $run_id, $at, 'split', g.person_id, h.person_id
FROM homes h JOIN old_members o ON o.person_id = h.person_id AND o.label <> h.home
JOIN given g ON g.label = o.label
UNION ALL
SELECT $run_id, $at, 'gone', person_id, NULL FROM persons ANTI JOIN old_members USING (person_id)"""
# What a platform has deleted is nobody's, and still somebody's: who asks to be forgotten is asked for by it.
_LEFT = """
UPDATE records r SET ours = json_object('person_id', m.person_id)::VARCHAR FROM members m
WHERE r.deleted AND r.merged_into IS NULL
    AND m.platform = r.platform AND m.account = r.account AND m.object = r.object AND m.id = r.id"""
_COUNTS = """
SELECT count(*),
    count(*) FILTER (person_id NOT IN (SELECT person_id FROM given)),
    count(*) FILTER (parts > 1) FROM homes"""


class Changes(TypedDict):
    """How many persons were known before, and what happened to persons."""

    before: int
    new: int
    adopted: int
    joins: int
    splits: int
    gone: int


def assign(store: Store, *, run_id: str, at: datetime) -> Changes:
    """Give every component in the temporary table `placed` its person, and log what changed.

    Wants `known` (see `sync.nodes`) and a transaction round it.
    """
    con = store.con
    ((before,),) = store.rows("SELECT count(*) FROM persons")
    for statement in (_UUID5, _OLD, _HOMES, _KEPT):
        con.execute(statement)
    kept = _given(store)
    if not before:
        con.execute(_ADOPTED, [at])
    adopted = _given(store) - kept
    _name_the_new(store, at)
    for statement in (_PERSONS, _MEMBERS):
        con.execute(statement)
    con.execute(_LOG, {"run_id": run_id, "at": at})
    con.execute(_LEFT)
    ((living, joins, splits),) = store.rows(_COUNTS)
    new = _given(store) - kept - adopted
    for table in ("persons", "members"):
        replace(store, table)
    for table in ("old_members", "homes", "given", "new_persons", "new_members"):
        con.execute(f"DROP TABLE {table}")
    return Changes(before=before, new=new, adopted=adopted, joins=joins, splits=splits, gone=before - living)


def _name_the_new(store: Store, at: datetime) -> None:
    """Ids for components that have none; a clash arises only where somebody else kept the anchor's id."""
    ((wanted,),) = store.rows("SELECT count(DISTINCT label) FROM placed")
    for attempt in range(MAX_CLASHES):
        store.con.execute(_NEW, [at, f"#{attempt}" if attempt else ""])
        if _given(store) == wanted:
            return
    raise RuntimeError("no free person id after several attempts")


def _given(store: Store) -> int:
    ((count,),) = store.rows("SELECT count(*) FROM given")
    return int(count)


def replace(store: Store, table: str) -> None:
    """Make `table` what the temporary table `new_<table>` is, touching only rows that differ."""
    store.con.execute(
        f"CREATE OR REPLACE TEMP TABLE stale AS SELECT rowid AS place FROM {table} o WHERE NOT EXISTS "
        f"(FROM new_{table} n WHERE {_same(store, table)})"
    )
    store.con.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT place FROM stale)")
    store.con.execute(
        f"INSERT INTO {table} SELECT * FROM new_{table} n WHERE NOT EXISTS "
        f"(FROM {table} o WHERE {_same(store, table)})"
    )
    store.con.execute("DROP TABLE stale")


def _same(store: Store, table: str) -> str:
    names = [name for (name,) in store.rows(f"SELECT column_name FROM (DESCRIBE {table})")]
    return " AND ".join(f"n.{name} IS NOT DISTINCT FROM o.{name}" for name in names)
