"""The run file: a few facts in JSON beside the store, readable while a run holds the store itself."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def path_of(store: Path) -> Path:
    """Where the run file of a store stands."""
    return store.with_name(f"{store.name}.run.json")


def begin(store: Path) -> None:
    """Note that this process holds the store from now on. The time is this machine's, for people to read."""
    note(store, pid=os.getpid(), since=datetime.now(UTC).isoformat(timespec="seconds"))


def end(store: Path) -> None:
    """Note that nobody holds the store any more; what was noted otherwise stays."""
    note(store, pid=None, since=None)


def note(store: Path, **facts: Any) -> None:
    """Add facts (JSON values) to the run file; it is replaced whole, so a reader never sees half of it."""
    path = path_of(store)
    text = json.dumps({**read(store), **facts}, ensure_ascii=False, sort_keys=True, default=str)
    handle, beside = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def read(store: Path) -> dict[str, Any]:
    """The facts of the run file; none if it is missing or not ours."""
    try:
        found = json.loads(path_of(store).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
