"""Bring a bulk result to disk: resumed where it broke off, never whole in memory."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson
import requests
import urllib3

from connectors.errors import JobFailed, Retry
from connectors.http import Http
from connectors.retry import with_retries

CHUNK_BYTES = 1 << 20
SECONDS = 3_600.0
"""How long one transfer may take, however steadily it trickles."""
ROWS = 5_000
"""Rows decoded at once: about 25 MB as Python objects."""


def download(http: Http, url: str, path: Path, *, sleep: Callable[[float], None] = time.sleep) -> Path:
    """Download `url` to `path` and return where it stands: `path`, or with `.gz` if it came compressed.

    A broken transfer goes on where it stopped. Raises `JobFailed` when the address is not valid any more,
    `Unavailable` when it kept breaking.
    """
    for left_over in (path, _zipped(path)):
        left_over.unlink(missing_ok=True)
    return with_retries(lambda: _fetch_rest(http, url, path), sleep=sleep)


def _fetch_rest(http: Http, url: str, path: Path) -> Path:
    zipped = _zipped(path)
    part = zipped if zipped.exists() else path
    have = part.stat().st_size if part.exists() else 0
    # No compressed ranges of a file begun uncompressed, and the other way round.
    headers = {"Accept-Encoding": "gzip" if part == zipped or not have else "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    response = http.send("GET", url, headers=headers, stream=True)
    try:
        if _is_whole(response, part):
            part.unlink(missing_ok=True)
            part = zipped if response.headers.get("content-encoding") == "gzip" else path
        with part.open("ab") as out:
            _copy(response, out)
    finally:
        response.close()
    return part


def _is_whole(response: requests.Response, part: Path) -> bool:
    """Whether the answer holds the whole file, and not the rest that was asked for."""
    status = response.status_code
    if status in (200, 206):
        return status == 200
    if status == 416:
        # Everything had arrived when the connection broke, or the part is no part of this file.
        part.unlink(missing_ok=True)
        raise Retry("shopify", "download", str(status))
    if status == 429 or status >= 500:
        raise Retry("shopify", "download", str(status))
    raise JobFailed("shopify", "result_gone", str(status))


def _copy(response: requests.Response, out: IO[bytes]) -> None:
    """Copy the body as it came over the wire; urllib3 counts it against Content-Length."""
    until = time.monotonic() + SECONDS
    try:
        for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
            out.write(chunk)
            if time.monotonic() > until:
                raise Retry("shopify", "download", "too slow")
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Retry("shopify", "download", type(error).__name__) from error


def _zipped(path: Path) -> Path:
    return path.with_name(f"{path.name}.gz")


def open_lines(path: Path) -> IO[bytes]:
    """Open a downloaded result for reading, unpacking it on the way if need be."""
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def count_lines(path: Path) -> int:
    """Number of lines in a result. Raises `JobFailed` where a compressed one is damaged."""
    lines, last = 0, b"\n"
    try:
        with open_lines(path) as file:
            while chunk := file.read(CHUNK_BYTES):
                lines, last = lines + chunk.count(b"\n"), chunk[-1:]
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise JobFailed("shopify", "result_damaged", type(error).__name__) from error
    return lines if last == b"\n" else lines + 1


def read_batches(path: Path, rows: int = ROWS) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a JSONL result, at most `rows` at a time."""
    with open_lines(path) as file:
        while lines := list(islice(file, rows)):
            yield orjson.loads(b"[" + b",".join(lines) + b"]")
