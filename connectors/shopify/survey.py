"""Everything asked before the pull, in one document: shop, scopes, definitions, counts, first pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import shopify

from connectors.base import Field, Finding, Site
from connectors.errors import MendSettings, UnexpectedAnswer
from connectors.shopify import documents, returns
from connectors.shopify.auth import covers, session_for
from connectors.shopify.documents import ROOT
from connectors.shopify.graphql import GraphQL
from connectors.shopify.names import OBJECT, TYPES

STREAMS = ("customers", "orders", "abandoned_checkouts", "draft_orders")
OVERLAP = {
    "customers": timedelta(days=1),
    "orders": timedelta(minutes=10),
    "abandoned_checkouts": timedelta(days=1),
    "draft_orders": timedelta(days=1),
}
"""How far before its bookmark a stream is read again: some searches may know whole days only."""
REQUIRED_SCOPES = ("read_customers", "write_customers", "read_orders")
HISTORY_SCOPE = "read_all_orders"
PRODUCTS_SCOPE = "read_products"
"""Needed where the lines of orders are read: they name their products."""
DRAFTS_SCOPE = "read_draft_orders"
"""Without it draft orders are left out."""


@dataclass(frozen=True, slots=True)
class Increment:
    """What changed in one stream: the search that finds it, how many rows, and the first page of them."""

    search: str | None
    changed: int
    rows: Sequence[Mapping[str, Any]]
    cursor: str | None
    """Where the next page starts; None if the first page is all."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The answer to the survey: the site, the increment of each stream that may be read, and whether returns
    may be read too."""

    site: Site
    increments: Mapping[str, Increment]
    returns: bool = False


def survey(
    graphql: GraphQL,
    rows: documents.Rows,
    fields: Sequence[Field],
    since: Mapping[str, datetime | None],
) -> Surveyed:
    """Ask the shop about itself and about what changed since the bookmarks.

    A missing required scope is a finding, not an error, so that all of them are told at once.
    """
    searches = {stream: _search(stream, since.get(stream)) for stream in STREAMS}
    drafts = covers(graphql.granted(), DRAFTS_SCOPE) is not False
    try:
        data = _ask(graphql, rows, searches, drafts=drafts)
    except MendSettings as error:
        if error.code not in ("missing_scope", "access_denied"):
            raise
        told = _denied(graphql, rows, error)
        if told is not None:
            return told
        data = _ask(graphql, rows, searches, drafts=False)
    increments = {name: _increment(data, name, searches[name]) for name in STREAMS if ROOT[name] in data}
    return Surveyed(_site(graphql, rows, data, fields), increments, returns.SCOPE in _handles(data))


def _ask(
    graphql: GraphQL, rows: documents.Rows, searches: Mapping[str, str | None], *, drafts: bool
) -> Mapping[str, Any]:
    given = {f"{ROOT[stream]}Query": search for stream, search in searches.items()}
    return graphql.run(rows.survey(), **given, drafts=drafts)


def _search(stream: str, bookmark: datetime | None) -> str | None:
    return documents.changed_since(bookmark.astimezone(UTC) - OVERLAP[stream] if bookmark else None)


def _increment(data: Mapping[str, Any], stream: str, search: str | None) -> Increment:
    page = data[ROOT[stream]]
    info = page["pageInfo"]
    return Increment(
        search=search,
        changed=int(data[f"{ROOT[stream]}Changed"]["count"]),
        rows=page["nodes"],
        cursor=info["endCursor"] if info["hasNextPage"] else None,
    )


def _denied(graphql: GraphQL, rows: documents.Rows, error: MendSettings) -> Surveyed | None:
    """The site of a shop that refused the survey, where only its findings are of use; None where nothing but
    the access to draft orders is missing."""
    data = graphql.run(documents.text("access"))
    site = _site(graphql, rows, data, ())
    if any(finding.severity == "error" for finding in site.findings):
        return Surveyed(site, {})
    if error.details.get("scope") == DRAFTS_SCOPE:
        return None
    raise error


def _site(graphql: GraphQL, rows: documents.Rows, data: Mapping[str, Any], fields: Sequence[Field]) -> Site:
    shop = _shop(graphql, data)
    handles = _handles(data)
    types = {
        node["key"]: node["type"]["name"]
        for node in (data.get("metafieldDefinitions") or {}).get("nodes", ())
    }
    wrong = [field.key for field in fields if types.get(field.key, TYPES[field.kind]) != TYPES[field.kind]]
    server_time = graphql.http.server_time
    if server_time is None:
        raise UnexpectedAnswer("shopify", "no_date_header")
    # Handles of the customer account API (`customer_read_orders`) are none of the Admin's, and ShopifyAPI
    # refuses to read them.
    granted = shopify.ApiAccess([handle for handle in handles if handle.startswith(("read_", "write_"))])
    may_write = not handles or granted.covers(shopify.ApiAccess("write_customers"))
    return Site(
        platform="shopify",
        account=str(shop["myshopifyDomain"]),
        server_time=server_time,
        timezone=str(shop["ianaTimezone"]),
        currency=str(shop["currencyCode"]),
        counts=_counts(data),
        present={OBJECT: frozenset(field.key for field in fields if field.key in types)},
        writable={OBJECT: frozenset(field.key for field in fields if may_write and field.key not in wrong)},
        whole_history=granted.covers(shopify.ApiAccess(HISTORY_SCOPE)) if handles else None,
        # A shop that does not tell the scopes has answered what needs the required ones all the same.
        country=str((shop.get("shopAddress") or {}).get("countryCodeV2") or ""),
        findings=(*_scope_findings(granted, data, rows, told=bool(handles)), *_type_findings(wrong, types)),
    )


def _handles(data: Mapping[str, Any]) -> list[str]:
    """The scopes of the app; none where the shop does not tell them."""
    return [scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]]


def _shop(graphql: GraphQL, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the shop says of itself; a token of another shop would fill the wrong store."""
    shop: Mapping[str, Any] = data["shop"]
    asked, found = session_for(graphql.access).url, shop["myshopifyDomain"]
    if asked != found:
        raise MendSettings("shopify", "other_shop", f"{asked} {found}", asked=asked, found=found)
    return shop


def _counts(data: Mapping[str, Any]) -> dict[str, int]:
    """Live rows per stream; one that the shop counts only roughly is left out."""
    counted = {stream: data.get(f"{ROOT[stream]}Count") for stream in STREAMS}
    return {
        stream: int(found["count"])
        for stream, found in counted.items()
        if found and found["precision"] == "EXACT"
    }


def _scope_findings(
    granted: Any, data: Mapping[str, Any], rows: documents.Rows, *, told: bool
) -> list[Finding]:
    """What the app may not read; where the scopes are not `told`, only what the survey went without."""
    found = []
    if told:
        required = (*REQUIRED_SCOPES, *((PRODUCTS_SCOPE,) if rows.lines else ()))
        missing = [scope for scope in required if not granted.covers(shopify.ApiAccess(scope))]
        found += [Finding("missing_scope", "error", {"scope": scope}) for scope in missing]
        if not granted.covers(shopify.ApiAccess(HISTORY_SCOPE)):
            found.append(Finding("short_history", "warning", {"scope": HISTORY_SCOPE}))
    if "customers" in data and ROOT["draft_orders"] not in data:
        found.append(Finding("drafts_unseen", "warning", {"scope": DRAFTS_SCOPE}))
    return found


def _type_findings(wrong: Sequence[str], types: Mapping[str, str]) -> list[Finding]:
    return [
        Finding("wrong_field_type", "error", {"field": f"zaiseki.{key}", "type": types[key]}) for key in wrong
    ]
