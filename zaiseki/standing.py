"""How things stand, from what the runs left behind; no platform is asked, no run disturbed.

While a run holds the store, the answer comes from the run file beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sync import attention, bookmarks, runfile, runs
from sync.attention import Attention
from sync.errors import StoreBusy
from sync.store import Store
from zaiseki.errors import Stop
from zaiseki.settings import read_settings


@dataclass(frozen=True, slots=True)
class Standing:
    """What `status` tells, as rows. `running` holds process, start and step of a run under way.

    What is set aside or rejected stands here as long as it is, with `acknowledged` once somebody has looked.
    """

    running: Mapping[str, Any] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    written: list[dict[str, Any]] = field(default_factory=list)
    bookmarks: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object of `--json`."""
        return asdict(self)


def look(config: Path) -> Standing:
    """How things stand for a settings file. Raises `Stop` where no run has been made with it yet."""
    settings = read_settings(config)
    path = config.parent / settings.store.path
    if not path.exists():
        raise Stop("status_never_ran")
    try:
        with Store.open(path, memory=settings.store.memory_limit) as store:
            return _of(store)
    except StoreBusy as busy:
        return _from_run_file(path, busy)


def remember(store: Store) -> None:
    """Put how things stand into the run file, for who asks while the next run holds the store."""
    runfile.note(store.path, standing=_of(store).as_json())


def acknowledge_all(config: Path) -> Attention:
    """Note that everything set aside or rejected has been looked at; gives back what that was."""
    settings = read_settings(config)
    path = config.parent / settings.store.path
    if not path.exists():
        raise Stop("status_never_ran")
    with Store.open(path, memory=settings.store.memory_limit) as store:
        found = attention.unacknowledged(store, _last_writing(store))
        attention.acknowledge(store)
        return found


def _from_run_file(path: Path, busy: StoreBusy) -> Standing:
    """What is known while another process holds the store: its run, and how things stood before."""
    facts = runfile.read(path)
    before = facts.get("standing") or {}
    running = {"pid": busy.pid, "since": busy.since, "step": facts.get("step") or "–"}
    return Standing(**{**before, "running": running})


def _of(store: Store) -> Standing:
    found = attention.commonest(store, _last_writing(store))
    held = [run for run in runs.last(store, 1) if run.state == "held"]
    return Standing(
        runs=[_row(run) for run in runs.last(store)],
        written=[_row(run) for run in runs.last(store, 1, state="written")],
        bookmarks=[
            {"platform": platform, "account": account, "stream": stream, "reached_at": _when(at)}
            for platform in ("shopify", "salesforce")
            for account in bookmarks.accounts(store, platform)
            for stream, at in bookmarks.all_of(store, platform, account).items()
        ],
        quarantine=[asdict(cause) for cause in found.causes],
        rejected=[asdict(cause) for cause in found.rejections],
        held=[{"run_id": run.run_id, "holds": run.balance.get("holds", [])} for run in held],
    )


def _last_writing(store: Store) -> str:
    """The id of the last run that meant to write; one that forgot somebody left no writes behind."""
    others = ("planned", "running", "forgotten")
    return next((run.run_id for run in runs.last(store) if run.state not in others), "")


def _row(run: runs.Run) -> dict[str, Any]:
    # Whoever reads this holds the store, so a run that still says "running" failed or was killed.
    state = "unfinished" if run.state == "running" else run.state
    return {
        "run_id": run.run_id,
        "started_at": _when(run.started_at),
        "finished_at": _when(run.finished_at),
        "state": state,
        "as_of": str(run.as_of or "–"),
        "exit_code": "–" if run.exit_code is None else run.exit_code,
    }


def _when(at: Any) -> str:
    return at.isoformat(timespec="seconds") if at else "–"
