"""Guests: who ordered without a customer record is one record per distinct pair of e-mail and phone keys.

They are derived from the orders anew in every run; no platform knows them and nothing is written to them.
"""

from __future__ import annotations

from sync.owners import find_owners
from sync.store import Store

_FOUND = """
CREATE OR REPLACE TEMP TABLE found_guests AS
SELECT o.platform, o.account, w.id, min(o.ordered_at) AS created_at,
    any_value(o.email_key) AS email_key, any_value(o.phone_key) AS phone_key
FROM order_owners w
JOIN orders o ON o.platform = w.platform AND o.account = w.account AND o.id = w.order_id
WHERE w.object = 'guest' GROUP BY ALL"""
_DROP = """
DELETE FROM records r WHERE object = 'guest' AND NOT EXISTS (
    FROM found_guests f WHERE f.platform = r.platform AND f.account = r.account AND f.id = r.id)"""
_MERGE = """
MERGE INTO records r USING found_guests f
    ON r.object = 'guest' AND r.id = f.id AND r.account = f.account AND r.platform = f.platform
WHEN MATCHED AND r.created_at IS DISTINCT FROM f.created_at THEN UPDATE SET created_at = f.created_at
WHEN NOT MATCHED THEN INSERT
    (platform, account, object, id, created_at, deleted, write_target, email_key, phone_key, ours)
    VALUES (f.platform, f.account, 'guest', f.id, f.created_at,
        false, false, f.email_key, f.phone_key, '{}')"""


def refresh_guests(store: Store) -> None:
    """Make the guest records what the orders of now say; to be called inside a transaction."""
    find_owners(store)
    for statement in (_FOUND, _DROP, _MERGE):
        store.con.execute(statement)
