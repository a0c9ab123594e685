"""The input files of bulk mutations, written line by line and kept under Shopify's limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Literal

import orjson

from connectors.shopify.changes import Change

Kind = Literal["set", "delete"]
FILE_BYTES = 90_000_000
"""Shopify takes files of up to 100 MB; a chunk is closed a little before."""


@dataclass(slots=True)
class Chunk:
    """Customers whose sets and deletes stand in one file each; a line holds whole customers only."""

    files: dict[Kind, Path]
    lines: dict[Kind, int] = field(default_factory=lambda: {"set": 0, "delete": 0})
    bytes: int = 0
    both: set[str] = field(default_factory=set)
    """Customers that stand in both files."""


def spool(groups: Iterator[list[Change]], folder: Path, most_bytes: int = FILE_BYTES) -> Iterator[Chunk]:
    """Write `groups` to files in `folder`, one chunk after the other; the caller deletes the files."""
    for number, first in enumerate(groups, start=1):
        kinds: tuple[Kind, Kind] = ("set", "delete")
        chunk = Chunk({kind: folder / f"shopify-{kind}-{number}.jsonl" for kind in kinds})
        with ExitStack() as opened:
            files = {kind: opened.enter_context(chunk.files[kind].open("wb")) for kind in kinds}
            group: list[Change] | None = first
            while group is not None:
                for kind in kinds:
                    line = line_of(inputs_of(group, kind))
                    if line:
                        chunk.lines[kind] += 1
                        chunk.bytes += files[kind].write(line)
                chunk.both.update(change.owner for change in group if change.sets and change.deletes)
                group = next(groups, None) if chunk.bytes < most_bytes else None
        yield chunk


def inputs_of(group: Iterable[Change], kind: Kind) -> list[Mapping[str, str]]:
    """The inputs of one mutation for some customers."""
    return [given for change in group for given in (change.sets if kind == "set" else change.deletes)]


def line_of(inputs: Sequence[Mapping[str, str]]) -> bytes:
    """One line of variables; nothing for no inputs."""
    return orjson.dumps({"metafields": inputs}) + b"\n" if inputs else b""


def changes_in(line: bytes, kind: Kind) -> list[Change]:
    """The customers of a line, read back from the file."""
    inputs = orjson.loads(line)["metafields"]
    by_owner = ((owner, list(given)) for owner, given in groupby(inputs, key=lambda one: one["ownerId"]))
    if kind == "set":
        return [Change(owner, sets=given) for owner, given in by_owner]
    return [Change(owner, deletes=given) for owner, given in by_owner]
