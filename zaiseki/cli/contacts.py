"""`zaiseki contacts`: best customers to call first, since nobody has spoken to them and one may."""

from __future__ import annotations

import csv as csv_files
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from metrics.fields import MEDIA, SEGMENTS
from zaiseki.cli.shell import Shell
from zaiseki.errors import Stop
from zaiseki.messages import say
from zaiseki.named import name_of
from zaiseki.quiet_customers import QuietCustomer, QuietList, quiet_customers
from zaiseki.show_orders import money

SHOWN = 20
MOST = 100_000
COLUMNS = (
    "shopify_ids",
    "salesforce_ids",
    "contact_by",
    "segment",
    "tenure_days",
    "net_spend",
    "currency",
    "last_purchase_on",
    "last_contact_on",
)
_HEADS = ("why_column_record", "why_column_segment", "contacts_tenure", "contacts_spend")
_MORE_HEADS = ("contacts_last_purchase", "contacts_last_contact", "contacts_by")


def contacts(
    context: typer.Context,
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=MOST, help=f"At most so many people (default {SHOWN}; with --csv all)."),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write ids and permitted media to a CSV file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List best customers who neither bought nor were spoken to for long and whom one may contact."""
    shell: Shell = context.obj
    found = quiet_customers(shell.config, at_most=limit or (MOST if csv else SHOWN))
    if csv:
        _write(csv, found)
    shell.result(_as_json(found))
    if shell.as_json:
        return
    shell.say(
        "contacts_title",
        as_of=found.as_of,
        days=found.quiet_days,
        quiet=f"{found.quiet:,}",
        permitted=f"{found.permitted:,}",
    )
    if csv:
        shell.say("contacts_written", count=f"{len(found.people):,}", path=csv)
    elif found.people:
        _show(shell, found)


def _show(shell: Shell, found: QuietList) -> None:
    table = Table()
    for head in (*_HEADS, *_MORE_HEADS):
        table.add_column(say(head, shell.language), overflow="fold")
    nth = 1 if shell.language == "en" else 2
    segments, media = ({row[0]: row[nth] for row in words} for words in (SEGMENTS, MEDIA))
    for one in found.people:
        table.add_row(
            name_of(one.records[0]) if one.records else "–",
            segments[one.segment],
            f"{one.tenure_days:,}",
            money(one.net_spend, found.currency),
            str(one.last_purchase_on),
            str(one.last_contact_on or "–"),
            ("、" if shell.language == "ja" else ", ").join(media[code] for code in one.contact_by),
        )
    shell.out.print(table)
    shell.say("contacts_hint")


def _as_json(found: QuietList) -> dict[str, Any]:
    people = [
        {
            "records": [name_of(ref) for ref in one.records],
            "segment": one.segment,
            "tenure_days": one.tenure_days,
            "net_spend": f"{one.net_spend:f}",
            "last_purchase_on": one.last_purchase_on,
            "last_contact_on": one.last_contact_on,
            "contact_by": list(one.contact_by),
        }
        for one in found.people
    ]
    return {
        "as_of": found.as_of,
        "currency": found.currency,
        "quiet_days": found.quiet_days,
        "quiet": found.quiet,
        "may_contact": found.permitted,
        "people": people,
    }


def _write(path: Path, found: QuietList) -> None:
    """Who is one's best customer is personal data: only its owner may read the file."""
    try:
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=""
        ) as out:
            os.fchmod(out.fileno(), 0o600)
            lines = csv_files.writer(out)
            lines.writerow(COLUMNS)
            lines.writerows(_line(one, found.currency) for one in found.people)
    except OSError as error:
        raise Stop("list_unwritable", path=str(path), cause=type(error).__name__) from error


def _line(one: QuietCustomer, currency: str) -> tuple[object, ...]:
    ids = {
        platform: ";".join(ref.id for ref in one.records if ref.platform == platform)
        for platform in ("shopify", "salesforce")
    }
    return (
        *ids.values(),
        ";".join(one.contact_by),
        one.segment,
        one.tenure_days,
        f"{one.net_spend:f}",
        currency,
        one.last_purchase_on,
        one.last_contact_on or "",
    )
