"""The runs so far: when, as of which day, with what thresholds, and how each ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from sync.store import Store, instant


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `state` is `running` (then or since killed), or what the application said at its end."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    state: str
    as_of: date | None
    exit_code: int | None
    thresholds: Mapping[str, Any]
    balance: Mapping[str, Any]


def begin(store: Store, run_id: str, started_at: datetime) -> None:
    """Note that a run has begun; `started_at` by the platforms' clock."""
    store.con.execute(
        "INSERT INTO runs (run_id, started_at, state) VALUES (?, ?, 'running')", [run_id, started_at]
    )


def finish(
    store: Store,
    run_id: str,
    *,
    state: str,
    exit_code: int,
    finished_at: datetime,
    as_of: date | None = None,
    thresholds: Mapping[str, Any] | None = None,
    balance: Mapping[str, Any] | None = None,
) -> None:
    """Note how a run ended; `thresholds` and `balance` are kept as JSON."""
    store.con.execute(
        """UPDATE runs SET finished_at = ?, state = ?, as_of = ?, exit_code = ?, thresholds = ?, balance = ?
        WHERE run_id = ?""",
        [finished_at, state, as_of, exit_code, _json(thresholds), _json(balance), run_id],
    )


_RUNS = """
SELECT run_id, epoch_us(started_at), epoch_us(finished_at), state, as_of, exit_code, thresholds, balance
FROM runs r WHERE {which} ORDER BY started_at DESC, rowid DESC LIMIT ?"""
_CONFIRMED = """
thresholds <> '{}' AND (state = 'written' OR (
    state = 'failed' AND EXISTS (FROM writes w WHERE w.run_id = r.run_id AND w.state = 'confirmed')))"""


def last(store: Store, count: int = 10, *, state: str | None = None) -> list[Run]:
    """The latest runs, newest first, all or those that ended as `state`."""
    return [_run(row) for row in store.rows(_RUNS.format(which="? IN (state, '')"), state or "", count)]


def last_confirmed(store: Store) -> Run | None:
    """The latest run over everybody that wrote what it planned, on one platform at least, and knew the whole
    history; None before the first."""
    rows = store.rows(_RUNS.format(which=_CONFIRMED), 1)
    return _run(rows[0]) if rows else None


def _run(row: tuple[Any, ...]) -> Run:
    return Run(
        run_id=row[0],
        started_at=instant(row[1]),
        finished_at=instant(row[2]) if row[2] else None,
        state=row[3],
        as_of=row[4],
        exit_code=row[5],
        thresholds=orjson.loads(row[6] or "{}"),
        balance=orjson.loads(row[7] or "{}"),
    )


def _json(facts: Mapping[str, Any] | None) -> str:
    return orjson.dumps(facts or {}, default=str, option=orjson.OPT_SORT_KEYS).decode()
