"""Faults on demand: rules that say which requests, jobs or records go wrong, how, and how often."""

import re
import threading
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Platform = Literal["shopify", "salesforce"]

REQUEST_FAULTS = ("status", "throttle", "expired_token", "reset", "lost_answer", "slow", "cut_off")
"""Faults of one HTTP exchange, played by the server; all others are asked for inside jobs and records."""


class Rule(BaseModel):
    """One rule. What is None matches everything; `path` is a regular expression searched in the path.

    `skip` matching occasions pass first, then `times` of them fail (None: for ever). `retry_after` goes
    out as written; `seconds` is how long `slow` waits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: Literal[
        "status",
        "throttle",
        "expired_token",
        "reset",
        "lost_answer",
        "slow",
        "cut_off",
        "reject_records",
        "lock_records",
        "fail_job",
        "stick_job",
        "partial_result",
    ]
    platform: Platform | None = None
    method: str | None = None
    path: str | None = None
    contains: str | None = None
    status: int = Field(default=503, ge=200, le=599)
    retry_after: str | None = None
    seconds: float = Field(default=1.0, ge=0, le=600)
    skip: int = Field(default=0, ge=0)
    times: int | None = Field(default=1, ge=1)
    message: str | None = None

    @field_validator("path")
    @classmethod
    def _path_compiles(cls, path: str | None) -> str | None:
        try:
            re.compile(path or "")
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return path

    def matches(self, platform: str | None, method: str | None, path: str | None, text: str | None) -> bool:
        """Say whether an occasion is meant by this rule; what the occasion does not know (None) is no bar."""
        return (
            (self.platform is None or self.platform == platform)
            and (self.method is None or method is None or self.method.upper() == method)
            and (self.path is None or path is None or re.search(self.path, path) is not None)
            and (self.contains is None or text is None or self.contains in text)
        )


class Faults:
    """The present rules with what is left of each; safe to use from any thread."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._lock = threading.Lock()
        self._seen: list[tuple[Rule, list[int]]] = []
        self.replace(rules)

    def replace(self, rules: Iterable[Rule]) -> None:
        """Put these rules in the place of all present ones."""
        with self._lock:
            self._seen = [(rule, [0]) for rule in rules]

    @property
    def reads_bodies(self) -> bool:
        """Whether some rule needs to see the body of a request."""
        return any(rule.contains and rule.fault in REQUEST_FAULTS for rule, _ in self._seen)

    def for_request(self, *, platform: str | None, method: str, path: str, text: str) -> Rule | None:
        """Take the rule that spoils this HTTP exchange, if one does."""
        return self._take(REQUEST_FAULTS, platform, method, path, text)

    def take(
        self, kind: str, *, platform: str, text: str | None = None, path: str | None = None
    ) -> Rule | None:
        """Take the rule of one kind that spoils this job or record; `text` is what the record or job says."""
        return self._take((kind,), platform, None, path, text)

    def _take(
        self,
        kinds: tuple[str, ...],
        platform: str | None,
        method: str | None,
        path: str | None,
        text: str | None,
    ) -> Rule | None:
        with self._lock:
            for rule, seen in self._seen:
                if rule.fault not in kinds or not rule.matches(platform, method, path, text):
                    continue
                seen[0] += 1
                past = seen[0] - rule.skip
                if past > 0 and (rule.times is None or past <= rule.times):
                    return rule
        return None
