"""One bulk operation at work: its file, its counts, its end."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from sandbox.faults import Rule
from sandbox.shopify.problems import Problem
from sandbox.shopify.runtime import Runtime

STOPPED = ("COMPLETED", "CANCELED", "FAILED", "EXPIRED")


class Canceled(Exception):
    """The operation was told to stop."""


class CutShort(Exception):
    """The operation fails half way, on purpose."""


@dataclass
class Job:
    """A running operation; `write` takes finished lines and keeps the counts that polls see."""

    runtime: Runtime
    number: int
    out: IO[str]
    partial: Rule | None
    objects: int = 0
    roots: int = 0
    size: int = 0

    def write(self, lines: list[str], *, roots: int) -> None:
        """Add lines to the result, and stop where the operation was cancelled."""
        if self.number in self.runtime.canceled:
            raise Canceled
        if self.partial and self.objects + len(lines) > 0:
            lines = lines[: max(1, len(lines) // 2)]
            roots = min(roots, len(lines))
        text = "".join(lines)
        self.out.write(text)
        self.size += len(text.encode())
        self.objects += len(lines)
        self.roots += roots
        if self.partial:
            raise CutShort
        if self.objects % 50_000 < len(lines):
            self.save(object_count=self.objects, root_object_count=self.roots)

    def save(self, **columns: Any) -> None:
        """Write columns of the operation's row."""
        with self.runtime.state.writing() as db:
            settings = ", ".join(f"{name} = :{name}" for name in columns)
            db.execute(
                f"UPDATE shopify_bulk_operations SET {settings} WHERE id = :number",
                columns | {"number": self.number},
            )


def start_job(runtime: Runtime, number: int, text: str, work: Callable[[Job], None]) -> None:
    """Run the work of an operation in the background, or let a fault have it."""
    faults = runtime.state.faults
    if faults.take("stick_job", platform="shopify", text=text):
        _end(runtime, number, status="RUNNING", completed_at=None)
    elif faults.take("fail_job", platform="shopify", text=text):
        _end(runtime, number, status="FAILED", error_code="INTERNAL_SERVER_ERROR")
    else:
        partial = faults.take("partial_result", platform="shopify", text=text)
        runtime.state.executor.submit(_run, runtime, number, partial, work)


def cancel_idle(runtime: Runtime, number: int) -> None:
    """End a cancelled operation that no worker is busy with."""
    runtime.state.executor.submit(_end_canceled, runtime, number)


def result_file(runtime: Runtime, number: int) -> Path:
    """Name the file of an operation's result."""
    folder = runtime.state.folder / "bulk"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"bulk-{number}.jsonl"


def _run(runtime: Runtime, number: int, partial: Rule | None, work: Callable[[Job], None]) -> None:
    path = result_file(runtime, number)
    with path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20) as out:
        job = Job(runtime, number, out, partial)
        job.save(status="RUNNING")
        outcome: dict[str, Any] = {"status": "COMPLETED"}
        try:
            work(job)
        except Canceled:
            outcome = {"status": "CANCELED"}
        except CutShort:
            outcome = {"status": "FAILED", "error_code": "INTERNAL_SERVER_ERROR"}
        except Problem:
            outcome = {"status": "FAILED", "error_code": "ACCESS_DENIED"}
        except Exception:
            # A bug of the sandbox must show as a failed operation, not as one that runs for ever.
            _end(runtime, number, status="FAILED", error_code="INTERNAL_SERVER_ERROR")
            raise
    counts = {"object_count": job.objects, "root_object_count": job.roots}
    if job.size:
        place = "url" if outcome["status"] == "COMPLETED" else "partial_url"
        counts |= {"file_size": job.size, place: _signed_url(runtime, number)}  # type: ignore[dict-item]
    _end(runtime, number, **outcome, **counts)


def _end(runtime: Runtime, number: int, **columns: Any) -> None:
    with runtime.state.writing() as db:
        columns = {"completed_at": runtime.state.stamp()} | columns
        settings = ", ".join(f"{name} = :{name}" for name in columns)
        db.execute(
            f"UPDATE shopify_bulk_operations SET {settings} WHERE id = :number"
            " AND status NOT IN ('COMPLETED', 'CANCELED', 'FAILED')",
            columns | {"number": number},
        )


def _end_canceled(runtime: Runtime, number: int) -> None:
    _end(runtime, number, status="CANCELED")


def _signed_url(runtime: Runtime, number: int) -> str:
    name = f"bulk-{number}.jsonl"
    signature = secrets.token_urlsafe(32)
    runtime.results[signature] = number
    query = urlencode(
        {
            "Expires": "604800",
            "Signature": signature,
            "response-content-disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}",
            "response-content-type": "application/jsonl",
        }
    )
    return f"{runtime.state.base_url}/_bulk/{name}?{query}"
