"""Waiting for a job on the platform's side: few questions, never for ever."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Literal, TypeVar

from connectors.errors import JobFailed
from connectors.salesforce.rest import Rest

T = TypeVar("T")
ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
"""States in which a bulk job does nothing any more."""
FIRST_PAUSE = 0.25
GROWTH = 1.6
LONGEST_PAUSE = 30.0
STUCK_SECONDS = 1800.0
"""How long a job may show no progress before it counts as stuck."""
TOTAL_SECONDS = 6 * 3600.0
"""How long a job may take at all."""


def wait_for(
    ask: Callable[[], T],
    *,
    ended: Callable[[T], bool],
    progress: Callable[[T], Hashable],
    sleep: Callable[[float], None],
    what: str,
) -> T:
    """Ask, with growing pauses, until `ended` holds, and return that answer.

    Raises `JobFailed` where `progress` did not change for `STUCK_SECONDS` or all took `TOTAL_SECONDS`.
    """
    pause, waited, idle, seen = FIRST_PAUSE, 0.0, 0.0, None
    while waited < TOTAL_SECONDS and idle < STUCK_SECONDS:
        sleep(pause)
        answer = ask()
        if ended(answer):
            return answer
        waited += pause
        mark = hash(progress(answer))
        idle, seen = (idle + pause, seen) if mark == seen else (0.0, mark)
        pause = min(LONGEST_PAUSE, pause * GROWTH)
    raise JobFailed("salesforce", "job_stuck", what, job=what)


def ended_job(rest: Rest, kind: Literal["query", "ingest"], job_id: str) -> Any:
    """Wait until a bulk job has ended, however it ended, and return its last description.

    Raises `JobFailed` where it is stuck. It is aborted then: left alone it would hold up every later run.
    """
    tail = f"jobs/{kind}/{job_id}"
    try:
        return wait_for(
            lambda: rest.call("GET", tail),
            ended=lambda job: job["state"] in ENDED,
            progress=lambda job: (job["state"], job.get("numberRecordsProcessed")),
            sleep=rest.sleep,
            what=f"{kind} {job_id}",
        )
    except JobFailed:
        rest.call("PATCH", tail, {"state": "Aborted"})
        raise
