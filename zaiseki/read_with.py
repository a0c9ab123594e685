"""What the stored rows were read with, as far as the platforms told it: what changes there changes what a row
says, although the row itself has not changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from connectors.base import Site
from sync import bookmarks
from sync.store import Store
from zaiseki.settings import Settings
from zaiseki.world import region_in


def reopen(store: Store, site: Site) -> tuple[str, ...]:
    """Note the columns that each stream is read with from now on, and forget the bookmarks of streams whose
    rows were read without some of them; gives those streams."""
    key = f"columns of {site.account}"
    before = {name: frozenset(known) for name, known in json.loads(store.meta(key) or "{}").items()}
    reached = bookmarks.of(store, site.platform, site.account, site.columns)
    read = {name: seen for name, seen in before.items() if reached.get(name) is not None}
    grown = tuple(name for name, seen in site.columns.items() if seen - read.get(name, seen))
    # What is read on from a bookmark has some rows without the columns that are hidden by now.
    noted = {
        name: seen if name in grown else seen & read.get(name, seen) for name, seen in site.columns.items()
    }
    with store.transaction():
        for name in grown:
            bookmarks.drop(store, site.platform, site.account, name)
        store.set_meta(key, json.dumps({n: sorted(seen) for n, seen in {**before, **noted}.items()}))
    return grown


def in_money(store: Store, site: Site) -> Site:
    """The site with its currency, remembered from the last time that it was asked for."""
    key = f"currency of {site.account}"
    if site.currency:
        store.set_meta(key, site.currency)
        return site
    return replace(site, currency=store.meta(key) or "")


def is_outdated(store: Store, settings: Settings, sites: Mapping[str, Site]) -> bool:
    """Whether stored rows would say something else by now: orders without a rate so far were set aside on any
    platform, and national phone numbers are read by the country."""
    facts = {key: value for site in sites.values() for key, value in _facts(settings, site, sites).items()}
    return any(store.meta(key) not in (None, value) for key, value in facts.items())


def remember(store: Store, settings: Settings, sites: Mapping[str, Site]) -> None:
    """Note what the rows now stored were read with; to be called once every stream is complete."""
    for site in sites.values():
        for key, value in _facts(settings, site, sites).items():
            store.set_meta(key, value)


def _facts(settings: Settings, site: Site, sites: Mapping[str, Site]) -> dict[str, str]:
    return {
        f"currencies of {site.account}": " ".join(sorted({rate.currency for rate in site.rates})),
        f"phone region of {site.account}": region_in(settings, site, sites),
    }
