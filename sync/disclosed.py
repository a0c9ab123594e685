"""Every row of the store that names a person, as it stands: for who asks what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from sync.decisions import Ref
from sync.personal import NAME_COLUMNS
from sync.store import Store

HIDDEN = ("email_key", "phone_key", *NAME_COLUMNS, "row_hash")
"""Keyed hashes tell nobody anything but that there is an address, a number or a name."""

_SAME = "(t.platform, t.account, t.object, t.id) = (a.platform, a.account, a.object, a.id)"
_OTHER = (
    "(t.other_platform, t.other_account, t.other_object, t.other_id)"
    " = (a.platform, a.account, a.object, a.id)"
)
_ID = "(t.platform, t.account) = (a.platform, a.account) AND t.{column} IN (a.id, a.alias_id)"
_ORDER = (
    "EXISTS (FROM disclosed_orders d WHERE (d.platform, d.account, d.id) = (t.platform, t.account, t.{}))"
)


def _named(condition: str) -> str:
    return f"EXISTS (FROM disclosed a WHERE {condition})"


ROWS: Mapping[str, str] = {
    "records": _named(_SAME),
    "members": _named(_SAME),
    "persons": "t.person_id = $person",
    "orders": _ORDER.format("id"),
    "order_lines": _ORDER.format("order_id"),
    "refunds": _ORDER.format("order_id"),
    "roles": f"{_named(_ID.format(column='contact_id'))} OR {_ORDER.format('order_id')}",
    "touches": f"""{_named(_ID.format(column="record_id"))}
        OR t.opportunity_id IN (FROM disclosed_opportunities) OR {_ORDER.format("order_id")}""",
    "writes": _named(_SAME),
    "quarantine": f"{_named(_ID.format(column='id'))} OR {_ORDER.format('id')}",
    "match_review": f"{_named(_SAME)} OR {_named(_OTHER)}",
    "review_members": _named(_SAME),
    "decisions": f"{_named(_SAME)} OR {_named(_OTHER)}",
    "person_log": "t.person_id = $person OR t.other_id = $person",
    "scores": "t.person_id = $person",
    "attributions": "t.person_id = $person OR t.referrer_id = $person",
}
"""The tables that name a person, a record or an order, and which of their rows are about one person."""

# An order may name a record that is gone; of an opportunity that somebody has a role in, more may be told.
_ORDERS = """
CREATE OR REPLACE TEMP TABLE disclosed_orders AS
SELECT t.platform, t.account, t.id FROM orders t JOIN disclosed a
    ON a.platform = coalesce(t.record_platform, t.platform)
    AND a.account = coalesce(t.record_account, t.account) AND t.record_id IN (a.id, a.alias_id)
UNION SELECT platform, account, order_id FROM arriving"""
_OPPORTUNITIES = f"""
CREATE OR REPLACE TEMP TABLE disclosed_opportunities AS
SELECT t.order_id FROM roles t WHERE {_named(_ID.format(column="contact_id"))}"""


def stored_rows(
    store: Store, person_id: str | None, refs: Sequence[Ref], orders: Sequence[tuple[str, str, str]] = ()
) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table of `ROWS` about a person: all columns but those of `HIDDEN`.

    `refs` are all its records, `orders` (platform, account, id) those known to be the person's already.
    """
    _stage(store, refs, orders)
    there = {name for (name,) in store.rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")}
    found = {table: _rows(store, table, which, person_id) for table, which in ROWS.items() if table in there}
    for table in ("disclosed", "disclosed_orders", "disclosed_opportunities"):
        store.con.execute(f"DROP TABLE {table}")
    return found


def _stage(store: Store, refs: Sequence[Ref], orders: Sequence[tuple[str, str, str]]) -> None:
    _with(
        store,
        {name: [getattr(ref, name) for ref in refs] for name in Ref._fields},
        """CREATE OR REPLACE TEMP TABLE disclosed AS SELECT a.*, r.alias_id FROM arriving a
        LEFT JOIN records r USING (platform, account, object, id)""",
    )
    names = ("platform", "account", "order_id")
    _with(store, {name: [order[nth] for order in orders] for nth, name in enumerate(names)}, _ORDERS)
    store.con.execute(_OPPORTUNITIES)


def _with(store: Store, columns: Mapping[str, Sequence[str]], statement: str) -> None:
    store.con.register(
        "arriving", pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    )
    try:
        store.con.execute(statement)
    finally:
        store.con.unregister("arriving")


def _rows(store: Store, table: str, which: str, person_id: str | None) -> list[dict[str, Any]]:
    hidden = ", ".join(f"'{name}'" for name in HIDDEN)
    shown = f"COLUMNS(lambda name: name NOT IN ({hidden}))"
    values = {"person": person_id} if "$person" in which else {}
    found = store.con.sql(f"SELECT {shown} FROM {table} t WHERE {which} ORDER BY ALL", params=values)
    rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows
