"""What ties records together: explicit links, then the e-mail addresses and mobile numbers they share."""

from __future__ import annotations

from sync.components import label_into
from sync.rules import RULES
from sync.sharing import share
from sync.store import Store

# Of several decisions on one pair the last counts. `there` is null where the decision is on a large person.
_DECIDED = """
CREATE OR REPLACE TEMP TABLE decided AS
SELECT least(a.node, b.node) AS here, CASE WHEN b.node IS NOT NULL THEN greatest(a.node, b.node) END AS there,
    d.decision
FROM decisions d
JOIN known a ON a.platform = d.platform AND a.account = d.account AND a.named = d.id
LEFT JOIN known b ON b.platform = d.other_platform AND b.account = d.other_account AND b.named = d.other_id
WHERE d.other_id IS NULL OR b.node <> a.node
QUALIFY row_number() OVER (PARTITION BY here, there ORDER BY d.decided_at DESC, d.decision DESC) = 1"""
_EXPLICIT = f"""
CREATE OR REPLACE TEMP TABLE explicit AS
WITH pairs AS (
    SELECT b.node AS here, k.node AS there,
        CASE WHEN merged THEN {RULES.index("merged")} WHEN converted THEN {RULES.index("converted")}
            ELSE {RULES.index("link")} END AS rule
    FROM borne b JOIN known k ON k.platform = b.linked_platform AND k.named = b.linked_id
        AND (b.linked_account IS NULL OR b.linked_account = k.account)
    WHERE b.linked_id IS NOT NULL AND k.node <> b.node
    UNION ALL
    SELECT here, there, {RULES.index("accepted")} FROM decided
    WHERE there IS NOT NULL AND decision = 'accept'),
numbered AS (SELECT *, -row_number() OVER () AS grp FROM pairs)
SELECT here AS node, grp, rule FROM numbered UNION ALL SELECT there, grp, rule FROM numbered"""


def tie(store: Store, *, max_sharing: int) -> None:
    """Make the temporary table `ties` (node, grp, rule): groups of two nodes or more that are one person.

    Groups of links are numbered below 0, those of shared values (`sync.sharing`) above. `clusters` (node,
    label) tells who is one by links alone, `decided` (here, there, decision) the last decision on each pair.
    """
    store.con.execute(_DECIDED)
    store.con.execute(_EXPLICIT)
    label_into(store, "clusters", "SELECT node, grp FROM explicit")
    share(store, max_sharing=max_sharing)
    store.con.execute("CREATE OR REPLACE TEMP TABLE ties AS FROM explicit UNION ALL FROM tying")
    store.con.execute("DROP TABLE explicit")
    store.con.execute("DROP TABLE tying")
