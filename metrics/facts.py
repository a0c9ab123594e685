"""The facts at the end of a description: lines `Name: what is said of it`, each of one line or more."""

from __future__ import annotations

import re

NAMES = (
    *("Metric", "Unit", "Source", "Since", "Verdict", "Settings"),
    *("Post", "Rule", "Metrics", "Kept by"),
)
_FACT = re.compile(rf"(?P<name>{'|'.join(NAMES)}): (?P<said>.+)")
_WIDE = r"[\u3000-\u9fff\uff00-\uffef]"
_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE})\n(?={_WIDE})")
"""A line's end within Japanese, which has no blanks between words."""

Facts = dict[str, tuple[str, ...]]
"""What is said, by name; several where the name stands several times."""


class Undescribed(Exception):
    """A description names a metric or a rule, but not all that has to be said of it."""


def facts_of(block: str, where: str) -> Facts:
    """The facts of `block`, which begins with one; a line that names none goes on with the one before.

    Raises `Undescribed` (naming `where`) for a blank line: what stands after it would belong to nothing.
    """
    told: dict[str, list[str]] = {}
    goes_on: list[str] = []
    for line in block.strip().splitlines():
        if found := _FACT.match(line):
            goes_on = told.setdefault(found["name"], [])
            goes_on.append(found["said"].strip())
        elif line.strip() and goes_on:
            goes_on[-1] += f"\n{line.strip()}"
        else:
            raise Undescribed(f"{where}: what stands at {line.strip()!r} belongs to no fact")
    return {name: tuple(_one_line(one) for one in said) for name, said in told.items()}


def fact(facts: Facts, name: str, where: str, *, between: str = "; ") -> str:
    """What is said of `name`, with `between` where it stands several times. Raises `Undescribed`."""
    if name not in facts:
        raise Undescribed(f"{where}: {name}")
    return between.join(facts[name])


def keys_of(facts: Facts, name: str, where: str) -> tuple[str, ...]:
    """What `name` lists between commas; nothing where it says "none". Raises `Undescribed`."""
    said = fact(facts, name, where, between=", ")
    return () if said == "none" else tuple(re.split(r",\s+", said))


def _one_line(said: str) -> str:
    return _BETWEEN_WIDE.sub("", said).replace("\n", " ")
