"""Writes scenario folders, streaming: for the demo's data and for the synthetic ones."""

import csv
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any


class ScenarioWriter:
    """Writes the CSV files of one folder, which stay open while the `with` block runs, and counts their rows.

    CSV files of an earlier scenario in the folder are removed first: what is left of one would be served too.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts: dict[str, int] = {}
        self._headers: dict[str, tuple[str, ...]] = {}
        self._writers: dict[str, Any] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "ScenarioWriter":
        self.folder.mkdir(parents=True, exist_ok=True)
        for pattern in ("shopify_*.csv", "salesforce_*.csv"):
            for path in self.folder.glob(pattern):
                path.unlink()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def row(self, stem: str, **values: object) -> None:
        """Write one row of `stem`.csv; the first gives the header, all others must have the same columns."""
        if stem not in self._writers:
            self._start(stem, tuple(values))
        if tuple(values) != self._headers[stem]:
            raise ValueError(f"{stem}: columns {tuple(values)} are not those of its first row")
        self._writers[stem].writerow(values.values())
        self.counts[stem] += 1

    def _start(self, stem: str, header: tuple[str, ...]) -> None:
        path = self.folder / f"{stem}.csv"
        out = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        self._writers[stem] = csv.writer(out, lineterminator="\n")
        self._writers[stem].writerow(header)
        self._headers[stem] = header
        self.counts[stem] = 0
