"""The same order in two systems: duplicates known for sure, and possible twins that are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw

from sync.model import PURCHASE
from sync.store import Store

NEAR_DAYS = 3
"""Twins lie at most so many days apart."""
MAX_ROUNDS = 64

# A reference names one order of the shop, whoever bought it; a name alone says something only of an order of
# the same person, since every system numbers from 1001. A history file may tell the shop's ids as well.
_TOLD = f"""
CREATE OR REPLACE TEMP TABLE told_marks AS
WITH others AS (
    SELECT platform, account, id, reference,
        CASE WHEN platform = 'history' THEN list_append(aliases,
            regexp_replace(lower(trim(id)), '^(#|gid://shopify/order/)', '')) ELSE aliases END AS names
    FROM {{orders}} WHERE platform <> 'shopify' AND kind = '{PURCHASE}' AND NOT deleted)
SELECT platform, account, id, reference AS mark, true AS referred FROM others WHERE reference IS NOT NULL
UNION ALL
SELECT platform, account, id, unnest(names) AS mark, false AS referred FROM others"""
_BORNE = """
CREATE OR REPLACE TEMP TABLE borne_marks AS
SELECT account, id, mark, is_id, count(*) OVER (PARTITION BY mark, is_id) AS bearers
FROM (
    SELECT account, id, id AS mark, true AS is_id FROM orders WHERE platform = 'shopify' AND NOT deleted
    UNION ALL
    SELECT account, id, unnest(aliases) AS mark, false AS is_id
    FROM orders WHERE platform = 'shopify' AND NOT deleted)
WHERE mark IN (SELECT mark FROM told_marks)"""
_MET = """
CREATE OR REPLACE TEMP TABLE met_marks AS
SELECT t.platform, t.account, t.id, t.referred, b.account AS shop, b.id AS shop_id, b.is_id, b.bearers
FROM told_marks t JOIN borne_marks b USING (mark)
WHERE t.referred OR NOT b.is_id OR t.platform = 'history'"""
_WHOSE = """
CREATE OR REPLACE TEMP TABLE {side}_persons AS
SELECT DISTINCT w.platform, w.account, w.order_id, m.person_id
FROM met_marks t
JOIN {owners} w ON w.platform = {platform} AND w.account = {account} AND w.order_id = {id}
JOIN members m ON m.platform = w.owner_platform AND m.account = w.owner_account
    AND m.object = w.object AND m.id = w.id"""
_SIDES = (
    {"side": "told", "platform": "t.platform", "account": "t.account", "id": "t.id"},
    {"side": "shop", "platform": "'shopify'", "account": "t.shop", "id": "t.shop_id"},
)
_DUPLICATES = """
CREATE OR REPLACE TEMP TABLE {duplicates} AS
SELECT t.platform, t.account, t.id AS order_id, 'shopify' AS twin_platform, t.shop AS twin_account,
    t.shop_id AS twin_order_id, CASE WHEN t.referred THEN 'reference' ELSE 'name' END AS why
FROM met_marks t
LEFT JOIN told_persons p ON p.platform = t.platform AND p.account = t.account AND p.order_id = t.id
LEFT JOIN shop_persons s ON s.account = t.shop AND s.order_id = t.shop_id
CROSS JOIN LATERAL (SELECT coalesce(p.person_id = s.person_id, false) AS same)
WHERE same OR t.referred AND (t.is_id OR t.bearers = 1)
QUALIFY row_number() OVER (PARTITION BY t.platform, t.account, t.id
    ORDER BY t.referred DESC, t.is_id DESC, same DESC, t.shop, t.shop_id) = 1"""

# Equal orders of one day are one node with a count: which of them pairs with which makes no difference.
_NODES = """
CREATE OR REPLACE TEMP TABLE twin_nodes AS
WITH counted AS (
    SELECT platform, account, order_id, person_id, ordered_day FROM ({counted})
    WHERE person_id IS NOT NULL AND NOT amount_unknown),
both_systems AS (
    SELECT person_id FROM counted GROUP BY person_id
    HAVING bool_or(platform = 'shopify') AND bool_or(platform = 'salesforce'))
SELECT row_number() OVER (
    ORDER BY person_id, platform, day, currency, amount, tax, shipping) AS node, *
FROM (
    SELECT c.platform, c.person_id, c.ordered_day AS day, o.currency, o.original_amount AS amount,
        CASE WHEN c.platform = 'shopify' THEN coalesce(o.tax, 0) END AS tax,
        CASE WHEN c.platform = 'shopify' THEN coalesce(o.shipping, 0) END AS shipping,
        count(*) AS left_over
    FROM counted c SEMI JOIN both_systems USING (person_id)
    JOIN orders o ON o.platform = c.platform AND o.account = c.account AND o.id = c.order_id
    WHERE c.platform IN ('shopify', 'salesforce') AND NOT EXISTS (
        FROM duplicates d WHERE d.twin_platform = o.platform AND d.twin_account = o.account
            AND d.twin_order_id = o.id)
    GROUP BY ALL)"""
# A copy is made on the day of the original or after it: at equal distance the order behind is nearer.
_EDGES = f"""
CREATE OR REPLACE TEMP TABLE twin_edges AS
WITH priced AS (
    SELECT DISTINCT node, person_id, day, currency, unnest([amount, amount - tax, amount - shipping,
        amount - tax - shipping]) AS price
    FROM twin_nodes WHERE platform = 'shopify')
SELECT f.node AS sold, p.node AS shop,
    2 * abs(f.day - p.day) - (f.day > p.day)::INTEGER AS distance
