"""A store of an earlier version: what no platform can tell again stays, the rest is read anew."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from sync_rows import ORG, SHOP, customer, open_store, order, pull, refund

from sync import bookmarks
from sync.store import Store, StoreUnusable

VERSION_1 = (
    "CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)",
    "CREATE TABLE records (platform VARCHAR, account VARCHAR, object VARCHAR, id VARCHAR, created_at "
    "TIMESTAMPTZ, updated_at TIMESTAMPTZ, deleted BOOLEAN, merged_into VARCHAR, write_target "
    "BOOLEAN, email_key VARCHAR, phone_key VARCHAR, phone_is_mobile BOOLEAN, name_han VARCHAR, "
    "name_kana VARCHAR, name_latin VARCHAR, parent_id VARCHAR, linked_platform VARCHAR, "
    "linked_account VARCHAR, linked_id VARCHAR, referral_code VARCHAR, email_consent VARCHAR, "
    "sms_consent VARCHAR, phone_refused BOOLEAN, subscription_status VARCHAR, lead_source VARCHAR, "
    "ours VARCHAR, row_hash UHUGEINT)",
    "CREATE TABLE orders (platform VARCHAR, account VARCHAR, id VARCHAR, created_at TIMESTAMPTZ, "
    "ordered_on DATE, ordered_day BIGINT, amount DECIMAL(18,4), original_amount DECIMAL(18,4), "
    "currency VARCHAR, kind VARCHAR, channel VARCHAR, updated_at TIMESTAMPTZ, name VARCHAR, "
    "record_id VARCHAR, parent_id VARCHAR, email_key VARCHAR, phone_key VARCHAR, ordered_at "
    "TIMESTAMPTZ, rate DECIMAL(18,8), cancelled_on DATE, cancelled_day BIGINT, is_test BOOLEAN, "
    "payment_status VARCHAR, discount_codes VARCHAR[], referral_code VARCHAR, utm_source VARCHAR, "
    "utm_medium VARCHAR, utm_campaign VARCHAR, utm_content VARCHAR, reference VARCHAR, tags "
    "VARCHAR[], deleted BOOLEAN, row_hash UHUGEINT)",
    "CREATE TABLE refunds (platform VARCHAR, account VARCHAR, id VARCHAR, order_id VARCHAR, "
    "source_id VARCHAR, refunded_at TIMESTAMPTZ, refunded_on DATE, refunded_day BIGINT, amount "
    "DECIMAL(18,4), reason VARCHAR)",
    "CREATE TABLE quarantine ( platform VARCHAR, account VARCHAR, stream VARCHAR, id VARCHAR, field "
    "VARCHAR, cause VARCHAR, first_run VARCHAR, seen_run VARCHAR, acknowledged BOOLEAN)",
    "CREATE TABLE bookmarks (platform VARCHAR, account VARCHAR, stream VARCHAR, reached_at TIMESTAMPTZ)",
    "CREATE TABLE persons ( person_id VARCHAR, anchor_platform VARCHAR, anchor_account VARCHAR, "
    "anchor_object VARCHAR, anchor_id VARCHAR, anchor_at TIMESTAMPTZ, assigned_at TIMESTAMPTZ)",
    "CREATE TABLE members ( person_id VARCHAR, platform VARCHAR, account VARCHAR, object VARCHAR, id "
    "VARCHAR, rule VARCHAR)",
    "CREATE TABLE match_review ( platform VARCHAR, account VARCHAR, object VARCHAR, id VARCHAR, "
    "other_platform VARCHAR, other_account VARCHAR, other_object VARCHAR, other_id VARCHAR, reason "
    "VARCHAR, decision VARCHAR, decided_at TIMESTAMPTZ)",
    "CREATE TABLE person_log ( run_id VARCHAR, logged_at TIMESTAMPTZ, kind VARCHAR, person_id "
    "VARCHAR, other_id VARCHAR)",
    "CREATE TABLE shop_scores (as_of DATE, name VARCHAR, value VARCHAR)",
    "CREATE TABLE writes ( run_id VARCHAR, seq BIGINT, platform VARCHAR, account VARCHAR, object "
    "VARCHAR, id VARCHAR, field VARCHAR, old VARCHAR, new VARCHAR, state VARCHAR, error_code "
    "VARCHAR, error VARCHAR, acknowledged BOOLEAN, planned_at TIMESTAMPTZ)",
    "CREATE TABLE runs ( run_id VARCHAR PRIMARY KEY, started_at TIMESTAMPTZ, finished_at "
    "TIMESTAMPTZ, state VARCHAR, as_of DATE, exit_code INTEGER, thresholds VARCHAR, balance VARCHAR)",
    "CREATE TABLE tombstones (key VARCHAR, kind VARCHAR, made_at TIMESTAMPTZ)",
)
"""The tables as version 1 made them."""
ROWS = (
    "INSERT INTO meta VALUES ('schema_version', '1'), ('store_id', 'the store'), ('bound:hash key', 'abc')",
    f"""INSERT INTO records BY NAME SELECT 'shopify' AS platform, '{SHOP}' AS account, 'customer' AS object,
        '1' AS id, false AS deleted, true AS write_target, 'k1' AS email_key, 'Hanako' AS name_latin,
        '{{"person_id":"p1"}}' AS ours, 7 AS row_hash, TIMESTAMPTZ '2025-01-01 00:00:00+00' AS created_at""",
    f"""INSERT INTO records BY NAME SELECT 'shopify' AS platform, '{SHOP}' AS account, 'guest' AS object,
        'g' AS id, false AS deleted, 'k2' AS email_key, '{{}}' AS ours""",
    f"""INSERT INTO orders BY NAME SELECT 'shopify' AS platform, '{SHOP}' AS account, '11' AS id,
        '1' AS record_id, 1000 AS amount, 1000 AS original_amount, 1 AS rate, 'JPY' AS currency,
        false AS deleted, false AS is_test, 'purchase' AS kind, ['tea'] AS tags, 20454 AS ordered_day""",
    "INSERT INTO refunds BY NAME SELECT '1' AS id, '11' AS order_id, 100 AS amount",
    f"INSERT INTO bookmarks VALUES ('shopify', '{SHOP}', 'customers', TIMESTAMPTZ '2026-01-01 00:00:00+00')",
    f"""INSERT INTO persons BY NAME SELECT 'p1' AS person_id, 'shopify' AS anchor_platform,
        '{SHOP}' AS anchor_account, 'customer' AS anchor_object, '1' AS anchor_id""",
    f"INSERT INTO members VALUES ('p1', 'shopify', '{SHOP}', 'customer', '1', 'alone')",
    """INSERT INTO writes BY NAME SELECT 'r0' AS run_id, 0 AS seq, 'segment' AS field,
        'confirmed' AS state""",
    "INSERT INTO runs BY NAME SELECT 'r0' AS run_id, 'written' AS state",
    "INSERT INTO quarantine BY NAME SELECT 'orders' AS stream, '12' AS id, false AS acknowledged",
)


def version_1(folder: Path) -> Path:
    """A store file as version 1 left it."""
    path = folder / "zaiseki.duckdb"
    with duckdb.connect(str(path)) as con:
        for statement in (*VERSION_1, *ROWS):
            con.execute(statement)
    return path


def shape(store: Store) -> set[tuple[str, ...]]:
    """Every column of every table and view, with its type."""
    return set(
        store.rows("SELECT table_name, column_name, data_type, column_default FROM duckdb_columns()")
        + store.rows("SELECT view_name, sql, '', '' FROM duckdb_views() WHERE NOT internal")
    )


def test_an_earlier_store_gets_exactly_the_tables_of_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with Store.open(version_1(tmp_path / "old")) as old, Store.open(tmp_path / "new.duckdb") as new:
        assert not old.is_new
        assert shape(old) == shape(new)
        assert old.meta("schema_version") == new.meta("schema_version")


NEW_SINCE_2 = [
    *(
        "has_email",
        "created_day",
        "consent_day",
        "sms_consent_day",
        "lead_state",
        "lead_ended_day",
        "referrer_id",
        "rfm_group",
        "code_day",
    ),
    *("expectation", "expectation_day", "nps", "nps_day", "stars", "stars_day"),
]


def to_version_2(store: Store) -> None:
    """Take away what later versions have more."""
    store.con.execute("DROP VIEW live_records")
    for column in ("source", "visit"):
        store.con.execute(f"ALTER TABLE orders DROP COLUMN {column}")
    for column in NEW_SINCE_2:
        store.con.execute(f"ALTER TABLE records DROP COLUMN {column}")
    for table in ("review_members", "touches", "order_lines", "shop_scores"):
        store.con.execute(f"DROP TABLE {table}")
    store.con.execute("CREATE TABLE shop_scores (as_of DATE, name VARCHAR, value VARCHAR)")
    store.con.execute("CREATE VIEW live_records AS SELECT * FROM records WHERE NOT deleted AND NOT dormant")
    store.con.execute("UPDATE records SET row_hash = 7")  # it was one of fewer columns
    store.set_meta("schema_version", "2")


def test_a_store_of_version_2_gets_exactly_the_tables_of_now_and_keeps_what_was_refunded(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path) as store:
        before = shape(store)
        pull(store, "shopify.customers", [customer(1, "1@example.com")])
        pull(store, "shopify.orders", [order(11, 1, refunds=[refund(1, "5")])])
        to_version_2(store)
    with open_store(tmp_path) as store:
        assert shape(store) == before
        assert store.meta("schema_version") == "5"
        assert bookmarks.of(store, "shopify", SHOP, ["customers"]) == {"customers": None}
        counted = pull(store, "shopify.customers", [customer(1, "1@example.com")])
        assert (counted.updated, store.rows("SELECT has_email FROM records")) == (1, [(True,)])
        counted = pull(store, "shopify.orders", [order(11, 1, refunds=[refund(1, "5")])])
        assert counted.unchanged == 1, "an order has nothing new to say"
        assert store.rows("SELECT original_amount FROM refunds") == [(5,)]


@pytest.mark.parametrize("version", ["3", "4"])
def test_a_store_without_the_orders_of_returns_gets_them_and_reads_what_happened_anew(
    tmp_path: Path, version: str
) -> None:
    with open_store(tmp_path) as store:
        before = shape(store)
        pull(store, "shopify.orders", [order(11, 1)])
        store.con.execute("ALTER TABLE touches DROP COLUMN order_id")
        store.set_meta("schema_version", version)
    with open_store(tmp_path) as store:
        assert (shape(store), store.meta("schema_version")) == (before, "5")
        assert bookmarks.of(store, "shopify", SHOP, ["orders"]) == {"orders": None}


def test_scores_of_an_earlier_version_are_not_mistaken_for_those_of_now(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        to_version_2(store)
        store.con.execute("CREATE TABLE scores AS SELECT 'p1' AS person_id, 3 AS referrals")
    with open_store(tmp_path) as store:
        assert store.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'scores'") == []


def test_what_no_platform_can_tell_again_stays(tmp_path: Path) -> None:
    with Store.open(version_1(tmp_path)) as store:
        assert (store.meta("store_id"), store.meta("bound:hash key")) == ("the store", "abc")
        assert store.rows("SELECT person_id, anchor_id FROM persons") == [("p1", "1")]
        assert store.rows("SELECT person_id, object, id, rule FROM members") == [
            ("p1", "customer", "1", "alone")
        ]
        assert store.rows("SELECT run_id, state FROM writes") == [("r0", "confirmed")]
        assert store.rows("SELECT run_id, state FROM runs") == [("r0", "written")]
        assert store.rows("SELECT stream, id FROM quarantine") == [("orders", "12")]


def test_old_rows_are_live_with_nothing_said_of_what_is_new(tmp_path: Path) -> None:
    with Store.open(version_1(tmp_path)) as store:
        assert store.rows(
            "SELECT id, email_key, excluded, by_relay, tags, latin_given FROM live_records"
        ) == [("1", "k1", False, False, [], None)]
        assert store.rows("SELECT id, amount, is_b2b, aliases, tags, tax FROM orders") == [
            ("11", 1000, False, [], ["tea"], None)
        ]


def test_everything_is_read_anew(tmp_path: Path) -> None:
    with Store.open(version_1(tmp_path)) as store:
        assert bookmarks.of(store, "shopify", SHOP, ["customers"]) == {"customers": None}
        assert store.rows("SELECT count(*) FROM refunds") == [(0,)]
        counted = pull(store, "shopify.customers", [customer(1, "1@example.com")])
        assert (counted.updated, counted.inserted) == (1, 0)
        counted = pull(store, "shopify.orders", [order(11, 1)])
        assert (counted.updated, counted.inserted) == (1, 0)


def test_a_store_that_was_brought_up_to_date_is_left_alone(tmp_path: Path) -> None:
    path = version_1(tmp_path)
    with Store.open(path) as store:
        bookmarks_before = [("salesforce", ORG, "Contact")]
        store.con.execute(
            "INSERT INTO bookmarks VALUES (?, ?, ?, now())",
            [part for row in bookmarks_before for part in row],
        )
    with open_store(tmp_path) as store:
        assert store.rows("SELECT platform, account, stream FROM bookmarks") == bookmarks_before


def test_a_store_that_cannot_be_brought_up_to_date_stays_as_it_was(tmp_path: Path) -> None:
    path = version_1(tmp_path)
    with duckdb.connect(str(path)) as con:
        con.execute("DROP TABLE tombstones")
    for _ in range(2):
        with pytest.raises(StoreUnusable) as error:
            Store.open(path)
        assert error.value.code == "store_broken"
    with duckdb.connect(str(path)) as con:
        assert con.execute("SELECT name_latin FROM records WHERE id = '1'").fetchall() == [("Hanako",)]
