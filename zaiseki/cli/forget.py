"""`zaiseki forget`: clear our fields on every record of a person, then forget the person for good."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from metrics.fields import catalogue
from sync.whole_person import Part
from zaiseki.cli.shell import Shell, Steps
from zaiseki.errors import Stop
from zaiseki.forgetting import Forgotten, find, member
from zaiseki.forgetting import forget as forget_parts
from zaiseki.job import Options, open_job
from zaiseki.messages import explain, say
from zaiseki.platform_messages import platform_message


def forget(
    context: typer.Context,
    record: Annotated[
        str | None,
        typer.Argument(help="A record of the person: a Shopify or Salesforce id.", metavar="RECORD"),
    ] = None,
    email: Annotated[str | None, typer.Option(help="Everybody who holds this address.")] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="With --email: all of them, where several people hold it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Clear our fields on every record of a person, erase the person here, and keep it from coming back."""
    shell: Shell = context.obj
    if (record is None) == (email is None):
        raise typer.BadParameter("RECORD or --email, one of them", ctx=context)
    if everybody and email is None:
        raise typer.BadParameter("--all goes with --email", ctx=context)
    # A moving line would cover the question.
    with open_job(shell.config, Options(), Steps(shell.language, None), writing=True) as job:
        parts = find(job, record=record, email=email, everybody=everybody)
        _show_parts(shell, parts, job.store.meta("bound:reporting currency") or "")
        if not yes and not _confirmed(shell, parts):
            shell.remark("forget_left")
            return 1
        done = forget_parts(job, parts)
    shell.result(done.as_json())
    if not json:
        _show_done(shell, done)
    return done.exit_code


def _confirmed(shell: Shell, parts: tuple[Part, ...]) -> bool:
    """Whether somebody says yes. Raises `Stop` where nobody can be asked."""
    if not sys.stdin.isatty():
        raise Stop("forget_unconfirmed")
    return typer.confirm(say("forget_question", shell.language, records=len(parts)), err=True)


def _show_parts(shell: Shell, parts: tuple[Part, ...], currency: str) -> None:
    """Who it is, by ids only, and what will be cleared where."""
    persons = len({part.person_id for part in parts if part.person_id})
    shell.remark("forget_found", records=len(parts), persons=persons)
    table = Table()
    for head in ("record", "object", "rule", "fields"):
        table.add_column(say(f"forget_{head}", shell.language))
    cleared: dict[str, None] = {}
    for part in parts:
        told = member(part)
        rule = say(f"tied_{told['rule']}", shell.language) if told["rule"] not in ("", "alone") else ""
        kind = say(f"record_{told['object']}", shell.language)
        table.add_row(told["record"], kind, rule, str(len(told["fields"])))
        cleared |= dict.fromkeys(told["fields"])
    shell.err.print(table)
    if cleared:
        shell.remark("forget_cleared", fields=_labels(shell, tuple(cleared), currency))


def _labels(shell: Shell, keys: Sequence[str], currency: str) -> str:
    """Our fields as people see them on the platforms."""
    shown = catalogue(currency=currency, scale=0, language=shell.language)
    labels = {field.key: field.label for field in shown}
    return ("、" if shell.language == "ja" else ", ").join(labels.get(key, key) for key in keys)


def _show_done(shell: Shell, done: Forgotten) -> None:
    facts = done.as_json()
    shell.say(
        "forget_books",
        **{part: facts[part] for part in ("planned", "written", "unchanged", "rejected", "held")},
    )
    for error in done.failures.values():
        message = platform_message(error, shell.language)
        shell.remark("warning_line", text=message.text, next_step=message.next_step)
    if done.erased:
        shell.say(
            "forget_done",
            records=done.erased.records,
            persons=done.erased.persons,
            orders=done.erased.orders,
        )
    else:
        message = explain("forget_not_cleared", shell.language, left=str(facts["rejected"] + facts["held"]))
        shell.remark("warning_line", text=message.text, next_step=message.next_step)
