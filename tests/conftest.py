"""Shared by all tests: a running sandbox made from rows that a test writes down itself."""

import csv
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from sandbox.server import running

Rows = Mapping[str, Sequence[Mapping[str, object]]]

pytest_plugins = ["metrics_engines"]

gc.set_threshold(50_000, 20, 50)
"""As `zaiseki` itself sets it: looking for cycles more often is a third of the time that collecting takes."""

STANDARD = 100
"""The examples of hypothesis where no profile says otherwise."""
settings.register_profile("thorough", max_examples=50 * STANDARD)
settings.register_profile("few", max_examples=2)


def examples(few: int) -> settings:
    """Examples of a property that needs a store or an engine.

    Fifty times as many by `--hypothesis-profile=thorough`; by `few` two, the simplest and one at random.
    """
    return settings(max_examples=max(2, few * settings().max_examples // STANDARD), deadline=None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole jobs first: they take longest, and the workers end together where what is left over is short."""
    items.sort(key=lambda item: not item.path.name.startswith("test_line_"))


def pytest_collection_finish() -> None:
    """The tests and what they import stay to the end: nobody looks for cycles among them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def nothing_left_open() -> Iterator[None]:
    """What a module left in cycles goes with it: a connection nobody closed is an error there and then."""
    yield
    gc.collect()


def write_scenario(folder: Path, rows: Rows, toml: str = "") -> Path:
    """Write a scenario folder: file stem -> rows (each file's columns are those of all its rows)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.toml").write_text(toml, encoding="utf-8")
    for stem, records in rows.items():
        columns = list(dict.fromkeys(name for record in records for name in record))
        with (folder / f"{stem}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, columns, restval="")
            writer.writeheader()
            writer.writerows(records)
    return folder


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[..., Path]:
    """Give a function (rows, toml) -> scenario folder; every call writes a new one."""
    written = 0

    def write(rows: Rows | None = None, toml: str = 'now = "2026-10-01T12:00:00Z"\n') -> Path:
        nonlocal written
        written += 1
        return write_scenario(tmp_path / f"scenario{written}", rows or {}, toml)

    return write


@pytest.fixture
def sandbox(scenario: Callable[..., Path]) -> Iterator[Callable[..., dict[str, Any]]]:
    """Give a function (rows, toml, tls=) -> ready line of a sandbox that runs until the test ends."""
    with ExitStack() as stack:

        def start(rows: Rows | None = None, toml: str = "", *, tls: bool = False) -> dict[str, Any]:
            folder = scenario(rows, toml or 'now = "2026-10-01T12:00:00Z"\n')
            return stack.enter_context(running(folder, tls=tls))

        yield start
