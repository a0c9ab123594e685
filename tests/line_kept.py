"""Small jobs that begin alike begin once: what they held is kept, and every test goes on from a copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from line_support import Line, plain_line

from sandbox.server import prepared, serving
from sandbox.state import Kept


@dataclass(frozen=True)
class KeptLine:
    """A job in `folder`, and its platforms, as they stood when nothing ran; every test goes on from there."""

    scenario: Path
    folder: Path
    url: str
    platforms: Kept

    @contextmanager
    def again(self, folder: Path) -> Iterator[Line]:
        """The same job in a new `folder`, on platforms of its own that hold the same."""
        shutil.copytree(self.folder, folder)
        with prepared(self.scenario, self.platforms) as state, serving(state) as ready:
            line = Line(folder, ready, inside=True)
            text = line.settings.read_text(encoding="utf-8").replace(self.url, ready["shopify"]["url"])
            line.settings.write_text(text, encoding="utf-8")
            yield line


def kept_after(folder: Path, scenario: Path, begin: Callable[[Line], object]) -> KeptLine:
    """A small job once `begin` is through with it, in a new `folder`, for many tests that begin alike."""
    with prepared(scenario) as state, serving(state) as ready:
        line = plain_line(folder / "job", ready)
        begin(line)
        return KeptLine(scenario, line.folder, ready["shopify"]["url"], state.keep(folder / "platforms"))


def first_sync(line: Line) -> None:
    """What most stories begin with."""
    line.provision()
    line.sync()
