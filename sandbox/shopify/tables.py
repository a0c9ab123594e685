"""The tables behind the shop, and how a scenario's rows come into them."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from sandbox.errors import ScenarioError
from sandbox.shopify import cells, removal
from sandbox.shopify.cells import Cell
from sandbox.shopify.ddl import INDEXES, OTHER_TABLES
from sandbox.shopify.metafield_rows import load_metafields

if TYPE_CHECKING:
    from sandbox.state import State

_TABLES: dict[str, dict[str, Cell]] = {
    "shopify_customers": {
        "id": cells.key(),
        "email": cells.text(),
        "phone": cells.text(),
        "first_name": cells.text(),
        "last_name": cells.text(),
        "locale": cells.text("en"),
        "tags": cells.listed(),
        "email_consent": cells.choice("NOT_SUBSCRIBED"),
        "email_consent_at": cells.time(),
        "sms_consent": cells.choice("NOT_SUBSCRIBED"),
        "sms_consent_at": cells.time(),
        "rfm_group": cells.choice(None),
        "created_at": cells.time(),
        "updated_at": cells.time(),
    },
    "shopify_orders": {
        "id": cells.key(),
        "name": cells.text(),
        "customer_id": cells.whole(),
        "email": cells.text(),
        "phone": cells.text(),
        "processed_at": cells.time(),
        "created_at": cells.time(),
        "updated_at": cells.time(),
        "currency": cells.text(),
        "total": cells.amount(),
        "presentment_currency": cells.text(),
        "presentment_total": cells.amount(None),
        "financial_status": cells.choice("PAID"),
        "cancelled_at": cells.time(),
        "cancel_reason": cells.choice(None),
        "test": cells.truth(),
        "source_name": cells.text("web"),
        "discount_codes": cells.listed(),
        "referral_code": cells.text(),
        "landing_page": cells.text(),
        "referrer_url": cells.text(),
        "visit_source": cells.text(),
        "visit_source_type": cells.choice(None),
        "journey_pending": cells.truth(),
        "utm_source": cells.text(),
        "utm_medium": cells.text(),
        "utm_campaign": cells.text(),
        "utm_content": cells.text(),
        "tags": cells.listed(),
        "tax": cells.amount(),
        "shipping": cells.amount(),
        "b2b": cells.truth(),
    },
    "shopify_order_lines": {
        "id": cells.key(),
        "order_id": cells.whole(),
        "product_id": cells.whole(),
        "title": cells.text(""),
        "quantity": cells.whole(1),
        "amount": cells.amount(),
    },
    "shopify_refunds": {
        "id": cells.key(),
        "order_id": cells.whole(),
        "processed_at": cells.time(),
        "amount": cells.amount(),
        "note": cells.text(),
    },
    "shopify_returns": {
        "id": cells.key(),
        "order_id": cells.whole(),
        "status": cells.choice("OPEN"),
        "created_at": cells.time(),
    },
    "shopify_return_lines": {
        "id": cells.key(),
        "return_id": cells.whole(),
        "reason": cells.choice("UNKNOWN"),
        "note": cells.text(""),
    },
    "shopify_abandoned_checkouts": {
        "id": cells.key(),
        "customer_id": cells.whole(),
        "created_at": cells.time(),
        "updated_at": cells.time(),
        "completed_at": cells.time(),
        "total": cells.amount(),
    },
    "shopify_draft_orders": {
        "id": cells.key(),
        "customer_id": cells.whole(),
        "status": cells.choice("OPEN"),
        "created_at": cells.time(),
        "updated_at": cells.time(),
        "invoice_sent_at": cells.time(),
        "completed_at": cells.time(),
        "total": cells.amount(),
    },
}
_FOLLOWS: dict[str, tuple[str, ...]] = {
    "processed_at": ("created_at", "NOW"),
    "created_at": ("processed_at", "NOW"),
    "updated_at": ("processed_at", "NOW"),
    "currency": ("CURRENCY",),
    "presentment_currency": ("currency", "CURRENCY"),
    "presentment_total": ("total", "'0.0'"),
    "name": ("'#' || id",),
}
"""What an empty cell is taken from, in this order: other columns, the clock, the shop's currency."""
_METAFIELDS = "shopify_metafields"

COLUMNS: dict[str, tuple[str, ...]] = {stem: tuple(columns) for stem, columns in _TABLES.items()} | {
    _METAFIELDS: ("owner_id", "namespace", "key", "type", "value")
}
"""The columns that each CSV file of a scenario may have, by file stem."""


