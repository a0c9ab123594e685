"""Whose order it is: which record every live order belongs to."""

from __future__ import annotations

from sync.store import Store

MAX_MERGES = 16
"""Records merged into records that were merged again are followed this far."""

_OWNERS = f"""
CREATE OR REPLACE TEMP TABLE order_owners AS
WITH RECURSIVE
live AS (
    SELECT platform, account, object, id, parent_id FROM records WHERE NOT deleted AND object <> 'guest'),
merged AS (
    SELECT platform, account, object, id, merged_into AS kept, 1 AS hops
    FROM records WHERE deleted AND merged_into IS NOT NULL
    UNION ALL
    SELECT m.platform, m.account, m.object, m.id, r.merged_into, hops + 1
    FROM merged m JOIN records r
        ON r.platform = m.platform AND r.account = m.account AND r.object = m.object AND r.id = m.kept
    WHERE r.deleted AND r.merged_into IS NOT NULL AND hops < {MAX_MERGES}),
known AS (
    SELECT platform, account, id AS named, object, id FROM live
    UNION ALL
    SELECT m.platform, m.account, m.id, l.object, l.id FROM merged m JOIN live l
        ON l.platform = m.platform AND l.account = m.account AND l.object = m.object AND l.id = m.kept),
only_contact AS (
    SELECT platform, account, parent_id, any_value(object) AS object, any_value(id) AS id
    FROM live WHERE parent_id IS NOT NULL GROUP BY platform, account, parent_id HAVING count(*) = 1)
SELECT o.platform, o.account, o.id AS order_id,
    coalesce(k.object, c.object, CASE WHEN guest THEN 'guest' END) AS object,
    coalesce(k.id, c.id,
        CASE WHEN guest THEN md5(coalesce(o.email_key, '') || '|' || coalesce(o.phone_key, '')) END) AS id
FROM (
    SELECT *, NOT is_test AND (email_key IS NOT NULL OR phone_key IS NOT NULL) AS guest
    FROM orders WHERE NOT deleted) o
LEFT JOIN known k ON k.platform = o.platform AND k.account = o.account AND k.named = o.record_id
LEFT JOIN only_contact c
    ON k.id IS NULL AND c.platform = o.platform AND c.account = o.account AND c.parent_id = o.parent_id"""


def find_owners(store: Store) -> None:
    """Fill the temporary table `order_owners` (platform, account, order_id, object, id; the last two null
    for an order of nobody).

    An order belongs to the record it names, or to the one that record was merged into; else to the only
    contact of its account; else to the guest of its keys. A test order makes no guest.
    """
    store.con.execute(_OWNERS)
