"""`zaiseki provision`: our fields and the access to them, on both platforms."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from connectors.base import Provisioned
from zaiseki.cli.shell import Shell
from zaiseki.messages import say
from zaiseki.provisioning import provision_all


def provision(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be created.")] = False,
    labels: Annotated[str, typer.Option(help="Language of labels and help texts: en or ja.")] = "en",
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Create our fields, and the access to them, where they are missing; nothing of yours is changed."""
    shell: Shell = context.obj
    if labels not in ("en", "ja"):
        raise typer.BadParameter("en or ja", ctx=context, param_hint="--labels")
    done = provision_all(shell.config, "ja" if labels == "ja" else "en", dry_run=dry_run)
    failed = any(item.action == "failed" for items in done.values() for item in items)
    shell.result(
        {
            "dry_run": dry_run,
            "provisioned": [
                {
                    "platform": platform,
                    "object": item.object,
                    "name": item.name,
                    "kind": item.kind,
                    "action": item.action,
                    "reason": item.reason,
                }
                for platform, items in done.items()
                for item in items
            ],
        }
    )
    if not json:
        _show(shell, done, dry_run=dry_run)
        if not failed and not dry_run:
            shell.say("provision_done")
    return 1 if failed else 0


def _show(shell: Shell, done: dict[str, list[Provisioned]], *, dry_run: bool) -> None:
    words = {
        "created": "would_create" if dry_run else "created",
        "updated": "would_update" if dry_run else "provision_updated",
        "unchanged": "provision_unchanged",
        "failed": "failed",
    }
    table = Table(title=say("provision_dry" if dry_run else "provision_title", shell.language))
    for head in ("platform_column", "object_column", "kind_column", "name_column", "action_column"):
        table.add_column(say(head, shell.language))
    for platform, items in done.items():
        for item in items:
            what = say(words[item.action], shell.language)
            table.add_row(
                platform, item.object, item.kind, item.name, f"{what}: {item.reason}" if item.reason else what
            )
    shell.out.print(table)