def create_tables(db: sqlite3.Connection) -> None:
    """Create all tables of the shop, empty."""
    for stem, columns in _TABLES.items():
        db.execute(
            f"CREATE TABLE {stem} ({', '.join(f'{name} {cell.sql}' for name, cell in columns.items())})"
        )
    for statement in OTHER_TABLES:
        db.execute(statement)


def create_indexes(db: sqlite3.Connection) -> None:
    """Create the indexes of all tables; after a scenario is loaded, that is many times faster."""
    for statement in INDEXES:
        db.execute(statement)


def load_rows(state: "State", stem: str, rows: Iterable[Mapping[str, str]]) -> int:
    """Upsert rows of one CSV file and give their number.

    Of a row that is already there, only the columns that the file has are changed; its `updated_at`
    becomes now where the file does not say. A row with `deleted` goes, one with `merged_into` is merged.
    """
    count = 0
    with state.writing() as db:
        for kind, group in groupby(rows, key=_kind):
            batch = list(group)
            count += len(batch)
            if kind.leaves:
                bump = state.config.shopify.merge_bumps_orders
                removal.remove_rows(db, stem, batch, state.stamp(), bump_orders=bump)
            elif stem == _METAFIELDS:
                load_metafields(db, batch, state.stamp())
            else:
                _upsert(db, state, stem, kind.header, batch)
    return count


class _Kind(NamedTuple):
    """What rows must have in common to be written together."""

    leaves: bool
    header: tuple[str, ...]


def _kind(row: Mapping[str, str]) -> _Kind:
    return _Kind(row.get("deleted") == "true" or bool(row.get("merged_into")), tuple(row))


def _upsert(
    db: sqlite3.Connection, state: "State", stem: str, header: Sequence[str], rows: list[Mapping[str, str]]
) -> None:
    columns = _TABLES[stem]
    given = [name for name in header if name in columns]
    if "id" not in given:
        raise ScenarioError(f"{stem}.csv: the column id is missing")
    marks = {name: f"?{at}" for at, name in enumerate(given, start=1)}
    settings = {"NOW": _quoted(state.stamp()), "CURRENCY": _quoted(state.config.shopify.currency)}
    stored = {name: _stored(name, cell, marks, settings) for name, cell in columns.items()}
    changed = [name for name in given if name != "id"]
    changes = [f"{name} = excluded.{name}" for name in changed if name != "updated_at"]
    if "updated_at" in columns:
        touched = marks.get("updated_at", "NULL")
        changes.append(f"updated_at = ifnull({touched}, {settings['NOW']})")
    then = f"UPDATE SET {', '.join(changes)}" if changes else "NOTHING"
    db.executemany(
        f"INSERT INTO {stem} ({', '.join(stored)}) VALUES ({', '.join(stored.values())})"
        f" ON CONFLICT (id) DO {then}",
        zip(*(_read_column(stem, name, columns[name], rows) for name in given), strict=True),
    )
    if stem == "shopify_refunds":
        _touch_refunded(db, rows)


def _read_column(stem: str, name: str, cell: Cell, rows: list[Mapping[str, str]]) -> list[object]:
    """Read one column of a batch; column by column, because that is the fastest way through many rows."""
    read, default = cell.read, cell.default
    if read is str:
        return [row[name] or default for row in rows]
    try:
        return [read(text) if (text := row[name]) else default for row in rows]
    except ValueError:
        for row in rows:
            try:
                read(row[name] or "0")
            except ValueError as error:
                raise ScenarioError(f"{stem}.csv: row {row['id']}: {name} {row[name]!r}: {error}") from error
        raise


def _stored(name: str, cell: Cell, marks: Mapping[str, str], settings: Mapping[str, str]) -> str:
    """Give the SQL of what is stored in a column: the cell, what follows from other cells, or the default."""
    choices = [name, *_FOLLOWS.get(name, ())]
    if cell.default is not None:
        choices.append(_quoted(str(cell.default)))
    written = [
        marks.get(one) or settings.get(one) or one.replace("id", marks["id"])
        for one in choices
        if one in marks or one in settings or one.startswith("'")
    ]
    return f"coalesce({', '.join(written)})" if len(written) > 1 else (written or ["NULL"])[0]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _touch_refunded(db: sqlite3.Connection, rows: list[Mapping[str, str]]) -> None:
    # A refund is a change of its order: the platform moves the order's updatedAt with it.
    db.executemany(
        "UPDATE shopify_orders SET updated_at = max(updated_at, (SELECT processed_at FROM shopify_refunds"
        " WHERE id = ?1)) WHERE id = (SELECT order_id FROM shopify_refunds WHERE id = ?1)",
        [(cells.number(row["id"]),) for row in rows],
    )
