"""`zaiseki plan`: everything but the write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zaiseki.cli.shell import Shell
from zaiseki.cli.sync import parse_day
from zaiseki.errors import Stop
from zaiseki.job import Options, open_job
from zaiseki.run import run
from zaiseki.show import show_outcome


def plan(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Write the plan to this file.")] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 2 if there are changes.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Read everything again.")] = False,
    as_of: Annotated[str | None, typer.Option(help="Score as of this day (YYYY-MM-DD).")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Read, score and compare; show what would be written, and write nothing."""
    shell: Shell = context.obj
    if out and not out.absolute().parent.is_dir():
        # Known before the work, so told before it.
        raise Stop("plan_unwritable", path=str(out), cause="no such folder")
    options = Options(full=full, as_of=parse_day(as_of), plan_out=out)
    with shell.progress() as steps, open_job(shell.config, options, steps, writing=False) as job:
        outcome = run(job)
    shell.result(outcome.as_json())
    if not json:
        show_outcome(shell, outcome)
        if out:
            shell.say("plan_saved", path=out)
        elif outcome.planned:
            shell.say("plan_next")
    if outcome.exit_code == 1:
        return 1
    return 2 if exit_code and outcome.planned else 0
