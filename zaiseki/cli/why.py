"""`zaiseki why RECORD`: who this is, what counts of what was bought, why this segment, what comes next."""

from __future__ import annotations

from typing import Annotated

import typer

from zaiseki.cli.shell import Shell
from zaiseki.disclosure import as_json
from zaiseki.explanation import Explanation
from zaiseki.show_why import show_why
from zaiseki.why import explain_email, explain_record


def why(
    context: typer.Context,
    record: Annotated[
        str | None,
        typer.Argument(help="A record of the person: a Shopify or Salesforce id.", metavar="RECORD"),
    ] = None,
    email: Annotated[str | None, typer.Option(help="Everybody who holds this address.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object: all that is stored.")] = False,
) -> int:
    """Explain one person: records and how they were joined, orders counted and left out, the segment."""
    shell: Shell = context.obj
    people: tuple[Explanation, ...]
    if record is not None and email is None:
        people = (explain_record(shell.config, record),)
        shell.result(as_json(people[0]))
    elif record is None and email is not None:
        people = explain_email(shell.config, email)
        shell.result({"people": [as_json(found) for found in people]})
    else:
        raise typer.BadParameter("RECORD or --email, one of them", ctx=context)
    if not json:
        for found in people:
            show_why(shell, found)
    return 0
