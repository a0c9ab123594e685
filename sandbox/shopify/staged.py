"""Staged uploads: a place to put the variables of a bulk mutation, as a form with its parameters and file."""

import secrets
import uuid
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from sandbox.shopify.context import Context
from sandbox.shopify.runtime import Runtime
from sandbox.shopify.selection import Field

CHUNK = 1 << 20
_PARAMETERS = (
    "Content-Type",
    "success_action_status",
    "acl",
    "x-goog-date",
    "x-goog-credential",
    "x-goog-algorithm",
    "policy",
)
_XML = "<?xml version='1.0' encoding='UTF-8'?>"
MOST_UPLOAD_BYTES = 120 << 20


def create_uploads(context: Context, asked: Field) -> dict[str, Any]:
    """Answer `stagedUploadsCreate`."""
    targets = [_target(context, one) for one in asked.arguments["input"]]
    return {"stagedTargets": targets, "userErrors": []}


def upload_file(runtime: Runtime, key: str) -> Path:
    """Name the file that holds an upload; the key is only ever used through its hash-like id."""
    folder = runtime.state.folder / "staged"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{key.split('/')[-2]}.jsonl"


async def receive_upload(runtime: Runtime, request: Request) -> Response:
    """Answer the form upload: every given parameter must come along, the file last; 201 and XML."""
    async with request.form(max_part_size=MOST_UPLOAD_BYTES) as form:
        names = [name for name, _ in form.multi_items()]
        key, file = form.get("key"), form.get("file")
        if not isinstance(key, str) or not _is_signed(runtime, key, form):
            return _xml("AccessDenied", "Access denied.", 403)
        if names[-1] != "file" or not isinstance(file, UploadFile):
            return _xml(
                "InvalidArgument", "Bucket POST must contain a field named 'file' as its last field.", 400
            )
        with upload_file(runtime, key).open("wb") as out:
            while chunk := await file.read(CHUNK):
                out.write(chunk)
        status = int(str(form.get("success_action_status", "204")))
    return Response(
        f"{_XML}<PostResponse><Key>{key}</Key></PostResponse>", status, media_type="application/xml"
    )


def _is_signed(runtime: Runtime, key: str, form: FormData) -> bool:
    """Say whether every parameter that was given out came along."""
    signed = form.get("x-goog-signature") == runtime.upload_keys.get(key)
    return signed and all(name in form for name in _PARAMETERS)


def _target(context: Context, given: dict[str, Any]) -> dict[str, Any]:
    key = f"tmp/1/bulk/{uuid.uuid4()}/{Path(given['filename']).name or 'bulk_op_vars'}"
    signature = secrets.token_hex(32)
    context.runtime.upload_keys[key] = signature
    url = f"{context.state.base_url}/_staged/"
    parameters = {
        "Content-Type": given["mimeType"],
        "success_action_status": "201",
        "acl": "private",
        "key": key,
        "x-goog-date": context.state.stamp().replace("-", "").replace(":", ""),
        "x-goog-credential": "sandbox@example.com/auto/storage/goog4_request",
        "x-goog-algorithm": "GOOG4-RSA-SHA256",
        "x-goog-signature": signature,
        "policy": "e30=",
    }
    return {
        "url": url,
        "resourceUrl": url + key,
        "parameters": [{"name": name, "value": value} for name, value in parameters.items()],
    }


def _xml(code: str, message: str, status: int) -> Response:
    return Response(
        f"{_XML}<Error><Code>{code}</Code><Message>{message}</Message></Error>",
        status_code=status,
        media_type="application/xml",
    )
