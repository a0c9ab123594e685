"""The nodes of identity: every live record, all ids it is known by, and what it bears.

A record that was merged away on its platform is none, but its ids, keys, names and links count for the record
that stayed.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync import conflicts
from sync.owners import MAX_MERGES
from sync.store import Store

_NODES = """
CREATE OR REPLACE TEMP TABLE nodes AS
SELECT row_number() OVER (ORDER BY created_at NULLS LAST, platform, account, object, id) AS node,
    platform, account, object, id, created_at, json_extract_string(ours, '$.person_id') AS held_id
FROM live_records"""
# Ids are unique over all objects of an account, so that a record is found although its object changed.
_LOSERS = f"""
CREATE OR REPLACE TEMP TABLE losers AS
WITH RECURSIVE merged AS (
    SELECT platform, account, object, id, alias_id, merged_into AS kept, 1 AS hops
    FROM records WHERE deleted AND merged_into IS NOT NULL
    UNION ALL
    SELECT m.platform, m.account, m.object, m.id, m.alias_id, r.merged_into, hops + 1
    FROM merged m JOIN records r ON r.platform = m.platform AND r.account = m.account AND r.id = m.kept
    WHERE r.deleted AND r.merged_into IS NOT NULL AND hops < {MAX_MERGES})
SELECT n.node, m.platform, m.account, m.object, m.id, m.alias_id
FROM merged m JOIN nodes n ON n.platform = m.platform AND n.account = m.account AND n.id = m.kept"""
# Where an id is a record's own it means that record, whoever else was called by it.
_KNOWN = """
CREATE OR REPLACE TEMP TABLE known AS
WITH others AS (
    SELECT node, platform, account, id AS named FROM losers
    UNION ALL SELECT node, platform, account, alias_id FROM losers WHERE alias_id IS NOT NULL
    UNION ALL SELECT n.node, platform, account, r.alias_id
        FROM nodes n JOIN live_records r USING (platform, account, object, id) WHERE r.alias_id IS NOT NULL)
SELECT node, platform, account, id AS named FROM nodes
UNION ALL
SELECT min(node), platform, account, named
FROM others o ANTI JOIN nodes n
    ON n.platform = o.platform AND n.account = o.account AND n.id = o.named
GROUP BY ALL"""
_BEARING = f"""platform, account, object, id, email_key, phone_key, phone_is_mobile,
    linked_platform, linked_account, linked_id, {", ".join(conflicts.COLUMNS)}"""
_BORNE = f"""
CREATE OR REPLACE TEMP TABLE borne AS
SELECT node, merged, CASE WHEN email_key IS NOT NULL THEN hash(email_key) END AS address,
    CASE WHEN phone_is_mobile AND phone_key IS NOT NULL THEN hash(phone_key) END AS number,
    CASE WHEN f.account IS NULL AND g.account IS NULL THEN email_key END AS email_key,
    CASE WHEN phone_is_mobile AND g.account IS NULL THEN phone_key END AS phone_key,
    object = 'Lead' AND linked_platform = platform AS converted, object = 'guest' AS guest,
    linked_platform, linked_account, linked_id,
    {conflicts.form()} AS form, {conflicts.tells()} AS tells, {", ".join(conflicts.COLUMNS)}
FROM (
    SELECT node, false AS merged, {_BEARING}
    FROM nodes JOIN live_records USING (platform, account, object, id)
    UNION ALL
    SELECT node, true, {_BEARING} FROM losers JOIN records USING (platform, account, object, id))
LEFT JOIN refused f USING (platform, account)
LEFT JOIN nameless g USING (platform, account, object)"""


def number_nodes(
    store: Store, email_refused: Iterable[tuple[str, str]], names_unseen: Iterable[tuple[str, str, str]]
) -> None:
    """Make the temporary tables `nodes` (numbered from the earliest record on), `known` (node by platform,
    account and every id it ever had) and `borne` (what a node bears, a row for itself and for every record
    merged into it; `form` numbers its name, `tells` whether that name is more than a family's, `guest` that
    orders, which bear no name here, are all there is of it).

    Records of the accounts `email_refused` (platform, account) bear no e-mail key, those of the objects
    `names_unseen` (platform, account, object) neither that nor a phone key; `address` and `number` tell the
    addresses and mobile numbers of records apart nevertheless.
    """
    con = store.con
    con.execute("CREATE OR REPLACE TEMP TABLE refused (platform VARCHAR, account VARCHAR)")
    for account in sorted(email_refused):
        con.execute("INSERT INTO refused VALUES (?, ?)", list(account))
    con.execute("CREATE OR REPLACE TEMP TABLE nameless (platform VARCHAR, account VARCHAR, object VARCHAR)")
    for place in sorted(names_unseen):
        con.execute("INSERT INTO nameless VALUES (?, ?, ?)", list(place))
    for statement in (_NODES, _LOSERS, _KNOWN, _BORNE):
        con.execute(statement)
