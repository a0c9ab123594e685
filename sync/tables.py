"""The tables of the store, and the Arrow schemas in which rows of the model enter it."""

from __future__ import annotations

import pyarrow as pa

SCHEMA_VERSION = 5

_STAMP = pa.timestamp("us", tz="UTC")
_MONEY = pa.decimal128(18, 4)
_TEXTS = pa.list_(pa.string())


def _schema(**types: pa.DataType) -> pa.Schema:
    return pa.schema(list(types.items()))


RECORDS = _schema(
    platform=pa.string(),
    account=pa.string(),
    object=pa.string(),
    id=pa.string(),
    created_at=_STAMP,
    updated_at=_STAMP,
    deleted=pa.bool_(),
    merged_into=pa.string(),
    write_target=pa.bool_(),
    email_key=pa.string(),
    phone_key=pa.string(),
    phone_is_mobile=pa.bool_(),
    han_family=pa.int64(),
    han_given=pa.int64(),
    han_whole=pa.int64(),
    kana_family=pa.int64(),
    kana_given=pa.int64(),
    kana_whole=pa.int64(),
    latin_family=pa.int64(),
    latin_given=pa.int64(),
    latin_whole=pa.int64(),
    parent_id=pa.string(),
    alias_id=pa.string(),
    linked_platform=pa.string(),
    linked_account=pa.string(),
    linked_id=pa.string(),
    referral_codes=_TEXTS,
    email_consent=pa.string(),
    sms_consent=pa.string(),
    phone_refused=pa.bool_(),
    subscription_status=pa.string(),
    lead_source=pa.string(),
    tags=_TEXTS,
    excluded=pa.bool_(),
    by_relay=pa.bool_(),
    has_email=pa.bool_(),
    first_purchase_day=pa.int64(),
    created_day=pa.int64(),
    consent_day=pa.int64(),
    sms_consent_day=pa.int64(),
    code_day=pa.int64(),
    lead_state=pa.string(),
    lead_ended_day=pa.int64(),
    referrer_id=pa.string(),
    expectation=pa.string(),
    expectation_day=pa.int64(),
    nps=pa.int64(),
    nps_day=pa.int64(),
    stars=pa.int64(),
    stars_day=pa.int64(),
    rfm_group=pa.string(),
    ours=pa.string(),
)
ORDERS = _schema(
    platform=pa.string(),
    account=pa.string(),
    id=pa.string(),
    created_at=_STAMP,
    ordered_on=pa.date32(),
    ordered_day=pa.int64(),
    amount=_MONEY,
    original_amount=_MONEY,
    currency=pa.string(),
    kind=pa.string(),
    channel=pa.string(),
    updated_at=_STAMP,
    name=pa.string(),
    aliases=_TEXTS,
    record_id=pa.string(),
    record_platform=pa.string(),
    record_account=pa.string(),
    parent_id=pa.string(),
    email_key=pa.string(),
    phone_key=pa.string(),
    ordered_at=_STAMP,
    rate=pa.decimal128(18, 8),
    tax=_MONEY,
    shipping=_MONEY,
    is_b2b=pa.bool_(),
    cancelled_on=pa.date32(),
    cancelled_day=pa.int64(),
    is_test=pa.bool_(),
    payment_status=pa.string(),
    discount_codes=_TEXTS,
    referral_code=pa.string(),
    utm_source=pa.string(),
    utm_medium=pa.string(),
    utm_campaign=pa.string(),
    utm_content=pa.string(),
    visit=pa.string(),
    source=pa.string(),
    reference=pa.string(),
    tags=_TEXTS,
    deleted=pa.bool_(),
    detail=pa.string(),
)
REFUNDS = _schema(
    platform=pa.string(),
    account=pa.string(),
    id=pa.string(),
    order_id=pa.string(),
    source_id=pa.string(),
    refunded_at=_STAMP,
    refunded_on=pa.date32(),
    refunded_day=pa.int64(),
    original_amount=_MONEY,
    currency=pa.string(),
    reason=pa.string(),
)
ROLES = _schema(
    platform=pa.string(),
    account=pa.string(),
    id=pa.string(),
    order_id=pa.string(),
    contact_id=pa.string(),
    is_primary=pa.bool_(),
    updated_at=_STAMP,
    deleted=pa.bool_(),
)
TOUCHES = _schema(
    platform=pa.string(),
    account=pa.string(),
    object=pa.string(),
    id=pa.string(),
    created_at=_STAMP,
    updated_at=_STAMP,
    deleted=pa.bool_(),
    record_id=pa.string(),
    opportunity_id=pa.string(),
    order_id=pa.string(),
    day=pa.int64(),
    sent_day=pa.int64(),
    ended_day=pa.int64(),
    value=pa.string(),
)
ORDER_LINES = _schema(
    platform=pa.string(),
    account=pa.string(),
    id=pa.string(),
    order_id=pa.string(),
    product_id=pa.string(),
    title=pa.string(),
    quantity=pa.int64(),
    original_amount=_MONEY,
)
QUARANTINED = _schema(id=pa.string(), field=pa.string(), cause=pa.string())

