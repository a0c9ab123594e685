"""`zaiseki metrics`: what is measured and how, the rules of the school, and the figures of the shop."""

from __future__ import annotations

from typing import Annotated

import typer

from zaiseki.cli.shell import Shell
from zaiseki.errors import Stop
from zaiseki.expectation import shop_expectation
from zaiseki.expectation_facts import shop_facts
from zaiseki.kept_figures import last_figures
from zaiseki.measures import describe, listed, metric_named
from zaiseki.show_expectation import show_shop_expectation
from zaiseki.show_figures import figures_as_json, show_figures
from zaiseki.show_metrics import as_json, rules_as_json, show_metric, show_metrics, show_rules

_ONE = "the id of a metric (with --shop: its figures), --rules, --shop or --expectation: one of them"


def metrics(
    context: typer.Context,
    metric: Annotated[str | None, typer.Argument(help="The id of one metric: everything about it.")] = None,
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
    """List every metric, tell all of one, or show the figures of the shop."""
    shell: Shell = context.obj
    if rules + shop + expectation > 1 or (metric is not None and (rules or expectation)):
        raise typer.BadParameter(_ONE, ctx=context)
    if rules:
        shell.result({"rules": rules_as_json()})
        show_rules(shell)
    elif shop:
        _figures(shell, metric)
    elif expectation:
        _expectation(shell)
    elif metric is None:
        every = listed()
        shell.result({"metrics": [as_json(one) for one in every]})
        show_metrics(shell, every)
    else:
        described = describe(shell.config, metric)
        shell.result({"metric": as_json(described.metric, described.settings)})
        show_metric(shell, described)


def _expectation(shell: Shell) -> None:
    found = shop_expectation(last_figures(shell.config))
    shell.result({"expectation": shop_facts(found)})
    show_shop_expectation(shell, found)


def _figures(shell: Shell, metric: str | None) -> None:
    """Those of the shop, or all of one metric. Raises `Stop` for one that is none of the shop."""
    if metric is not None and not metric_named(metric).of_shop:
        raise Stop("figure_not_of_shop", id=metric)
    kept = last_figures(shell.config)
    shell.result(figures_as_json(kept, metric))
    show_figures(shell, kept, {one.id: one for one in listed()}, metric)
