"""What the scorers see of the store: lazy frames, every row with the person it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import narwhals as nw

from sync.model import PURCHASE
from sync.money import scale
from sync.owners import find_owners
from sync.store import Store
from sync.twins import find_duplicates

Name = Literal[
    "persons", "members", "person_orders", "person_refunds", "referral_codes", "consents", "relay_persons"
]

_VIEWS = (
    """CREATE OR REPLACE TEMP VIEW unscored_persons AS
    SELECT DISTINCT m.person_id FROM live_records r JOIN members m USING (platform, account, object, id)
    WHERE r.excluded""",
    """CREATE OR REPLACE TEMP VIEW scored_persons AS
    SELECT * FROM persons ANTI JOIN unscored_persons USING (person_id)""",
    """CREATE OR REPLACE TEMP VIEW relay_persons AS
    SELECT m.person_id FROM live_records r JOIN members m USING (platform, account, object, id)
    GROUP BY m.person_id HAVING bool_and(coalesce(r.by_relay, false))""",
    """CREATE OR REPLACE TEMP VIEW referral_codes AS
    SELECT DISTINCT r.referral_code AS code, m.person_id
    FROM live_records r JOIN members m USING (platform, account, object, id)
    WHERE r.referral_code IS NOT NULL""",
    """CREATE OR REPLACE TEMP VIEW consents AS
    SELECT m.person_id, r.email_consent, r.sms_consent, r.phone_refused
    FROM live_records r JOIN members m USING (platform, account, object, id)""",
)

# A customer's tags speak for every order of that customer, and a business account is a business buyer.
ORDERS = """
SELECT o.platform, o.account, o.id AS order_id, {person} AS person_id, o.ordered_at, o.ordered_day, o.amount,
    false AS amount_unknown, o.rate, o.cancelled_day, o.is_test, o.payment_status, o.kind, o.channel,
    o.discount_codes, o.referral_code, list_concat(o.tags, r.tags) AS tags,
    coalesce(o.is_b2b, false) OR coalesce(w.object = 'Account', false) AS is_b2b{more}
FROM {orders} o
JOIN order_owners w ON w.platform = o.platform AND w.account = o.account AND w.order_id = o.id
LEFT JOIN (SELECT platform, account, object, id, tags FROM records WHERE len(tags) > 0) r
    ON r.platform = w.owner_platform AND r.account = w.owner_account AND r.object = w.object AND r.id = w.id
LEFT JOIN members m ON m.platform = w.owner_platform AND m.account = w.owner_account
    AND m.object = w.object AND m.id = w.id"""
"""Orders as the scorers know them; to be filled in with `person`, and `more` columns, and to be gone on."""

_PERSON_ORDERS = f"""
CREATE OR REPLACE TEMP TABLE person_orders AS
{ORDERS.format(orders="{orders}", person="CASE WHEN u.person_id IS NULL THEN m.person_id END", more="")}
LEFT JOIN unscored_persons u ON u.person_id = m.person_id
WHERE o.kind = '{PURCHASE}' AND NOT EXISTS (
    FROM duplicates d WHERE d.platform = o.platform AND d.account = o.account AND d.order_id = o.id)"""

# What the merchant says of a first purchase counts only where no order that may count is as old.
_FIRST_PURCHASES = f"""
INSERT INTO person_orders BY NAME
SELECT r.platform, r.account, 'first:' || r.object || '/' || r.id AS order_id, m.person_id,
    r.first_purchase_day AS ordered_day, 0 AS amount, true AS amount_unknown, false AS is_test,
    '{PURCHASE}' AS kind, [] AS discount_codes, r.tags, r.object = 'Account' AS is_b2b
FROM live_records r
JOIN members m USING (platform, account, object, id)
ANTI JOIN unscored_persons u ON u.person_id = m.person_id
LEFT JOIN (
    SELECT person_id, min(ordered_day) AS earliest FROM person_orders
    WHERE NOT is_test AND cancelled_day IS NULL AND amount > 0
        AND coalesce(payment_status, '') NOT IN ('VOIDED', 'EXPIRED')
    GROUP BY person_id) o ON o.person_id = m.person_id
