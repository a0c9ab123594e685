"""Who bears one e-mail address or one mobile number, and which of them it ties.

Everybody who bears a value is one person, unless something speaks against it. Then each camp is one, a camp
being those whose names positively agree, and who does not tell which camp it is of is left out. Two things
speak against it: names of different camps conflict; or camps, whose names cannot be compared, bear different
values of the other kind (addresses where the number is shared, numbers where the address is), as the members
of a family do. A number is the weaker sign: families hand it on. So there a record without a name counts as a
camp of its own, and names that cannot be compared want more than the number as soon as an address is known
of anybody who bears it. On an address another family name beside the same given name is no conflict: people
marry, and keep their address.
"""

from __future__ import annotations

from sync import conflicts
from sync.components import label_into
from sync.rules import EMAIL, PHONE
from sync.store import Store

MAX_FORMS = 200
"""A value with more forms of names than this is nobody's, however many people its guard allows: pairs of
forms grow with the square."""

_SHARED = f"""
CREATE OR REPLACE TEMP TABLE shared AS
SELECT row_number() OVER () AS value, rule, key FROM (
    SELECT {EMAIL} AS rule, email_key AS key FROM borne WHERE email_key IS NOT NULL
    GROUP BY email_key HAVING min(node) <> max(node)
    UNION ALL
    SELECT {PHONE}, phone_key FROM borne WHERE phone_key IS NOT NULL
    GROUP BY phone_key HAVING min(node) <> max(node))"""
_HELD = f"""
CREATE OR REPLACE TEMP TABLE held AS
SELECT s.value, {EMAIL} AS rule, node, form, tells, guest, number AS beside
FROM borne b JOIN shared s ON s.key = b.email_key WHERE s.rule = {EMAIL}
UNION ALL
SELECT s.value, {PHONE}, node, form, tells, guest, address
FROM borne b JOIN shared s ON s.key = b.phone_key WHERE s.rule = {PHONE}"""
_VALUE_FORMS = """
CREATE OR REPLACE TEMP TABLE value_forms AS
SELECT row_number() OVER () AS spot, value, form FROM (
    SELECT DISTINCT value, form FROM held WHERE form IS NOT NULL AND value IN (
        SELECT value FROM held GROUP BY value HAVING min(form) <> max(form)))"""
_FORMS = f"""
CREATE OR REPLACE TEMP TABLE forms AS
SELECT DISTINCT ON (form) form, {", ".join(conflicts.COLUMNS)}
FROM borne WHERE form IN (SELECT form FROM value_forms)"""
_BARRED = f"""
CREATE OR REPLACE TEMP TABLE barred AS
SELECT value FROM value_forms JOIN forms f USING (form)
GROUP BY value HAVING {conflicts.people("f")} > ? OR count(*) > {MAX_FORMS}"""
_PAIRS = f"""
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT a.value, a.spot AS here, b.spot AS there, {conflicts.agree("f", "g")} AS alike,
    CASE WHEN rule = {EMAIL} THEN {conflicts.address_conflict("f", "g")}
        ELSE {conflicts.conflict("f", "g")} END AS conflict
FROM value_forms a JOIN value_forms b ON a.value = b.value AND a.spot < b.spot
JOIN shared s ON s.value = a.value
JOIN forms f ON f.form = a.form JOIN forms g ON g.form = b.form"""
# What a link holds together is one, whatever the names on it.
_AGREEING = """
CREATE OR REPLACE TEMP TABLE agreeing AS
WITH close AS (
    SELECT here, there, row_number() OVER () AS grp FROM pairs WHERE alike AND NOT conflict)
SELECT here AS node, grp FROM close UNION ALL SELECT there, grp FROM close
UNION ALL
SELECT spot, -dense_rank() OVER (ORDER BY value, cluster) FROM (
    SELECT DISTINCT v.value, v.spot, coalesce(c.label, h.node) AS cluster
    FROM held h JOIN value_forms v ON v.value = h.value AND v.form = h.form
    LEFT JOIN clusters c ON c.node = h.node)
QUALIFY count(*) OVER (PARTITION BY value, cluster) > 1"""
# A value of one form has one camp, 0. `known` numbers whoever counts among those who bear other values.
_BEARERS = f"""
CREATE OR REPLACE TEMP TABLE bearers AS
WITH odd AS (
    SELECT p.value, here, there FROM pairs p
    LEFT JOIN camps a ON a.node = here LEFT JOIN camps b ON b.node = there
    WHERE conflict AND coalesce(a.label, here) <> coalesce(b.label, there)),
at_odds AS (SELECT value, here AS spot FROM odd UNION SELECT value, there FROM odd)
SELECT h.value, h.rule, h.node, h.beside, CASE WHEN tells THEN coalesce(c.label, v.spot, 0) END AS camp,
    CASE WHEN beside IS NULL THEN NULL WHEN tells THEN coalesce(c.label, v.spot, 0)
        WHEN h.rule = {PHONE} OR (h.form IS NULL AND NOT guest) THEN -h.node
        WHEN NOT guest THEN -coalesce(v.spot, 0) END AS known,
    o.spot IS NOT NULL AS at_odds
FROM held h
LEFT JOIN value_forms v ON v.value = h.value AND v.form = h.form
LEFT JOIN camps c ON c.node = v.spot
LEFT JOIN at_odds o ON o.spot = v.spot
WHERE h.value NOT IN (FROM barred)"""
_PARTED = f"""
CREATE OR REPLACE TEMP TABLE parted AS
SELECT * EXCLUDE (beside, known) FROM bearers WHERE value IN (
    SELECT value FROM bearers GROUP BY value
    HAVING bool_or(at_odds)
        OR (count(DISTINCT known) > 1 AND count(DISTINCT beside) FILTER (known IS NOT NULL) > 1)
        OR (min(rule) = {PHONE} AND count(DISTINCT camp) > 1 AND count(beside) > 0))"""
_CAMPS_FROM = 1 << 40
_TYING = f"""
CREATE OR REPLACE TEMP TABLE tying AS
WITH camps AS (
    SELECT node, CASE camp WHEN 0 THEN value ELSE {_CAMPS_FROM} + camp END AS grp, rule
    FROM parted WHERE camp IS NOT NULL)
SELECT node, value AS grp, rule FROM bearers WHERE value NOT IN (SELECT value FROM parted)
UNION ALL SELECT * FROM camps
WHERE grp IN (SELECT grp FROM camps GROUP BY grp HAVING min(node) <> max(node))"""


def share(store: Store, *, max_sharing: int) -> None:
    """Make the temporary table `tying` (node, grp, rule; groups of two nodes or more, numbered from 1) from
    `borne` and `clusters`.

    A value whose records bear more than `max_sharing` different people's names is no key. Of values whose
    bearers are not all tied, `parted` tells for review who bears them: value, rule, node, camp (null: not
    told) and whether the name there conflicts with that of another camp (`at_odds`).
    """
    con = store.con
    for statement in (_SHARED, _HELD, _VALUE_FORMS, _FORMS):
        con.execute(statement)
    con.execute(_BARRED, [max_sharing])
    # Before the pairs are made, since the engine would make all of them first.
    con.execute("DELETE FROM value_forms WHERE value IN (FROM barred)")
    con.execute(_PAIRS)
    con.execute(_AGREEING)
    label_into(store, "camps", "FROM agreeing")
    for statement in (_BEARERS, _PARTED, _TYING):
        con.execute(statement)
    for table in (
        "shared",
        "held",
        "value_forms",
        "forms",
        "barred",
        "pairs",
        "agreeing",
        "camps",
        "bearers",
    ):
        con.execute(f"DROP TABLE {table}")
