"""What a run knows before it pulls: the platforms' own words about themselves, and what follows from them.

Everything here is a decision on values; nothing is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.base import Field, Finding, Platform, Site
from metrics.fields import HISTORY_KEYS, REFERRAL_KEYS, catalogue
from sync.money import scale
from zaiseki.errors import Stop
from zaiseki.settings import Settings

REGIONS = {"JPY": "JP", "USD": "US", "GBP": "GB", "CAD": "CA", "AUD": "AU", "KRW": "KR", "TWD": "TW"}
"""Where national phone numbers are read as, by the shop's currency, unless identity.phone_region says."""

MISSING, NOT_WRITABLE = FIELD_CODES = ("fields_missing", "fields_not_writable")


@dataclass(frozen=True, slots=True)
class World:
    """The frame of one run.

    `started_at` is the platforms' clock (the earlier one), `as_of` that day in the shop's time zone unless
    given. `keys` are the fields to write per (platform, object). `warnings` did not stop the run.
    """

    sites: Mapping[Platform, Site]
    started_at: datetime
    timezone: str
    as_of: date
    today: date
    currency: str
    region: str
    fields: tuple[Field, ...]
    keys: Mapping[tuple[Platform, str], tuple[str, ...]]
    whole_history: bool
    warnings: tuple[tuple[Platform, Finding], ...]


def look_around(settings: Settings, sites: Sequence[Site], *, as_of: date | None) -> World:
    """The world of a run over `sites`. Raises `Stop` for what only a change of settings or access mends."""
    by_platform = {site.platform: site for site in sites}
    for site in sites:
        _stop_at_errors(site)
    first = by_platform.get("shopify") or sites[0]
    currency = settings.currency.reporting or first.currency
    if not currency:
        raise Stop("currency_unknown")
    started_at = min(site.server_time for site in sites)
    today = started_at.astimezone(ZoneInfo(first.timezone)).date()
    whole_history = all(site.whole_history is not False for site in sites)
    fields = catalogue(currency=currency, scale=scale(currency))
    return World(
        sites=by_platform,
        started_at=started_at,
        timezone=first.timezone,
        as_of=as_of or today,
        today=today,
        currency=currency,
        region=settings.identity.phone_region or REGIONS.get(currency, "ZZ"),
        fields=fields,
        keys=keys_to_write(settings, sites, whole_history=whole_history),
        whole_history=whole_history,
        warnings=tuple((s.platform, f) for s in sites for f in s.findings if f.severity == "warning"),
    )


def keys_to_write(
    settings: Settings, sites: Iterable[Site], *, whole_history: bool
) -> dict[tuple[Platform, str], tuple[str, ...]]:
    """The fields to write per (platform, object): those wanted, that exist, that this run may know.

    Raises `Stop` where a wanted field does not exist or may not be written.
    """
    # Without the whole history everything but the identity would be wrong: old values stay.
    wanted = [key for key in settings.write.fields if whole_history or key not in HISTORY_KEYS]
    found: dict[tuple[Platform, str], tuple[str, ...]] = {}
    for site in sites:
        if site.platform not in settings.write.platforms:
            continue
        for name, present in site.present.items():
            untracked = () if settings.referral.code_metafield else REFERRAL_KEYS
            asked = [key for key in wanted if key in present or key not in untracked]
            _stop_unless(asked, present, MISSING, site, name)
            _stop_unless(asked, site.writable.get(name, frozenset()), NOT_WRITABLE, site, name)
            found[site.platform, name] = tuple(asked)
    return found


def _stop_unless(asked: Sequence[str], there: frozenset[str], code: str, site: Site, name: str) -> None:
    missing = [key for key in asked if key not in there]
    if missing:
        raise Stop(code, platform=site.platform.capitalize(), object=name, fields=", ".join(missing))


def _stop_at_errors(site: Site) -> None:
    """Stop at the first kind of error, with everything found of that kind."""
    # Which of our fields must be there and writable depends on what is to be written: keys_to_write tells.
    errors = [f for f in site.findings if f.severity == "error" and f.code not in FIELD_CODES]
    same = [finding.details for finding in errors if finding.code == errors[0].code]
    if same:
        details = {name: ", ".join(dict.fromkeys(one[name] for one in same)) for name in same[0]}
        raise Stop(errors[0].code, exit_code=1, **{"platform": site.platform.capitalize(), **details})
