"""What the scorers see of the store: lazy frames, every row with the person it belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

import narwhals as nw

from sync.model import PURCHASE
from sync.money import scale
from sync.owners import find_owners
from sync.person_views import HANDED, INTRODUCED, INVITED, LINES, NAMED, REFERRERS, SHARED, TOUCHED
from sync.store import Store
from sync.twins import find_duplicates

Name = Literal[
    "persons",
    "members",
    "person_orders",
    "person_refunds",
    "person_lines",
    "referral_codes",
    "referrers",
    "invitations",
    "handed",
    "shared_keys",
    "consents",
    "person_touches",
    "subscriptions",
    "rfm_groups",
    "order_records",
    "relay_persons",
]

MAX_SHARING = 20
"""An address or number of more persons tells nothing of who knows whom, where the settings say nothing."""

_NUMBERS = """
CREATE OR REPLACE TEMP TABLE person_numbers AS
SELECT person_id, row_number() OVER () AS person FROM persons"""

VIEWS = (
    """CREATE OR REPLACE TEMP VIEW unscored_persons AS
    SELECT DISTINCT m.person_id FROM live_records r JOIN members m USING (platform, account, object, id)
    WHERE r.excluded""",
    """CREATE OR REPLACE TEMP VIEW scored_persons AS
    SELECT p.*, k.known_day FROM persons p ANTI JOIN unscored_persons USING (person_id)
    LEFT JOIN (
        SELECT m.person_id, min(r.created_day) AS known_day
        FROM live_records r JOIN members m USING (platform, account, object, id) GROUP BY 1) k
    ON k.person_id = p.person_id""",
    """CREATE OR REPLACE TEMP VIEW relay_persons AS
    SELECT m.person_id FROM live_records r JOIN members m USING (platform, account, object, id)
    GROUP BY m.person_id HAVING bool_and(coalesce(r.by_relay, false))""",
    """CREATE OR REPLACE TEMP VIEW referral_codes AS
    SELECT DISTINCT unnest(r.referral_codes) AS code, m.person_id
    FROM live_records r JOIN members m USING (platform, account, object, id)""",
    """CREATE OR REPLACE TEMP VIEW member_records AS
    SELECT m.person_id, r.* FROM live_records r JOIN members m USING (platform, account, object, id)
    ANTI JOIN unscored_persons u ON u.person_id = m.person_id""",
    """CREATE OR REPLACE TEMP VIEW subscriptions AS
    SELECT person_id, subscription_status AS status FROM member_records
    WHERE subscription_status IS NOT NULL""",
    """CREATE OR REPLACE TEMP VIEW rfm_groups AS
    SELECT DISTINCT person_id, rfm_group FROM member_records WHERE rfm_group IS NOT NULL""",
    """CREATE OR REPLACE TEMP VIEW consents AS
    SELECT m.person_id, r.email_consent, r.sms_consent, r.phone_refused
    FROM live_records r JOIN members m USING (platform, account, object, id)""",
)

# A customer's tags speak for every order of that customer, and a business account is a business buyer.
ORDERS = """
SELECT o.platform, o.account, o.id AS order_id, {person} AS person_id, o.ordered_at, o.ordered_day, o.amount,
    false AS amount_unknown, o.rate, o.cancelled_day, o.is_test, o.payment_status, o.kind, o.channel,
    o.discount_codes, o.referral_code, o.utm_source, o.utm_medium, o.utm_campaign, o.utm_content,
    o.visit, list_concat(o.tags, r.tags) AS tags,
    coalesce(o.is_b2b, false) OR coalesce(w.object = 'Account', false) AS is_b2b{more}
FROM {orders} o
JOIN order_owners w ON w.platform = o.platform AND w.account = o.account AND w.order_id = o.id
LEFT JOIN (SELECT platform, account, object, id, tags FROM records WHERE len(tags) > 0) r
    ON r.platform = w.owner_platform AND r.account = w.owner_account AND r.object = w.object AND r.id = w.id
