"""What must outlive the store, in small files of keyed lines: who was forgotten, what was decided of whom.

A file is only ever added to. Its first line names its kind and version and bears a mark of the hash key: with
another key its lines would mean nothing, and the forgotten would quietly come back.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sync.errors import StoreUnusable
from sync.keys import HashKey
from sync.tombstones import Tombstones

VERSION = 1
Kind = Literal["tombstones", "decisions"]
_HASH = "[0-9a-f]{32}"
_AT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_LINES: Mapping[Kind, re.Pattern[str]] = {
    "tombstones": re.compile(rf"(record|key|code) ({_HASH}) ({_AT})"),
    "decisions": re.compile(rf"(accept|reject) ({_HASH}) ({_HASH}|-) ({_AT})"),
}


@dataclass(frozen=True, slots=True)
class KeyedFile:
    """One such file: `kind` says which, `key` is the hash key under which its lines were made."""

    path: Path
    kind: Kind
    key: HashKey

    def read(self) -> list[tuple[str, ...]]:
        """Every line, cut into its parts; none where there is no file yet.

        Raises `StoreUnusable` for a line that is not understood, by its number.
        """
        try:
            lines = self.path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return []
        except UnicodeDecodeError as error:
            raise self._unusable("?", "it is not plain text") from error
        except OSError as error:
            raise self._unusable("?", type(error).__name__) from error
        if not lines:
            return []  # a kill between making it and the first word leaves it empty
        self._must_be_ours(lines)
        return [self._parts(number, line) for number, line in enumerate(lines[1:], start=2)]

    def append(self, lines: Iterable[Sequence[str]]) -> None:
        """Add lines, each in its parts, and see them onto the disk before going on.

        Raises `StoreUnusable` where the file is not ours or cannot be written.
        """
        self.read()  # never add to what is not ours
        known = self.path.exists() and self.path.stat().st_size > 0
        text = "".join(f"{' '.join(parts)}\n" for parts in lines)
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text if known else f"{self._head()}\n{text}")
                file.flush()
                os.fsync(file.fileno())
            if not known:
                sync_folder(self.path.parent)
        except OSError as error:
            raise self._unusable("?", type(error).__name__) from error

    def _head(self) -> str:
        return f"zaiseki {self.kind} {VERSION} {self.key.of('keyed lines', self.kind)[:8]}"

    def _must_be_ours(self, lines: Sequence[str]) -> None:
        head, ours = lines[0].split(), self._head().split()
        if len(head) != len(ours) or head[:2] != ours[:2]:
            raise self._unusable("1", f"it does not begin as a file of {self.kind} does")
        if head[2] != ours[2]:
            raise self._unusable("1", f"it is of version {head[2]}, this Zaiseki knows {VERSION}")
        if head[3] != ours[3]:
            raise self._unusable("1", "it was written under another hash key")

    def _parts(self, number: int, line: str) -> tuple[str, ...]:
        found = _LINES[self.kind].fullmatch(line)
        if not found:
            raise self._unusable(str(number), "the line is garbled")
        return found.groups()

    def _unusable(self, line: str, cause: str) -> StoreUnusable:
        return StoreUnusable("keyed_lines_unusable", path=str(self.path), line=line, cause=cause)


def stamp(at: datetime) -> str:
    """An instant as it stands in a line, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def instant(text: str) -> datetime:
    """The instant of a line."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def load_tombstones(file: KeyedFile) -> Tombstones:
    """Who was forgotten, by the lines of a file. Raises `StoreUnusable`."""
    plain: dict[str, set[str]] = {"record": set(), "code": set()}
    keys: dict[str, datetime] = {}
    for kind, line, at in file.read():
        if kind == "key":
            keys[line] = max(instant(at), keys.get(line, instant(at)))
        else:
            plain[kind].add(line)
    return Tombstones(file.key, frozenset(plain["record"]), keys, frozenset(plain["code"]))


def sync_folder(folder: Path) -> None:
    """See a folder onto the disk: a new file is only sure to be there once its folder is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
