"""The store as the last run left it, for commands that count or list something anew; nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from metrics.calendar import day_of
from sync import runs
from sync.runs import Run
from sync.store import Store
from zaiseki.counting import purchase_rules, refresh_frames
from zaiseki.errors import Stop
from zaiseki.settings import Settings, read_settings

RUNS_LOOKED_AT = 100
_SCORED = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'scores' AND NOT temporary"


@dataclass(frozen=True, slots=True)
class LastScores:
    """An open store with the scores of a run, which are those of the day `as_of`."""

    store: Store
    settings: Settings
    run: Run
    as_of: date

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.store.meta("bound:reporting currency") or ""

    def refresh_frames(self, as_of: date | None = None) -> None:
        """Make the scorers' frames anew as a run makes them: by the settings of now, as of the run's own day
        or of another one."""
        refresh_frames(
            self.store,
            purchase_rules(self.settings),
            as_of_day=day_of(as_of or self.as_of),
            max_sharing=self.settings.identity.max_sharing,
            referrer_sources=self.settings.referral.referrer_source,
        )


@contextmanager
def last_scores(config: Path) -> Iterator[LastScores]:
    """The scores of the last run, by whose thresholds everybody has a segment.

    Raises `Stop` where no run has scored yet, or the last one knew too little for segments; `StoreBusy` while
    a run holds the store.
    """
    with last_scored(config) as last:
        if not last.run.thresholds:
            raise Stop("segments_unknown")
        yield last


@contextmanager
def last_scored(config: Path) -> Iterator[LastScores]:
    """The scores of the last run, also of one that knew too little for segments (`run.thresholds` is empty).

    Raises `Stop` where no run has scored yet; `StoreBusy` while a run holds the store.
    """
    settings = read_settings(config)
    path = config.parent / settings.store.path
    if not path.exists():
        raise Stop("status_never_ran")
    with Store.open(path, memory=settings.store.memory_limit) as store:
        yield LastScores(store, settings, *run_of_scores(store))


def run_of_scores(store: Store) -> tuple[Run, date]:
    """The run that the scores in the store are of, and their day. Raises `Stop` where there are none."""
    scored = ((run, run.as_of) for run in runs.last(store, RUNS_LOOKED_AT) if run.as_of)
    found = next(scored, None)
    if found is None or not store.rows(_SCORED):
        raise Stop("status_never_ran")
    return found
