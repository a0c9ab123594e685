"""A job for tests that need no command: a real store and checked settings, without any progress shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from stored_people import ORG, SHOP
from sync_rows import KEY

from connectors.base import Connector, Site
from metrics.fields import KEYS
from sync.store import Store
from zaiseki.job import Job, Options
from zaiseki.settings import Settings
from zaiseki.world import World, look_around

NOW = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)
ALL = frozenset(KEYS)


class Silent:
    """Who wants to hear nothing of how far a run is."""

    def step(self, key: str, *, total: int | None = None, **details: object) -> None:
        """Nothing."""

    def count(self, what: str, rows: int) -> None:
        """Nothing."""


def checked(*shops: str, salesforce: Mapping[str, object] | None = None, **sections: object) -> Settings:
    """Settings for these shops (`SHOP` where none is given) and the org."""
    named = [{"shop": shop, "name": shop.partition(".")[0]} for shop in shops]
    org = {"domain": "a.my.salesforce.com", **(salesforce or {})}
    return Settings.model_validate({"shopify": named or {"shop": SHOP}, "salesforce": org, **sections})


def job_of(
    store: Store, folder: Path, settings: Settings | None = None, connectors: Sequence[Connector] = ()
) -> Job:
    """A job that would write, on an open store."""
    return Job(
        settings or checked(), folder, store, KEY, tuple(connectors), Options(), Silent(), writing=True
    )


def shop_site(account: str = SHOP) -> Site:
    """A shop in Tokyo of which everything can be seen and written."""
    present = {"customer": ALL}
    return Site("shopify", account, NOW, "Asia/Tokyo", "JPY", {}, present, present, whole_history=True)


def org_site() -> Site:
    """An org in Tokyo of which everything can be seen and written."""
    present = {"Contact": ALL}
    return Site("salesforce", ORG, NOW, "Asia/Tokyo", "JPY", {}, present, present, whole_history=None)


def world_of(settings: Settings, *sites: Site) -> World:
    """The world of a run over these sites, under the names of their platforms or shops."""
    several = sum(site.platform == "shopify" for site in sites) > 1
    names = [
        f"shopify:{site.account.partition('.')[0]}"
        if several and site.platform == "shopify"
        else site.platform
        for site in sites
    ]
    return look_around(settings, dict(zip(names, sites, strict=True)), as_of=None)
