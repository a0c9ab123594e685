"""`zaiseki status`: the last runs, how fresh the fields are, and what waits for somebody."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from metrics.guard import Hold
from zaiseki.causes import cause_words, some
from zaiseki.cli.shell import Shell
from zaiseki.messages import say
from zaiseki.show import hold_text
from zaiseki.standing import Standing, acknowledge_all, look

_WAITING = ("count", "ids", "acknowledged")


def status(
    context: typer.Context,
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge", help="What is set aside or rejected has been looked at.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Last runs, freshness, bookmarks, what is set aside, held or rejected; asks no platform."""
    shell: Shell = context.obj
    if acknowledge:
        attention = acknowledge_all(shell.config)
        shell.remark("acknowledged", quarantined=attention.quarantined, rejected=attention.rejected)
    standing = look(shell.config)
    shell.result(standing.as_json())
    if not json:
        _show(shell, standing)
    return 0


def _show(shell: Shell, standing: Standing) -> None:
    if standing.running:
        shell.say("status_running", **standing.running)
    for fact in standing.written[:1]:
        shell.say("status_fresh", as_of=fact["as_of"], finished_at=fact["finished_at"])
    _table(shell, "status_title", ("run_id", "started_at", "state", "as_of", "exit_code"), standing.runs)
    _table(shell, "bookmarks_title", ("platform", "account", "stream", "reached_at"), standing.bookmarks)
    aside = [
        {**_looked_at(row), "cause": cause_words(row["cause"], shell.language)} for row in standing.quarantine
    ]
    rejected = [_looked_at(row) for row in standing.rejected]
    _table(shell, "quarantine_title", ("stream", "field", "cause", *_WAITING), aside)
    _table(shell, "rejected_title", ("platform", "code", "reason", *_WAITING), rejected)
    for run in standing.held:
        for hold in run["holds"]:
            shell.say("held_line", reason=hold_text(shell, Hold(hold["code"], hold["details"])))
    if not all(row.get("acknowledged") for row in (*standing.quarantine, *standing.rejected)):
        shell.say("acknowledge_hint")


def _looked_at(row: dict[str, Any]) -> dict[str, Any]:
    # A run file that an earlier release left behind tells neither ids nor who looked.
    ids = some(row.get("ids", ()), row["count"])
    return {**row, "ids": ids, "acknowledged": "✓" if row.get("acknowledged") else ""}


def _table(shell: Shell, title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    if not rows:
        shell.say("none_of", what=say(title, shell.language))
        return
    table = Table(title=say(title, shell.language), title_justify="left")
    for column in columns:
        table.add_column(say(f"column_{column}", shell.language))
    for row in rows:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    shell.out.print(table)
