"""What somebody should look at: pairs that share a key and were left apart, persons of too many records.

Decided pairs are not among them: a decision speaks for the persons its two records are in now.
"""

from __future__ import annotations

from sync.person_ids import replace
from sync.rules import PHONE, RULES
from sync.store import Store

TOO_MANY = "too_many"
REASONS = ("names", "chain", "two_customers", "rejected", "ambiguous", "incomparable", "phone_only", TOO_MANY)
"""Why a pair waits, the one that says most first. `names`: those on the value they share conflict. `chain`:
joined by it they would bring together names that conflict. `two_customers`: joined by it two customers of one
shop would be one, whose names do not agree. `rejected`: a decision parted one of them
from somebody, and so from all others who share the value. `ambiguous`: people of conflicting names share it,
and this record does not say which of them it is. `incomparable`: the names beside it cannot be compared,
and what else is known differs.
`phone_only`: a number is shared, with no name beside it. `too_many`: not a pair, but a
person of too many records."""

# Of the camps on one value each waits beside the first it is still undecided with. Whoever tells nothing is a
# camp of its own; such ones are set only beside those who tell, or beside the first.
_CANDIDATES = f"""
CREATE OR REPLACE TEMP TABLE candidates AS
WITH camps AS (
    SELECT value, rule, coalesce(camp, -node) AS camp, min(node) AS node, bool_or(at_odds) AS at_odds
    FROM parted GROUP BY ALL),
sides AS (
    SELECT *, bool_or(at_odds) OVER here AS torn, node = min(node) OVER here AS first FROM camps
    WINDOW here AS (PARTITION BY value)),
chained AS (FROM dropped WHERE reason IN ('chain', 'two_customers')),
groups AS (SELECT grp, reason, min(node) AS node FROM chained GROUP BY ALL),
others AS (
    SELECT grp, min(node) AS node
    FROM (SELECT node, grp FROM ties UNION SELECT node, grp FROM dropped) JOIN placed USING (node)
    WHERE grp IN (SELECT grp FROM dropped WHERE reason = 'rejected') GROUP BY grp, label)
SELECT a.node AS here, b.node AS there, a.rule, a.value AS place,
    CASE WHEN a.torn THEN CASE WHEN b.at_odds THEN 'names' ELSE 'ambiguous' END
        WHEN a.rule = {PHONE} AND least(a.camp, b.camp) < 0 THEN 'phone_only'
        ELSE 'incomparable' END AS reason
FROM sides a JOIN sides b ON a.value = b.value AND a.camp <> b.camp
WHERE CASE WHEN a.torn THEN a.at_odds AND (a.node < b.node OR NOT b.at_odds)
    ELSE (a.camp >= 0 OR a.first) AND (a.node < b.node OR b.camp < 0) END
UNION ALL
SELECT g.node, d.node, d.rule, grp, reason FROM chained d JOIN groups g USING (grp, reason)
UNION ALL
SELECT least(o.node, d.node), greatest(o.node, d.node), d.rule, grp, 'rejected'
FROM dropped d JOIN others o USING (grp) WHERE d.reason = 'rejected'"""
_PAIRS = f"""
CREATE OR REPLACE TEMP TABLE undecided AS
WITH decisions_now AS (
    SELECT least(a.label, b.label) AS low, greatest(a.label, b.label) AS high
    FROM decided d JOIN placed a ON a.node = d.here JOIN placed b ON b.node = d.there),
apart AS (
    SELECT c.*, b.label AS there_label, least(a.label, b.label) AS low, greatest(a.label, b.label) AS high,
        list_position({list(REASONS)}, reason) AS weight
    FROM candidates c JOIN placed a ON a.node = c.here JOIN placed b ON b.node = c.there
    WHERE a.label <> b.label),
first AS (
    SELECT * FROM apart ANTI JOIN decisions_now USING (low, high)
    QUALIFY row_number() OVER (PARTITION BY place, rule, there_label ORDER BY weight, here, there) = 1)
SELECT here, there, rule, reason FROM first
QUALIFY row_number() OVER (PARTITION BY low, high ORDER BY weight, rule, here, there) = 1"""
_ITEMS = f"""
CREATE OR REPLACE TEMP TABLE new_match_review AS
WITH pairs AS (
    SELECT a.platform, a.account, a.object, a.id, b.platform AS other_platform, b.account AS other_account,
        b.object AS other_object, b.id AS other_id, {list(RULES)}[u.rule + 1] AS rule, u.reason,
        NULL::BIGINT AS members
    FROM undecided u JOIN placed a ON a.node = u.here JOIN placed b ON b.node = u.there
    UNION ALL
    SELECT p.platform, p.account, p.object, p.id, NULL, NULL, NULL, NULL, NULL, '{TOO_MANY}', count(*)
    FROM queued q JOIN placed p ON p.node = q.label GROUP BY ALL),
items AS (
    SELECT md5(concat_ws('/', platform, account, id, other_platform, other_account, other_id, reason))[:12]
        AS item, * FROM pairs)
SELECT i.*, coalesce(m.first_run, ?) AS first_run
FROM items i LEFT JOIN (SELECT item, first_run FROM match_review) m USING (item)"""
_MEMBERS = f"""
CREATE OR REPLACE TEMP TABLE new_review_members AS
SELECT i.item, p.platform, p.account, p.object, p.id
FROM new_match_review i
JOIN placed a ON (a.platform, a.account, a.object, a.id) = (i.platform, i.account, i.object, i.id)
JOIN queued q ON q.label = a.node
JOIN placed p ON p.node = q.node
WHERE i.reason = '{TOO_MANY}'"""


def list_undecided(store: Store, *, run_id: str) -> int:
    """Make `match_review` what is undecided now, and count it; an item keeps the run that first saw it.

    `item` is short and made of ids and the reason only. A pair stands under its earlier record; of a person
    of too many records the earliest stands alone, with how many there are; `review_members` has them all.
    """
    con = store.con
    con.execute(_CANDIDATES)
    con.execute(_PAIRS)
    con.execute(_ITEMS, [run_id])
    con.execute(_MEMBERS)
    for table in ("match_review", "review_members"):
        replace(store, table)
    for table in ("candidates", "undecided", "new_match_review", "new_review_members"):
        con.execute(f"DROP TABLE {table}")
    ((count,),) = store.rows("SELECT count(*) FROM match_review")
    return int(count)
