"""The plan in the store, and what became of it: planned → sent → confirmed, unchanged or rejected.

A value is marked `sent` before it goes out, so that a killed run leaves a trace of what may have arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw
import pyarrow as pa

from connectors.base import Update, WriteResult
from connectors.errors import ConnectorError
from sync import ours
from sync.store import Store

PAGE_RECORDS = 2_000
"""Records marked as sent and handed out at a time; results are stored in groups of five pages."""
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Written:
    """Records of one platform in one run's plan, by what became of them; `open` were planned or sent only."""

    planned: int = 0
    confirmed: int = 0
    unchanged: int = 0
    rejected: int = 0
    open: int = 0


def save_plan(store: Store, run_id: str, changes: nw.LazyFrame[Any], *, at: datetime) -> None:
    """Keep a plan: `changes` with platform, account, object, id, field, old, new, one row per difference.

    Writes older than `KEPT` before `at` are forgotten.
    """
    wanted = changes.select("platform", "account", "object", "id", "field", "old", "new")
    with store.transaction():
        store.con.execute("DELETE FROM writes WHERE planned_at < ?", [at - KEPT])
        store.con.execute(f"CREATE OR REPLACE TEMP TABLE plan AS {wanted.to_native().sql_query()}")
        store.con.execute(_SAVE, [run_id, at])
        store.con.execute("DROP TABLE plan")


_SAVE = """
INSERT INTO writes
SELECT ?, n.seq, p.platform, p.account, p.object, p.id, p.field, p.old, p.new, 'planned', NULL, NULL, false, ?
FROM plan p JOIN (
    SELECT *, row_number() OVER (ORDER BY platform, account, object, id) - 1 AS seq
    FROM (SELECT DISTINCT platform, account, object, id FROM plan)) n
USING (platform, account, object, id)
ORDER BY n.seq"""


def next_updates(store: Store, run_id: str, platform: str, account: str) -> Iterator[Update]:
    """Yield the planned updates of one account, each marked `sent` in the store before it is yielded."""
    key = [run_id, platform, account]
    ((first, last),) = store.rows(_BOUNDS, *key)
    if first is None:
        return
    for begin in range(first, last + 1, PAGE_RECORDS):
        bounds = [begin, begin + PAGE_RECORDS - 1]
        page = store.rows(_PAGE, *key, *bounds)
        with store.transaction():
            store.con.execute(_SENT, [*key, *bounds])
        for name, record_id, fields, values in page:
            yield Update(name, record_id, dict(zip(fields, values, strict=True)))


_PLANNED = "run_id = ? AND platform = ? AND account = ? AND state = 'planned'"
_BOUNDS = f"SELECT min(seq), max(seq) FROM writes WHERE {_PLANNED}"
_PAGE = f"""
SELECT any_value(object), any_value(id), list(field ORDER BY field), list(new ORDER BY field)
FROM writes WHERE {_PLANNED} AND seq BETWEEN ? AND ? GROUP BY seq ORDER BY seq"""
_SENT = f"UPDATE writes SET state = 'sent' WHERE {_PLANNED} AND seq BETWEEN ? AND ?"


def record_results(
    store: Store, run_id: str, platform: str, account: str, results: Iterable[WriteResult]
) -> None:
    """Store results as they come. What a platform confirmed is what it holds from now on, in one step."""
    for group in _groups(results, 5 * PAGE_RECORDS):
        with store.transaction():
            _take(store, group)
            store.con.execute(_SETTLE, {"run_id": run_id, "platform": platform, "account": account})
            _hold(store, run_id, platform, account)


def _groups(results: Iterable[WriteResult], size: int) -> Iterator[list[WriteResult]]:
    """Results in groups; those that came before a platform failed are handed out before the failure."""
    group: list[WriteResult] = []
    try:
        for result in results:
            group.append(result)
            if len(group) == size:
                yield group
                group = []
    except ConnectorError:
        if group:
            yield group
        raise
    if group:
        yield group


