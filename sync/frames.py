"""What the scorers see of the store: lazy frames, every row with the person it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import narwhals as nw

from sync.model import PURCHASE
from sync.owners import find_owners
from sync.store import Store

Name = Literal["persons", "members", "person_orders", "person_refunds", "referral_codes"]

_PERSON_ORDERS = """
CREATE OR REPLACE TEMP TABLE person_orders AS
SELECT o.platform, o.account, o.id AS order_id, m.person_id, o.ordered_at, o.ordered_day, o.amount,
    o.cancelled_day,
    o.is_test, o.payment_status, o.kind, o.channel, o.discount_codes, o.referral_code, o.tags
FROM orders o
JOIN order_owners w ON w.platform = o.platform AND w.account = o.account AND w.order_id = o.id
LEFT JOIN members m
    ON m.platform = w.platform AND m.account = w.account AND m.object = w.object AND m.id = w.id
WHERE o.kind = '{purchase}'"""

_PERSON_REFUNDS = """
CREATE OR REPLACE TEMP VIEW person_refunds AS
SELECT r.platform, r.account, r.order_id, r.id AS refund_id, p.person_id, r.refunded_day, r.amount
FROM refunds r JOIN person_orders p USING (platform, account, order_id)"""

_REFERRAL_CODES = """
CREATE OR REPLACE TEMP VIEW referral_codes AS
SELECT DISTINCT r.referral_code AS code, m.person_id
FROM records r JOIN members m USING (platform, account, object, id)
WHERE r.referral_code IS NOT NULL AND NOT r.deleted"""


def refresh(store: Store) -> None:
    """Make the frames anew from what is stored now; to be called once identity is settled."""
    find_owners(store)
    store.con.execute(_PERSON_ORDERS.format(purchase=PURCHASE))
    for statement in (_PERSON_REFUNDS, _REFERRAL_CODES):
        store.con.execute(statement)


def frame(store: Store, name: Name) -> nw.LazyFrame[Any]:
    """One of the frames; those made of orders exist after `refresh`.

    - persons: person_id, anchor_at, assigned_at, ...; every person, whoever never bought included
    - members: person_id, platform, account, object, id, rule
    - person_orders: platform, account, order_id, person_id, ordered_at, ordered_day, amount, cancelled_day,
      is_test,
      payment_status, kind, channel, discount_codes, referral_code, tags; live orders that may count as
      purchases, person_id null where they belong to nobody
    - person_refunds: platform, account, order_id, refund_id, person_id, refunded_day, amount
    - referral_codes: code, person_id; one row per holder of a code (a code may have several)
    """
    return nw.from_native(store.con.table(name))


def held(store: Store, keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """What the platforms hold in our fields: platform, account, object, id, person_id and a text column
    `held_<key>` per field (null where blank), for every live record that is written to."""
    shape = ", ".join(f'"{key}": "VARCHAR"' for key in keys)
    unpacked = ", ".join(f"ours.{key} AS held_{key}" for key in keys)
    query = f"""
        SELECT platform, account, object, id, person_id{", " if keys else ""}{unpacked}
        FROM (
            SELECT r.platform, r.account, r.object, r.id, m.person_id,
                from_json(r.ours, '{{{shape}}}') AS ours
            FROM records r JOIN members m USING (platform, account, object, id)
            WHERE r.write_target AND NOT r.deleted)"""
    return nw.from_native(store.con.sql(query))
