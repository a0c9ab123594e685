"""Bring a JSONL file to Shopify's storage as a form, read from disk while it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from urllib3.filepost import encode_multipart_formdata

from connectors.errors import JobFailed, Retry, UnexpectedAnswer
from connectors.http import Http
from connectors.retry import with_retries
from connectors.shopify import documents
from connectors.shopify.graphql import GraphQL

MARK = b"\x00zaiseki-file\x00"
BLOCK_BYTES = 1 << 16


def upload(graphql: GraphQL, path: Path) -> str:
    """Stage `path` for a bulk mutation and return its staged path.

    Raises `JobFailed` when the storage refuses it, so that it is staged anew.
    """
    payload = graphql.run(documents.text("stage_upload"))["stagedUploadsCreate"] or {}
    targets: list[Any] = payload.get("stagedTargets") or []
    if payload.get("userErrors") or len(targets) != 1:
        raise UnexpectedAnswer("shopify", "stage_refused")
    form = {given["name"]: given["value"] for given in targets[0]["parameters"]}
    with_retries(lambda: _post(graphql.http, targets[0]["url"], form, path), sleep=graphql.sleep)
    return str(form["key"])


def _post(http: Http, url: str, form: Mapping[str, str], path: Path) -> None:
    with path.open("rb") as file:
        body = FormWithFile(form, file, path.stat().st_size)
        # The address is signed; the shop's token has no business there.
        response = http.send(
            "POST", url, data=body, headers={"Content-Type": body.content_type}, allow_redirects=False
        )
    status = response.status_code
    if status == 429 or status >= 500:
        raise Retry("shopify", "upload", str(status))
    if status not in (200, 201, 204):
        raise JobFailed("shopify", "upload_refused", str(status))


class FormWithFile:
    """A multipart form whose last field is a file (Shopify wants it last); `len` is its size in bytes."""

    def __init__(self, form: Mapping[str, str], file: IO[bytes], size: int) -> None:
        fields: list[tuple[str, Any]] = list(form.items())
        fields.append(("file", ("bulk_op_vars", MARK, "text/jsonl")))
        whole, self.content_type = encode_multipart_formdata(fields)
        self.before, _, self.after = whole.partition(MARK)
        self.file = file
        self.size = size

    def __len__(self) -> int:
        return len(self.before) + self.size + len(self.after)

    def __iter__(self) -> Iterator[bytes]:
        yield self.before
        while block := self.file.read(BLOCK_BYTES):
            yield block
        yield self.after