LEFT JOIN members m ON m.platform = w.owner_platform AND m.account = w.owner_account
    AND m.object = w.object AND m.id = w.id"""
"""Orders as the scorers know them; to be filled in with `person`, and `more` columns, and to be gone on."""

_ORDER_RECORDS = """
CREATE OR REPLACE TEMP VIEW order_records AS
SELECT platform, account, order_id, concat_ws('/', owner_platform, owner_account, object, id) AS record
FROM order_owners WHERE id IS NOT NULL"""

_OWNER = "CASE WHEN u.person_id IS NULL THEN m.person_id END"
_NUMBER = ", CASE WHEN u.person_id IS NULL THEN n.person END AS person"
_PERSON_ORDERS = f"""
CREATE OR REPLACE TEMP TABLE person_orders AS
{ORDERS.format(orders="{orders}", person=_OWNER, more=_NUMBER)}
LEFT JOIN unscored_persons u ON u.person_id = m.person_id
LEFT JOIN person_numbers n ON n.person_id = m.person_id
WHERE o.kind = '{PURCHASE}' AND NOT EXISTS (
    FROM duplicates d WHERE d.platform = o.platform AND d.account = o.account AND d.order_id = o.id)"""

# Whether an order that counts is as old is for the scorers to say: they know the merchant's rules.
_FIRST_PURCHASES = f"""
INSERT INTO person_orders BY NAME
SELECT r.platform, r.account, 'first:' || r.object || '/' || r.id AS order_id, m.person_id, n.person,
    r.first_purchase_day AS ordered_day, 0 AS amount, true AS amount_unknown, false AS is_test,
    '{PURCHASE}' AS kind, [] AS discount_codes, r.tags, r.object = 'Account' AS is_b2b
FROM live_records r
JOIN members m USING (platform, account, object, id)
JOIN person_numbers n ON n.person_id = m.person_id
ANTI JOIN unscored_persons u ON u.person_id = m.person_id
WHERE r.first_purchase_day IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY m.person_id
    ORDER BY r.first_purchase_day, r.platform, r.account, r.object, r.id) = 1"""

# Sums are converted and rounded, not the parts: parts that come to the whole order take back all of it.
_PERSON_REFUNDS = """
CREATE OR REPLACE TEMP TABLE person_refunds AS
WITH told AS (
    SELECT f.platform, f.account, f.order_id, f.id AS refund_id, p.person_id, f.refunded_day, f.reason,
        (round(sum(f.original_amount) OVER one_by_one::DECIMAL(18,4) * p.rate, {scale}))::DECIMAL(18,4)
            AS so_far
    FROM refunds f
    JOIN person_orders p USING (platform, account, order_id)
    WINDOW one_by_one AS (PARTITION BY f.platform, f.account, f.order_id
        ORDER BY f.refunded_day, f.id ROWS UNBOUNDED PRECEDING))
SELECT * EXCLUDE so_far, so_far - lag(so_far, 1, 0::DECIMAL(18,4)) OVER (
    PARTITION BY platform, account, order_id ORDER BY refunded_day, refund_id) AS amount
