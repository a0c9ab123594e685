"""The store as the last run left it, for commands that list people or codes; no platform is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sync import runs
from sync.store import Store
from zaiseki.errors import Stop
from zaiseki.settings import Settings, read_settings

RUNS_LOOKED_AT = 100
_SCORED = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'scores' AND NOT temporary"


@dataclass(frozen=True, slots=True)
class LastScores:
    """An open store with the scores of the run of `as_of`."""

    store: Store
    settings: Settings
    as_of: date

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.store.meta("bound:reporting currency") or ""


@contextmanager
def last_scores(config: Path) -> Iterator[LastScores]:
    """The scores of the last run.

    Raises `Stop` where no run has scored yet, or the last one knew too little for segments; `StoreBusy` while
    a run holds the store.
    """
    settings = read_settings(config)
    path = config.parent / settings.store.path
    if not path.exists():
        raise Stop("status_never_ran")
    with Store.open(path, memory=settings.store.memory_limit) as store:
        run = next((run for run in runs.last(store, RUNS_LOOKED_AT) if run.as_of), None)
        if run is None or run.as_of is None or not store.rows(_SCORED):
            raise Stop("status_never_ran")
        if run.thresholds is None:
            raise Stop("segments_unknown")
        yield LastScores(store, settings, run.as_of)
