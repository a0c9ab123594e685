"""What waits for somebody to look at it: rows in quarantine and records whose values were rejected."""

from __future__ import annotations

from dataclasses import dataclass

from sync.store import Store


@dataclass(frozen=True, slots=True)
class Attention:
    """Counts, and the commonest causes with theirs: (platform.stream, field, cause) and (platform, code,
    reason). Causes name fields and codes, never values."""

    quarantined: int
    rejected: int
    causes: tuple[tuple[str, str, str, int], ...]
    rejections: tuple[tuple[str, str, str, int], ...]


def unacknowledged(store: Store, run_id: str, *, causes: int = 10) -> Attention:
    """What nobody has acknowledged: the quarantine, and records of this run's plan that were rejected when
    last sent (in this run, or in an earlier one if this run sends nothing)."""
    quarantine = store.rows(_QUARANTINE)
    rejected = store.rows(_REJECTED, run_id)
    return Attention(
        quarantined=sum(int(row[3]) for row in quarantine),
        rejected=sum(int(row[3]) for row in rejected),
        causes=tuple((row[0], row[1], row[2], int(row[3])) for row in quarantine[:causes]),
        rejections=tuple((row[0], row[1] or "", row[2] or "", int(row[3])) for row in rejected[:causes]),
    )


_QUARANTINE = """
SELECT platform || '.' || stream, field, cause, count(*) AS n FROM quarantine
WHERE NOT acknowledged GROUP BY ALL ORDER BY n DESC, 1, 2, 3"""
_REJECTED = """
WITH planned AS (SELECT DISTINCT platform, account, object, id FROM writes WHERE run_id = ?),
tried AS (
    SELECT platform, account, object, id, max_by(
        {'state': state, 'code': error_code, 'reason': error, 'seen': acknowledged}, planned_at) AS outcome
    FROM writes JOIN planned USING (platform, account, object, id) WHERE state NOT IN ('planned', 'sent')
    GROUP BY platform, account, object, id)
SELECT platform, outcome.code, outcome.reason, count(*) AS n FROM tried
WHERE outcome.state = 'rejected' AND NOT outcome.seen GROUP BY ALL ORDER BY n DESC, 1, 2, 3"""


def acknowledge(store: Store) -> None:
    """Somebody has looked at all of it; what stays as it is no longer makes a run end with exit code 3."""
    with store.transaction():
        store.con.execute("UPDATE quarantine SET acknowledged = true")
        store.con.execute("UPDATE writes SET acknowledged = true WHERE state = 'rejected'")
