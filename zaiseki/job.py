"""A job: settings, open store and connectors of one run, and how all of it is opened and closed."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from connectors.base import Connector
from metrics.fields import catalogue
from sync import erase, keys, runfile
from sync.keyed_lines import KeyedFile, load_tombstones
from sync.keys import HashKey
from sync.store import Store
from sync.tombstones import NOBODY, Tombstones
from zaiseki.connect import connect
from zaiseki.environment import read_secrets
from zaiseki.errors import Stop
from zaiseki.settings import Settings, read_settings

KEY_FILE = "zaiseki.key"
TOMBSTONES_FILE = "zaiseki.tombstones"
DECISIONS_FILE = "zaiseki.decisions"


class Progress(Protocol):
    """Who wants to know how far a run is."""

    def step(self, key: str, *, total: int | None = None, **details: object) -> None:
        """A new step has begun; `key` names a text, `total` the rows it will come to where that is known."""
        ...

    def count(self, what: str, rows: int) -> None:
        """So many rows of the present step are done."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked of one run on the command line."""

    full: bool = False
    approve: bool = False
    as_of: date | None = None
    first: int | None = None
    only: str | None = None
    plan_file: Path | None = None
    plan_out: Path | None = None


@dataclass(slots=True)
class Job:
    """Everything one run works with."""

    settings: Settings
    folder: Path
    store: Store
    key: HashKey
    connectors: tuple[Connector, ...]
    options: Options
    progress: Progress
    writing: bool
    tombstones: Tombstones = NOBODY
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    began: float = field(default_factory=time.monotonic)

    def step(self, key: str, *, total: int | None = None, **details: object) -> None:
        """A new step has begun: shown as progress, and noted where `status` finds it."""
        self.progress.step(key, total=total, **details)
        runfile.note(self.store.path, run_id=self.run_id, step=key)

    def forgotten(self) -> KeyedFile:
        """The file of who was forgotten, beside the settings."""
        return KeyedFile(self.folder / TOMBSTONES_FILE, "tombstones", self.key)

    def decisions(self) -> KeyedFile:
        """The file of what was decided of records, beside the settings."""
        return KeyedFile(self.folder / DECISIONS_FILE, "decisions", self.key)

    def on_loopback(self) -> bool:
        """Whether every platform of this job is a sandbox on this machine."""
        parts = (*self.settings.shopify, self.settings.salesforce)
        return all(part.url for part in parts if part)


@contextmanager
def open_job(config: Path, options: Options, progress: Progress, *, writing: bool) -> Iterator[Job]:
    """The job of a settings file; the store is locked and temporary files exist until it is left.

    Raises `Stop`, `sync.store.StoreBusy` or `sync.store.StoreUnusable`.
    """
    settings = read_settings(config)
    folder = config.parent
    with ExitStack() as opened:
        path = folder / settings.store.path
        raw = path.with_name(f"{path.name}.raw")
        draft = catalogue(currency="", scale=2)
        connectors = connect(settings, read_secrets(), draft, raw, progress.count)
        store = opened.enter_context(Store.open(path, memory=settings.store.memory_limit))
        key = _hash_key(folder)
        store.bind_key(key)
        opened.enter_context(_own_folder(raw))
        for connector in connectors:
            opened.callback(connector.close)
        forgotten = KeyedFile(folder / TOMBSTONES_FILE, "tombstones", key)
        erase.carry_out(store, forgotten)  # whom a killed `forget` has left half forgotten
        tombstones = load_tombstones(forgotten)
        yield Job(settings, folder, store, key, connectors, options, progress, writing, tombstones)


@contextmanager
def _own_folder(raw: Path) -> Iterator[None]:
    """A folder for what the platforms sent, its owner's only, beside the store and gone with the run.

    What a killed run left there holds personal data: it goes before anything else happens.
    """
    shutil.rmtree(raw, ignore_errors=True)
    raw.mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(raw, ignore_errors=True)


def _hash_key(folder: Path) -> HashKey:
    """The key beside the settings, made with the first run."""
    try:
        return keys.load(folder / KEY_FILE)
    except OSError as error:
        raise Stop("folder_unwritable", path=str(folder), cause=type(error).__name__) from error
