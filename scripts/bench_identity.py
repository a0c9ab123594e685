#!/usr/bin/env python3
"""From stored keys to persons: fill a store with invented records, then identify them, a process for each.

    python scripts/bench_identity.py fill FOLDER 1000000
    python scripts/bench_identity.py identify FOLDER

Keys are spread as in a households scenario (`sandbox.household_rates`): of 100 records 58 are customers, 30
contacts and Person Accounts, 6 leads and 6 guests; couples share addresses, families telephones, and some
addresses are everybody's. There is one order for every record. `identify` prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from sync.identify import IdentityRules, identify
from sync.store import Store

MEMORY = "1000MB"
AT = datetime(2026, 10, 1, 3, tzinfo=UTC)
SHOP, ORG = "bench.myshopify.com", "00D000000000001AAA"
# Which people have which records: object, platform, account, the first person, the step, how many per record.
_PARTS = (
    ("customer", "shopify", SHOP, 0, 1, 0.58),
    ("Contact", "salesforce", ORG, 1, 3, 0.18),
    ("PersonAccount", "salesforce", ORG, 2, 5, 0.12),
    ("Lead", "salesforce", ORG, 3, 11, 0.06),
)
_NAMES = ", ".join(
    f"CASE WHEN script = '{script}' THEN {part} END AS {script}_{part}"
    for script in ("han", "kana", "latin")
    for part in ("family", "given", "whole")
)
_RECORDS = f"""
INSERT INTO records BY NAME
WITH drawn AS (
    SELECT i, ({{first}} + i * {{step}})::BIGINT AS p, hash('{{object}}', i) AS luck
    FROM range({{count}}::BIGINT) t(i)),
people AS (
    SELECT *, luck // 7 % 1000 AS has_email, luck // 11 % 100 AS has_phone,
        '{{platform}}' = 'salesforce' AND luck // 13 % 10 < 3 AND p < {{customers}} AS is_linked,
        CASE WHEN p % 40 = 1 THEN p - 1 ELSE p END AS mailbox,
        CASE WHEN p % 25 = 3 THEN p - 1 ELSE p END AS mobile,
        CASE WHEN luck % 100 < 80 THEN 'han' WHEN luck % 100 < 87 THEN 'kana'
            WHEN luck % 100 < 95 THEN 'latin' END AS script,
        (p // 2) % 9000 AS family_no, hash(p) % 4000 AS given_no
    FROM drawn),
named AS (
    SELECT *, hash('family', family_no) >> 1 AS family, hash('given', given_no) >> 1 AS given,
        hash('whole', family_no, given_no) >> 1 AS whole FROM people)
SELECT '{{platform}}' AS platform, '{{account}}' AS account, '{{object}}' AS object,
    CASE WHEN '{{platform}}' = 'shopify' THEN (7000000000000 + i)::VARCHAR ELSE '{{object}}' || i END AS id,
    TIMESTAMPTZ '2021-01-01 00:00:00+00' + INTERVAL (p % 2000) DAY + INTERVAL (luck % 86400) SECOND
        AS created_at,
    TIMESTAMPTZ '2026-09-01 00:00:00+00' AS updated_at, false AS deleted, true AS write_target,
    CASE WHEN has_email < 2 THEN md5('nobody' || luck % 5)
        WHEN has_email < 940 THEN md5('e' || mailbox) END AS email_key,
    CASE WHEN has_phone < 60 THEN md5('p' || mobile)
        WHEN has_phone < 65 THEN md5('l' || p // 2) END AS phone_key,
    CASE WHEN has_phone < 65 THEN has_phone < 60 END AS phone_is_mobile, {_NAMES},
    CASE WHEN is_linked THEN 'shopify' END AS linked_platform,
    CASE WHEN is_linked THEN (7000000000000 + p)::VARCHAR END AS linked_id,
    [] AS tags, false AS excluded, false AS by_relay, '{{{{}}}}' AS ours, false AS dormant
FROM named"""
_ORDERS = f"""
INSERT INTO orders BY NAME
SELECT 'shopify' AS platform, '{SHOP}' AS account, (5000000000000 + i)::VARCHAR AS id,
    ordered_at AS created_at, ordered_at, ordered_at::DATE AS ordered_on, 20089 AS ordered_day,
    10 AS amount, 10 AS original_amount, 1 AS rate, 'JPY' AS currency, 'purchase' AS kind,
    'online' AS channel, ordered_at AS updated_at,
    CASE WHEN i >= {{guests}} THEN (7000000000000 + i % {{customers}})::VARCHAR END AS record_id,
    CASE WHEN i < {{guests}} THEN md5('e' || (i * 13)) END AS email_key,
    CASE WHEN i < {{guests}} AND i % 5 < 2 THEN md5('p' || (i * 13)) END AS phone_key,
    false AS is_test, false AS is_b2b, false AS deleted, [] AS tags, [] AS aliases, [] AS discount_codes
FROM (SELECT i, TIMESTAMPTZ '2025-01-01 12:00:00+00' AS ordered_at FROM range({{count}}::BIGINT) t(i))"""


def fill(folder: Path, count: int) -> None:
    """Make a store with so many records and as many orders."""
    customers, guests = int(count * 0.58), int(count * 0.06)
    with Store.open(folder / "identity.duckdb", memory="4GB") as store:
        for kind, platform, account, first, step, share in _PARTS:
            facts = {"object": kind, "platform": platform, "account": account, "first": first, "step": step}
            store.con.execute(_RECORDS.format(**facts, count=int(count * share), customers=customers))
        store.con.execute(_ORDERS.format(count=count, guests=guests, customers=customers))


def measure(folder: Path) -> dict[str, float | int]:
    """Identify with no person known, then again with all of them; seconds of each, and what came out."""
    told: dict[str, float | int] = {}
    with Store.open(folder / "identity.duckdb", memory=MEMORY) as store:
        for name in ("first", "again"):
            began = time.monotonic()
            found = identify(store, run_id=name, at=AT, rules=IdentityRules())
            told[f"{name}_seconds"] = round(time.monotonic() - began, 2)
            told |= {"records": found.records, "persons": found.persons}
    return told


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        print(json.dumps(measure(Path(sys.argv[2]))))
