"""Guests: who ordered without a customer record is one record per distinct pair of e-mail and phone keys.

They are derived from the orders anew in every run; no platform knows them and nothing is written to them.
An order's phone is kept as a key only where it is a mobile number.
"""

from __future__ import annotations

from sync.business import refresh_dormant
from sync.owners import Accounts, find_owners
from sync.store import Store

_FOUND = """
CREATE OR REPLACE TEMP TABLE found_guests AS
SELECT o.platform, o.account, w.id,
    min(coalesce(o.ordered_at, o.created_at, o.ordered_on::TIMESTAMPTZ)) AS created_at,
    any_value(o.email_key) AS email_key, any_value(o.phone_key) AS phone_key,
    any_value(o.phone_key) IS NOT NULL AS phone_is_mobile
FROM order_owners w
JOIN orders o ON o.platform = w.platform AND o.account = w.account AND o.id = w.order_id
WHERE w.object = 'guest' GROUP BY ALL"""
_DROP = """
DELETE FROM records r WHERE object = 'guest' AND NOT EXISTS (
    FROM found_guests f WHERE f.platform = r.platform AND f.account = r.account AND f.id = r.id)"""
_MERGE = """
MERGE INTO records r USING found_guests f
    ON r.object = 'guest' AND r.id = f.id AND r.account = f.account AND r.platform = f.platform
WHEN MATCHED AND (r.created_at, r.phone_is_mobile) IS DISTINCT FROM (f.created_at, f.phone_is_mobile)
    THEN UPDATE SET created_at = f.created_at, phone_is_mobile = f.phone_is_mobile
WHEN NOT MATCHED THEN INSERT
    (platform, account, object, id, created_at, deleted, write_target, email_key, phone_key,
        phone_is_mobile, tags, excluded, by_relay, ours)
    VALUES (f.platform, f.account, 'guest', f.id, f.created_at,
        false, false, f.email_key, f.phone_key, f.phone_is_mobile, [], false, false, '{}')"""


def refresh_guests(store: Store, accounts: Accounts = "auto") -> None:
    """Make the records that follow from orders what the orders of now say: guests, and which business
    accounts are awake (`accounts`: the setting `salesforce.accounts`). To be called inside a transaction.
    """
    find_owners(store, accounts=accounts)
    refresh_dormant(store, accounts)
    for statement in (_FOUND, _DROP, _MERGE):
        store.con.execute(statement)
