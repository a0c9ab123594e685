"""Send what the last run planned but could not send: `python scripts/write_back.py zaiseki.toml`.

Only the last run's plan, which the guard has passed; an older one may hold values that are no longer
right. Prints one JSON object an account: planned, written, unchanged, rejected, held.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

import orjson

from connectors.errors import ConnectorError
from metrics.writeback import write_back
from sync import bookmarks, runs
from sync.errors import StoreBusy, StoreUnusable
from sync.writes import written
from zaiseki.errors import Stop
from zaiseki.job import Job, Options, open_job
from zaiseki.surveying import known_account


class Quiet:
    """Nobody watches the progress."""

    def step(self, key: str, *, total: int | None = None, **details: object) -> None:
        """Say nothing."""

    def count(self, what: str, rows: int) -> None:
        """Say nothing."""


def send(job: Job) -> bool:
    """Send the rest of the last run's plan; False where a platform failed. Raises `ConnectorError`."""
    latest = runs.last(job.store, 1)
    if not latest:
        raise Stop("status_never_ran")
    complete = True
    for connector in job.connectors:
        account = known_account(job, connector) or ""
        connector.survey(bookmarks.of(job.store, connector.platform, account, connector.streams))
        run_id = latest[0].run_id
        planned = written(job.store, run_id, connector.platform, account).planned
        counted, failure = write_back(job.store, run_id, connector, account, planned=planned)
        line = {"platform": connector.name, **asdict(counted)}
        sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
        if failure:
            print(failure, file=sys.stderr)
            complete = False
    return complete


def main() -> int:
    """Write and count; exit 1 where something is in the way."""
    parser = argparse.ArgumentParser(description="Send the rest of the last run's plan.")
    parser.add_argument("config", type=Path, help="zaiseki.toml")
    asked = parser.parse_args()
    try:
        with open_job(asked.config, Options(), Quiet(), writing=True) as job:
            return 0 if send(job) else 1
    except (Stop, StoreBusy, StoreUnusable, ConnectorError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
