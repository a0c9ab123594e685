"""Asking both platforms about themselves, and deciding how far back each stream is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.base import Connector, Site
from sync import bookmarks, writes
from sync.model import Account
from sync.retired import drop_streams
from zaiseki import read_with
from zaiseki.connect import named_shops
from zaiseki.errors import Stop
from zaiseki.job import Job
from zaiseki.limits import SUSPICIOUS
from zaiseki.normalising import account_of, reading
from zaiseki.platform_messages import errors_of
from zaiseki.read_with import in_money
from zaiseki.world import World, look_around

READING = "reading"


@dataclass(frozen=True, slots=True)
class Source:
    """One stream of one account, ready to be pulled."""

    connector: Connector
    site: Site
    stream: str
    account: Account
    expected: int | None = None
    """How many rows there will be, where the stream is read whole."""

    @property
    def name(self) -> str:
        """`platform.stream` or `platform:shop.stream`, as people read it."""
        return f"{self.connector.name}.{self.stream}"


def survey(job: Job) -> tuple[World, tuple[Source, ...]]:
    """What the platforms say, and the streams to pull.

    Raises `Stop` where settings or access must be mended first, `connectors.errors.ConnectorError` where a
    platform cannot be asked.
    """
    _same_shops(job)
    again = job.options.full or job.store.meta(READING) not in (None, reading(job))
    sites = {}
    for connector in job.connectors:
        with errors_of(connector):
            sites[connector.name] = _ask(job, connector, again=again)
    if read_with.is_outdated(job.store, job.settings, sites):
        sites = {c.name: in_money(job.store, c.survey(dict.fromkeys(c.streams))) for c in job.connectors}
    world = look_around(job.settings, sites, as_of=job.options.as_of)
    # Amounts and days are stored in one currency and one zone per account: a store cannot mix two.
    job.store.bind("reporting currency", world.currency)
    for site in sites.values():
        job.store.bind(f"time zone of {site.account}", site.timezone)
    _today_only(job, world)
    sources = tuple(
        Source(connector, site, stream, account_of(job, world, site), _expected(job, site, stream))
        for connector, site in zip(job.connectors, sites.values(), strict=True)
        for stream in connector.streams
    )
    return world, sources


def remember(job: Job, world: World) -> None:
    """Note what the rows now stored were read with; to be called once every stream is complete."""
    job.store.set_meta(READING, reading(job))
    suspected = {name for name, finding in world.warnings if finding.code == SUSPICIOUS}
    for name, site in world.sites.items():
        hidden = "yes" if site.whole_history is False else "perhaps" if name in suspected else "no"
        job.store.set_meta(_hidden(site), hidden)
    read_with.remember(job.store, job.settings, world.sites)


def _ask(job: Job, connector: Connector, *, again: bool) -> Site:
    """Survey one account; where it no longer hides what it hid, all of it is to be read."""
    known = known_account(job, connector)
    if known is not None:
        drop_streams(job.store, connector.platform, known, connector.streams)
    site = in_money(job.store, connector.survey(_since(job, connector, known, again=again)))
    grown = read_with.reopen(job.store, site)
    before = job.store.meta(_hidden(site))
    if (before == "yes" and site.whole_history is not False) or (before == "perhaps" and site.whole_history):
        # What was hidden so far has not changed lately: only a full read brings it.
        site = in_money(job.store, connector.survey(dict.fromkeys(connector.streams)))
    elif grown and not again:
        site = in_money(job.store, connector.survey(_since(job, connector, known, again=False)))
    if known is not None and known != site.account:
        facts = {"path": str(job.store.path), "before": known, "now": site.account}
        raise Stop("store_other_settings", exit_code=1, what=f"{site.platform} account", **facts)
    return site


def _expected(job: Job, site: Site, stream: str) -> int | None:
    before = bookmarks.of(job.store, site.platform, site.account, [stream])[stream]
    return site.counts.get(stream) if before is None or job.options.full else None


def _hidden(site: Site) -> str:
    return f"history hidden by {site.account}"


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


def known_account(job: Job, connector: Connector) -> str | None:
    """The account behind a connector, where the store knows it; there is only one org, but many a shop."""
    found = bookmarks.accounts(job.store, connector.platform)
    if connector.platform == "shopify":
        shop = named_shops(job.settings)[connector.name].shop
        return shop if shop in found else None
    return found[0] if found else None


def _same_shops(job: Job) -> None:
    """A shop that is stored but no longer configured would count for ever, and never be read again."""
    configured = [shop.shop for shop in job.settings.shopify]
    gone = [shop for shop in bookmarks.accounts(job.store, "shopify") if shop not in configured]
    if gone and configured:
        facts = {"path": str(job.store.path), "before": ", ".join(gone), "now": ", ".join(configured)}
        raise Stop("store_other_settings", exit_code=1, what="shopify account", **facts)


def _today_only(job: Job, world: World) -> None:
    """A plan may look at any day; only a write would show admins the values of another one."""
    if job.writing and world.as_of != world.today and not job.options.approve and not job.on_loopback():
        raise Stop("as_of_needs_approval", given=str(world.as_of), today=str(world.today))
