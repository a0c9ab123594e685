"""What the access we were given hides from us, as far as only the rows themselves tell.

A shop that does not say which scopes we hold may show the last 60 days of orders only; one whose app is not
approved for protected customer data shows customers without e-mail. Either makes some answers wrong, and
those are refused with a warning that says how to mend it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.base import Finding, Site
from sync.store import Store, instant
from zaiseki.job import Job
from zaiseki.world import World, without_history

SUSPICIOUS = "history_suspicious"
WINDOW = timedelta(days=60)
"""How far back orders are shown without the scope read_all_orders (shopify.dev, API access scopes)."""
BEFORE, AFTER = timedelta(days=3), timedelta(days=1)
"""Nobody buys every hour: the oldest order shown may be this much younger than the window, or older."""
LEAST_CUSTOMERS = 50
NO_EMAIL_PERCENT = 20
"""More customers with orders but without an e-mail than this do not come about by themselves."""


def found(job: Job, world: World) -> World:
    """The same world with what the rows now stored tell: fields and joins to refuse, and why."""
    shops = {name: site for name, site in world.sites.items() if site.platform == "shopify"}
    hidden = {name: Finding(SUSPICIOUS, "warning") for name in _hiding(job.store, world, shops)}
    lacking = _lacking_emails(job.store, shops)
    if hidden and world.whole_history:
        world = without_history(world, job.settings)
    return replace(
        world,
        email_refused=frozenset(("shopify", shops[name].account) for name in lacking),
        warnings=(*world.warnings, *hidden.items(), *lacking.items()),
    )


def _hiding(store: Store, world: World, shops: Mapping[str, Site]) -> list[str]:
    """Shops that do not say what they show, and show no order older than the window although they are."""
    unsure = {name: site for name, site in shops.items() if site.whole_history is None}
    return [
        name
        for name, site in unsure.items()
        if looks_cut_off(
            world.started_at, _oldest(store, _ORDER, site.account), _oldest(store, _CUSTOMER, site.account)
        )
    ]


def looks_cut_off(now: datetime, order: datetime | None, customer: datetime | None) -> bool:
    """Whether the oldest order shown looks cut off, given when the oldest customer came.

    A shop that opened just then has no older customers; one whose customers are older has sold nothing to
    them that we may see.
    """
    youngest, oldest = now - (WINDOW - BEFORE), now - (WINDOW + AFTER)
    if order is not None and order < oldest:
        return False
    if customer is not None and customer < oldest:
        return True
    opened_then = customer is not None and customer <= youngest
    return order is not None and order <= youngest and not opened_then


def _oldest(store: Store, query: str, account: str) -> datetime | None:
    ((at,),) = store.rows(query, account)
    return instant(at) if at is not None else None


_ORDER = (
    "SELECT epoch_us(min(created_at)) FROM orders WHERE platform = 'shopify' AND account = ? AND NOT deleted"
)
_CUSTOMER = """
SELECT epoch_us(min(created_at)) FROM records
WHERE platform = 'shopify' AND account = ? AND object = 'customer' AND NOT deleted"""


def _lacking_emails(store: Store, shops: Mapping[str, Site]) -> dict[str, Finding]:
    """Shops that keep the e-mails of their buyers from us, with the numbers that show it."""
    lacking = {}
    for name, site in shops.items():
        at = {"account": site.account}
        ((without,),) = store.con.execute(f"SELECT count(*) FROM {_WITHOUT}", at).fetchall()
        if without < LEAST_CUSTOMERS:
            continue  # most shops need not look at their orders for this
        ((buyers, without),) = store.con.execute(_BUYERS, at).fetchall()
        if without >= LEAST_CUSTOMERS and without * 100 > NO_EMAIL_PERCENT * buyers:
            facts = {"count": str(without), "base": str(buyers), "percent": str(NO_EMAIL_PERCENT)}
            lacking[name] = Finding("emails_hidden", "warning", facts)
    return lacking


_CUSTOMERS = """records r
WHERE platform = 'shopify' AND account = $account AND object = 'customer' AND NOT deleted"""
# An address that is no key (a shared one, a marketplace's) has been shown all the same.
_NO_EMAIL = "NOT has_email"
_WITHOUT = f"{_CUSTOMERS} AND {_NO_EMAIL}"
_BUYERS = f"""
SELECT count(*), count(*) FILTER ({_NO_EMAIL}) FROM {_CUSTOMERS} AND id IN (
    SELECT record_id FROM orders WHERE platform = 'shopify' AND account = $account AND NOT deleted)"""
