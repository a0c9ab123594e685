"""`zaiseki review`: what the rules could not decide, for somebody to decide."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from sync.decisions import Ref, Verdict
from zaiseki.cli.shell import Shell
from zaiseki.messages import say
from zaiseki.named import name_of
from zaiseki.reviewing import Item, decide, open_review, undecided

SHOWN = 50
Given = Annotated[list[str], typer.Argument(help="Items of `review list`, or two records.", metavar="ITEM…")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]

app = typer.Typer(
    name="review",
    help="Pairs and groups of records that may be one person; nothing is ever merged on a platform.",
    no_args_is_help=True,
)


@app.command(name="list")
def show(context: typer.Context, json: Json = False) -> int:
    """Show what waits for a decision, and why the rules did not decide it."""
    shell: Shell = context.obj
    with open_review(shell.config) as review:
        items = undecided(review)
    shell.result({"count": len(items), "items": [item.as_json() for item in items]})
    if not json:
        _show(shell, items)
    return 0


@app.command()
def accept(context: typer.Context, given: Given, json: Json = False) -> int:
    """They are one person; a group may be as large as it is."""
    return _decide(context.obj, "accept", given)


@app.command()
def reject(context: typer.Context, given: Given, json: Json = False) -> int:
    """They are not one person; a group stays apart."""
    return _decide(context.obj, "reject", given)


def _decide(shell: Shell, verdict: Verdict, given: list[str]) -> int:
    with open_review(shell.config) as review:
        made = decide(review, verdict, given)
    shell.result(
        {
            "decision": verdict,
            "decided": [[name_of(ref) for ref in (one.one, one.other) if ref is not None] for one in made],
        }
    )
    shell.say("review_decided", count=len(made))
    return 0


def _show(shell: Shell, items: list[Item]) -> None:
    if not items:
        shell.say("review_nothing")
        return
    table = Table(title=say("review_title", shell.language, count=len(items)), title_justify="left")
    for head in ("item", "records", "shared", "why"):
        table.add_column(say(f"review_{head}", shell.language))
    for item in items[:SHOWN]:
        records = "\n".join(_named(shell, item, ref) for ref in item.refs)
        table.add_row(
            item.item, records, _shared(shell, item), say(f"review_because_{item.reason}", shell.language)
        )
    shell.out.print(table)
    if len(items) > SHOWN:
        shell.say("review_more", count=len(items) - SHOWN)
    shell.say("review_how")


def _named(shell: Shell, item: Item, ref: Ref) -> str:
    order = item.orders.get(ref)
    kind = say(f"record_{ref.object}", shell.language)
    return f"{name_of(ref)} ({kind}{f', {order}' if order else ''})"


def _shared(shell: Shell, item: Item) -> str:
    if item.members is not None:
        return say("review_members", shell.language, count=item.members)
    return say(f"tied_{item.rule}", shell.language)
