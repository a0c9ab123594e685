"""One person as the store has it, orders that do not count included: for explaining, not for scoring."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import narwhals as nw
import pyarrow as pa

from sync import frames
from sync.decisions import Ref
from sync.owners import MAX_MERGES
from sync.store import Store, instant

_NAMED = f"""
CREATE OR REPLACE TEMP TABLE named_here AS
WITH RECURSIVE here AS (
    SELECT unnest([r.id, r.alias_id, r.parent_id]) AS id, 0 AS hops
    FROM looked_at JOIN records r USING (platform, account, object, id) WHERE r.object <> 'guest'
    UNION ALL
    SELECT unnest([r.id, r.alias_id]), hops + 1 FROM here JOIN records r ON r.merged_into = here.id
    WHERE r.deleted AND hops < {MAX_MERGES})
SELECT DISTINCT id FROM here WHERE id IS NOT NULL"""
_KEYS = """
CREATE OR REPLACE TEMP TABLE keys_here AS
SELECT r.platform, r.account, r.email_key, r.phone_key FROM looked_at JOIN records r
    USING (platform, account, object, id)
WHERE r.object = 'guest'"""
# Rather too many than too few: whose an order really is, `find_owners` tells.
_CANDIDATES = """
CREATE OR REPLACE TEMP TABLE orders_here AS
SELECT o.* FROM orders o WHERE o.record_id IN (SELECT id FROM named_here)
    OR o.parent_id IN (SELECT id FROM named_here)
    OR (o.platform = 'salesforce' AND o.id IN (
        SELECT order_id FROM roles WHERE contact_id IN (SELECT id FROM named_here)))
    OR EXISTS (FROM keys_here k WHERE k.platform = o.platform AND k.account = o.account
        AND k.email_key IS NOT DISTINCT FROM o.email_key AND k.phone_key IS NOT DISTINCT FROM o.phone_key)"""
_MORE = """,
    o.name, o.ordered_on, o.currency, o.original_amount, w.owner_platform, w.owner_account,
    w.object AS owner_object, w.id AS owner_id,
    coalesce(d.twin_platform, f.platform) AS of_platform, coalesce(d.twin_account, f.account) AS of_account,
    coalesce(d.twin_order_id, f.order_id) AS of_order_id, d.why AS duplicate_by"""
_EVERY_ORDER = f"""
CREATE OR REPLACE TEMP TABLE every_order AS
{frames.ORDERS.format(orders="orders_here", person="m.person_id", more=_MORE)}
LEFT JOIN duplicates d ON d.platform = o.platform AND d.account = o.account AND d.order_id = o.id
LEFT JOIN (SELECT DISTINCT platform, account, source_id, order_id FROM refunds WHERE source_id <> order_id) f
    ON f.platform = o.platform AND f.account = o.account AND f.source_id = o.id
WHERE m.person_id = getvariable('looked_at_person')
UNION ALL BY NAME
SELECT *, DATE '1970-01-01' + ordered_day::INTEGER AS ordered_on
FROM person_orders WHERE amount_unknown AND person_id = getvariable('looked_at_person')"""


_TWINS = """
SELECT DATE '1970-01-01' + salesforce_day::INTEGER AS salesforce_on,
    DATE '1970-01-01' + shopify_day::INTEGER AS shopify_on, currency, salesforce_amount, shopify_amount, pairs
FROM possible_twins ORDER BY ALL"""
_REVIEW = """
SELECT v.item, v.platform, v.account, v.object, v.id, other_platform, other_account, other_object, other_id,
    v.rule, reason, v.members
FROM match_review v WHERE EXISTS (FROM looked_at l WHERE
    (l.platform, l.account, l.object, l.id) = (v.platform, v.account, v.object, v.id)
    OR (l.platform, l.account, l.object, l.id) = (other_platform, other_account, other_object, other_id))
    OR v.item IN (SELECT item FROM review_members SEMI JOIN looked_at USING (platform, account, object, id))
ORDER BY item"""
_LOG = """
SELECT run_id, epoch_us(logged_at) AS logged_at, kind, person_id, other_id FROM person_log
WHERE person_id = ? OR other_id = ? ORDER BY logged_at, kind, person_id, other_id"""


def every_order(
    store: Store,
    person_id: str,
    refs: Sequence[Ref],
    *,
    max_sharing: int,
    referrer_sources: Collection[str],
) -> nw.LazyFrame[Any]:
    """Every live order of one person, counted or not, as the frame `person_orders` has them, and besides:
    name, ordered_on, currency, original_amount, owner_platform, owner_account, owner_object, owner_id (the
    record it belongs to), of_platform, of_account, of_order_id (the order it is a copy or a reduction of)
    and duplicate_by (null unless it is a copy).

    `refs` are all records of the person, also those merged away; `max_sharing` and `referrer_sources` are as
    in `frames.refresh`. Afterwards the frames of `sync.frames` hold this person's orders, and of others only
    some.
    """
    columns = {name: pa.array([getattr(ref, name) for ref in refs], pa.string()) for name in Ref._fields}
    store.con.register("arriving", pa.table(columns))
    store.con.execute("CREATE OR REPLACE TEMP TABLE looked_at AS SELECT * FROM arriving")
    store.con.unregister("arriving")
    for statement in (_NAMED, _KEYS, _CANDIDATES):
        store.con.execute(statement)
    frames.refresh(store, orders="orders_here", max_sharing=max_sharing, referrer_sources=referrer_sources)
    store.con.execute("SET VARIABLE looked_at_person = $1", [person_id])
    store.con.execute(_EVERY_ORDER)
    return nw.from_native(store.con.table("every_order"))


def first_day_of_all(store: Store) -> int | None:
    """The day of the oldest order the store has, a test or not."""
    ((day,),) = store.rows("SELECT min(ordered_day) FROM orders WHERE NOT deleted")
    return None if day is None else int(day)


def possible_twins(store: Store) -> list[dict[str, Any]]:
    """What `twins.find` has found, by day and amount."""
    return _dicts(store, _TWINS)


def undecided(store: Store) -> list[dict[str, Any]]:
    """The items of review that name a record of the person of `every_order`, or a group it waits in."""
    return _dicts(store, _REVIEW)


def joins_and_splits(store: Store, person_id: str) -> list[dict[str, Any]]:
    """What the log says of a person, the oldest first."""
    return [
        {**row, "logged_at": instant(row["logged_at"])} for row in _dicts(store, _LOG, person_id, person_id)
    ]


def kept_score(store: Store, person_id: str) -> dict[str, Any] | None:
    """The row of the last scores, None where there is none."""
    rows = _dicts(store, "SELECT * FROM scores WHERE person_id = ?", person_id)
    return rows[0] if rows else None


def _dicts(store: Store, sql: str, *values: Any) -> list[dict[str, Any]]:
    """Rows of a query of bounded size, by column name."""
    found = store.con.execute(sql, list(values))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
