"""The accepted thresholds: what the settings say, else what `zaiseki.thresholds.toml` holds.

Only `sync` (once, over a full history) and `calibrate --accept` write the file.
"""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zaiseki.errors import Stop

FILE = "zaiseki.thresholds.toml"
DEFAULT_LAPSE_DAYS = 240
"""Days without a purchase after which a customer counts as lapsed, until calibrated (LTV-Lab's preset)."""


class Accepted(BaseModel):
    """The `[segment]` section of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    best_spend: Decimal = Field(gt=0)
    lapse_days: int = Field(gt=0)
    accepted_on: date
    evidence: str


def read_accepted(folder: Path) -> Accepted | None:
    """What was accepted before, or None. Raises `Stop` where the file cannot be understood."""
    path = folder / FILE
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return Accepted.model_validate(raw.get("segment", {}))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        cause = str(error) if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
        raise Stop("thresholds_unreadable", path=str(path), cause=cause) from error


def write_accepted(folder: Path, accepted: Accepted) -> None:
    """Write the file whole or not at all."""
    path = folder / FILE
    text = (
        "# The thresholds in use; a key in [segment] of the settings wins over the same key here.\n"
        "[segment]\n"
        f"best_spend = {accepted.best_spend:f}\n"
        f"lapse_days = {accepted.lapse_days}\n"
        f"accepted_on = {accepted.accepted_on.isoformat()}\n"
        f'evidence = "{accepted.evidence}"\n'
    )
    draft = path.with_suffix(".toml.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
