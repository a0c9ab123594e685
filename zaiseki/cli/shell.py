"""What every command shares: the language, where results and remarks go, and progress on a terminal.

Results go to stdout, everything else to stderr; with `--json` stdout holds exactly one object.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from metrics.fields import Language
from zaiseki.messages import Message, say

LogFormat = Literal["text", "json"]
FILE_WIDTH = 160


@dataclass(slots=True)
class Shell:
    """The settings file, the language and the two outputs of one command."""

    config: Path
    language: Language
    as_json: bool = False
    out: Console = field(default_factory=lambda: _console(stderr=False))
    err: Console = field(default_factory=lambda: _console(stderr=True))

    def say(self, key: str, **details: object) -> None:
        """One line of the result."""
        if not self.as_json:
            self.out.print(say(key, self.language, **details), markup=False)

    def remark(self, key: str, **details: object) -> None:
        """One line beside the result."""
        self.err.print(say(key, self.language, **details), markup=False)

    def result(self, facts: Mapping[str, Any]) -> None:
        """The one object of `--json`."""
        if self.as_json:
            sys.stdout.write(json.dumps(facts, ensure_ascii=False, default=str) + "\n")

    def fail(self, message: Message) -> None:
        """What went wrong and the next step."""
        if self.as_json:
            error = {"code": message.code, "message": message.text, "next_step": message.next_step}
            self.result({"error": error})
        else:
            self.err.print(f"{message.text}\n→ {message.next_step}", markup=False)

    @contextmanager
    def progress(self) -> Iterator[Steps]:
        """A line that says what is going on, on a terminal only."""
        if not self.err.is_terminal:
            yield Steps(self.language, None)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]}"),
        )
        with Progress(*columns, TimeElapsedColumn(), console=self.err, transient=True) as bar:
            yield Steps(self.language, bar)


def _console(*, stderr: bool) -> Console:
    """A file or a pipe has no width: there tables take what they need, so that no name is cut off."""
    console = Console(stderr=stderr, soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = FILE_WIDTH
    return console


class Steps:
    """Progress of one run: the step it is at and how many rows it has seen."""

    def __init__(self, language: Language, bar: Progress | None) -> None:
        self.language = language
        self.bar = bar
        self.task = bar.add_task("", count="", total=None) if bar else None

    def step(self, key: str, *, total: int | None = None, **details: object) -> None:
        """A new step has begun; the bar fills where its `total` is known, and moves where it is not."""
        if self.bar and self.task is not None:
            text = say(key, self.language, **details)
            self.bar.update(self.task, description=text, total=total, completed=0, count="")

    def count(self, _what: str, rows: int) -> None:
        """So many rows of the present step are done."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, completed=rows, count=f"{rows:,}")


def set_up_logs(log_format: LogFormat, verbose: int) -> None:
    """Logs go to stderr: warnings only, `-v` adds what the job does, `-vv` every request (never a body)."""
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    # Only our own logs: other libraries write addresses and bodies into theirs.
    ours = logging.getLogger("zaiseki")
    ours.handlers = [handler]
    ours.setLevel(level)
    ours.propagate = False
    logging.getLogger().handlers = [logging.NullHandler()]
