"""Asking both platforms about themselves, and deciding how far back each stream is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.base import Connector, Site
from sync import bookmarks, writes
from sync.model import Account
from zaiseki.errors import Stop
from zaiseki.job import Job
from zaiseki.world import World, look_around

READING = "reading"


@dataclass(frozen=True, slots=True)
class Source:
    """One stream of one platform, ready to be pulled."""

    connector: Connector
    site: Site
    stream: str
    account: Account
    expected: int | None = None
    """How many rows there will be, where the stream is read whole."""

    @property
    def name(self) -> str:
        """`platform.stream`, as people read it."""
        return f"{self.connector.platform}.{self.stream}"


def survey(job: Job) -> tuple[World, tuple[Source, ...]]:
    """What the platforms say, and the streams to pull.

    Raises `Stop` where settings or access must be mended first, `connectors.errors.ConnectorError` where a
    platform cannot be asked.
    """
    again = job.options.full or job.store.meta(READING) not in (None, reading(job))
    sites = []
    for connector in job.connectors:
        known = _known_account(job, connector)
        since = _since(job, connector, known, again=again)
        site = connector.survey(since)
        if job.store.meta(_hidden(connector)) == "yes" and site.whole_history is not False:
            # What was hidden so far has not changed lately: only a full read brings it.
            site = connector.survey(dict.fromkeys(connector.streams))
        if known is not None and known != site.account:
            facts = {"path": str(job.store.path), "before": known, "now": site.account}
            raise Stop("store_other_settings", exit_code=1, what=f"{site.platform} account", **facts)
        sites.append(site)
    world = look_around(job.settings, sites, as_of=job.options.as_of)
    # Amounts and days are stored in one currency and one zone per account: a store cannot mix two.
    job.store.bind("reporting currency", world.currency)
    for site in sites:
        job.store.bind(f"time zone of {site.platform}", site.timezone)
    _today_only(job, world)
    sources = tuple(
        Source(connector, site, stream, account_of(job, world, site), _expected(job, site, stream))
        for connector, site in zip(job.connectors, sites, strict=True)
        for stream in connector.streams
    )
    return world, sources


def account_of(job: Job, world: World, site: Site) -> Account:
    """All that normalising the rows of one platform depends on."""
    salesforce = job.settings.salesforce
    return Account(
        platform=site.platform,
        account=site.account,
        timezone=ZoneInfo(site.timezone),
        currency=site.currency or world.currency,
        reporting=world.currency,
        region=world.region,
        fields=world.fields,
        key=job.key,
        shopify_id_field=salesforce.shopify_id_field if salesforce else None,
        not_a_purchase=salesforce.not_a_purchase if salesforce else (),
    )


def _expected(job: Job, site: Site, stream: str) -> int | None:
    before = bookmarks.of(job.store, site.platform, site.account, [stream])[stream]
    return site.counts.get(stream) if before is None or job.options.full else None


def remember(job: Job, sources: tuple[Source, ...]) -> None:
    """Note what the rows now stored were read with; to be called once every stream is complete."""
    job.store.set_meta(READING, reading(job))
    for source in sources:
        hidden = source.site.whole_history is False
        job.store.set_meta(_hidden(source.connector), "yes" if hidden else "no")


def reading(job: Job) -> str:
    """What in the settings changes what a stored row says; another value means reading all anew."""
    salesforce = job.settings.salesforce
    facts: Mapping[str, object] = {
        "referral_code": job.settings.referral.code_metafield,
        "shopify_id_field": salesforce.shopify_id_field if salesforce else None,
        "not_a_purchase": sorted(salesforce.not_a_purchase) if salesforce else [],
        "phone_region": job.settings.identity.phone_region,
    }
    return json.dumps(facts, sort_keys=True)


def _hidden(connector: Connector) -> str:
    return f"history hidden by {connector.platform}"


def _since(job: Job, connector: Connector, account: str | None, *, again: bool) -> dict[str, datetime | None]:
    """The bookmark of each stream; None for all where everything must be read anew."""
    if account is None:
        # Nothing is known of earlier runs: one may have died with a job that still writes.
        connector.settle()
        return dict.fromkeys(connector.streams)
    lost = writes.unsettled(job.store, connector.platform, account) > 0
    if lost:
        # A run died between sending and hearing: wait for its jobs, then read what really arrived.
        connector.settle()
    if again or lost:
        return dict.fromkeys(connector.streams)
    return bookmarks.of(job.store, connector.platform, account, connector.streams)


def _known_account(job: Job, connector: Connector) -> str | None:
    found = bookmarks.accounts(job.store, connector.platform)
    return found[0] if found else None


def _today_only(job: Job, world: World) -> None:
    """A plan may look at any day; only a write would show admins the values of another one."""
    if job.writing and world.as_of != world.today and not job.options.approve and not job.on_loopback():
        raise Stop("as_of_needs_approval", given=str(world.as_of), today=str(world.today))
