"""What a run knows before it pulls: the platforms' own words about themselves, and what follows from them.

Everything here is a decision on values; nothing is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from phonenumbers import SUPPORTED_REGIONS

from connectors.base import Field, Finding, Site
from metrics.fields import HISTORY_KEYS, REFERRAL_KEYS, catalogue
from sync.money import scale
from sync.streams import STREAMS
from zaiseki.errors import Stop
from zaiseki.settings import Settings

REGIONS = {"JPY": "JP", "USD": "US", "GBP": "GB", "CAD": "CA", "AUD": "AU", "KRW": "KR", "TWD": "TW"}
"""Where national phone numbers are read as, by the account's currency, unless its country is known."""
UNKNOWN_REGION = "ZZ"

SOURCES_UNSEEN, COUNTRY_UNREAD = "sources_unseen", "country_unread"
MISSING, NOT_WRITABLE = FIELD_CODES = ("fields_missing", "fields_not_writable")


@dataclass(frozen=True, slots=True)
class World:
    """The frame of one run; `sites` stand under the names of their connectors, shops first.

    `started_at` is the platforms' clock (the earlier one), `as_of` that day in the first shop's time zone
    unless given. `keys` are the fields to write per (connector, object). `whole_history` may turn out to be
    False only once everything is read; `email_refused` are accounts (platform, account) that keep e-mails
    from us, `names_unseen` (platform, account, object) records whose names are hidden from us, and
    `exclusion_unseen` likewise records of whom nobody can see whether they are to be left alone.
    `sources_unseen`: who was referred cannot be told. `warnings` did not stop the run.
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
    names_unseen: frozenset[tuple[str, str, str]] = frozenset()
    exclusion_unseen: frozenset[tuple[str, str, str]] = frozenset()
    sources_unseen: bool = False


def look_around(settings: Settings, sites: Mapping[str, Site], *, as_of: date | None) -> World:
    """The world of a run over `sites`. Raises `Stop` for what only a change of settings or access mends."""
    for name, site in sites.items():
        _stop_at_errors(name, site)
    first = next(iter(sites.values()))
    currency = settings.currency.reporting or currency_of(settings, first)
    if not currency:
        raise Stop("currency_unknown")
    for name, site in sites.items():
        if len(sites) > 1 and _is_money_unknown(settings, site):
            raise Stop("org_currency_unknown", platform=title(name))
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
        region=region_in(settings, first, sites),
        fields=catalogue(currency=currency, scale=scale(currency)),
        keys=keys_to_write(settings, sites, whole_history=whole_history),
        whole_history=whole_history,
        warnings=_warnings(settings, sites),
        names_unseen=frozenset(_nameless(sites)),
        exclusion_unseen=frozenset(_unsure(sites)),
        sources_unseen=_hides_sources(settings, sites),
    )


def currency_of(settings: Settings, site: Site) -> str:
    """What an account counts in; empty for an org of one currency where neither it nor the settings tell."""
    told = settings.salesforce.currency if settings.salesforce and site.platform == "salesforce" else None
    # An org may be set up in one currency and filled in another; rates hold against its own only.
    return site.currency if site.rates else told or site.currency


def region_in(settings: Settings, site: Site, sites: Mapping[str, Site]) -> str:
    """The region that an account's national phone numbers are read as (ISO 3166): by the settings, the
    account's own country or its currency; an org that tells none of these is where the first shop is."""
    first = next(iter(sites.values()))
    asked = (site, first) if site.platform == "salesforce" else (site,)
    found = (_region(settings, one) for one in asked)
    return settings.identity.phone_region or next(filter(None, found), UNKNOWN_REGION)


def _region(settings: Settings, site: Site) -> str | None:
    if site.country in SUPPORTED_REGIONS:
        return site.country
    return REGIONS.get(currency_of(settings, site))


def _is_money_unknown(settings: Settings, site: Site) -> bool:
    """Whether amounts are read from an org that says nothing of what they are in."""
    org = settings.salesforce
    if site.platform != "salesforce" or org is None or org.purchases == "none":
        return False
    told = any("CurrencyIsoCode" in columns for columns in site.columns.values())
    return site.whole_history is not False and not told and not currency_of(settings, site)


def _warnings(settings: Settings, sites: Mapping[str, Site]) -> tuple[tuple[str, Finding], ...]:
    """What the platforms found, and whose national phone numbers cannot be read."""
    every = [(n, f) for n, site in sites.items() for f in site.findings if f.severity == "warning"]
    idle = _idle(settings, sites)
    found = [(name, finding) for name, finding in every if finding.code not in idle]
    for name, site in sites.items():
        if region_in(settings, site, sites) == UNKNOWN_REGION:
            found.append((name, Finding("phone_region_unknown", "warning", {"platform": title(name)})))
    return tuple(found)


def _idle(settings: Settings, sites: Mapping[str, Site]) -> set[str]:
    """Codes of findings that nothing follows from under these settings."""
    sources = set() if _hides_sources(settings, sites) else {SOURCES_UNSEEN}
    return sources | ({COUNTRY_UNREAD} if settings.identity.phone_region else set())


def _hides_sources(settings: Settings, sites: Mapping[str, Site]) -> bool:
    """Whether the settings tell by the lead source who was referred, and it is hidden."""
    hidden = any(finding.code == SOURCES_UNSEEN for site in sites.values() for finding in site.findings)
    return hidden and bool(settings.referral.referrer_source and settings.referral.referrer_field)


def _unsure(sites: Mapping[str, Site]) -> Iterator[tuple[str, str, str]]:
    """Objects on which the box of those who are left alone may be hidden."""
    for site in sites.values():
        for finding in site.findings:
            if finding.code == "exclusion_unseen":
                yield site.platform, site.account, finding.details["object"]


def _nameless(sites: Mapping[str, Site]) -> Iterator[tuple[str, str, str]]:
    """Objects whose records' names are hidden: without them nobody can be told from who shares an address."""
    for site in sites.values():
        for finding in site.findings:
            if finding.code == "names_unseen":
                stream = STREAMS[site.platform, finding.details["object"]]
                yield from ((site.platform, site.account, name) for name in stream.objects)


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
    # A refusal that we cannot see would be read as silence, and the permission of another record would win.
    if any(finding.code == "consent_unseen" for site in sites.values() for finding in site.findings):
        wanted = [key for key in wanted if key != "contact_by"]
    if _hides_sources(settings, sites):
        wanted = [key for key in wanted if key not in _by_word_of_mouth(settings)]
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


def _by_word_of_mouth(settings: Settings) -> tuple[str, ...]:
    """The fields that say something else where a referral is not seen: one that earns nothing is evidence of
    delight."""
    return REFERRAL_KEYS if settings.referral.rewarded else (*REFERRAL_KEYS, "satisfaction", "next_action")


def tracks_referrals(settings: Settings) -> bool:
    """Whether the settings name a place where customers' personal codes stand, or who introduced them."""
    given = settings.referral
    return any(
        (
            given.code_metafield,
            given.code_tag,
            given.code_pattern,
            given.salesforce_code_field,
            given.referrer_field,
        )
    )


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
