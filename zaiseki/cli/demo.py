"""`zaiseki demo`: the whole job, twice, on real purchases and two local platforms."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from zaiseki.cli.shell import Shell
from zaiseki.errors import Stop

READY_SECONDS = 60
MARK = ".made-by-zaiseki-demo"
SETTINGS = """\
# Made by `zaiseki demo`. The platforms are local ones; secrets stand in the environment of the demo only.
[shopify]
shop = "{shop}"
url = "{shopify_url}"

[salesforce]
domain = "zaiseki-demo.my.salesforce.com"
url = "{salesforce_url}"
shopify_id_field = "Shopify_Customer_Id__c"

[segment]
best_spend = 133.95
lapse_days = 240

[referral]
code_metafield = "custom.referral_code"
"""


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its files.")] = Path("demo"),
    open_: Annotated[bool, typer.Option("--open", help="Keep the pages of both platforms up.")] = False,
) -> int:
    """Run the whole job on the real purchases of 23,570 people, on this machine only."""
    shell: Shell = context.obj
    _claim(folder)
    shell.say("demo_intro")
    shell.say("demo_step_scenario", path=folder / "scenario")
    _check([sys.executable, "-m", "sandbox.cdnow", "--out", str(folder / "scenario")], os.environ)
    shell.say("demo_step_sandbox")
    with _sandbox(folder / "scenario") as ready:
        _write_settings(folder, ready)
        for step, command in (
            ("demo_step_provision", "provision"),
            ("demo_step_sync", "sync"),
            ("demo_step_again", "sync"),
        ):
            shell.out.print()
            shell.say(step)
            code = _zaiseki(shell, folder, command, ready)
            if code:
                return code
        shell.out.print()
        shell.say("demo_files", path=folder)
        if not open_:
            shell.say("demo_look")
            return 0
        shell.say("demo_open", pages=ready["pages"])
        _wait()
    return 0


def _claim(folder: Path) -> None:
    """Take the folder for this demo: one of an earlier demo is emptied, anything else is left alone."""
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise Stop("demo_folder_in_use", path=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    mark.touch()
    for old in folder.glob("zaiseki.*"):
        if old.is_file():
            old.unlink()


def _write_settings(folder: Path, ready: Mapping[str, Any]) -> None:
    text = SETTINGS.format(
        shop=ready["shopify"]["shop"],
        shopify_url=ready["shopify"]["url"],
        salesforce_url=ready["salesforce"]["url"],
    )
    (folder / "zaiseki.toml").write_text(text, encoding="utf-8")


def _zaiseki(shell: Shell, folder: Path, command: str, ready: Mapping[str, Any]) -> int:
    secrets = {
        "ZAISEKI_SHOPIFY_CLIENT_ID": ready["shopify"]["client_id"],
        "ZAISEKI_SHOPIFY_CLIENT_SECRET": ready["shopify"]["client_secret"],
        "ZAISEKI_SALESFORCE_CLIENT_ID": ready["salesforce"]["client_id"],
        "ZAISEKI_SALESFORCE_CLIENT_SECRET": ready["salesforce"]["client_secret"],
    }
    sys.stdout.flush()
    arguments = ["--config", str(folder / "zaiseki.toml"), "--lang", shell.language, command]
    program = [sys.executable, "-m", "zaiseki"]
    return subprocess.run([*program, *arguments], env={**os.environ, **secrets}, check=False).returncode  # noqa: S603


def _check(command: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=dict(environment), stdout=subprocess.DEVNULL, check=False)  # noqa: S603
    if done.returncode:
        raise Stop("sandbox_failed", cause=f"{command[2]} ended with {done.returncode}")


@contextmanager
def _sandbox(scenario: Path) -> Iterator[dict[str, Any]]:
    """Both platforms in a process of their own; yields what they say when ready, ends them afterwards."""
    command = [sys.executable, "-m", "sandbox", "--scenario", str(scenario)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    try:
        if process.stdout is None or not select.select([process.stdout], [], [], READY_SECONDS)[0]:
            raise Stop("sandbox_failed", cause=f"not ready after {READY_SECONDS} s")
        line = process.stdout.readline()
        if not line:
            raise Stop("sandbox_failed", cause=f"it ended with {process.wait(timeout=10)}")
        yield json.loads(line)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait() -> None:
    try:
        select.select([], [], [])
    except KeyboardInterrupt:
        return
