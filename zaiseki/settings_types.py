"""What every section of `zaiseki.toml` is made of: its base, and the values that stand in several of them."""

from __future__ import annotations

import difflib
import re
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from connectors.http import is_loopback

ApiName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]
Metafield = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{3,255}\.[A-Za-z0-9_-]{2,64}$")]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Tag = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Section(BaseModel):
    """A section of the file: what it does not know it refuses, and nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word most like `word`."""
    return max(known, key=lambda candidate: difflib.SequenceMatcher(None, word, candidate).ratio())


def loopback(url: str | None) -> str | None:
    """The address of a sandbox. Raises `ValueError` for one elsewhere: secrets are sent there."""
    if url is not None and not is_loopback(url):
        raise ValueError("only loopback addresses (a sandbox on this machine) may stand here")
    return url


def regular_expression(pattern: str) -> str:
    """A pattern that both Python and the store's engine (RE2, so no lookaround) understand."""
    try:
        re.compile(pattern)
        pc.match_substring_regex(pa.array([""]), pattern)
    except (re.error, pa.ArrowInvalid):
        raise ValueError("not a regular expression (RE2: without lookaround and references)") from None
    return pattern
