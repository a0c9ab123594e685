"""Write many updates by bulk mutation: files up, jobs run, and every line of the answer read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from connectors.base import WriteResult
from connectors.shopify import documents
from connectors.shopify.bulk import Bulk, again_when_failed
from connectors.shopify.calls import send
from connectors.shopify.changes import Change, Rejection, pack, result_of
from connectors.shopify.graphql import GraphQL
from connectors.shopify.report import Report, read_report
from connectors.shopify.spool import FILE_BYTES, Chunk, Kind, changes_in, inputs_of, line_of, spool
from connectors.shopify.upload import upload

FEW_AGAIN = 20
"""Up to so many calls, customers of failed lines are sent again one by one; more go in a second job."""
Outcome = tuple[str, Rejection | None]


class BulkWriter:
    """Writes customers by bulk mutation, chunk by chunk; input files stand in `scratch` meanwhile."""

    def __init__(self, graphql: GraphQL, bulk: Bulk, scratch: Path, *, file_bytes: int = FILE_BYTES) -> None:
        self.graphql = graphql
        self.bulk = bulk
        self.scratch = scratch
        self.file_bytes = file_bytes

    def write(self, groups: Iterator[list[Change]]) -> Iterator[WriteResult]:
        """Send packed changes and yield one result a customer."""
        for chunk in spool(groups, self.scratch, self.file_bytes):
            try:
                yield from self._write_chunk(chunk)
            finally:
                for path in chunk.files.values():
                    path.unlink(missing_ok=True)

    def _write_chunk(self, chunk: Chunk) -> Iterator[WriteResult]:
        """Deletes first: a customer in both files is told with its sets."""
        rejected: dict[str, Rejection] = {}
        if chunk.lines["delete"]:
            for owner, rejection in self._run("delete", chunk.files["delete"], chunk.lines["delete"]):
                if owner not in chunk.both:
                    yield result_of(owner, rejection)
                elif rejection:
                    rejected[owner] = rejection
        if chunk.lines["set"]:
            for owner, rejection in self._run("set", chunk.files["set"], chunk.lines["set"]):
                yield result_of(owner, rejection or rejected.get(owner))

    def _run(self, kind: Kind, file: Path, lines: int, *, last: bool = False) -> Iterator[Outcome]:
        """Run one input file of `lines` lines and yield the outcome of each customer in it.

        Innocent customers of failed lines are sent again, each on its own; `last` does so no more.
        """
        report = self._operate(kind, file, lines)
        again = file.with_name(f"{file.stem}-again.jsonl")
        left = 0
        try:
            with file.open("rb") as source, again.open("wb") as rest:
                for number, line in enumerate(source):
                    told, innocent = _outcomes(report, number, changes_in(line, kind), kind, last=last)
                    yield from told
                    left += len(innocent)
                    rest.writelines(line_of(inputs_of([change], kind)) for change in innocent)
            if left:
                yield from self._run_again(kind, again, left)
        finally:
            again.unlink(missing_ok=True)

    def _run_again(self, kind: Kind, file: Path, lines: int) -> Iterator[Outcome]:
        with file.open("rb") as source:
            groups = pack(changes_in(line, kind)[0] for line in source)
            few = list(islice(groups, FEW_AGAIN + 1))
        if len(few) > FEW_AGAIN:
            yield from self._run(kind, file, lines, last=True)
            return
        for group in few:
            yield from send(self.graphql, group)

    def _operate(self, kind: Kind, file: Path, lines: int) -> Report:
        """Upload `file`, run the mutation over it, and read what each line came to."""

        def once() -> Path | None:
            path = upload(self.graphql, file)
            variables = {"mutation": documents.text(kind), "path": path}
            job = self.bulk.start("bulk_run_mutation", variables)
            return self.bulk.fetch(self.bulk.wait(job, "write", lines))

        result = again_when_failed(once)
        if result is None:
            return Report()
        try:
            return read_report(result, kind)
        finally:
            result.unlink(missing_ok=True)


def _outcomes(
    report: Report, number: int, changes: list[Change], kind: Kind, *, last: bool
) -> tuple[list[Outcome], list[Change]]:
    """The outcomes that line `number` settles, and the customers in it that must be sent again."""
    verdict = report.verdict(number, inputs_of(changes, kind))
    if verdict.fine:
        return [(change.owner, None) for change in changes], []
    told: list[Outcome] = list(verdict.culprits.items())
    innocent = [change for change in changes if change.owner not in verdict.culprits]
    if last:
        told += [(change.owner, verdict.unplaced) for change in innocent]
        return told, []
    return told, innocent