WHERE r.first_purchase_day IS NOT NULL AND (earliest IS NULL OR r.first_purchase_day < earliest)
QUALIFY row_number() OVER (PARTITION BY m.person_id
    ORDER BY r.first_purchase_day, r.platform, r.account, r.object, r.id) = 1"""

# Sums are converted and rounded, not the parts: parts that come to the whole order take back all of it.
_PERSON_REFUNDS = """
CREATE OR REPLACE TEMP TABLE person_refunds AS
WITH told AS (
    SELECT f.platform, f.account, f.order_id, f.id AS refund_id, p.person_id, f.refunded_day,
        (round(sum(f.original_amount) OVER one_by_one::DECIMAL(18,4) * p.rate, {scale}))::DECIMAL(18,4)
            AS so_far
    FROM refunds f
    JOIN person_orders p USING (platform, account, order_id)
    WINDOW one_by_one AS (PARTITION BY f.platform, f.account, f.order_id
        ORDER BY f.refunded_day, f.id ROWS UNBOUNDED PRECEDING))
SELECT * EXCLUDE so_far, so_far - lag(so_far, 1, 0::DECIMAL(18,4)) OVER (
    PARTITION BY platform, account, order_id ORDER BY refunded_day, refund_id) AS amount
FROM told"""


def refresh(store: Store, *, orders: str = "orders") -> None:
    """Make the frames anew from what is stored now; to be called once identity is settled.

    `orders` may name a table with some of the orders: all those of the persons who are looked at.
    """
    find_owners(store, orders=orders)
    find_duplicates(store, orders=orders)
    currency = store.meta("bound:reporting currency")
    facts = {"orders": orders, "scale": scale(currency) if currency else 4}
    for statement in (*_VIEWS, _PERSON_ORDERS, _FIRST_PURCHASES, _PERSON_REFUNDS):
        store.con.execute(statement.format(**facts))


def frame(store: Store, name: Name) -> nw.LazyFrame[Any]:
    """One of the frames; all but `members` exist after `refresh`.

    - persons: person_id, anchor_at, assigned_at, ...; every person that is scored, whoever never bought
      included. Left out are persons of whom some live record is excluded (`privacy.exclude`)
    - relay_persons: person_id of persons known only by a marketplace's relay addresses
    - members: person_id, platform, account, object, id, rule
    - person_orders: platform, account, order_id, person_id, ordered_at, ordered_day, amount, amount_unknown,
      cancelled_day, is_test, payment_status, kind, channel, discount_codes, referral_code, tags (the
      order's and its customer's, folded), is_b2b; live orders that may count as purchases, each purchase
      once. person_id is null where they belong to nobody or to an excluded person. What a merchant's field
      says of a first purchase before all orders is a row of amount 0, `amount_unknown`
    - person_refunds: platform, account, order_id, refund_id, person_id, refunded_day, amount (in the
      reporting currency; the refunds of an order in full add up to exactly its amount)
    - referral_codes: code, person_id; one row per holder of a code (a code may have several)
    - consents: person_id, email_consent, sms_consent, phone_refused; one row per live record
    """
    return nw.from_native(store.con.table("scored_persons" if name == "persons" else name))


def held(store: Store, keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """What the platforms hold in our fields: platform, account, object, id, person_id and a text column
    `held_<key>` per field (null where blank), for every live record that is written to.

    Dormant business accounts are there while they hold something. person_id is null for those and for every
    record of a person that is not scored: their fields are to be blank.
    """
    for statement in _VIEWS:
        store.con.execute(statement)
    shape = ", ".join(f'"{key}": "VARCHAR"' for key in keys)
    unpacked = ", ".join(f"ours.{key} AS held_{key}" for key in keys)
    query = f"""
        SELECT platform, account, object, id, person_id{", " if keys else ""}{unpacked}
        FROM (
            SELECT r.platform, r.account, r.object, r.id,
                CASE WHEN u.person_id IS NULL THEN m.person_id END AS person_id,
                from_json(r.ours, '{{{shape}}}') AS ours
            FROM records r
            LEFT JOIN members m USING (platform, account, object, id)
            LEFT JOIN unscored_persons u ON u.person_id = m.person_id
            WHERE r.write_target AND NOT r.deleted AND (NOT r.dormant OR r.ours <> '{{}}'))"""
    return nw.from_native(store.con.sql(query))
