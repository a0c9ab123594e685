"""The whole line for tests: a sandbox, settings beside it, and the real command.

The demo runs as people run it, each part in a process of its own; small shops run within the test's process.
"""

from __future__ import annotations

import io
import json
import logging
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests
from conftest import write_scenario

from sandbox.server import running
from zaiseki.cli.main import run
from zaiseki.cli.shell import Shell

READY_SECONDS = 60
COMMAND_SECONDS = 300
ANSWER_SECONDS = 60
SETTINGS = """\
[shopify]
shop = "{shop}"
url = "{shopify_url}"

[salesforce]
domain = "zaiseki-demo.my.salesforce.com"
url = "{salesforce_url}"
"""
DEMO_SETTINGS = """\
shopify_id_field = "Shopify_Customer_Id__c"

[referral]
code_metafield = "custom.referral_code"
"""
WRITES: tuple[dict[str, object], ...] = (
    {"platform": "shopify", "contains": "metafieldsSet"},
    {"platform": "shopify", "contains": "metafieldsDelete"},
    {"platform": "shopify", "contains": "stagedUploadsCreate"},
    {"platform": "shopify", "contains": "bulkOperationRunMutation"},
    {"platform": "salesforce", "method": "POST", "path": "/jobs/ingest|/composite/sobjects"},
    {"platform": "salesforce", "method": "PATCH", "path": "/jobs/ingest|/composite/sobjects"},
)
"""How a request that writes values can be told from the others."""


@dataclass(frozen=True)
class Ran:
    """How one command ended: its exit code and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object of `--json`."""
        told: dict[str, Any] = json.loads(self.out)
        return told

    @property
    def holds(self) -> list[tuple[str, dict[str, str]]]:
        """The reasons for which a run was held, with their details."""
        return [(hold["code"], hold["details"]) for hold in self.json["holds"]]


@dataclass(frozen=True)
class Line:
    """A running sandbox, and a folder with the settings for it; `inside`: commands run in this process."""

    folder: Path
    ready: Mapping[str, Any]
    inside: bool = False

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "zaiseki.toml"

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.folder / "zaiseki.duckdb"

    @property
    def secrets(self) -> dict[str, str]:
        """What stands in the environment of every command."""
        return {
            f"ZAISEKI_{platform.upper()}_CLIENT_{part.upper()}": self.ready[platform][f"client_{part}"]
            for platform in ("shopify", "salesforce")
            for part in ("id", "secret")
        }

    def configure(self, *, plain: bool = False, more: str = "", **segment: object) -> None:
        """Write the settings: those of the demo but for the [segment] keys given, and `more` below them.

        `plain`: no personal codes, no field that links contacts to customers. The shop's own figures take
        seconds and have tests of their own: they are left out unless `more` asks for them.
        """
        text = SETTINGS.format(
            shop=self.ready["shopify"]["shop"],
            shopify_url=self.ready["shopify"]["url"],
            salesforce_url=self.ready["salesforce"]["url"],
        )
        text += "" if plain else DEMO_SETTINGS
        text += "\n[segment]\n" + "".join(f"{key} = {value}\n" for key, value in segment.items())
        text += "" if "[metrics]" in more else "\n[metrics]\nshop = false\n"
        self.settings.write_text(text + more, encoding="utf-8")

    def run(self, *words: str | Path) -> Ran:
        """`zaiseki` with these words; the secrets stand in its environment only."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ZAISEKI_")}
        start = run_inside if self.inside else _run_apart
        ran = start(
            [str(word) for word in ("--config", self.settings, "--lang", "en", *words)], clean | self.secrets
        )
        assert "Traceback" not in ran.err, ran.err
        return ran

    def sync(self, *words: str | Path, code: int = 0) -> Ran:
        """`zaiseki sync --json`, which has to end with `code`."""
        ran = self.run("sync", "--json", *words)
        assert ran.code == code, (ran.code, ran.out[-2_000:], ran.err[-2_000:])
        return ran

    def provision(self) -> None:
        """`zaiseki provision`, which has to succeed."""
        ran = self.run("provision")
        assert ran.code == 0, ran.err

    def lose(self, *, key: bool = False) -> None:
        """Lose the store, and the hash key too if `key`."""
        for path in self.folder.glob("zaiseki.duckdb*"):
            path.unlink()
        if key:
            (self.folder / "zaiseki.key").unlink()

    def apply(
        self, folder: Path, rows: Mapping[str, Sequence[Mapping[str, object]]], now: str, more: str = ""
    ) -> None:
        """Change the platforms: lay rows on top of what they hold, and set their clock to `now`; `more` of
        scenario.toml changes who sees what."""
        write_scenario(folder, rows, f'now = "{now}"\n{more}')
        self._control("POST", "apply", {"scenario": str(folder)})

    def forget_requests(self) -> None:
        """Empty the sandbox's log of requests."""
        self._control("DELETE", "requests")

    def served(self) -> list[dict[str, Any]]:
        """Every request that the sandbox served since its log was emptied, as the sandbox tells it."""
        found: list[dict[str, Any]] = self._control("GET", "requests").json()["requests"]
        return found

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """Refuse every write while the block runs; afterwards the list holds the paths of those tried."""
        tried: list[str] = []
        self.forget_requests()
        always = {"fault": "status", "status": 403, "times": None}
        self._control("POST", "faults", [write | always for write in WRITES])
        try:
            yield tried
        finally:
            self._control("POST", "faults", [])
            tried += [str(one["path"]) for one in self.served() if one["fault"]]

    def _control(self, method: str, switch: str, body: object = None) -> requests.Response:
        url = f"{self.ready['shopify']['url']}/_sandbox/{switch}"
        answer = requests.request(method, url, json=body, timeout=ANSWER_SECONDS)
        assert answer.ok, answer.text
        return answer


