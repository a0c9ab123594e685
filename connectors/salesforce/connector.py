"""Salesforce as a connector: one org, seen through the promises of `connectors.base`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

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
from connectors.errors import UnexpectedAnswer
from connectors.http import Http
from connectors.salesforce import ingest, person_accounts, pull, write
from connectors.salesforce.access import Access, access
from connectors.salesforce.auth import Login, SalesforceAccess, is_own_host
from connectors.salesforce.names import SOBJECTS
from connectors.salesforce.provision import Wanted, provision
from connectors.salesforce.rest import Rest
from connectors.salesforce.schema import describe
from connectors.salesforce.streams import Setup, Stream, mark_new
from connectors.salesforce.survey import (
    Answers,
    ask,
    country_of,
    counts,
    one_currency,
    slices,
    unread_country,
)

AGENT = "zaiseki"


def _quiet(_stream: str, _rows: int) -> None:
    """Nobody wants to know how far it is."""


class SalesforceConnector:
    """One Salesforce org. Streams: `Contact`, `Lead`, `Account` (Person Accounts, and businesses unless
    `accounts` is "never"), then `Order`, or `Opportunity` and `OpportunityContactRole`, by `purchases`, then
    touches, each if our user may see it: `Case`, `CampaignMember`, `Task` (done ones), `Event`, `Pipeline`
    (all opportunities), `OpportunityContactRole` and, of opportunities that were at one of `memory_stages`,
    `OpportunityHistory`.

    `shopify_id_field`, `code_field`, `first_purchase_field`, `exclude_field` and `person_fields` name fields
    of the merchant on Contact, read on Lead and Account where those have them; `order_reference` and
    `channel_field` some on Order or Opportunity. `exclude_on` are the objects (Contact, Lead, Account) on
    which `exclude_field` is there, empty where nobody has said.
    `objects` is what may carry our fields. `job_access` is how the user logs in whom the job runs as, where
    another one provisions. `on_progress(stream, rows)` is told the rows read so far; `scratch` is a private
    folder for raw downloads, which are deleted once read.
    """

    platform: Platform = "salesforce"
    name = "salesforce"

    def __init__(
        self,
        access: SalesforceAccess,
        fields: Sequence[Field],
        *,
        shopify_id_field: str | None = None,
        code_field: str | None = None,
        first_purchase_field: str | None = None,
        exclude_field: str | None = None,
        exclude_on: Sequence[str] = (),
        person_fields: Sequence[str] = (),
        order_reference: str | None = None,
        channel_field: str | None = None,
        purchases: Literal["order", "opportunity", "none"] = "order",
        accounts: Literal["auto", "always", "never"] = "auto",
        memory_stages: Sequence[str] = (),
        objects: Sequence[str] = tuple(SOBJECTS),
        job_access: SalesforceAccess | None = None,
        scratch: Path,
        on_progress: Callable[[str, int], None] = _quiet,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.fields = tuple(fields)
        self.scratch = scratch
        self.on_progress = on_progress
        self.http = Http("salesforce", is_own_host, access.url, AGENT)
        self.usage: Usage = self.http.usage
        self.rest = Rest(self.http, Login(self.http, access), access.api_version, sleep)
        job = Login(self.http, job_access) if job_access else self.rest.login
        self.job = Rest(self.http, job, access.api_version, sleep)
        named = (shopify_id_field, code_field, first_purchase_field, exclude_field, *person_fields)
        merchant = tuple(dict.fromkeys(name for name in named if name))
        self.setup = Setup(
            purchases,
            accounts,
            merchant,
            order_reference,
            tuple(objects),
            exclude_field,
            tuple(exclude_on),
            channel_field,
            tuple(memory_stages),
        )
        self._streams: Mapping[str, Stream] | None = None
        self._slices: dict[str, pull.Slice] = {}
        self._writable: Mapping[str, frozenset[str]] = {}

    @property
    def streams(self) -> tuple[str, ...]:
        """See `connectors.base.Connector.streams`."""
        return self.setup.streams if self._streams is None else tuple(self._streams)

    def survey(self, since: Mapping[str, datetime | None]) -> Site:
        """See `connectors.base.Connector.survey`: the token, all describes and the counts of touches in one
        request, and the other counts and first pages of increments, five in a request. An org of one currency
        is asked for it only where a stream is to be read whole."""
        org_id = self.rest.logged_in().org_id
        beside = [("organization", f"sobjects/Organization/{org_id}")]
        perhaps = counts(self.rest, self.setup)
        shapes, bodies = describe(self.rest, self.setup.sobjects, beside, perhaps=perhaps)
        allowed = access(shapes, self.setup, self.fields)
        several = any("CurrencyIsoCode" in shape.visible for shape in shapes.values())
        answers = ask(self.rest, allowed.streams, since, counted=bodies, currencies=several)
        self._streams, self._writable = allowed.streams, allowed.writable
        self._slices = slices(allowed.streams, answers, since)
        whole = any(since.get(name) is None for name in allowed.streams)
        silent = not several and whole and self.setup.purchases != "none"
        currency = one_currency(self.rest) if silent else answers.currency
        return self._site(bodies["organization"], allowed, answers, currency)

    def _site(
        self, organization: Mapping[str, Any], allowed: Access, answers: Answers, currency: str
    ) -> Site:
        if self.http.server_time is None:
            raise UnexpectedAnswer("salesforce", "answer_unexpected", "no Date header")
        return Site(
            platform="salesforce",
            account=str(organization["Id"]),
            server_time=self.http.server_time,
            timezone=str(organization["TimeZoneSidKey"]),
            currency=currency,
            counts=answers.counts,
            present=allowed.present,
            writable=allowed.writable,
            whole_history=False if allowed.orders_hidden else None,
            findings=(*allowed.findings, *unread_country(organization)),
            rates=answers.rates,
            country=country_of(organization),
            columns={name: frozenset(stream.columns) for name, stream in allowed.streams.items()},
        )

    def settle(self) -> None:
        """See `connectors.base.Connector.settle`."""
        for job_id in ingest.running_jobs(self.rest, self.rest.logged_in().user_id):
            ingest.finish(self.rest, job_id)

    def pull(self, stream: str, again: Sequence[str] = ()) -> Iterator[Batch]:
        """See `connectors.base.Connector.pull`; rows come in no order: only the last batch has a bookmark.
        Whatever comes to say more has changed, so that nothing is read `again`."""
        for part in self._slices.values():
            pull.start(self.rest, part)
        done, renamed = 0, self._read(stream).renamed
        status = self._read(stream).first_status
        for rows in pull.batches(self.rest, self._slices[stream], self.scratch):
            if renamed:
                person_accounts.unify(rows, renamed)
            if status:
                mark_new(rows, status)
            done += len(rows)
            self.on_progress(stream, done)
            yield Batch(stream, rows)
        yield Batch(stream, (), bookmark=self.http.server_time)

    def sweep(self, stream: str) -> Iterator[Sequence[Swept]]:
        """See `connectors.base.Connector.sweep`; only people can be `blank`, and orders name no `owner`."""
        read = self._read(stream)
        person = person_accounts.is_person if stream == "Account" else bool
        live = self._slices[stream].live
        if not live:
            return  # the count has said it already
        for rows in pull.live(self.rest, read.sweep(), live, self.scratch, deleted=read.archived):
            yield [Swept(row["Id"], _is_blank(row, read.found_by) and person(row)) for row in rows]

    def _read(self, stream: str) -> Stream:
        return (self._streams or {})[stream]

    def write(self, updates: Iterable[Update], total: int) -> Iterator[WriteResult]:
        """See `connectors.base.Connector.write`; needs the survey first; `updates` come object by object."""
        yield from write.write(self.rest, updates, total, self.fields, self.scratch, writable=self._writable)

    def provision(
        self, fields: Sequence[Field], formulas: Sequence[Formula], *, dry_run: bool
    ) -> list[Provisioned]:
        """See `connectors.base.Connector.provision`; an object that nobody sees is left out."""
        wanted = Wanted(self.setup, tuple(fields), tuple(formulas))
        return provision(self.rest, self.job, wanted, dry_run=dry_run)

    def close(self) -> None:
        """See `connectors.base.Connector.close`."""
        self.http.close()
        for left in self.scratch.glob("salesforce-*.csv"):
            left.unlink(missing_ok=True)


def _is_blank(row: Mapping[str, Any], columns: Sequence[str]) -> bool:
    return bool(columns) and not any(row.get(name) for name in columns)
