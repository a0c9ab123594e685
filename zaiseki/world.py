"""What a run knows before it pulls: the platforms' own words about themselves, and what follows from them.

Everything here is a decision on values; nothing is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.base import Field, Finding, Site
from metrics.fields import HISTORY_KEYS, REFERRAL_KEYS, catalogue
from sync.money import scale
from zaiseki.errors import Stop
from zaiseki.settings import Settings

REGIONS = {"JPY": "JP", "USD": "US", "GBP": "GB", "CAD": "CA", "AUD": "AU", "KRW": "KR", "TWD": "TW"}
"""Where national phone numbers are read as, by the shop's currency, unless identity.phone_region says."""

MISSING, NOT_WRITABLE = FIELD_CODES = ("fields_missing", "fields_not_writable")


@dataclass(frozen=True, slots=True)
class World:
    """The frame of one run; `sites` stand under the names of their connectors, shops first.

    `started_at` is the platforms' clock (the earlier one), `as_of` that day in the first shop's time zone
    unless given. `keys` are the fields to write per (connector, object). `whole_history` may turn out to be
    False only once everything is read; `email_refused` are accounts (platform, account) that keep e-mails
    from us. `warnings` did not stop the run.
    """

    sites: Mapping[str, Site]
    started_at: datetime
    timezone: str
    as_of: date
    today: date
    currency: str
    region: str
    fields: tuple[Field, ...]
    keys: Mapping[tuple[str, str], tuple[str, ...]]
    whole_history: bool
    warnings: tuple[tuple[str, Finding], ...]
    email_refused: frozenset[tuple[str, str]] = frozenset()


def look_around(settings: Settings, sites: Mapping[str, Site], *, as_of: date | None) -> World:
    """The world of a run over `sites`. Raises `Stop` for what only a change of settings or access mends."""
    for name, site in sites.items():
        _stop_at_errors(name, site)
    first = next(iter(sites.values()))
    currency = settings.currency.reporting or currency_of(settings, first)
    if not currency:
        raise Stop("currency_unknown")
    started_at = min(site.server_time for site in sites.values())
    today = started_at.astimezone(ZoneInfo(first.timezone)).date()
    whole_history = all(site.whole_history is not False for site in sites.values())
    return World(
        sites=sites,
        started_at=started_at,
        timezone=first.timezone,
        as_of=as_of or today,
        today=today,
        currency=currency,
        region=settings.identity.phone_region or REGIONS.get(currency_of(settings, first), "ZZ"),
        fields=catalogue(currency=currency, scale=scale(currency)),
        keys=keys_to_write(settings, sites, whole_history=whole_history),
        whole_history=whole_history,
        warnings=tuple((n, f) for n, site in sites.items() for f in site.findings if f.severity == "warning"),
    )


def currency_of(settings: Settings, site: Site) -> str:
    """What an account counts in; empty for an org of one currency where the settings do not tell."""
    told = settings.salesforce.currency if settings.salesforce and site.platform == "salesforce" else None
    return site.currency or told or ""


def without_history(world: World, settings: Settings) -> World:
    """The same world, now that part of the history turned out to be hidden: fields that need it are out."""
    return replace(world, whole_history=False, keys=keys_to_write(settings, world.sites, whole_history=False))


def keys_to_write(
    settings: Settings, sites: Mapping[str, Site], *, whole_history: bool
) -> dict[tuple[str, str], tuple[str, ...]]:
    """The fields to write per (connector, object): those wanted, that exist, that this run may know.

    Raises `Stop` where a wanted field does not exist or may not be written.
    """
    # Without the whole history everything but the identity would be wrong: old values stay.
    wanted = [key for key in settings.write.fields if whole_history or key not in HISTORY_KEYS]
    untracked = () if tracks_referrals(settings) else REFERRAL_KEYS
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for connector, site in sites.items():
        if site.platform not in settings.write.platforms:
            continue
        for name, present in site.present.items():
            if name not in settings.write.objects:
                continue
            asked = [key for key in wanted if key in present or key not in untracked]
            _stop_unless(asked, present, MISSING, connector, name)
            _stop_unless(asked, site.writable.get(name, frozenset()), NOT_WRITABLE, connector, name)
            found[connector, name] = tuple(asked)
    return found


def tracks_referrals(settings: Settings) -> bool:
    """Whether the settings name a place where customers' personal codes stand."""
    return bool(settings.referral.code_metafield or settings.referral.salesforce_code_field)


def title(connector: str) -> str:
    """A connector as people read it: `Salesforce`, `Shopify`, `Shopify (tokyo)`."""
    platform, _, name = connector.partition(":")
    return f"{platform.capitalize()} ({name})" if name else platform.capitalize()


def _stop_unless(asked: Sequence[str], there: frozenset[str], code: str, connector: str, name: str) -> None:
    missing = [key for key in asked if key not in there]
    if missing:
        raise Stop(code, platform=title(connector), object=name, fields=", ".join(missing))


def _stop_at_errors(connector: str, site: Site) -> None:
    """Stop at the first kind of error, with everything found of that kind."""
    # Which of our fields must be there and writable depends on what is to be written: keys_to_write tells.
    errors = [f for f in site.findings if f.severity == "error" and f.code not in FIELD_CODES]
    same = [finding.details for finding in errors if finding.code == errors[0].code]
    if same:
        details = {name: ", ".join(dict.fromkeys(one[name] for one in same)) for name in same[0]}
        raise Stop(errors[0].code, exit_code=1, **{"platform": title(connector), **details})