def _take(store: Store, group: Sequence[WriteResult]) -> None:
    columns = {
        "object": [r.object for r in group],
        "id": [r.record_id for r in group],
        "state": [r.status for r in group],
        "error_code": [r.code or None for r in group],
        "error": [r.reason or None for r in group],
    }
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    store.con.register("arriving", table)
    try:
        store.con.execute("CREATE OR REPLACE TEMP TABLE results AS SELECT * FROM arriving")
    finally:
        store.con.unregister("arriving")


# A rejection that somebody has acknowledged stays so while the same record is refused for the same cause.
_SETTLE = """
UPDATE writes w SET state = r.state, error_code = r.error_code, error = r.error,
    acknowledged = r.state = 'rejected' AND EXISTS (
        FROM writes b WHERE b.platform = w.platform AND b.account = w.account AND b.object = w.object
            AND b.id = w.id AND b.state = 'rejected' AND b.acknowledged
            AND b.error_code IS NOT DISTINCT FROM r.error_code)
FROM results r
WHERE w.run_id = $run_id AND w.platform = $platform AND w.account = $account AND w.state = 'sent'
    AND w.object = r.object AND w.id = r.id"""


def _hold(store: Store, run_id: str, platform: str, account: str) -> None:
    """Let `records.ours` say what was confirmed."""
    rows = store.rows(_CONFIRMED, run_id, platform, account)
    merged = [
        (name, record_id, ours.merged(held, fields, values)) for name, record_id, held, fields, values in rows
    ]
    if not merged:
        return
    names, ids, texts = zip(*merged, strict=True)
    table = pa.table({"object": names, "id": ids, "ours": texts})
    store.con.register("arriving", table)
    try:
        store.con.execute(_HOLD, [platform, account])
    finally:
        store.con.unregister("arriving")


_CONFIRMED = """
SELECT w.object, w.id, any_value(r.ours), list(w.field ORDER BY w.field), list(w.new ORDER BY w.field)
FROM writes w
JOIN results d ON d.object = w.object AND d.id = w.id AND d.state IN ('confirmed', 'unchanged')
JOIN records r ON r.platform = w.platform AND r.account = w.account AND r.object = w.object AND r.id = w.id
WHERE w.run_id = ? AND w.platform = ? AND w.account = ? AND w.state = d.state
GROUP BY w.object, w.id"""
_HOLD = """
UPDATE records r SET ours = a.ours FROM arriving a
WHERE r.platform = ? AND r.account = ? AND r.object = a.object AND r.id = a.id"""


def written(store: Store, run_id: str, platform: str, account: str) -> Written:
    """How far one account's part of a plan got, counted in records."""
    rows = store.rows(
        """SELECT state, count(DISTINCT seq) FROM writes
        WHERE run_id = ? AND platform = ? AND account = ? GROUP BY state""",
        run_id,
        platform,
        account,
    )
    found = {state: int(count) for state, count in rows}
    return Written(
        planned=sum(found.values()),
        confirmed=found.get("confirmed", 0),
        unchanged=found.get("unchanged", 0),
        rejected=found.get("rejected", 0),
        open=found.get("planned", 0) + found.get("sent", 0),
    )


def unsettled(store: Store, platform: str, account: str) -> int:
    """Records whose values a run that died may have sent: read their stream in full before planning."""
    ((count,),) = store.rows(
        """SELECT count(DISTINCT (run_id, seq)) FROM writes
        WHERE platform = ? AND account = ? AND state = 'sent'""",
        platform,
        account,
    )
    return int(count)


def settle(store: Store, platform: str, account: str) -> None:
    """After that read: what the platform holds was confirmed, the rest did not arrive."""
    with store.transaction():
        store.con.execute(_ARRIVED, [platform, account])
        store.con.execute(
            "UPDATE writes SET state = 'lost' WHERE platform = ? AND account = ? AND state = 'sent'",
            [platform, account],
        )


_ARRIVED = """
UPDATE writes w SET state = 'confirmed' FROM records r
WHERE w.platform = ? AND w.account = ? AND w.state = 'sent'
    AND r.platform = w.platform AND r.account = w.account AND r.object = w.object AND r.id = w.id
    AND json_extract_string(r.ours, '$.' || w.field) IS NOT DISTINCT FROM w.new"""
