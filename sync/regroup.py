"""After the union: who must not stay together is parted again, and who became too many is queued.

A person with two conflicting given names loses its phone ties and is joined again; if that does not help, its
e-mail ties as well. So does a person with two customers of one shop whose names do not agree: a shop keeps
one customer for an address and for a number, so that two are two people until something says otherwise.
Before addresses are doubted for that, both must bear a name. If a pair in it was decided to be two, only the
later of the two, with all that links hold to it, loses its phone ties, then its e-mail ties. A person of too
many records keeps its links only. Explicit links are never dropped, so names conflict only between what
different links hold together.
"""

from __future__ import annotations

from sync import conflicts
from sync.components import label_into
from sync.rules import EMAIL, PHONE
from sync.sharing import MAX_FORMS
from sync.store import Store

_TOLD = f"""
CREATE OR REPLACE TEMP TABLE told AS
WITH mixed AS (
    SELECT label FROM labels JOIN borne b USING (node)
    GROUP BY label HAVING {conflicts.several_names("b")})
SELECT DISTINCT l.label, coalesce(c.label, l.node) AS cluster, b.* EXCLUDE (node)
FROM (SELECT node, label FROM labels WHERE label IN (FROM mixed)) l
JOIN (SELECT node, form, {", ".join(conflicts.COLUMNS)} FROM borne WHERE form IS NOT NULL) b USING (node)
LEFT JOIN clusters c USING (node)"""
# Clusters that bear one form only are one unit with all others that bear just it.
_UNITS = """
CREATE OR REPLACE TEMP TABLE units AS
SELECT DISTINCT * REPLACE (
    CASE WHEN single THEN hash('form', form) ELSE hash('cluster', cluster) END AS cluster)
FROM (SELECT *, min(form) OVER part = max(form) OVER part AS single FROM told
    WINDOW part AS (PARTITION BY cluster))"""
_BAD = f"""
CREATE OR REPLACE TEMP TABLE bad AS
WITH many AS (SELECT label FROM units GROUP BY label HAVING count(*) > {MAX_FORMS}),
apart AS (
    SELECT a.label FROM units a JOIN units b ON a.label = b.label AND a.cluster < b.cluster
    WHERE a.label NOT IN (FROM many)
    GROUP BY a.label, a.cluster, b.cluster
    HAVING bool_or({conflicts.given_conflict("a", "b")})
        AND NOT bool_or({conflicts.agree("a", "b")} AND NOT {conflicts.conflict("a", "b")}))
FROM many UNION FROM apart"""
# Of more customers than this in one person nobody is set beside all others; too many are queued anyway.
_CUSTOMERS = f"""
CREATE OR REPLACE TEMP TABLE customers AS
SELECT DISTINCT label, account, cluster FROM (
    SELECT l.label, n.account, coalesce(c.label, n.node) AS cluster
    FROM nodes n JOIN labels l USING (node) LEFT JOIN clusters c USING (node) WHERE n.object = 'customer')
WINDOW shop AS (PARTITION BY label, account)
QUALIFY min(cluster) OVER shop <> max(cluster) OVER shop AND count(*) OVER shop <= {MAX_FORMS}"""
_BAD_CUSTOMERS = {
    rule: f"""
CREATE OR REPLACE TEMP TABLE bad AS
WITH two AS (
    SELECT DISTINCT a.label, a.cluster AS one, b.cluster AS other
    FROM customers a JOIN customers b
        ON a.label = b.label AND a.account = b.account AND a.cluster < b.cluster),
named AS (
    SELECT coalesce(c.label, b.node) AS cluster, b.* EXCLUDE (node)
    FROM borne b LEFT JOIN clusters c USING (node)
    WHERE form IS NOT NULL AND coalesce(c.label, b.node) IN (SELECT cluster FROM customers)),
apart AS (
    SELECT label FROM two {join} named a ON a.cluster = one {join} named b ON b.cluster = other
    GROUP BY label, one, other
    HAVING NOT bool_or({conflicts.agree("a", "b")} AND NOT {conflicts.conflict("a", "b")}))
SELECT DISTINCT label FROM apart"""
    for rule, join in ((PHONE, "LEFT JOIN"), (EMAIL, "JOIN"))
}
# Of two that links hold apart the later is the one whose earliest record is later.
_REJECTED = """
CREATE OR REPLACE TEMP TABLE rejected AS
SELECT a.label, coalesce(c.label, d.here) AS one, coalesce(e.label, d.there) AS other
FROM decided d JOIN labels a ON a.node = d.here
JOIN labels b ON b.node = d.there AND b.label = a.label
LEFT JOIN clusters c ON c.node = d.here LEFT JOIN clusters e ON e.node = d.there
WHERE d.decision = 'reject' AND one <> other"""
_BAD_REJECTED = "CREATE OR REPLACE TEMP TABLE bad AS SELECT DISTINCT label FROM rejected"
_GOING_LATER = """
CREATE OR REPLACE TEMP TABLE going AS
SELECT node FROM affected LEFT JOIN clusters c USING (node)
WHERE coalesce(c.label, node) IN (SELECT greatest(one, other) FROM rejected)"""
_GOING_ALL = "CREATE OR REPLACE TEMP TABLE going AS FROM affected"
_TOO_MANY = f"""
CREATE OR REPLACE TEMP TABLE bad AS
SELECT label FROM labels GROUP BY label HAVING count(*) > ?
INTERSECT
SELECT label FROM ties JOIN labels USING (node) WHERE rule >= {EMAIL}
EXCEPT
SELECT label FROM decided JOIN labels ON node = here WHERE there IS NULL AND decision = 'accept'"""
_QUEUED = """
CREATE OR REPLACE TEMP TABLE queued AS
SELECT label, node FROM labels
WHERE label IN (FROM bad)
    AND label NOT IN (SELECT label FROM decided JOIN labels ON node = here WHERE there IS NULL)"""
