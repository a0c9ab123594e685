"""`zaiseki why RECORD`: who this is, what counts of what was bought, why this segment, what comes next."""

from __future__ import annotations

from typing import Annotated

import typer

from zaiseki.cli.shell import Shell
from zaiseki.disclosure import as_json
from zaiseki.show_why import show_why
from zaiseki.why import explain_record


def why(
    context: typer.Context,
    record: Annotated[
        str, typer.Argument(help="A record of the person: a Shopify or Salesforce id.", metavar="RECORD")
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object: all that is stored.")] = False,
) -> int:
    """Explain one person: records and how they were joined, orders counted and left out, the segment."""
    shell: Shell = context.obj
    found = explain_record(shell.config, record)
    shell.result(as_json(found))
    if not json:
        show_why(shell, found)
    return 0
