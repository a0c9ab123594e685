"""`zaiseki metrics`: what is measured and how, the rules of the school, and the figures of the shop."""

from __future__ import annotations

from typing import Annotated

import typer

from zaiseki.cli.shell import Shell
from zaiseki.expectation import shop_expectation
from zaiseki.expectation_facts import shop_facts
from zaiseki.kept_figures import last_figures
from zaiseki.measures import describe, listed, shop_figure
from zaiseki.show_expectation import show_shop_expectation
from zaiseki.show_figures import figures_as_json, show_figures
from zaiseki.show_metrics import as_json, described_as_json, show_described, show_metrics
from zaiseki.show_rules import rules_as_json, show_rules

_ONE = "an id (with --shop: that of a figure), --rules, --shop or --expectation: one of them"


def metrics(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="The id of a metric or rule: everything about it.", metavar="ID")
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="The rules of the merchant's school, with their verdicts.")
    ] = False,
    shop: Annotated[
        bool, typer.Option("--shop", help="The shop's figures as of the last run; every part of one metric.")
    ] = False,
    expectation: Annotated[
        bool,
        typer.Option("--expectation", help="Expected purchases of the shop, and the models behind them."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List every metric, tell all of one or of a rule, or show the figures of the shop."""
    shell: Shell = context.obj
    if rules + shop + expectation > 1 or (name is not None and (rules or expectation)):
        raise typer.BadParameter(_ONE, ctx=context)
    if rules:
        shell.result({"rules": rules_as_json()})
        show_rules(shell)
    elif shop:
        _figures(shell, name)
    elif expectation:
        _expectation(shell)
    elif name is None:
        every = listed()
        shell.result({"metrics": [as_json(one) for one in every]})
        show_metrics(shell, every)
    else:
        described = describe(shell.config, name)
        shell.result(described_as_json(described))
        show_described(shell, described)


def _expectation(shell: Shell) -> None:
    found = shop_expectation(last_figures(shell.config))
    shell.result({"expectation": shop_facts(found)})
    show_shop_expectation(shell, found)


def _figures(shell: Shell, name: str | None) -> None:
    """Those of the shop, or all of one metric. Raises `Stop` for one that is none of the shop."""
    metric = None if name is None else shop_figure(name)
    kept = last_figures(shell.config)
    shell.result(figures_as_json(kept, metric))
    show_figures(shell, kept, {one.id: one for one in listed()}, metric)
