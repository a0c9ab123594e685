"""Orders from before the shop existed here: a CSV file of the merchant's, read whole in every run.

One line is one order. Columns, in any order: `order_id`; `ordered_on` (a date, `2019-04-01` or `2019/4/1`) or
`ordered_at` (an instant with offset); `amount`; and where known `currency`, `email`, `phone`,
`shopify_customer_id`, `salesforce_id`, `name`, `channel`. The file is the truth about itself: a line that is
gone takes its order along.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from sync import harmless
from sync.errors import HistoryUnusable
from sync.intake import Intake, StreamCount
from sync.model import Account
from sync.normalise_history import COLUMNS, LINE, PLATFORM, REQUIRED, Homes, customer_number, orders
from sync.pull import BATCH_ROWS, SAVE_ROWS
from sync.store import Store
from sync.streams import Stream

STREAM = "orders"
_DATED = ("ordered_on", "ordered_at")
_Line = dict[str, Any]


def read_history(
    path: Path,
    store: Store,
    *,
    context: Account,
    shops: Sequence[str] = (),
    org: str | None = None,
    run_id: str,
    save_rows: int = SAVE_ROWS,
) -> StreamCount:
    """Make the earlier orders of the store those of the file, and tell what became of every distinct one.

    `context` gives what the file does not say: time zone, currency and rates, the region of phone numbers,
    the hash key, which addresses are no keys, who was forgotten. `shops` and `org` are the accounts whose
    customers the lines may name. The orders stand under platform `history` and the file's name as account.

    A line that cannot be used is quarantined with field and cause under its order id, or as `line 7` (the
    header is line 1) where it has none; an order that was stored before stays.
    Differing lines of one order are all set aside (`given_twice`): which one holds cannot be known.
    Raises `HistoryUnusable` before anything is stored.
    """
    here = replace(context, account=path.name)
    with _table(store, "id VARCHAR, digest BIGINT") as told, _table(store, "id VARCHAR") as twice:
        _take_stock(path, here, store, told)
        differing = "GROUP BY id HAVING count(DISTINCT digest) > 1"
        store.con.execute(f"INSERT INTO {twice} SELECT id FROM {told} {differing}")
        intake = Intake(
            store, PLATFORM, path.name, STREAM, Stream("orders", (), partial(orders, homes=Homes())), run_id,
            context.key,
        )  # fmt: skip
        for lines in _batches(path, here):
            homes = Homes(tuple(shops), org, _shops_of(store, lines) if len(shops) > 1 else {})
            intake.add(orders(lines, here, homes, _among(store, twice, lines)))
            if intake.staged >= save_rows:
                intake.save()
        intake.save()
        return replace(intake.close(), deleted=_drop_gone(store, path.name, told, run_id))


def drop_history(store: Store) -> int:
    """Delete the orders of every history file: the settings name none any more. Gives their number."""
    with store.transaction():
        ((count,),) = store.rows("SELECT count(*) FROM orders WHERE platform = ?", PLATFORM)
        for table in ("orders", "quarantine"):
            store.con.execute(f"DELETE FROM {table} WHERE platform = ?", [PLATFORM])
    return int(count)


def _take_stock(path: Path, account: Account, store: Store, told: str) -> None:
    """Note every order that the file names with a digest of its line, which reads the file once whole."""
    for lines in _batches(path, account):
        named = [line for line in lines if line["order_id"]]
        table = pa.table(
            {
                "id": pa.array([line["order_id"] for line in named], pa.string()),
                "digest": pa.array([hash(tuple(map(str, line.values()))) for line in named], pa.int64()),
            }
        )
        _with(store, table, f"INSERT INTO {told} SELECT * FROM arriving")


def _drop_gone(store: Store, account: str, told: str, run_id: str) -> int:
    """Delete what the file does not name any more, or a file named that is read no longer."""
    with store.transaction():
        gone = f"platform = ? AND (account <> ? OR id NOT IN (SELECT id FROM {told}))"
        ((count,),) = store.rows(f"SELECT count(*) FROM orders WHERE {gone}", PLATFORM, account)
        if count:
            store.con.execute(f"DELETE FROM orders WHERE {gone}", [PLATFORM, account])
        store.con.execute(
            "DELETE FROM quarantine WHERE platform = ? AND (account <> ? OR seen_run <> ?)",
            [PLATFORM, account, run_id],
        )
    return int(count)


def _batches(path: Path, account: Account) -> Iterator[list[_Line]]:
    """Yield the lines of the file, stripped, blanks None; lines without any text are no lines.

    An order id that is somebody's address or number is a hash from here on: it is kept, and shown.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = map(partial(_with_id, account), _lines(path, file))
            while batch := list(islice(lines, BATCH_ROWS)):
                yield batch
    except FileNotFoundError:
        raise HistoryUnusable("history_missing", path=str(path)) from None
    except UnicodeDecodeError as error:
        raise HistoryUnusable("history_not_utf8", path=str(path)) from error
    except (OSError, csv.Error) as error:
        raise HistoryUnusable("history_unreadable", path=str(path), cause=type(error).__name__) from error