_AFFECTED = "CREATE OR REPLACE TEMP TABLE affected AS SELECT node FROM labels WHERE label IN (FROM bad)"
_DROPPED = """
INSERT INTO dropped SELECT node, grp, rule, ? FROM ties WHERE rule >= ? AND node IN (FROM going)"""
_STANDING = "DELETE FROM ties WHERE rule >= ? AND node IN (FROM going)"
_RELABEL = """
UPDATE labels SET label = coalesce(a.label, labels.node)
FROM (SELECT node, again.label FROM affected LEFT JOIN again USING (node)) a
WHERE a.node = labels.node"""


def regroup(store: Store, *, max_members: int) -> None:
    """Make the temporary table `labels` (node, label: the least node of its person) for every node of `ties`.

    What is dropped leaves `ties`. For review it stands in `dropped` (node, grp, rule, reason) where it made a
    conflict (`chain`), joined customers of one shop (`two_customers`) or went with a pair decided to be two
    (`rejected`), and in `queued` (label, node: each node of what would have been one person of too many).
    """
    con = store.con
    con.execute(
        "CREATE OR REPLACE TEMP TABLE dropped (node BIGINT, grp BIGINT, rule INTEGER, reason VARCHAR)"
    )
    label_into(store, "labels", "SELECT node, grp FROM ties")
    for rule in (PHONE, EMAIL):
        for statement in (_TOLD, _UNITS, _BAD, _AFFECTED, _GOING_ALL):
            con.execute(statement)
        _part(store, rule, "chain")
        for statement in (_CUSTOMERS, _BAD_CUSTOMERS[rule], _AFFECTED, _GOING_ALL):
            con.execute(statement)
        _part(store, rule, "two_customers")
        for statement in (_REJECTED, _BAD_REJECTED, _AFFECTED, _GOING_LATER):
            con.execute(statement)
        _part(store, rule, "rejected")
    con.execute(_TOO_MANY, [max_members])
    for statement in (_QUEUED, _AFFECTED, _GOING_ALL):
        con.execute(statement)
    _part(store, EMAIL, None)
    for table in ("told", "units", "customers", "bad", "rejected", "affected", "going", "again"):
        con.execute(f"DROP TABLE IF EXISTS {table}")


def _part(store: Store, rule: int, reason: str | None) -> None:
    """Take the ties from `rule` on from the nodes in `going`, and join what is left of `affected` again."""
    con = store.con
    if not store.rows("SELECT 1 FROM going LIMIT 1"):
        return
    if reason:
        con.execute(_DROPPED, [reason, rule])
    con.execute(_STANDING, [rule])
    label_into(store, "again", "SELECT node, grp FROM ties WHERE node IN (FROM affected)")
    con.execute(_RELABEL)
