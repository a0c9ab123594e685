"""Bulk operations: start one, wait for it with few polls, and start it again when it comes to nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from connectors.errors import JobFailed, MendSettings, Unavailable, UnexpectedAnswer
from connectors.shopify import documents
from connectors.shopify.download import count_lines, download
from connectors.shopify.graphql import GraphQL

T = TypeVar("T")

FIRST_POLL_SECONDS = 0.4
POLL_GROWTH = 1.65
LONGEST_POLL_SECONDS = 60.0
STUCK_SECONDS = 1_800.0
"""A job that counted nothing more for so long is given up and started anew."""
JOB_SECONDS = 6 * 3_600.0
"""How long one job may take at most; Shopify itself allows ten days."""
BUSY_SECONDS = 3_600.0
"""How long to wait for a free slot (five queries and five mutations at once per app and shop)."""
SUBMISSIONS = 3
BUSY = frozenset({"OPERATION_IN_PROGRESS", "LIMIT_REACHED"})
RUNNING = frozenset({"CREATED", "RUNNING", "CANCELING"})


@dataclass(frozen=True, slots=True)
class Done:
    """A completed job: where its result stands (None: it is empty) and how many lines it has."""

    url: str | None
    lines: int


class Bulk:
    """Runs bulk operations one after the other; results land in `scratch`."""

    def __init__(
        self,
        graphql: GraphQL,
        scratch: Path,
        *,
        on_progress: Callable[[str, int], None],
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.graphql = graphql
        self.scratch = scratch
        self.on_progress = on_progress
        self.sleep = sleep
        self.now = now
        self._numbers = count(1)

    def query(self, text: str, what: str, expected: int = 0) -> Path | None:
        """Run a bulk query and return its complete JSONL file, None for an empty result.

        The caller deletes the file. `what` names the work to `on_progress`; `expected` rows (0: unknown)
        tell when to look again.
        """

        def once() -> Path | None:
            done = self.wait(self.start("bulk_run_query", {"query": text}), what, expected)
            path = self.fetch(done)
            if path is not None and count_lines(path) != done.lines:
                path.unlink(missing_ok=True)
                raise JobFailed("shopify", "lines_missing", f"{done.lines} expected")
            return path

        return again_when_failed(once)

    def fetch(self, done: Done) -> Path | None:
        """Download the result of a job to `scratch`; None where it is empty."""
        if done.url is None:
            return None
        path = self.scratch / f"shopify-result-{next(self._numbers)}.jsonl"
        return download(self.graphql.http, done.url, path, sleep=self.sleep)

    def start(self, document: str, variables: Mapping[str, Any]) -> str:
        """Submit an operation and return its id, waiting for a free slot if there is none."""
        began, pauses = self.now(), _growing(5.0)
        while True:
            data = self.graphql.run(documents.text(document), **variables)
            payload = next(iter(data.values())) or {}
            codes = {str(error.get("code")) for error in payload.get("userErrors") or ()}
            if not codes and payload.get("bulkOperation"):
                return str(payload["bulkOperation"]["id"])
            if not codes & BUSY:
                raise _refused(codes)
            if self.now() - began > BUSY_SECONDS:
                raise Unavailable("shopify", "bulk_busy")
            self.sleep(next(pauses))

    def wait(self, job: str, what: str, expected: int = 0) -> Done:
        """Poll until the job is done. Raises `JobFailed` where it is worth starting anew."""
        began = moved = self.now()
        counted, pauses = -1, _growing(FIRST_POLL_SECONDS)
        while True:
            spent = self.now() - began
            self.sleep(min(next(pauses), _seconds_left(spent, counted, expected)))
            found = self.graphql.run(documents.text("bulk_poll"), id=job).get("bulkOperation")
            if not found:
                raise JobFailed("shopify", "bulk_vanished")
            lines = int(found.get("objectCount") or 0)
            if found["status"] not in RUNNING:
                return _read_end(found, lines)
            if lines != counted:
                counted, moved = lines, self.now()
                self.on_progress(what, lines)
            if self.now() - moved > STUCK_SECONDS or self.now() - began > JOB_SECONDS:
                self.graphql.run(documents.text("bulk_cancel"), id=job)
                raise JobFailed("shopify", "bulk_stuck")

    def settle(self) -> None:
        """Wait until no bulk write of ours is running: its values would land after newer ones."""
        recent = self.graphql.run(documents.text("bulk_recent"))["bulkOperations"]["nodes"]
        for found in recent:
            if found["status"] in RUNNING and "Zaiseki" in found["query"]:
                try:
                    self.wait(str(found["id"]), "settle")
                except JobFailed:
                    # Whatever it wrote is read back; what matters is that it writes no more.
                    continue


def again_when_failed(once: Callable[[], T]) -> T:
    """Return `once()`, started anew after each `JobFailed`, at most `SUBMISSIONS` times in all."""
    for _ in range(SUBMISSIONS - 1):
        try:
            return once()
        except JobFailed:
            continue
    try:
        return once()
    except JobFailed as error:
        raise Unavailable("shopify", "bulk_failed", f"{error.code} {error.detail}".strip()) from error


def _read_end(found: Mapping[str, Any], lines: int) -> Done:
    """What a job that runs no more came to."""
    status, code = str(found["status"]), str(found.get("errorCode") or "")
    if status == "COMPLETED" and (found.get("url") or not lines):
        return Done(found.get("url"), lines)
    if code == "ACCESS_DENIED":
        raise MendSettings("shopify", "access_denied", "bulk operation", field="")
    # A partial result has no order that a later run could rely on, so it is not taken.
    raise JobFailed("shopify", "bulk_failed", f"{status} {code}".strip())


def _refused(codes: set[str]) -> UnexpectedAnswer | JobFailed:
    if codes & {"NO_SUCH_FILE", "INVALID_STAGED_UPLOAD_FILE"}:
        return JobFailed("shopify", "upload_lost", " ".join(sorted(codes)))
    return UnexpectedAnswer("shopify", "bulk_refused", " ".join(sorted(codes)))


def _seconds_left(spent: float, counted: int, expected: int) -> float:
    """Seconds until a job that counted so much in `spent` seconds is done, as far as one can tell.

    Never less than a quarter of the time spent: the file is still written when all is counted.
    """
    if counted <= 0 or expected <= 0:
        return LONGEST_POLL_SECONDS
    return max(FIRST_POLL_SECONDS, spent / 4, 1.1 * spent * (expected - counted) / counted)


def _growing(seconds: float) -> Iterator[float]:
    """Yield pauses that grow from `seconds` to the longest one, so that long jobs cost few requests."""
    while True:
        yield seconds
        seconds = min(LONGEST_POLL_SECONDS, seconds * POLL_GROWTH)
