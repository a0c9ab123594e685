"""Salesforce as a connector: one org, seen through the promises of `connectors.base`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from connectors.base import (
    Batch,
    Field,
    Finding,
    Formula,
    Platform,
    Provisioned,
    Site,
    Update,
    Usage,
    WriteResult,
)
from connectors.errors import UnexpectedAnswer
from connectors.http import Http
from connectors.salesforce import ingest, pull, schema, write
from connectors.salesforce.auth import Login, SalesforceAccess, is_own_host
from connectors.salesforce.names import api_name
from connectors.salesforce.provision import Wanted, provision
from connectors.salesforce.rest import Rest
from connectors.salesforce.survey import Answers, ask, build_queries, slices

AGENT = "zaiseki"


def _quiet(_stream: str, _rows: int) -> None:
    """Nobody wants to know how far it is."""


class SalesforceConnector:
    """One Salesforce org. Streams are `Contact` and, unless purchases are "none", `Order`.

    `shopify_id_field` and `code_field` name fields of the merchant on Contact, `order_reference` one on
    Order. `job_access` is how the user logs in whom the job runs as, where another one provisions.
    `on_progress(stream, rows)` is told the rows read so far; `scratch` is a private folder for raw
    downloads, which are deleted once read.
    """

    platform: Platform = "salesforce"

    def __init__(
        self,
        access: SalesforceAccess,
        fields: Sequence[Field],
        *,
        shopify_id_field: str | None = None,
        order_reference: str | None = None,
        purchases: Literal["order", "none"] = "order",
        code_field: str | None = None,
        job_access: SalesforceAccess | None = None,
        scratch: Path,
        on_progress: Callable[[str, int], None] = _quiet,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.fields = tuple(fields)
        self.streams = ("Contact", "Order") if purchases == "order" else ("Contact",)
        self.scratch = scratch
        self.on_progress = on_progress
        self.http = Http("salesforce", is_own_host, access.url, AGENT)
        self.usage: Usage = self.http.usage
        self.rest = Rest(self.http, Login(self.http, access), access.api_version, sleep)
        job = Login(self.http, job_access) if job_access else self.rest.login
        self.job = Rest(self.http, job, access.api_version, sleep)
        self.configured: dict[str, list[str]] = {
            "Contact": [name for name in (shopify_id_field, code_field) if name],
            "Order": [order_reference] if order_reference else [],
        }
        self._slices: dict[str, pull.Slice] = {}

    def survey(self, since: Mapping[str, datetime | None]) -> Site:
        """See `connectors.base.Connector.survey`: the token, a describe per stream, and one composite."""
        shapes = {stream: schema.describe(self.rest, stream) for stream in self.streams}
        ours = [api_name(field.key) for field in self.fields]
        extra = {**self.configured, "Contact": [*self.configured["Contact"], *ours]}
        queries = build_queries(shapes, extra, since)
        answers = ask(self.rest, shapes, queries, since)
        self._slices = slices(queries, answers, since)
        return self._site(shapes, answers, schema.findings(shapes, self.fields, self.configured))

    def _site(
        self, shapes: Mapping[str, schema.Shape], answers: Answers, findings: Sequence[Finding]
    ) -> Site:
        if self.http.server_time is None:
            raise UnexpectedAnswer("salesforce", "answer_unexpected", "no Date header")
        keys = {
            name: {field.key for field in self.fields if api_name(field.key) in shape.visible}
            for name, shape in shapes.items()
            if name in schema.TARGETS
        }
        return Site(
            platform="salesforce",
            account=str(answers.organization["Id"]),
            server_time=self.http.server_time,
            timezone=str(answers.organization["TimeZoneSidKey"]),
            currency=answers.currency(),
            counts={stream: answers.count(stream) for stream in self._slices},
            present={name: frozenset(there) for name, there in keys.items()},
            writable={
                name: frozenset(key for key in there if api_name(key) in shapes[name].editable)
                for name, there in keys.items()
            },
            whole_history=None,
            findings=tuple(findings),
        )

    def settle(self) -> None:
        """See `connectors.base.Connector.settle`."""
        for job_id in ingest.running_jobs(self.rest, self.rest.logged_in().user_id):
            ingest.finish(self.rest, job_id)

    def pull(self, stream: str) -> Iterator[Batch]:
        """See `connectors.base.Connector.pull`; rows come in no order: only the last batch has a bookmark."""
        for part in self._slices.values():
            pull.start(self.rest, part)
        done = 0
        for rows in pull.batches(self.rest, self._slices[stream], self.scratch):
            done += len(rows)
            self.on_progress(stream, done)
            yield Batch(stream, rows)
        yield Batch(stream, (), bookmark=self.http.server_time)

    def sweep(self, stream: str) -> Iterator[Sequence[str]]:
        """See `connectors.base.Connector.sweep`."""
        for rows in pull.by_bulk(self.rest, f"SELECT Id FROM {stream}", self.scratch, deleted=False):
            yield [row["Id"] for row in rows]

    def write(self, updates: Iterable[Update], total: int) -> Iterator[WriteResult]:
        """See `connectors.base.Connector.write`; `updates` come object by object."""
        yield from write.write(self.rest, updates, total, self.fields, self.scratch)

    def provision(
        self, fields: Sequence[Field], formulas: Sequence[Formula], *, dry_run: bool
    ) -> list[Provisioned]:
        """See `connectors.base.Connector.provision`."""
        reads = ("Account", *self.streams)
        made: list[Provisioned] = []
        for sobject in schema.TARGETS:
            wanted = Wanted(sobject, tuple(fields), tuple(formulas), reads)
            made += provision(self.rest, self.job, wanted, dry_run=dry_run)
        return made

    def close(self) -> None:
        """See `connectors.base.Connector.close`."""
        self.http.close()
        for left in self.scratch.glob("salesforce-*.csv"):
            left.unlink(missing_ok=True)
