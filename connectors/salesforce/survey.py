"""What the org says of its streams and its money before anything is pulled, in few requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.base import Finding, Rate
from connectors.errors import MendSettings, UnexpectedAnswer
from connectors.salesforce import rates
from connectors.salesforce.countries import code_of
from connectors.salesforce.pull import Slice, pages
from connectors.salesforce.rest import COMPOSITE_QUERIES, Rest
from connectors.salesforce.streams import OF_OPPORTUNITIES, Setup, Stream, touch

NO_ROWS: Mapping[str, Any] = {"totalSize": 0, "done": True, "records": []}
"""The page of a stream that is empty; what is deleted since is found by its count."""
_LOCALE_COUNTRY = re.compile("[a-z]{2,3}(?:_[A-Z][a-z]{3})?_([A-Z]{2})(?:_.+)?")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the composites said: live rows per stream, first pages of increments, currency and rates."""

    counts: Mapping[str, int]
    pages: Mapping[str, dict[str, Any]]
    currency: str
    rates: tuple[Rate, ...]


def counts(rest: Rest, setup: Setup) -> list[tuple[str, str]]:
    """The parts of a composite that count streams of touches, before anything is known of the org.

    Most orgs use some of those objects at most: of those without rows nothing else is to be asked.
    """
    return [_count(rest, name, touch(name, setup)) for name in setup.touches[:COMPOSITE_QUERIES]]


def _count(rest: Rest, name: str, stream: Stream) -> tuple[str, str]:
    return f"count{name}", rest.query_path(stream.count(), deleted=stream.archived)


def ask(
    rest: Rest,
    streams: Mapping[str, Stream],
    since: Mapping[str, datetime | None],
    *,
    counted: Mapping[str, Any],
    currencies: bool,
) -> Answers:
    """Ask counts and first pages of increments, and with `currencies` the org's own rates.

    `counted` are the bodies of `counts`; nothing more is asked of a stream that is empty by them.
    """
    known = {n: int(counted[f"count{n}"]["totalSize"]) for n in streams if f"count{n}" in counted}
    if known.get("Pipeline") == 0:
        known |= {name: 0 for name in OF_OPPORTUNITIES if name in streams}
    asked = []
    for name, stream in streams.items():
        if name not in known:
            asked.append(_count(rest, name, stream))
        if (bookmark := since.get(name)) is not None and known.get(name) != 0:
            asked.append((f"since{name}", rest.query_path(stream.select(bookmark), deleted=True)))
    if currencies:
        asked.append(("currencies", rest.query_path(rates.CURRENCIES, deleted=False)))
        asked.append(("dated", rest.query_path(rates.DATED, deleted=False)))
    bodies: dict[str, Any] = {}
    for start in range(0, len(asked), COMPOSITE_QUERIES):
        part = asked[start : start + COMPOSITE_QUERIES]
        bodies |= rest.composite(part, optional=frozenset({"currencies", "dated"}))
    present, dated = (_all(rest, bodies.get(name)) for name in ("currencies", "dated"))
    empty = {name: dict(NO_ROWS) for name, rows in known.items() if rows == 0}
    return Answers(
        known | {name: _size(bodies, name) for name in streams if name not in known},
        {n: bodies[f"since{n}"] for n in streams if f"since{n}" in bodies} | empty,
        rates.corporate(present),
        rates.rates(present, dated),
    )


def _size(bodies: Mapping[str, Any], name: str) -> int:
    return int(bodies[f"count{name}"]["totalSize"])


def one_currency(rest: Rest) -> str:
    """ISO code of the currency of an org that has only one; empty where the org does not tell our user.

    Source: Connect REST API, Organization, `features.defaultCurrencyIsoCode`. No row, describe or field of
    the object Organization tells it.
    """
    try:
        told = rest.call("GET", "connect/organization")
    except (MendSettings, UnexpectedAnswer):
        # Not every user may ask: then the settings must say it.
        return ""
    features = told.get("features") if isinstance(told, Mapping) else None
    return str((features or {}).get("defaultCurrencyIsoCode") or "")


def country_of(organization: Mapping[str, Any]) -> str:
    """ISO 3166 code of the org's country: by its address, else by its locale; empty where neither tells.

    `CountryCode` is there where addresses are chosen from picklists, `Country` holds a code or a name.
    `en_US` is what every org has that never chose a locale, and tells nothing.
    """
    for name in ("CountryCode", "Country"):
        if found := code_of(str(organization.get(name) or "")):
            return found
    locale = str(organization.get("DefaultLocaleSidKey") or "")
    read = _LOCALE_COUNTRY.fullmatch(locale)
    return read.group(1) if read and locale != "en_US" else ""


def unread_country(organization: Mapping[str, Any]) -> list[Finding]:
    """A warning where the address names a country that is none we know: whatever else is taken is a guess."""
    told = [str(organization.get(name) or "").strip() for name in ("CountryCode", "Country")]
    named = next(filter(None, reversed(told)), "")
    if not named or any(map(code_of, told)):
        return []
    return [Finding("country_unread", "warning", {"platform": "Salesforce", "country": named})]


def _all(rest: Rest, page: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [row for rows in pages(rest, page) for row in rows] if page else []


def slices(
    streams: Mapping[str, Stream], answers: Answers, since: Mapping[str, datetime | None]
) -> dict[str, Slice]:
    """What is to be read of each stream, the pages already here included."""
    made = {}
    for name, stream in streams.items():
        page = answers.pages.get(name)
        rows = answers.counts[name] if page is None else int(page["totalSize"])
        made[name] = Slice(stream.select(since.get(name)), rows, answers.counts[name], page)
    return made
