"""The result file of a bulk mutation: what each input line came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from connectors.shopify.changes import Rejection, Verdict, judge
from connectors.shopify.download import open_lines
from connectors.shopify.spool import Kind

ROOT: dict[Kind, str] = {"set": "metafieldsSet", "delete": "metafieldsDelete"}
FINE = Verdict({}, None)
UNSEEN = Verdict({}, Rejection("NO_RESULT", "the job told nothing about this customer"))


@dataclass(slots=True)
class Report:
    """Lines that have a result (a flag each), and the payload of those that failed."""

    seen: bytearray = field(default_factory=bytearray)
    failed: dict[int, Mapping[str, Any] | None] = field(default_factory=dict)

    def note(self, number: int, payload: Mapping[str, Any] | None) -> None:
        """Remember the payload that answers input line `number` (from 0)."""
        if number >= len(self.seen):
            self.seen.extend(bytes(number + 1 - len(self.seen)))
        self.seen[number] = 1
        if payload is None or payload.get("userErrors"):
            self.failed[number] = payload

    def verdict(self, number: int, inputs: Sequence[Mapping[str, str]]) -> Verdict:
        """What became of input line `number`, which held `inputs`; silence is no success."""
        if number >= len(self.seen) or not self.seen[number]:
            return UNSEEN
        return judge(self.failed[number], inputs) if number in self.failed else FINE


def read_report(path: Path, kind: Kind) -> Report:
    """Read every line of a result file: a job that ended COMPLETED may have failed on all of them."""
    report = Report()
    with open_lines(path) as file:
        for position, line in enumerate(file):
            answer = orjson.loads(line)
            report.note(int(answer.get("__lineNumber", position)), _payload(answer, kind))
    return report


def _payload(answer: Mapping[str, Any], kind: Kind) -> Mapping[str, Any] | None:
    errors = answer.get("errors")
    if not errors:
        return (answer.get("data") or {}).get(ROOT[kind])
    first = errors[0] if isinstance(errors, list) and isinstance(errors[0], Mapping) else {}
    code = (first.get("extensions") or {}).get("code") or "LINE_FAILED"
    return {"userErrors": [{"code": code, "field": None}]}
