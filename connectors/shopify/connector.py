"""The Shopify connector: one shop, from the survey to the write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from connectors.base import (
    Batch,
    Field,
    Formula,
    Platform,
    Provisioned,
    Site,
    Swept,
    Update,
    Usage,
    WriteResult,
)
from connectors.http import Http
from connectors.shopify import documents, provision, pull, returns, survey, write
from connectors.shopify.auth import ShopifyAccess, may_call, session_for
from connectors.shopify.bulk import Bulk
from connectors.shopify.bulk_write import BulkWriter
from connectors.shopify.graphql import GraphQL
from connectors.shopify.survey import Surveyed

AGENT = "Zaiseki"


def _silent(what: str, done: int) -> None:
    """Tell nobody."""


class ShopifyConnector:
    """One shop as a `connectors.base.Connector`, called `name` by people.

    `fields` are read with every customer. `referral_code` and `first_purchase` are the merchant's own
    metafields (`namespace.key`) that hold a customer's personal code and the day of their first purchase
    elsewhere; `answers` those that hold what a customer answered, by the aliases `names.ANSWERS`. `lines`:
    the products of orders are read too. Results and uploads stand in `scratch` until they are consumed.
    `on_progress(what, n)` hears how many rows a running job has come to so far (`what` is a stream, `write`
    or `settle`). `sleep` and `now` are replaced in tests.
    """

    platform: Platform = "shopify"

    def __init__(
        self,
        access: ShopifyAccess,
        fields: Sequence[Field],
        *,
        referral_code: str | None,
        scratch: Path,
        first_purchase: str | None = None,
        answers: Mapping[str, str] | None = None,
        lines: bool = False,
        name: str = "shopify",
        on_progress: Callable[[str, int], None] = _silent,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        session_for(access)  # refuses a malformed shop or version before anything is sent
        self.name = name
        self.fields = {field.key: field for field in fields}
        self.rows = documents.Rows(fields, referral_code, first_purchase, answers=answers, lines=lines)
        self.http = Http("shopify", may_call, access.url, AGENT)
        self.graphql = GraphQL(self.http, access, sleep=sleep, now=now)
        self.bulk = Bulk(self.graphql, scratch, on_progress=on_progress, sleep=sleep, now=now)
        self.writer = BulkWriter(self.graphql, self.bulk, scratch)
        self._surveyed: Surveyed | None = None
        self._returns_since: datetime | None = None

    @property
    def streams(self) -> tuple[str, ...]:
        """See `connectors.base.Connector.streams`."""
        if self._surveyed is None or not self._surveyed.increments:
            return (*survey.STREAMS, returns.STREAM)
        return (*self._surveyed.increments, *((returns.STREAM,) if self._surveyed.returns else ()))

    @property
    def usage(self) -> Usage:
        """Requests, cost points and throttled seconds so far."""
        return self.http.usage

    def survey(self, since: Mapping[str, datetime | None]) -> Site:
        """Ask everything in one request (and one for a token); see `Connector.survey`.

        A shop that refuses for want of scopes is answered by a site with error findings and no counts.
        """
        self._returns_since = since.get(returns.STREAM)
        self._surveyed = survey.survey(self.graphql, self.rows, tuple(self.fields.values()), since)
        return self._surveyed.site

    def settle(self) -> None:
        """Wait until no bulk write of ours is running."""
        self.bulk.settle()

    def pull(self, stream: str, again: Sequence[str] = ()) -> Iterator[Batch]:
        """Yield what changed in `stream` since the bookmark given to `survey`, oldest change first, and the
        orders of `again`."""
        surveyed = self._needed_survey()
        if stream == returns.STREAM:
            server_time = surveyed.site.server_time
            yield from returns.pull(self.graphql, self.bulk, self._returns_since, server_time=server_time)
            return
        increment = surveyed.increments[stream]
        yield from pull.pull(
            self.graphql,
            self.bulk,
            self.rows,
            stream,
            increment,
            server_time=surveyed.site.server_time,
            again=again if stream == "orders" else (),
        )

    def sweep(self, stream: str) -> Iterator[Sequence[Swept]]:
        """Yield every live row of `stream`: customers with whether they still have an address or a number,
        orders with their customer, of all others the ids alone."""
        if stream == returns.STREAM:
            yield from returns.sweep(self.graphql, self.bulk)
            return
        expected = self._needed_survey().site.counts.get(stream, pull.FEW_PAGES * pull.PAGE + 1)
        if expected == 0 and stream not in ("customers", "orders"):
            # Most shops have no draft orders: the count has told all there is to know.
            return
        yield from pull.sweep(self.graphql, self.bulk, stream, expected)

    def write(self, updates: Iterable[Update], total: int) -> Iterator[WriteResult]:
        """Send `updates` of customers and yield one result each; how many there are shows by itself."""
        return write.write(self.writer, self.fields, updates)

    def provision(
        self, fields: Sequence[Field], formulas: Sequence[Formula], *, dry_run: bool
    ) -> list[Provisioned]:
        """Create or complete the metafield definitions of `fields`; Shopify has no formula fields."""
        return provision.provision(self.graphql, fields, dry_run=dry_run)

    def close(self) -> None:
        """Close connections and delete what is left of downloads and uploads."""
        self.http.close()
        for left in self.bulk.scratch.glob("shopify-*.jsonl*"):
            left.unlink(missing_ok=True)

    def _needed_survey(self) -> Surveyed:
        if self._surveyed is None:
            raise RuntimeError("pull and sweep need the survey first")
        return self._surveyed
