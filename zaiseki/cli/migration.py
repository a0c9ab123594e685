"""`zaiseki migration`: who moved between segments from one date to another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from metrics.fields import SEGMENTS
from metrics.migration import GONE, NEW
from zaiseki.cli.shell import Shell
from zaiseki.messages import say
from zaiseki.migrating import Migration, moves_between

_DAY = ["%Y-%m-%d"]


def migration(
    context: typer.Context,
    from_on: Annotated[
        datetime | None,
        typer.Option("--from", formats=_DAY, help="The earlier date (default: 180 days before)."),
    ] = None,
    to_on: Annotated[
        datetime | None,
        typer.Option("--to", formats=_DAY, help="The later date (default: the day of the last run)."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show who moved between segments from one date to another, from the purchases already stored."""
    shell: Shell = context.obj
    found = moves_between(shell.config, from_on.date() if from_on else None, to_on.date() if to_on else None)
    shell.result(_as_json(found))
    _show(shell, found)


def _as_json(found: Migration) -> dict[str, Any]:
    return {
        "from": found.from_on,
        "to": found.to_on,
        "thresholds_of": found.as_of,
        "moves": [
            {"from": move.old, "to": move.now, "people": move.people, "share": move.of_old}
            for move in found.moves
        ],
    }


def _show(shell: Shell, found: Migration) -> None:
    if shell.as_json:
        return
    shell.say("migration_title", begin=found.from_on, end=found.to_on)
    names = {row[0]: row[1 if shell.language == "en" else 2] for row in SEGMENTS}
    names |= {code: say(f"migration_{code}", shell.language) for code in (NEW, GONE)}
    table = Table()
    for head, justify in (("then", "left"), ("now", "left"), ("people", "right"), ("share", "right")):
        table.add_column(say(f"migration_column_{head}", shell.language), justify=justify)  # type: ignore[arg-type]
    for move in found.moves:
        percent = "–" if move.of_old is None else f"{move.of_old * 100:.1f} %"
        table.add_row(names[move.old], names[move.now], f"{move.people:,}", percent)
    shell.out.print(table)
    shell.say("migration_thresholds", as_of=found.as_of)
