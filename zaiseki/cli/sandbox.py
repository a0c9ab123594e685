"""`zaiseki sandbox`: local Shopify and Salesforce, as a process of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def sandbox(
    scenario: Annotated[Path, typer.Option(help="The folder with the scenario's files.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    tls: Annotated[bool, typer.Option("--tls", help="Serve https with a certificate of its own.")] = False,
) -> None:
    """Serve a local Shopify and Salesforce with the people of a scenario, until Ctrl-C."""
    command = [sys.executable, "-m", "sandbox", "--scenario", str(scenario), "--port", str(port)]
    # This process becomes the sandbox: signals reach it directly, and the product never imports it.
    os.execv(sys.executable, [*command, *(["--tls"] if tls else [])])  # noqa: S606 - our own module
