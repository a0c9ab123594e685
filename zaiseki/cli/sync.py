"""`zaiseki sync`: the whole line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from zaiseki.cli.shell import Shell
from zaiseki.errors import Stop
from zaiseki.job import Options, open_job
from zaiseki.run import run
from zaiseki.show import show_outcome


def sync(
    context: typer.Context,
    plan: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Write exactly this plan, or refuse."),
    ] = None,
    first: Annotated[int | None, typer.Option(min=1, help="Write to so many records only.")] = None,
    only: Annotated[str | None, typer.Option(help="Write to this record only.", metavar="RECORD")] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Write although the guard holds.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Read everything again.")] = False,
    as_of: Annotated[str | None, typer.Option(help="Score as of this day (YYYY-MM-DD).")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Pull, normalise, identify, score, plan, guard, write, account."""
    shell: Shell = context.obj
    options = Options(
        full=full, approve=approve, as_of=parse_day(as_of), first=first, only=only, plan_file=plan
    )
    with shell.progress() as steps, open_job(shell.config, options, steps, writing=True) as job:
        outcome = run(job)
    shell.result(outcome.as_json())
    if not json:
        show_outcome(shell, outcome)
    return outcome.exit_code


def parse_day(text: str | None) -> date | None:
    """A day given as YYYY-MM-DD. Raises `Stop` for anything else."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Stop("as_of_invalid", given=text) from None