FROM told"""


def refresh(
    store: Store,
    *,
    orders: str = "orders",
    max_sharing: int = MAX_SHARING,
    referrer_sources: Collection[str] = (),
) -> None:
    """Make the frames anew from what is stored now; to be called once identity is settled.

    `orders` may name a table with some of the orders: all those of the persons who are looked at. An address
    or number of more than `max_sharing` persons ties nobody to anybody. Where `referrer_sources` are given,
    a record names its referrer only if its lead source is one of them (letter case aside).
    """
    find_owners(store, orders=orders)
    find_duplicates(store, orders=orders)
    currency = store.meta("bound:reporting currency")
    facts = {
        "orders": orders,
        "scale": scale(currency) if currency else 4,
        "max_sharing": max_sharing,
        "sources": _literal(source.strip().lower() for source in referrer_sources),
    }
    made = (
        _NUMBERS,
        *VIEWS,
        NAMED,
        TOUCHED,
        INTRODUCED,
        REFERRERS,
        INVITED,
        HANDED,
        SHARED,
        _ORDER_RECORDS,
        _PERSON_ORDERS,
        _FIRST_PURCHASES,
        _PERSON_REFUNDS,
        LINES,
    )
    for statement in made:
        store.con.execute(statement.format(**facts))


def _literal(texts: Iterable[str]) -> str:
    """A list of texts as SQL: a view takes no parameters."""
    quoted = ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
    return f"[{quoted}]::VARCHAR[]"


def drop_firsts(store: Store, superseded: nw.LazyFrame[Any]) -> None:
    """Take the first purchases that fields tell out of the orders of some persons (`person_id`)."""
    gone = store.materialise(superseded).to_native().sql_query()
    store.con.execute(
        f"DELETE FROM person_orders WHERE amount_unknown AND person_id IN (SELECT person_id FROM ({gone}))"
    )


def frame(store: Store, name: Name) -> nw.LazyFrame[Any]:
    """One of the frames; all but `members` exist after `refresh`.

    - persons: person_id, known_day (of the oldest record), anchor_at, ...; every person that is scored,
      whoever never bought included. Left out are persons of whom some live record is excluded
      (`privacy.exclude`)
    - relay_persons: person_id of persons known only by a marketplace's relay addresses
    - members: person_id, platform, account, object, id, rule
    - person_orders: platform, account, order_id, person_id, ordered_at, ordered_day, amount, amount_unknown,
      cancelled_day, is_test, payment_status, kind, channel, discount_codes, referral_code, utm_*, visit,
      tags (the order's and its customer's, folded), is_b2b, person (see `sync.numbers`); live orders that
      may count, each purchase once. person_id is null where they belong to nobody or an excluded person. What
      a field says of a first purchase is a row of amount 0, `amount_unknown`, the earliest of each person;
      `drop_firsts` takes out those of whom a counted order is as old
    - person_refunds: platform, account, order_id, refund_id, person_id, refunded_day, reason, amount (in the
      reporting currency; the refunds of an order in full add up to exactly its amount)
    - referral_codes: code, person_id; one row per holder of a code (a code may have several)
    - referrers: person_id, referrer_id; persons of whom a record, or a personal code, is named as who
      introduced one
    - invitations: person_id, day; one row per lead whom somebody introduced, on the day the lead was made
    - handed: person_id, day; when somebody's personal code was written, and when somebody invited a friend
    - shared_keys: person_id, other_id; both ways, persons who share an e-mail address or a number that
      few bear
    - person_touches: person_id, platform, account, kind, touch_id, day, ended_day, value, order_id (of a
      return, else null); whatever else happened (see `sync.model.Touch`): abandoned_checkout, draft_order,
      invoice_sent, opportunity, opportunity_stage, lead, campaign_sent, campaign_response, case, activity,
      consent, expectation, nps, stars, quality_return. A consent `opted_out` is a refusal of now: its day is
      only that of the record
    - person_lines: platform, account, order_id, person_id, ordered_day, product_id, title, quantity, amount
      (reporting currency); the products of orders, where they are read
    - subscriptions: person_id, status (`active`, `paused`, `cancelled`, ...); one row per record that has one
    - order_records: platform, account, order_id, record (text); the one record each order belongs to
    - rfm_groups: person_id, rfm_group; the shop's own groups, as it says them
    - consents: person_id, email_consent, sms_consent, phone_refused; one row per live record
    """
    return nw.from_native(store.con.table("scored_persons" if name == "persons" else name))


def held(store: Store, keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """What the platforms hold in our fields: platform, account, object, id, person_id and a text column
    `held_<key>` per field (null where blank), for every live record that is written to.

    Dormant business accounts are there while they hold something. person_id is null for those and for every
    record of a person that is not scored: their fields are to be blank.
    """
    for statement in VIEWS:
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
