"""A bulk mutation at work: one call per line of the uploaded file, one line of result for each, in order."""

from pathlib import Path
from typing import Any

import orjson

from sandbox.shopify.bulk_job import Job
from sandbox.shopify.context import Context, new_context
from sandbox.shopify.documents import BadDocument, with_variables
from sandbox.shopify.execute import run_document
from sandbox.shopify.selection import Document

LINES_AT_ONCE = 20


def import_lines(job: Job, document: Document, path: Path) -> None:
    """Run the mutation with the variables of each line; a line that fails says so in its own result."""
    waiting: list[str] = []
    with path.open("rb") as lines:
        for number, line in enumerate(line for line in lines if line.strip()):
            answer = _run_line(new_context(job.runtime), document, line)
            answer["__lineNumber"] = number
            waiting.append(orjson.dumps(answer).decode().replace("/", "\\/") + "\n")
            if len(waiting) >= LINES_AT_ONCE:
                job.write(waiting, roots=len(waiting))
                waiting = []
    if waiting:
        job.write(waiting, roots=len(waiting))


def _run_line(context: Context, document: Document, line: bytes) -> dict[str, Any]:
    try:
        called = with_variables(document, _variables(line))
    except BadDocument as bad:
        return {"errors": bad.errors}
    answer: dict[str, Any] = {"data": run_document(called, context)}
    return answer | ({"errors": context.errors} if context.errors else {})


def _variables(line: bytes) -> dict[str, Any]:
    try:
        variables = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadDocument([{"message": f"Invalid JSON: {error}"}]) from error
    if not isinstance(variables, dict):
        raise BadDocument([{"message": "Expected a JSON object with the variables of one call"}])
    return variables
