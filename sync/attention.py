"""What waits for somebody to look at it: rows in quarantine and records whose values were rejected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sync.store import Store

IDS = 5
"""How many ids are told of each cause: enough to look some up, never a list of everybody."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rows of one stream (`platform.stream`) that one cause keeps out: `field` and `cause` name field and
    code, never the value. `ids` are the first of them, as the platform or the merchant's file names them."""

    stream: str
    field: str
    cause: str
    count: int
    ids: tuple[str, ...] = ()
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """Records whose values a platform rejected with one code and reason; `ids` are the first of them."""

    platform: str
    code: str
    reason: str
    count: int
    ids: tuple[str, ...] = ()
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Attention:
    """Counts of rows and records, and the commonest causes with theirs."""

    quarantined: int
    rejected: int
    causes: tuple[SetAside, ...]
    rejections: tuple[Rejection, ...]


def unacknowledged(store: Store, run_id: str, *, causes: int = 10) -> Attention:
    """What nobody has acknowledged: the quarantine, and records of this run's plan that were rejected when
    last sent (in this run, or in an earlier one if this run sends nothing)."""
    found = everything(store, run_id)
    aside = [one for one in found.causes if not one.acknowledged]
    rejected = [one for one in found.rejections if not one.acknowledged]
    return Attention(
        quarantined=sum(one.count for one in aside),
        rejected=sum(one.count for one in rejected),
        causes=tuple(aside[:causes]),
        rejections=tuple(rejected[:causes]),
    )


def commonest(store: Store, run_id: str, *, causes: int = 10) -> Attention:
    """The same with what somebody has looked at already, which stands last."""
    found = everything(store, run_id)
    return replace(found, causes=found.causes[:causes], rejections=found.rejections[:causes])


def everything(store: Store, run_id: str) -> Attention:
    """All that is set aside or rejected, looked at or not."""
    aside = tuple(SetAside(*_cells(row)) for row in store.rows(_QUARANTINE, IDS))
    rejected = tuple(Rejection(*_cells(row)) for row in store.rows(_REJECTED, run_id, IDS))
    return Attention(
        quarantined=sum(one.count for one in aside),
        rejected=sum(one.count for one in rejected),
        causes=aside,
        rejections=rejected,
    )


def _cells(row: tuple[Any, ...]) -> tuple[str, str, str, int, tuple[str, ...], bool]:
    where, what, why, count, ids, looked_at = row
    return where, what or "", why or "", int(count), tuple(ids), bool(looked_at)


_QUARANTINE = """
SELECT platform || '.' || stream, field, cause, count(*) AS n,
    list(id ORDER BY length(id), id)[1:?], acknowledged
FROM quarantine GROUP BY platform, stream, field, cause, acknowledged
ORDER BY acknowledged, n DESC, 1, 2, 3"""
_REJECTED = """
WITH planned AS (SELECT DISTINCT platform, account, object, id FROM writes WHERE run_id = ?),
tried AS (
    SELECT platform, account, object, id, max_by(
        {'state': state, 'code': error_code, 'reason': error, 'seen': acknowledged}, planned_at) AS outcome
    FROM writes JOIN planned USING (platform, account, object, id) WHERE state NOT IN ('planned', 'sent')
    GROUP BY platform, account, object, id)
SELECT platform, outcome.code, outcome.reason, count(*) AS n,
    list(id ORDER BY length(id), id)[1:?], coalesce(outcome.seen, false) AS seen
FROM tried WHERE outcome.state = 'rejected' GROUP BY platform, outcome.code, outcome.reason, seen
ORDER BY seen, n DESC, 1, 2, 3"""


def acknowledge(store: Store) -> None:
    """Somebody has looked at all of it; what stays as it is no longer makes a run end with exit code 3."""
    with store.transaction():
        store.con.execute("UPDATE quarantine SET acknowledged = true")
        store.con.execute("UPDATE writes SET acknowledged = true WHERE state = 'rejected'")