FROM twin_nodes f JOIN priced p
    ON p.person_id = f.person_id AND p.currency = f.currency AND p.price = f.amount
    AND p.day BETWEEN f.day - {NEAR_DAYS} AND f.day + {NEAR_DAYS}
WHERE f.platform = 'salesforce'"""
_PAIRS = "CREATE OR REPLACE TEMP TABLE twin_pairs (sold BIGINT, shop BIGINT, pairs BIGINT)"
_NEAREST = """
CREATE OR REPLACE TEMP TABLE nearest AS
SELECT sold, shop, least(f.left_over, p.left_over) AS pairs
FROM (SELECT *, row_number() OVER (PARTITION BY sold ORDER BY distance, shop) AS of_sold,
          row_number() OVER (PARTITION BY shop ORDER BY distance, sold) AS of_shop FROM twin_edges)
JOIN twin_nodes f ON f.node = sold
JOIN twin_nodes p ON p.node = shop
WHERE of_sold = 1 AND of_shop = 1"""
_TAKE = """
UPDATE twin_nodes SET left_over = left_over - taken FROM (
    SELECT sold AS node, pairs AS taken FROM nearest UNION ALL SELECT shop, pairs FROM nearest) t
WHERE t.node = twin_nodes.node"""
_PAIRED = "INSERT INTO twin_pairs FROM nearest"
_REST = """
DELETE FROM twin_edges WHERE sold IN (SELECT node FROM twin_nodes WHERE left_over = 0)
    OR shop IN (SELECT node FROM twin_nodes WHERE left_over = 0)"""
_POSSIBLE = """
CREATE OR REPLACE TEMP TABLE possible_twins AS
SELECT f.person_id, f.day AS salesforce_day, p.day AS shopify_day, f.currency, f.amount AS salesforce_amount,
    p.amount AS shopify_amount, t.pairs
FROM twin_pairs t JOIN twin_nodes f ON f.node = t.sold JOIN twin_nodes p ON p.node = t.shop"""


@dataclass(frozen=True, slots=True)
class Twins:
    """`duplicates`: orders left out because they are an order of the shop. `possible`: counted orders of
    Salesforce that look like a counted order of the shop; `shopify_orders` and `salesforce_orders` are all
    counted ones."""

    duplicates: int
    possible: int
    shopify_orders: int
    salesforce_orders: int


def find_duplicates(
    store: Store, *, orders: str = "orders", owners: str = "order_owners", duplicates: str = "duplicates"
) -> None:
    """Fill the temporary table `duplicates`: platform, account, order_id of an order outside the shop, the
    twin_platform, twin_account, twin_order_id of the shop's order that it is, and why.

    Why is `reference` (the merchant's own field names the shop's order by id or, where only one live order
    of all shops or of the same person bears it, by name) or `name` (it bears the name of a live order of
    the same person). Several orders may be copies of one. Wants `find_owners` and settled identity;
    `orders` may be a part of the orders whose `owners` are known.
    """
    con = store.con
    # Step by step: one query of all these joins would hold them all in memory at once.
    con.execute(_TOLD.format(orders=orders))
    con.execute(_BORNE)
    con.execute(_MET)
    for side in _SIDES:
        con.execute(_WHOSE.format(owners=owners, **side))
    con.execute(_DUPLICATES.format(duplicates=duplicates))
    for table in ("told_marks", "borne_marks", "met_marks", "told_persons", "shop_persons"):
        con.execute(f"DROP TABLE {table}")


def find(store: Store, counted: nw.LazyFrame[Any]) -> Twins:
    """Count duplicates and possible twins, and fill the temporary table `possible_twins`.

    Possible twins: an order of Salesforce and one of the shop, both counted, of the same person, at most
    `NEAR_DAYS` apart, in the same currency, with equal amounts (the shop's with or without tax and
    shipping). They are paired one to one, nearest first. In: the frame `counted`
    (`metrics.purchases.valid_purchases`); wants `frames.refresh`.
    """
    sql = counted.to_native().sql_query()
    totals = dict(
        store.rows(f"SELECT platform, count(*) FROM ({sql}) WHERE NOT amount_unknown GROUP BY platform")
    )
    ((duplicates,),) = store.rows("SELECT count(*) FROM duplicates")
    if not (totals.get("shopify") and totals.get("salesforce")):
        sql = f"SELECT * FROM ({sql}) LIMIT 0"  # nobody to pair, and perhaps millions to look through
    store.con.execute(_NODES.format(counted=sql))
    for statement in (_EDGES, _PAIRS):
        store.con.execute(statement)
    _pair(store)
    store.con.execute(_POSSIBLE)
    ((possible,),) = store.rows("SELECT coalesce(sum(pairs), 0) FROM possible_twins")
    for table in ("twin_nodes", "twin_edges", "twin_pairs", "nearest"):
        store.con.execute(f"DROP TABLE IF EXISTS {table}")
    return Twins(
        duplicates=int(duplicates),
        possible=int(possible),
        shopify_orders=int(totals.get("shopify", 0)),
        salesforce_orders=int(totals.get("salesforce", 0)),
    )


def _pair(store: Store) -> None:
    """Pair who is nearest to each other until nobody near is left over."""
    for _ in range(MAX_ROUNDS):
        if not store.rows("SELECT 1 FROM twin_edges LIMIT 1"):
            return
        for statement in (_NEAREST, _PAIRED, _TAKE, _REST):
            store.con.execute(statement)