_SQL_TYPES = {
    _STAMP: "TIMESTAMPTZ",
    _MONEY: "DECIMAL(18,4)",
    pa.decimal128(18, 8): "DECIMAL(18,8)",
    _TEXTS: "VARCHAR[]",
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.int64(): "BIGINT",
}


def columns(schema: pa.Schema, *, without: tuple[str, ...] = ()) -> str:
    """`schema` as the column list of a CREATE TABLE."""
    return ", ".join(f"{f.name} {_SQL_TYPES[f.type]}" for f in schema if f.name not in without)


DDL = (
    "CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)",
    f"CREATE TABLE records ({columns(RECORDS)}, row_hash UHUGEINT, dormant BOOLEAN DEFAULT false)",
    f"CREATE TABLE orders ({columns(ORDERS, without=('detail',))}, row_hash UHUGEINT)",
    f"CREATE TABLE refunds ({columns(REFUNDS)})",
    f"CREATE TABLE roles ({columns(ROLES)}, row_hash UHUGEINT)",
    f"CREATE TABLE touches ({columns(TOUCHES)}, row_hash UHUGEINT)",
    f"CREATE TABLE order_lines ({columns(ORDER_LINES)})",
    "CREATE VIEW live_records AS SELECT * FROM records WHERE NOT deleted AND NOT dormant",
    """CREATE TABLE quarantine (
        platform VARCHAR, account VARCHAR, stream VARCHAR, id VARCHAR, field VARCHAR, cause VARCHAR,
        first_run VARCHAR, seen_run VARCHAR, acknowledged BOOLEAN)""",
    "CREATE TABLE bookmarks (platform VARCHAR, account VARCHAR, stream VARCHAR, reached_at TIMESTAMPTZ)",
    """CREATE TABLE persons (
        person_id VARCHAR, anchor_platform VARCHAR, anchor_account VARCHAR, anchor_object VARCHAR,
        anchor_id VARCHAR, anchor_at TIMESTAMPTZ, assigned_at TIMESTAMPTZ)""",
    """CREATE TABLE members (
        person_id VARCHAR, platform VARCHAR, account VARCHAR, object VARCHAR, id VARCHAR, rule VARCHAR)""",
    """CREATE TABLE match_review (
        item VARCHAR, platform VARCHAR, account VARCHAR, object VARCHAR, id VARCHAR,
        other_platform VARCHAR, other_account VARCHAR, other_object VARCHAR, other_id VARCHAR,
        rule VARCHAR, reason VARCHAR, members BIGINT, first_run VARCHAR)""",
    """CREATE TABLE review_members (
        item VARCHAR, platform VARCHAR, account VARCHAR, object VARCHAR, id VARCHAR)""",
    """CREATE TABLE decisions (
        platform VARCHAR, account VARCHAR, object VARCHAR, id VARCHAR,
        other_platform VARCHAR, other_account VARCHAR, other_object VARCHAR, other_id VARCHAR,
        decision VARCHAR, decided_at TIMESTAMPTZ)""",
    """CREATE TABLE person_log (
        run_id VARCHAR, logged_at TIMESTAMPTZ, kind VARCHAR, person_id VARCHAR, other_id VARCHAR)""",
    """CREATE TABLE shop_scores (
        as_of DATE, name VARCHAR, part VARCHAR, value DECIMAL(38,4), base BIGINT)""",
    """CREATE TABLE writes (
        run_id VARCHAR, seq BIGINT, platform VARCHAR, account VARCHAR, object VARCHAR, id VARCHAR,
        field VARCHAR, old VARCHAR, new VARCHAR, state VARCHAR, error_code VARCHAR, error VARCHAR,
        acknowledged BOOLEAN, planned_at TIMESTAMPTZ)""",
    """CREATE TABLE runs (
        run_id VARCHAR PRIMARY KEY, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ, state VARCHAR,
        as_of DATE, exit_code INTEGER, thresholds VARCHAR, balance VARCHAR)""",
    """CREATE TABLE forgotten (
        platform VARCHAR, account VARCHAR, stream VARCHAR, key VARCHAR)""",
)
"""`records.dormant` marks business accounts that buy nothing in their own name: known, but nobody's record;
a deleted or dormant row is no live record. `forgotten` holds, as keyed hashes, the rows of the platforms that
a tombstone keeps out. `review_members` names every record of a person of too many records that waits in
`match_review`. Only small tables carry a primary key: DuckDB keeps such an index in memory, and rows
are upserted by set anyway. `writes.seq` numbers the records of a plan from 0, so that they can be paged
through."""
