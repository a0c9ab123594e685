"""`zaiseki calibrate`: the thresholds that the merchant's own purchases propose, and accepting them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from metrics.calibration import Refusal
from zaiseki.calibrating import Calibration
from zaiseki.calibrating import calibrate as find
from zaiseki.cli.shell import Shell
from zaiseki.errors import Stop
from zaiseki.show_calibration import as_json, refusal_told, show_calibration


def calibrate(
    context: typer.Context,
    accept: Annotated[
        bool, typer.Option("--accept", help="Write the proposal to zaiseki.thresholds.toml.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the return curve: a file that ends in .svg or .png.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Propose when a customer counts as lapsed and as best, from the purchases already stored."""
    shell: Shell = context.obj
    if picture is not None and picture.suffix not in (".svg", ".png"):
        raise typer.BadParameter("--picture ends in .svg or .png", ctx=context)
    found = find(shell.config, accept=accept)
    if picture is not None:
        _draw(shell, found, picture)
    shell.result(as_json(found, shell.language))
    if not json:
        show_calibration(shell, found)
    if picture is not None:
        shell.say("calibrate_picture", path=picture)
    if isinstance(found.answer, Refusal):
        if not json:
            shell.fail(refusal_told(found, found.answer, shell.language))
        return 1
    return 0


def _draw(shell: Shell, found: Calibration, path: Path) -> None:
    from zaiseki.picture import draw  # noqa: PLC0415 - half a second that no other command should wait for

    try:
        draw(found, path, shell.language)
    except OSError as error:
        raise Stop("picture_unwritable", path=str(path), cause=type(error).__name__) from error
