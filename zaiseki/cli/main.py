"""`zaiseki`: the options every command shares, and the one place where errors become sentences."""

from __future__ import annotations

import gc
import sys
import traceback
from pathlib import Path
from typing import Annotated

import duckdb
import pyarrow
import typer

from connectors.errors import ConnectorError
from metrics.fields import Language
from sync.errors import StoreBusy, StoreUnusable
from zaiseki.cli import (
    calibrate,
    codes,
    contacts,
    demo,
    forget,
    metrics,
    migration,
    plan,
    provision,
    review,
    sandbox,
    status,
    sync,
    why,
)
from zaiseki.cli.shell import LogFormat, Shell, set_up_logs
from zaiseki.errors import Stop
from zaiseki.messages import Message, explain, language_of
from zaiseki.platform_messages import platform_message
from zaiseki.settings import settings_file

app = typer.Typer(
    name="zaiseki",
    help="One customer out of Shopify and Salesforce: tenure, segment and word of mouth, written to both.",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    demo.demo,
    provision.provision,
    plan.plan,
    sync.sync,
    status.status,
    why.why,
    calibrate.calibrate,
    metrics.metrics,
    contacts.contacts,
    codes.codes,
    migration.migration,
    forget.forget,
    sandbox.sandbox,
):
    app.command()(command)
app.add_typer(review.app)


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="The settings file (default ./zaiseki.toml, or ZAISEKI_CONFIG).")
    ] = None,
    lang: Annotated[Language | None, typer.Option(help="en or ja (default from the locale).")] = None,
    log_format: Annotated[LogFormat, typer.Option(help="Form of the logs on stderr.")] = "text",
    verbose: Annotated[int, typer.Option("-v", count=True, help="Say more; twice: every request.")] = 0,
) -> None:
    """Options of every command."""
    set_up_logs(log_format, verbose)
    shell: Shell = context.obj
    shell.config = settings_file(config)
    shell.language = language_of(lang)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    # Rows come and go in bounded batches: looking for cycles that often costs a quarter of a pull's time.
    gc.set_threshold(50_000, 20, 50)
    # The system's own allocator gives memory back after a batch; Arrow's default keeps it.
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    shell = Shell(settings_file(None), language_of(None))
    sys.exit(run(sys.argv[1:], shell))


def run(arguments: list[str], shell: Shell) -> int:
    """The exit code of the command that `arguments` name; whatever goes wrong is told through `shell`."""
    # Known before the options are parsed: a usage error must already keep to the form that was asked for.
    shell.as_json = "--json" in arguments
    try:
        code = app(arguments or ["--help"], prog_name="zaiseki", standalone_mode=False, obj=shell)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - each is told; a traceback means a bug
        message, code = told(error, shell.language)
        if message.code == "bug":
            traceback.print_exc()
        shell.fail(message)
    return code if isinstance(code, int) else 0


def told(error: BaseException, language: Language) -> tuple[Message, int]:
    """The message for `error`, and the exit code it ends the command with."""
    code, message = 1, explain("bug", language, cause=type(error).__name__)
    match error:
        case Stop():
            code, message = error.exit_code, explain(error.code, language, **error.details)
        case StoreBusy():
            facts = {"pid": str(error.pid or "?"), "since": str(error.since or "?")}
            message = explain("store_busy", language, **facts)
        case StoreUnusable():
            message = explain(error.code, language, **error.details)
        case duckdb.OutOfMemoryException():
            message = explain("memory_short", language)
        case ConnectorError():
            message = platform_message(error, language)
        case typer.Abort() | KeyboardInterrupt():
            message = explain("interrupted", language)
        case typer.TyperException():
            message = _usage(error)
    return message, code


def _usage(error: typer.TyperException) -> Message:
    """What was wrong with the words of the command, in the command line's own language."""
    told = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    return Message("usage", told, f"{context.command_path if context else 'zaiseki'} --help")
