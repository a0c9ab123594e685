"""Cuts pages out of a finished CSV file: line positions, locators, compression."""

import base64
import zlib
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sandbox.salesforce.errors import SalesforceError

DEFAULT_PAGE = 100_000
"""Records a results request gets where it does not say how many."""

_BLOCK = 1 << 18


class Lines:
    """Takes lines from a csv writer and notes where each begins, so that any page can be cut out later."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._waiting: list[bytes] = []
        self._at = 0
        self.starts = array("Q", [0])
        """Where each line begins, and where the last one ends."""

    def write(self, line: str) -> None:
        """Take one line; a csv writer calls this once for each."""
        data = line.encode()
        self._waiting.append(data)
        self._at += len(data)
        self.starts.append(self._at)

    def flush(self) -> None:
        """Pass on what was taken."""
        self._out.write(b"".join(self._waiting))
        self._waiting.clear()


def locator_of(row: int) -> str:
    """Give the locator of the page that begins with a row, counted from 0; clients must not look inside."""
    return base64.urlsafe_b64encode(str(row).encode()).decode().rstrip("=")


def row_of(locator: str, total: int) -> int:
    """Give the row that a locator stands for; raises INVALIDLOCATOR."""
    if not locator:
        return 0
    try:
        row = int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except ValueError as error:
        raise SalesforceError(400, "INVALIDLOCATOR", f"Invalid locator: {locator}") from error
    if not 0 <= row <= total:
        raise SalesforceError(400, "INVALIDLOCATOR", f"Invalid locator: {locator}")
    return row


def count_of(text: str | None) -> int:
    """Read `maxRecords`."""
    if text is None:
        return DEFAULT_PAGE
    if not text.isdigit() or int(text) < 1:
        raise SalesforceError(400, "INVALIDPARAMETER", f"maxRecords must be a positive number: {text}")
    return int(text)


def blocks_of(path: Path, ranges: list[tuple[int, int]]) -> Iterator[bytes]:
    """Yield the bytes of these parts of a file, from and to, in bounded blocks."""
    with path.open("rb") as source:
        for begin, end in ranges:
            source.seek(begin)
            left = end - begin
            while left > 0 and (block := source.read(min(_BLOCK, left))):
                left -= len(block)
                yield block


def gzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Compress blocks as they come."""
    packer = zlib.compressobj(1, wbits=31)
    for block in blocks:
        if packed := packer.compress(block):
            yield packed
    yield packer.flush()
