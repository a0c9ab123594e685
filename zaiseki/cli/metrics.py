"""`zaiseki metrics`: what is measured, by which definition and source, and the rules of the school."""

from __future__ import annotations

from typing import Annotated

import typer

from zaiseki.cli.shell import Shell
from zaiseki.measures import describe, listed
from zaiseki.show_metrics import as_json, rules_as_json, show_metric, show_metrics, show_rules


def metrics(
    context: typer.Context,
    metric: Annotated[str | None, typer.Argument(help="The id of one metric: everything about it.")] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="The rules of the merchant's school, with their verdicts.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List every metric, or tell the definition, unit, source, verdict and settings of one."""
    shell: Shell = context.obj
    if rules and metric is not None:
        raise typer.BadParameter("either --rules or the id of a metric", ctx=context)
    if rules:
        shell.result({"rules": rules_as_json()})
        show_rules(shell)
    elif metric is None:
        every = listed()
        shell.result({"metrics": [as_json(one) for one in every]})
        show_metrics(shell, every)
    else:
        found = describe(shell.config, metric)
        shell.result({"metric": as_json(found.metric, found.settings)})
        show_metric(shell, found)
