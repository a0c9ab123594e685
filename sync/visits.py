"""Where the visit before an order came from, as one word of a closed list: all that is kept of its addresses.

A referrer and a landing page may hold anything, the names and searches of people among it: of the one only
the host is looked at, of the other only which parameters it bears, and neither is stored.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from sync.shopify_shapes import Visit

AD, SEARCH, DIRECT, OTHER, PENDING = VISITS = ("ad", "search", "direct", "other", "pending")
"""`ad`: an advertisement or an affiliate; `search`: found by a search engine; `direct`: nothing sent them;
`other`: something else did; `pending`: the platform has not worked it out yet."""

# https://shopify.dev/docs/api/admin-graphql/latest/enums/MarketingTactic; every other tactic is `other`.
_TACTICS = {"AD": AD, "RETARGETING": AD, "AFFILIATE": AD, "SEO": SEARCH}
_CLICK_IDS = frozenset(
    ("gclid", "gbraid", "wbraid", "dclid", "msclkid", "yclid", "ttclid", "twclid", "ldtag_cl")
)
"""What advertising systems put behind the links of their advertisements (Google, Microsoft, Yahoo! Japan,
TikTok, X, LINE). Not `fbclid`: Facebook puts it behind every link."""
_PLACE = r"(?:com|[a-z]{2}|com?\.[a-z]{2}|ne\.jp)"
_ENGINE = re.compile(
    r"(?:(?:www|m|cn)\.)?(?:bing|baidu|duckduckgo|qwant|startpage)\.com|(?:www\.)?ecosia\.org"
    rf"|(?:www\.)?(?:google|yandex)\.{_PLACE}"
    rf"|(?:[a-z0-9-]+\.)*search\.(?:yahoo|naver|goo|brave|nifty|biglobe|auone|smt\.docomo)\.{_PLACE}"
    r"|com\.google\.android\.googlequicksearchbox"
)
"""Hosts of searches. Mail, news and shopping of the same companies are none: mail.google.com is no search."""
_ADS = re.compile(
    r"(?:[a-z0-9-]+\.)*(?:googleadservices\.com|googlesyndication\.com|doubleclick\.net|yads\.yahoo\.co\.jp)"
)
_ENGINE_NAMES = frozenset(("google", "yahoo", "yahoo! japan", "bing", "duckduckgo", "baidu", "naver"))


def came_from(visit: Visit | None, *, ready: bool) -> str | None:
    """One of `VISITS`, None where nothing is told.

    A click on an advertisement shows in the landing page, whatever else is said; then the platform's own word
    for the tactic counts, then the referrer's host, and its name for the source where there is no referrer.
    """
    if not ready:
        return PENDING
    if not visit:
        return None
    if not _CLICK_IDS.isdisjoint(_parameters(visit.get("landingPage"))):
        return AD
    if tactic := visit.get("sourceType"):
        return _TACTICS.get(tactic, OTHER)
    if referrer := visit.get("referrerUrl"):
        return _of_host(_host(referrer))
    return _of_name((visit.get("source") or "").strip().lower())


def _of_host(host: str) -> str:
    if _ENGINE.fullmatch(host):
        return SEARCH
    return AD if _ADS.fullmatch(host) else OTHER


def _of_name(name: str) -> str | None:
    if name in ("", "unknown"):
        return None
    if name == "direct":
        return DIRECT
    return SEARCH if name in _ENGINE_NAMES else _of_host(name)


def _host(url: str) -> str:
    """The host of an address, also of an app's (`android-app://…`); empty where it is none."""
    try:
        return (urlsplit(url if "//" in url else f"//{url}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def _parameters(url: str | None) -> set[str]:
    """The names of the parameters of an address."""
    if not url or "?" not in url:
        return set()
    try:
        return {name.lower() for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=False)}
    except ValueError:
        return set()
