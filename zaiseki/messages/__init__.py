"""Every sentence a person reads on the command line, in English and Japanese, and how one is looked up."""

from __future__ import annotations

import locale
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from metrics.fields import Language


@dataclass(frozen=True, slots=True)
class Message:
    """What happened (`text`) and what to do next (`next_step`), in one language, filled in."""

    code: str
    text: str
    next_step: str


def language_of(given: str | None) -> Language:
    """The language to speak: what was given, else what the locale says, else English."""
    if given in ("en", "ja"):
        return given  # type: ignore[return-value]  # one of the two literals
    name = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "ja" if (name or locale.getlocale()[0] or "").lower().startswith("ja") else "en"


def explain(code: str, language: Language, /, **details: str) -> Message:
    """The message of `code`. Raises `KeyError` for a code that is not in the catalogue (a bug)."""
    entry = errors()[code]
    known = {name: str(value) for name, value in details.items()}
    return Message(
        code=code,
        text=entry[language].format_map(_Blanks(known)),
        next_step=entry[f"{language}_next"].format_map(_Blanks(known)),
    )


def say(key: str, language: Language, /, **details: object) -> str:
    """A text of the results (table heads, totals, hints), filled in."""
    return texts()[key][language].format(**details)


@cache
def errors() -> dict[str, dict[str, str]]:
    """The catalogue of errors: code to `en`, `en_next`, `ja`, `ja_next`."""
    return tomllib.loads((files(__name__) / "errors.toml").read_text(encoding="utf-8"))


@cache
def texts() -> dict[str, dict[str, str]]:
    """The catalogue of texts: key to `en`, `ja`."""
    return tomllib.loads((files(__name__) / "texts.toml").read_text(encoding="utf-8"))


class _Blanks(dict[str, str]):
    """A detail nobody gave is shown as a dash: a message must never fail while it explains a failure."""

    def __missing__(self, key: str) -> str:
        return "–"