def _run_apart(words: list[str], environment: Mapping[str, str]) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "zaiseki", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def run_inside(words: list[str], environment: Mapping[str, str]) -> Ran:
    """`zaiseki` with these words in this process, which has only this environment meanwhile."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, environment, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
        _logs_as_they_were(),
    ):
        code = run(words, Shell(Path("unused"), "ja"))
    return Ran(code, out.getvalue(), err.getvalue())


@contextmanager
def _logs_as_they_were() -> Iterator[None]:
    """A command sets up the logs of its process; other tests need theirs."""
    loggers = [logging.getLogger(name) for name in (None, "zaiseki")]
    before = [(one.handlers, one.level, one.propagate) for one in loggers]
    try:
        yield
    finally:
        for one, (handlers, level, propagate) in zip(loggers, before, strict=True):
            one.handlers, one.propagate = handlers, propagate
            one.setLevel(level)


@contextmanager
def small(folder: Path, scenario: Path) -> Iterator[Line]:
    """A sandbox in this process, and `folder` with plain settings and a best spend of 100 for it."""
    with running(scenario) as ready:
        yield plain_line(folder, ready)


def plain_line(folder: Path, ready: Mapping[str, Any]) -> Line:
    """A job in `folder` on a sandbox of this process, with plain settings and a best spend of 100."""
    folder.mkdir(parents=True, exist_ok=True)
    line = Line(folder, ready, inside=True)
    line.configure(plain=True, best_spend=100)
    return line


@contextmanager
def sandboxed(folder: Path, scenario: Path) -> Iterator[Line]:
    """A sandbox in a process of its own, and `folder` with the demo's settings for it."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "sandbox", "--scenario", str(scenario)]
    with (folder / "sandbox.err").open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    try:
        assert select.select([process.stdout], [], [], READY_SECONDS)[0], "the sandbox is not ready"
        line = Line(folder, json.loads(process.stdout.readline()))
        line.configure(best_spend="133.95", lapse_days=240)
        yield line
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


def demo_scenario(folder: Path) -> Path:
    """The demo's scenario, made as `make demo` makes it."""
    subprocess.run(
        [sys.executable, "-m", "sandbox.cdnow", "--out", folder],
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=COMMAND_SECONDS,
    )
    return folder
