"""`zaiseki codes`: personal codes that look wrong, with their holders."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from zaiseki.cli.shell import Shell
from zaiseki.messages import say
from zaiseki.named import name_of
from zaiseki.suspect_codes import MOST_HOLDERS, CodeReport, Suspects, suspect_codes

SHOWN = 20
MOST = 10_000


def codes(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many codes of each kind.")] = SHOWN,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List personal codes held by several people, redeemed too often, or held by nobody."""
    shell: Shell = context.obj
    found = suspect_codes(shell.config, at_most=limit)
    shell.result(_as_json(found))
    if shell.as_json:
        return
    shell.say("codes_title", as_of=found.as_of)
    _show(shell, "codes_held_by_several", found.shared)
    if found.overused is not None:
        _show(shell, "codes_used_too_often", found.overused, limit=found.max_redemptions)
    if found.unknown is not None:
        _show(shell, "codes_held_by_nobody", found.unknown)
    shell.say("codes_nothing_refused")


def _show(shell: Shell, key: str, found: Suspects, **details: object) -> None:
    shell.say(key, count=f"{found.total:,}", **details)
    if not found.codes:
        return
    table = Table()
    for head in ("codes_code", "column_count", "codes_holders"):
        right = head == "column_count"
        table.add_column(say(head, shell.language), justify="right" if right else "left", overflow="fold")
    for one in found.codes:
        more = ["…"] if len(one.holders) == MOST_HOLDERS else []
        holders = ", ".join([*map(name_of, one.holders), *more])
        table.add_row(one.code, f"{one.count:,}", holders or "–")
    shell.out.print(table)
    if found.total > len(found.codes):
        shell.say("figures_more", count=found.total - len(found.codes))


def _as_json(found: CodeReport) -> dict[str, Any]:
    return {
        "as_of": found.as_of,
        "max_redemptions": found.max_redemptions,
        "shared": _kind(found.shared),
        "overused": _kind(found.overused),
        "unknown": _kind(found.unknown),
    }


def _kind(found: Suspects | None) -> dict[str, Any] | None:
    if found is None:
        return None
    listed = [
        {"code": one.code, "count": one.count, "holders": [name_of(ref) for ref in one.holders]}
        for one in found.codes
    ]
    return {"total": found.total, "codes": listed}
