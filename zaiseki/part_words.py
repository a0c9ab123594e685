"""What the parts of a figure are called: codes are for files, words for people."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from metrics.catalogue import metrics_known
from metrics.fields import CHANNELS, FUNNEL_STAGES, SATISFACTION, SEGMENTS, Language
from metrics.koopman import LEVELS
from metrics.shop_line import ShopLine
from zaiseki.messages import say
from zaiseki.metric_words import name_of

KOOPMAN = "koopman_level"
REFUSED = "referral_refused"
_CHOICES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "segment_": SEGMENTS,
    "migration_": SEGMENTS,
    "rfm_people": SEGMENTS,
    "channel_": CHANNELS,
    "satisfaction_": SATISFACTION,
    "repeat_after_": SATISFACTION,
    "spend_after_": SATISFACTION,
    "funnel_": FUNNEL_STAGES,
}
"""How the ids of figures begin whose parts are choices of a field."""
_OF_TIERS = ("raised_", "lapsed_")
_OF_OTHERS = ("gap_no_", "target_")
"""Figures whose parts are figures, with their parts."""
_AS_THEY_ARE = (KOOPMAN, "market_share", "return_model")
"""Figures whose parts are names of a merchant's or of a model's."""
_IN_BRACKETS = re.compile(r" ?\(.*\)$")
"""What a label explains in brackets fits a field, not a row of a table."""
_WORD = re.compile(r"[a-z][a-z_]*")
_PIECE = re.compile(r"\d+|[a-z_]+|[^\da-z_]+")
_DAYS = re.compile(r"(\d+) days")
_CYCLES = re.compile(r"(\d+) after (\d+) cycles?")


def part_words(line: ShopLine, language: Language) -> str:
    """The part of a figure in words; what has none stays as it is, a product's name among it."""
    if line.name.startswith(_AS_THEY_ARE):
        return line.part
    if line.name == REFUSED:
        return say(f"why_refused_{line.part}", language)
    if line.name == "gap_source":
        return source_words(line.part, language)
    if line.name.startswith(_OF_OTHERS):
        name, _, part = line.part.partition(" ")
        told = part_words(replace(line, name=name, part=part), language)
        return f"{_names(language).get(name, name)} {told}".strip()
    known = _known(line.name, language)
    ours, colon, theirs = line.part.partition(": ")
    if language == "ja":
        ours = _DAYS.sub(r"\1日以内", _CYCLES.sub(r"\1人から\2巡後", ours))
    steps = (_WORD.sub(lambda found: known.get(found[0], found[0]), step) for step in ours.split(">"))
    return " → ".join(steps) + colon + theirs


def part_place(line: ShopLine) -> tuple[tuple[int, int, str], ...]:
    """Where a part stands among those of its figure: choices as the field lists them, numbers by size."""
    places = {choice[0]: nth for nth, choice in enumerate(_choices(line.name))}
    return tuple(
        (0, int(piece), "") if piece.isdecimal() else (1, places.get(piece, 0), piece)
        for piece in _PIECE.findall(line.part)
    )


def level_words(line: ShopLine, language: Language) -> str | None:
    """What a figure's value is called, where it is a level of Koopman's; None of every other figure."""
    if line.name != KOOPMAN or line.value is None:
        return None
    for level in LEVELS:
        if line.value == level.at_least:
            return level.japanese if language == "ja" else level.english
    return say("figures_no_level", language)


def source_words(source: str, language: Language) -> str:
    """What a source of facts is called, in the list of gaps; one that is not known any more by its code."""
    words = _texts()["sources"].get(source)
    return source if words is None else str(words[language])


def _known(name: str, language: Language) -> Mapping[str, str]:
    """The words of one figure's parts: its own first, then the choices of a field, then everybody's."""
    told = _texts()
    known = {code: words[language] for code, words in told["words"].items()}
    nth = 2 if language == "ja" else 1
    known |= {choice[0]: _IN_BRACKETS.sub("", choice[nth]) for choice in _choices(name)}
    if name.startswith(_OF_TIERS):
        known |= tier_words(language)
    return known | {code: words[language] for code, words in told["of"].get(name, {}).items()}


def _choices(name: str) -> tuple[tuple[str, str, str], ...]:
    return next((choices for beginning, choices in _CHOICES.items() if name.startswith(beginning)), ())


def tier_words(language: Language) -> Mapping[str, str]:
    """The segments without active or lapsed: first, fledgling, steady, trend, best."""
    nth, ending = (2, "現役客") if language == "ja" else (1, " – Active")
    return {
        choice[0].removesuffix("_active"): choice[nth].removesuffix(ending)
        for choice in SEGMENTS
        if choice[0].endswith("_active")
    }


@cache
def _names(language: Language) -> Mapping[str, str]:
    return {metric.id: name_of(metric, language) for metric in metrics_known()}


@cache
def _texts() -> Mapping[str, Any]:
    return tomllib.loads((files("zaiseki.messages") / "parts.toml").read_text(encoding="utf-8"))
