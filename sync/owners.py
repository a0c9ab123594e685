"""Whose order it is: which record every live order belongs to."""

from __future__ import annotations

from typing import Literal

from sync.store import Store

Accounts = Literal["auto", "always", "never"]
"""Which business accounts are records: those that buy in their own name, all, or none."""

MAX_MERGES = 16
"""Records merged into records that were merged again are followed this far."""

# Salesforce names a Person Account by two ids. A platform's ids are unique over its kinds of records, so
# that a record is found although its kind changed (an account may become a person, and back).
_NAMED = f"""
CREATE OR REPLACE TEMP TABLE named_records AS
WITH RECURSIVE
live AS (
    SELECT platform, account, object, id, alias_id, {{buys}} AS buys FROM records
    WHERE NOT deleted AND object NOT IN ('guest', 'Lead')),
merged AS (
    SELECT platform, account, id, alias_id, merged_into AS kept, 1 AS hops
    FROM records WHERE deleted AND merged_into IS NOT NULL
    UNION ALL
    SELECT m.platform, m.account, m.id, m.alias_id, r.merged_into, hops + 1
    FROM merged m JOIN records r ON r.platform = m.platform AND r.account = m.account AND r.id = m.kept
    WHERE r.deleted AND r.merged_into IS NOT NULL AND hops < {MAX_MERGES}),
stayed AS (
    SELECT platform, account, id AS named, alias_id, object, id, buys FROM live
    UNION ALL
    SELECT m.platform, m.account, m.id, m.alias_id, l.object, l.id, l.buys FROM merged m JOIN live l
        ON l.platform = m.platform AND l.account = m.account AND l.id = m.kept)
SELECT platform, account, named, object, id, buys FROM stayed
UNION ALL
SELECT platform, account, alias_id, object, id, buys FROM stayed WHERE alias_id IS NOT NULL"""
_ACCOUNT_BUYERS = """
CREATE OR REPLACE TEMP TABLE account_buyers AS
WITH holders AS (SELECT * FROM named_records WHERE object IN ('Account', 'PersonAccount')),
only_contact AS (
    SELECT r.platform, r.account, coalesce(h.id, r.parent_id) AS parent_id, any_value(r.id) AS id
    FROM records r LEFT JOIN holders h
        ON h.platform = r.platform AND h.account = r.account AND h.named = r.parent_id
    WHERE NOT r.deleted AND r.object = 'Contact' AND r.parent_id IS NOT NULL
    GROUP BY ALL HAVING count(*) = 1)
SELECT coalesce(h.platform, c.platform) AS platform, coalesce(h.account, c.account) AS account,
    coalesce(h.named, c.parent_id) AS parent_id,
    CASE WHEN h.object = 'PersonAccount' OR c.id IS NULL THEN h.object ELSE 'Contact' END AS object,
    CASE WHEN h.object = 'PersonAccount' OR c.id IS NULL THEN h.id ELSE c.id END AS id
FROM holders h
FULL JOIN only_contact c ON c.platform = h.platform AND c.account = h.account AND c.parent_id = h.id
WHERE h.object IS NULL OR h.object = 'PersonAccount' OR c.id IS NOT NULL OR h.buys"""
_ROLE_BUYERS = """
CREATE OR REPLACE TEMP TABLE role_buyers AS
SELECT r.platform, r.account, r.order_id, any_value(k.object) AS object, any_value(k.id) AS id
FROM roles r
JOIN named_records k ON k.platform = r.platform AND k.account = r.account AND k.named = r.contact_id
WHERE r.is_primary AND NOT r.deleted GROUP BY ALL HAVING count(DISTINCT k.id) = 1"""
_OWNERS = """
CREATE OR REPLACE TEMP TABLE {owners} AS
SELECT o.platform, o.account, o.id AS order_id,
    CASE WHEN k.id IS NULL AND guest THEN o.platform ELSE home_platform END AS owner_platform,
    CASE WHEN k.id IS NULL AND guest THEN o.account ELSE home_account END AS owner_account,
    coalesce(k.object, CASE WHEN guest THEN 'guest' END) AS object,
    coalesce(k.id, CASE WHEN guest THEN {guest} END) AS id,
    CASE WHEN o.record_id IS NULL THEN o.parent_id END AS parent_id
FROM (
    SELECT platform, account, id, record_id, parent_id, email_key, phone_key,
        coalesce(record_platform, platform) AS home_platform,
        coalesce(record_account, account) AS home_account,
        NOT is_test AND (email_key IS NOT NULL OR phone_key IS NOT NULL) AS guest
    FROM {orders} WHERE NOT deleted) o
LEFT JOIN named_records k
    ON k.platform = home_platform AND k.account = home_account AND k.named = o.record_id"""
_BY_ROLE = """
UPDATE {owners} w SET object = b.object, id = b.id FROM role_buyers b
WHERE w.id IS NULL AND b.platform = w.platform AND b.account = w.account AND b.order_id = w.order_id"""
# A purchase that names a contact who is gone or unseen is nobody's: the account's others did not make it.
_BY_ACCOUNT = """
UPDATE {owners} w SET object = b.object, id = b.id FROM account_buyers b
WHERE w.id IS NULL AND b.platform = w.owner_platform AND b.account = w.owner_account
    AND b.parent_id = w.parent_id AND NOT EXISTS (
        FROM roles r WHERE r.platform = w.platform AND r.account = w.account AND r.order_id = w.order_id
            AND r.is_primary AND NOT r.deleted AND r.contact_id IS NOT NULL)"""
GUEST_ID = "md5(coalesce({of}.email_key, '') || '|' || coalesce({of}.phone_key, ''))"
"""The id of the guest of an order's keys."""


def find_owners(
    store: Store, *, accounts: Accounts | None = None, orders: str = "orders", owners: str = "order_owners"
) -> None:
    """Fill the temporary table `owners`: platform, account, order_id of every live row of `orders`, and
    owner_platform, owner_account, object, id of the record it belongs to (the last two null for nobody).

    An order belongs to the record it names, or to the one that record was merged into. Only one that names
    none goes, on Salesforce, to its opportunity's primary contact, to the Person Account, to the account's
    only contact, to the business account itself. In a shop one that names none, or one that is gone, is the
    guest's of its keys: a shop lets go of a deleted customer in its orders too. A test order makes no guest;
    a lead buys nothing. `accounts` None: business accounts that are records now; else those that could be.
    """
    facts = {
        "buys": {None: "NOT dormant", "never": "object <> 'Account'"}.get(accounts, "true"),
        "guest": GUEST_ID.format(of="o"),
        "orders": orders,
        "owners": owners,
    }
    # Step by step: one query of all these joins would hold them all in memory at once.
    for statement in (_NAMED, _ACCOUNT_BUYERS, _ROLE_BUYERS, _OWNERS, _BY_ROLE, _BY_ACCOUNT):
        store.con.execute(statement.format(**facts))
    for table in ("named_records", "account_buyers", "role_buyers"):
        store.con.execute(f"DROP TABLE {table}")