def _with_id(account: Account, line: _Line) -> _Line:
    told = line["order_id"]
    return {**line, "order_id": harmless.order_id(told, account)} if told else line


def _lines(path: Path, file: IO[str]) -> Iterator[_Line]:
    reader = csv.DictReader(file, strict=True)
    header = [(name or "").strip() for name in reader.fieldnames or ()]
    lacking = [name for name in REQUIRED if name not in header]
    if not set(_DATED) & set(header):
        lacking.append(" / ".join(_DATED))
    # First what is lacking: in a file without a header, what stands there is somebody's data.
    if lacking:
        raise HistoryUnusable("history_columns_missing", path=str(path), columns=", ".join(lacking))
    strange = [name or '""' for name in header if name not in COLUMNS or header.count(name) > 1]
    if strange:
        known = ", ".join(COLUMNS)
        columns = ", ".join(dict.fromkeys(strange))
        raise HistoryUnusable("history_columns_unknown", path=str(path), columns=columns, known=known)
    reader.fieldnames = header
    for cells in reader:
        line = {
            name: (cell.strip() or None) if isinstance(cell, str) else cell for name, cell in cells.items()
        }
        # Without an order id the merchant can find a line by its place only.
        if any(line.values()):
            yield line if line["order_id"] else {**line, LINE: f"line {reader.line_num}"}


def _among(store: Store, twice: str, lines: Sequence[_Line]) -> frozenset[str]:
    """Those orders of `lines` of which the file has differing lines."""
    if not store.rows(f"SELECT 1 FROM {twice} LIMIT 1"):
        return frozenset()
    ids = pa.table({"id": pa.array([line["order_id"] for line in lines], pa.string())})
    return frozenset(
        id_ for (id_,) in _with(store, ids, f"FROM {twice} WHERE id IN (SELECT id FROM arriving)")
    )


def _shops_of(store: Store, lines: Sequence[_Line]) -> dict[str, str]:
    """Which shop has each customer that `lines` name."""
    named = {customer_number(line.get("shopify_customer_id")) for line in lines}
    ids = pa.table({"id": pa.array(named, pa.string())})
    return dict(
        _with(
            store,
            ids,
            """SELECT id, min(account) FROM records WHERE platform = 'shopify' AND object = 'customer'
            AND id IN (SELECT id FROM arriving) GROUP BY id""",
        )
    )


def _with(store: Store, table: pa.Table, statement: str) -> list[tuple[Any, ...]]:
    store.con.register("arriving", table)
    try:
        return store.con.execute(statement).fetchall()
    finally:
        store.con.unregister("arriving")


@contextmanager
def _table(store: Store, columns: str) -> Iterator[str]:
    name = store.temp_name("history")
    store.con.execute(f"CREATE TEMP TABLE {name} ({columns})")
    try:
        yield name
    finally:
        store.con.execute(f"DROP TABLE {name}")
