"""A plan as a file: what `plan --out` writes, and what `sync --plan` compares the present plan with.

The file is JSON, a line per record, and is written and read line by line, so its size is no matter. It
holds ids and our own values, no personal data beyond them.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

FORMAT = 1

Difference = tuple[str, str, str, str, str, str | None, str | None]
"""platform, account, object, id, field, old, new."""


class PlanUnreadable(Exception):
    """The file is no plan of this program, or was altered since; `code` names the message people read."""

    def __init__(self, code: str, path: Path) -> None:
        super().__init__(f"{code}: {path}")
        self.code = code
        self.path = path


@dataclass(frozen=True, slots=True)
class PlanHeader:
    """What a plan says of itself. `facts`: the run's (run id, as-of date, thresholds, ...), as text.

    `digest` and `differences` (their number) are those of the rows that follow.
    """

    facts: Mapping[str, str]
    digest: str
    differences: int


@dataclass(slots=True)
class Digest:
    """A digest of differences that does not depend on their order: the sum of one hash for each."""

    total: int = 0
    count: int = 0

    def add(self, row: Difference) -> None:
        """Count one difference in."""
        mark = hashlib.blake2b(orjson.dumps(row), digest_size=16).digest()
        self.total = (self.total + int.from_bytes(mark, "big")) % (1 << 128)
        self.count += 1

    @property
    def text(self) -> str:
        """32 hexadecimal digits."""
        return f"{self.total:032x}"


def digest_of(rows: Iterable[Difference]) -> Digest:
    """The digest of `rows`, in any order."""
    digest = Digest()
    for row in rows:
        digest.add(row)
    return digest


def write_plan(path: Path, facts: Mapping[str, str], rows: Iterable[Difference]) -> PlanHeader:
    """Write a plan whole or not at all, readable by its owner only.

    `rows` come with the differences of one record next to each other. The header stands last, because the
    digest is known only then.
    """
    digest = Digest()
    draft = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(b'{"format": %d, "records": [\n' % FORMAT)
        for number, (record, changes) in enumerate(itertools.groupby(rows, key=lambda row: row[:4])):
            out.write(b",\n" if number else b"")
            out.write(_record_line(record, changes, digest))
        header = PlanHeader(dict(facts), digest.text, digest.count)
        out.write(b'\n],\n"plan": ' + orjson.dumps(asdict(header)) + b"}\n")
    draft.replace(path)
    return header


def read_plan(path: Path) -> PlanHeader:
    """The header of a plan file, after reading every line and finding that the digest holds.

    Raises `PlanUnreadable` (`plan_unreadable`, `plan_altered`) and `OSError`.
    """
    digest, header = Digest(), None
    try:
        for line in _lines(path):
            if isinstance(line, PlanHeader):
                header = line
                continue
            for row in line:
                digest.add(row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PlanUnreadable("plan_unreadable", path) from error
    if header is None:
        raise PlanUnreadable("plan_unreadable", path)
    if (header.digest, header.differences) != (digest.text, digest.count):
        raise PlanUnreadable("plan_altered", path)
    return header


def _record_line(record: tuple[Any, ...], changes: Iterable[Difference], digest: Digest) -> bytes:
    fields = {}
    for row in changes:
        digest.add(row)
        fields[row[4]] = {"old": row[5], "new": row[6]}
    names = ("platform", "account", "object", "id")
    return orjson.dumps(dict(zip(names, record, strict=True)) | {"fields": fields})


def _lines(path: Path) -> Iterator[list[Difference] | PlanHeader]:
    with path.open("rb") as lines:
        if next(lines, b"") != b'{"format": %d, "records": [\n' % FORMAT:
            raise ValueError("not the first line of a plan")
        for line in lines:
            if line.startswith(b"{"):
                yield _differences(orjson.loads(line.rstrip(b",\n")))
            elif line.startswith(b'"plan": '):
                yield PlanHeader(**orjson.loads(line[len(b'"plan": ') : -2]))


def _differences(record: Mapping[str, Any]) -> list[Difference]:
    key = (record["platform"], record["account"], record["object"], record["id"])
    return [(*key, field, both["old"], both["new"]) for field, both in record["fields"].items()]
