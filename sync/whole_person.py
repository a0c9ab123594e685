"""Everything that is one person's: the members, and the records that were once merged into one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import pyarrow as pa

from sync.decisions import Ref
from sync.owners import MAX_MERGES
from sync.store import Store

# A record that nobody is made of (deleted, or an account that buys nothing) stands for itself. One that its
# platform has deleted still tells whose it was (see `sync.person_ids`), as persons were joined since.
_WHOLE = f"""
WITH RECURSIVE
given AS (SELECT * FROM asked),
stayed AS (
    SELECT g.platform, g.account, g.object, g.id, 0 AS hops FROM given g
    UNION ALL
    SELECT s.platform, s.account, k.object, k.id, hops + 1 FROM stayed s
    JOIN records r USING (platform, account, object, id)
    JOIN records k ON k.platform = r.platform AND k.account = r.account AND k.id = r.merged_into
    WHERE r.deleted AND hops < {MAX_MERGES}),
gone AS (
    SELECT platform, account, object, id, ours->>'person_id' AS person_id, 0 AS hops FROM records
    WHERE deleted AND merged_into IS NULL AND ours->>'person_id' NOT NULL
    UNION ALL
    SELECT g.platform, g.account, g.object, g.id, l.person_id, hops + 1
    FROM gone g JOIN person_log l ON l.kind = 'join' AND l.other_id = g.person_id WHERE hops < {MAX_MERGES}),
whose AS (
    SELECT platform, account, object, id, person_id, rule FROM members
    UNION ALL SELECT platform, account, object, id, person_id, NULL FROM gone),
persons_asked AS (
    SELECT DISTINCT w.person_id FROM stayed JOIN whose w USING (platform, account, object, id)),
found AS (
    SELECT DISTINCT platform, account, object, id, person_id, rule, 0 AS hops
    FROM whose JOIN persons_asked USING (person_id)
    UNION ALL
    SELECT r.platform, r.account, r.object, r.id, f.person_id, 'merged', hops + 1
    FROM found f JOIN records r
        ON r.platform = f.platform AND r.account = f.account AND r.merged_into = f.id
    WHERE r.deleted AND hops < {MAX_MERGES}),
every AS (
    SELECT platform, account, object, id, person_id, rule FROM found
    UNION ALL
    SELECT DISTINCT platform, account, object, id, NULL, NULL FROM stayed
    ANTI JOIN found USING (platform, account, object, id))
SELECT e.platform, e.account, e.object, e.id, any_value(p.person_id), any_value(rule),
    any_value(r.write_target AND NOT r.deleted), any_value(r.ours)
FROM every e JOIN records r USING (platform, account, object, id)
LEFT JOIN persons p ON p.person_id = e.person_id
GROUP BY ALL ORDER BY any_value(p.person_id) NULLS LAST, any_value(r.created_at) NULLS LAST, 1, 2, 3, 4"""


@dataclass(frozen=True, slots=True)
class Part:
    """One record of a person: by which `rule` it belongs, whether we may write to it, and which of our
    fields it holds with which values."""

    ref: Ref
    person_id: str | None
    rule: str | None
    writable: bool
    held: dict[str, str]


def parts_of(store: Store, refs: Sequence[Ref]) -> list[Part]:
    """Every record of the persons that `refs` belong to, person by person."""
    columns = {name: pa.array([getattr(ref, name) for ref in refs], pa.string()) for name in Ref._fields}
    store.con.register("arriving", pa.table(columns))
    try:
        store.con.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT DISTINCT * FROM arriving")
    finally:
        store.con.unregister("arriving")
    rows = store.rows(_WHOLE)
    store.con.execute("DROP TABLE asked")
    return [Part(Ref(*row[:4]), row[4], row[5], bool(row[6]), orjson.loads(row[7] or "{}")) for row in rows]


def holders(store: Store, email_key: str) -> list[Ref]:
    """The records that bear an address, by its key."""
    found = store.rows("SELECT platform, account, object, id FROM records WHERE email_key = ?", email_key)
    return [Ref(*row) for row in found]
