"""From records to persons: who shares an explicit link or an e-mail is one person, by any chain of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import narwhals as nw

from sync import person_ids
from sync.components import components
from sync.guests import refresh_guests
from sync.store import Store

_NODES = """
CREATE OR REPLACE TEMP TABLE nodes AS
SELECT row_number() OVER (ORDER BY created_at NULLS LAST, platform, account, object, id) AS node,
    platform, account, object, id, created_at, email_key, linked_platform, linked_account, linked_id,
    json_extract_string(ours, '$.person_id') AS held_id
FROM records WHERE NOT deleted"""
# A group is numbered by its first node, doubled; the lowest bit tells the two kinds of groups apart.
_SHARED = """
CREATE OR REPLACE TEMP TABLE shared AS
WITH by_email AS (
    SELECT email_key, min(node) AS first FROM nodes WHERE email_key IS NOT NULL
    GROUP BY email_key HAVING count(*) > 1),
links AS (
    SELECT a.node AS here, b.node AS there FROM nodes a JOIN nodes b
        ON b.platform = a.linked_platform AND b.id = a.linked_id AND b.object = 'customer'
        AND (a.linked_account IS NULL OR a.linked_account = b.account))
SELECT node, 2 * first AS grp, 'email' AS rule FROM nodes JOIN by_email USING (email_key)
UNION ALL SELECT here, 2 * there + 1, 'link' FROM links
UNION ALL SELECT DISTINCT there, 2 * there + 1, 'link' FROM links"""
_PLACED = """
CREATE OR REPLACE TEMP TABLE placed AS
SELECT n.node, coalesce(c.label, n.node) AS label, n.platform, n.account, n.object, n.id, n.created_at,
    n.held_id, coalesce(r.rule, 'alone') AS rule
FROM nodes n
LEFT JOIN {components} c ON c.node = n.node
LEFT JOIN (SELECT node, max(rule) AS rule FROM shared GROUP BY node) r ON r.node = n.node"""


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifying found. `before`: persons known before this run; `joins`, `splits` and `gone` count
    only those. `adopted`: ids taken from the platforms because the store knew none."""

    records: int
    persons: int
    before: int
    new: int
    adopted: int
    joins: int
    splits: int
    gone: int


def identify(store: Store, *, run_id: str, at: datetime) -> Identity:
    """Give every live record its person, guests included, in one transaction.

    `at` is the run's start by the platforms' clock: new ids count as assigned then. The result depends on
    the records only, never on the order in which they came.
    """
    with store.transaction():
        refresh_guests(store)
        store.con.execute(_NODES)
        store.con.execute(_SHARED)
        shared = nw.from_native(store.con.table("shared")).select("node", "grp")
        labels = components(shared, store.materialise)
        store.con.execute(_PLACED.format(components=f"({labels.to_native().sql_query()})"))
        store.release()
        changes = person_ids.assign(store, run_id=run_id, at=at)
        ((records, persons),) = store.rows("SELECT count(*), count(DISTINCT label) FROM placed")
    for table in ("nodes", "shared", "placed"):
        store.con.execute(f"DROP TABLE {table}")
    return Identity(records=records, persons=persons, **changes)
