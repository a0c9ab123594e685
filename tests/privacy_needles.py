"""What nobody may find in anything that the job leaves behind, and the search for it."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

EMAILS = frozenset({"email", "Email", "PersonEmail"})
PHONES = frozenset({"phone", "Phone", "MobilePhone", "PersonMobilePhone"})
NAMES = frozenset({"first_name", "last_name", "FirstName", "LastName", "Name"})
TOKENS = (
    rb"shp(?:at|ca|ss|ua)_[0-9a-f]{16,}",
    rb"00D[0-9A-Za-z]{12,15}![0-9A-Za-z._]{8,}",
    rb"-----BEGIN[A-Z ]*KEY",
)
"""The shapes of tokens and keys: those that the sandbox made during a run are known to nobody else."""
SHORTEST_WORD = 4
SHORTEST_WORD_IN_BYTES = 7
"""Shorter words stand in any file of some megabytes by chance."""


@dataclass(frozen=True)
class Needles:
    """Everything personal of a scenario, as bytes: `anywhere` must stand nowhere at all, `words` (in Latin
    letters) not as whole words."""

    anywhere: frozenset[bytes]
    words: frozenset[bytes]

    def found(self, content: bytes, *, binary: bool = False) -> list[str]:
        """What of it stands in `content`, in any letter case; `binary`: it is no text."""
        lower = content.lower()
        hits = {one for one in self.anywhere if one in lower}
        shortest = SHORTEST_WORD_IN_BYTES if binary else SHORTEST_WORD
        standing = set(re.findall(rb"[a-z\x80-\xff][a-z\x80-\xff'-]*", lower))
        hits |= {one for one in self.words if len(one) >= shortest and one in standing}
        hits |= {hit.lower() for token in TOKENS for hit in re.findall(token, content)}
        return sorted(hit.decode("utf-8", "replace") for hit in hits)


def needles(folders: Iterable[Path], ready: Mapping[str, Any]) -> Needles:
    """The addresses, numbers and names in the CSV files of these folders, and the sandbox's secrets."""
    anywhere: set[str] = {
        str(ready[platform][name])
        for platform in ("shopify", "salesforce")
        for name in ("client_secret", "access_token")
    }
    words: set[str] = set()
    for path in (path for folder in folders for path in folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                for column, value in row.items():
                    if not value:
                        continue
                    if column in EMAILS:
                        anywhere |= _folded(value)
                    elif column in PHONES:
                        anywhere |= _numbers(value)
                    elif column in NAMES and "Order" not in path.stem and "order" not in path.stem:
                        _add_name(value, anywhere, words)
    return Needles(
        frozenset(one.lower().encode() for one in anywhere if one),
        frozenset(one.lower().encode() for one in words),
    )


def _folded(text: str) -> set[str]:
    """As typed, and as everybody reads it."""
    return {text, unicodedata.normalize("NFKC", text).strip().strip("\u200b")}


def _numbers(text: str) -> set[str]:
    """A number as typed, as digits, and in E.164 where it is Japanese; what is no number is none."""
    digits = "".join(char for char in unicodedata.normalize("NFKC", text) if char.isdigit())
    if len(digits) < 9 or len(set(digits)) < 4:
        return set()
    ways = {*_folded(text), digits}
    if digits.startswith("0"):
        ways |= {f"+81{digits[1:]}", f"81{digits[1:]}"}
    return ways


def _add_name(text: str, anywhere: set[str], words: set[str]) -> None:
    """Names of two characters and more in Japanese; in Latin letters their words."""
    for name in _folded(text):
        for part in re.split(r"[\s　]+", name):
            if any(
                "CJK" in unicodedata.name(char, "") or "KANA" in unicodedata.name(char, "") for char in part
            ):
                if len(part) > 1:
                    anywhere.add(part)
            elif len(part) >= SHORTEST_WORD:
                words.add(part.strip("."))


def left_behind(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` by its name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def stored(store: Path) -> bytes:
    """Everything the store says: in its file texts are packed, so that its bytes alone might hide them."""
    told: list[str] = []
    with duckdb.connect(str(store), read_only=True) as con:
        tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
        for (table,) in tables:
            for row in con.execute(f'SELECT to_json(t)::VARCHAR FROM "{table}" t').fetchall():
                told += row
    return "\n".join(told).encode()
