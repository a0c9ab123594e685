"""Records that were merged into others: found where a platform does not tell, and forgotten with them.

A merged record keeps its keys for as long as the one that stayed is somebody: by them the person is still
recognised elsewhere.
"""

from __future__ import annotations

from sync.counts import rows_of
from sync.owners import MAX_MERGES
from sync.personal import NAME_COLUMNS
from sync.store import Store
from sync.streams import Stream

PERSONAL = ("email_key", "phone_key", *NAME_COLUMNS)
"""The columns by which a record is recognised as somebody's."""
NOBODY = ", ".join((*(f"{column} = NULL" for column in PERSONAL), "has_email = false"))
"""As an assignment: the record is nobody's any more."""
SOMEBODY = f"coalesce({', '.join(f'{column}::VARCHAR' for column in PERSONAL)}) IS NOT NULL"
UNLINKED = "linked_platform = NULL, linked_account = NULL, linked_id = NULL"

_INTO_OTHERS = """
UPDATE records r SET deleted = true, merged_into = m.kept, ours = '{{}}', row_hash = NULL
FROM (
    SELECT o.record_id AS id, min(f.owner) AS kept FROM orders o JOIN {followed} f ON f.id = o.id
    WHERE NOT o.deleted AND o.platform = ? AND o.account = ?
        AND o.record_id NOT IN (SELECT id FROM {seen})
    GROUP BY o.record_id HAVING min(f.owner) = max(f.owner) AND count(*) = count(f.owner)) m
WHERE NOT r.deleted AND r.id = m.id AND m.kept IN (SELECT id FROM {seen})
    AND {rows_of}"""
_ENDS = f"""
CREATE OR REPLACE TEMP TABLE merge_ends AS
WITH RECURSIVE gone AS (
    SELECT id, merged_into FROM records WHERE deleted AND merged_into IS NOT NULL AND {{rows_of}}),
chain AS (
    SELECT id, merged_into AS kept, 1 AS hops FROM gone
    UNION ALL
    SELECT c.id, g.merged_into, hops + 1 FROM chain c JOIN gone g ON g.id = c.kept WHERE hops < {MAX_MERGES})
SELECT id, max_by(kept, hops) AS kept FROM chain GROUP BY id"""
# One that is set aside is there: it only could not be read.
_FORGET = f"""
UPDATE records SET {NOBODY}, {UNLINKED}, row_hash = NULL
WHERE deleted AND {SOMEBODY} AND {{rows_of}} AND id IN (
    SELECT id FROM merge_ends WHERE kept NOT IN (
        SELECT id FROM records WHERE NOT deleted AND {{rows_of}}
        UNION ALL SELECT id FROM quarantine WHERE platform = ? AND account = ?)
    OR kept IN (SELECT id FROM {{blank}}))"""


def into_others(store: Store, kind: Stream, platform: str, account: str, *, seen: str, followed: str) -> int:
    """Mark vanished records whose orders all went to one other record as merged into it; tells how many.

    `seen` and `followed` are temporary tables: the records there are, and the orders with the `owner` they
    name now. The store's orders still name the one of before.
    """
    sql = _INTO_OTHERS.format(seen=seen, followed=followed, rows_of=rows_of(kind))
    ((count,),) = store.rows(sql, platform, account, platform, account)
    return int(count)


def settle(store: Store, kind: Stream, platform: str, account: str, *, blank: str | None = None) -> None:
    """Merged records of a stream whose survivor is gone too, or emptied, forget whose they were.

    `blank` is a temporary table with the ids of records that the platform has emptied.
    """
    own, account_of = rows_of(kind), [platform, account]
    nothing = "(SELECT NULL::VARCHAR AS id WHERE false)"
    store.con.execute(_ENDS.format(rows_of=own), account_of)
    store.con.execute(_FORGET.format(rows_of=own, blank=blank or nothing), account_of * 3)
    store.con.execute("DROP TABLE merge_ends")
