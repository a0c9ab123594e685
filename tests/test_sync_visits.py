"""Where a visit came from, as one word: by the shop's own word or the host that sent it, and nothing else."""

from __future__ import annotations

from typing import Any, cast

import pytest
from graphql import GraphQLEnumType
from sync_rows import SHOPIFY, order

from metrics.acquisition import BY_VISIT
from sandbox.shopify.schema import admin_schema
from sync import normalise_shopify, visits
from sync.model import Order
from sync.shopify_shapes import Visit

SEEN = {"source": "direct", "sourceType": None, "referrerUrl": None, "landingPage": None}


def came(**visit: Any) -> str | None:
    """What becomes of a visit that is known."""
    return visits.came_from(cast("Visit", {**SEEN, **visit}), ready=True)


def made(journey: Any) -> Order:
    (one,) = normalise_shopify.orders([order(1, 2, customerJourneySummary=journey)], SHOPIFY).orders
    return one


@pytest.mark.parametrize(
    "referrer",
    [
        "https://www.google.com/",
        "https://www.google.co.jp/search?q=zaiseki",
        "https://google.de",
        "http://www.google.com.au/url?sa=t",
        "https://search.yahoo.co.jp/search?p=x",
        "https://r.search.yahoo.com/_ylt=x",
        "https://www.bing.com/",
        "https://cn.bing.com/search",
        "https://duckduckgo.com/",
        "https://m.baidu.com/s?word=x",
        "https://m.search.naver.com/search.naver",
        "https://www.ecosia.org/search",
        "https://search.goo.ne.jp/web.jsp",
        "https://search.smt.docomo.ne.jp/result",
        "https://yandex.ru/search",
        "https://WWW.GOOGLE.COM:443/",
        "android-app://com.google.android.googlequicksearchbox/",
        "www.google.co.jp/search",
    ],
)
def test_a_search_engines_host_says_that_they_searched(referrer: str) -> None:
    assert came(referrerUrl=referrer, source="Google") == "search"


@pytest.mark.parametrize(
    "referrer",
    [
        "https://mail.google.com/mail/u/0/",
        "https://news.google.com/",
        "android-app://com.google.android.gm",
        "https://shopping.yahoo.co.jp/",
        "https://mail.yahoo.co.jp/",
        "https://google.com.evil.example/",
        "https://notgoogle.com/",
        "https://blog.example/?from=https://www.google.com/",
        "https://l.instagram.com/",
        "https://[broken",
        "not an address",
    ],
)
def test_any_other_host_is_another_site(referrer: str) -> None:
    assert came(referrerUrl=referrer, source="Google") == "other"


@pytest.mark.parametrize(
    ("tactic", "word"),
    [
        *((tactic, "ad") for tactic in ("AD", "RETARGETING", "AFFILIATE")),
        ("SEO", "search"),
        *(
            (tactic, "other")
            for tactic in (
                *("ABANDONED_CART", "LINK", "LOYALTY", "MESSAGE", "NEWSLETTER", "NOTIFICATION"),
                *("POST", "STOREFRONT_APP", "TRANSACTIONAL"),
            )
        ),
    ],
)
def test_the_shops_own_word_for_the_tactic_counts_before_the_host(tactic: str, word: str) -> None:
    host = "https://www.google.com/" if word != "search" else "https://blog.example/"
    assert came(sourceType=tactic, referrerUrl=host) == word
    known = admin_schema().type_map["MarketingTactic"]
    assert isinstance(known, GraphQLEnumType)
    assert tactic in known.values


def test_a_tactic_that_is_new_is_no_reason_to_set_the_order_apart() -> None:
    assert made({"ready": True, "lastVisit": {**SEEN, "sourceType": "SKYWRITING"}}).visit == "other"


@pytest.mark.parametrize("name", ["gclid", "GCLID", "gbraid", "wbraid", "msclkid", "yclid", "ldtag_cl"])
def test_a_click_on_an_advertisement_is_one_although_a_search_engine_sent_them(name: str) -> None:
    clicked = {"landingPage": f"https://tea.example/products/1?variant=3&{name}=Cj0K", "source": "Google"}
    assert came(**clicked, sourceType="SEO", referrerUrl="https://www.google.com/") == "ad"


@pytest.mark.parametrize("query", ["?fbclid=x", "?gclid=", "?note=gclid", "#gclid=x", "", "?srsltid=x"])
def test_what_is_no_click_on_an_advertisement_is_not_taken_for_one(query: str) -> None:
    found = came(landingPage=f"https://tea.example/{query}", referrerUrl="https://www.google.com/")
    assert found == "search"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("direct", "direct"),
        ("Direct", "direct"),
        ("Google", "search"),
        ("Yahoo", "search"),
        ("search.yahoo.co.jp", "search"),
        ("Facebook", "other"),
        ("email", "other"),
        ("unknown", None),
        ("", None),
    ],
)
def test_without_a_referrer_the_shops_name_of_the_source_tells(name: str, word: str | None) -> None:
    assert came(source=name) == word


def test_a_journey_that_is_not_worked_out_yet_is_no_visit_without_a_source() -> None:
    assert made({"ready": False, "lastVisit": None}).visit == "pending"
    assert made({"ready": False, "lastVisit": {**SEEN, "sourceType": "SEO"}}).visit == "pending"
    assert made({"ready": True, "lastVisit": None}).visit is None
    assert made(None).visit is None


def test_nothing_of_the_addresses_is_kept() -> None:
    seen = {
        "source": "hanako.example",
        "sourceType": None,
        "referrerUrl": "https://hanako.example/who?mail=hanako@example.jp",
        "landingPage": "https://tea.example/?email=hanako%40example.jp&gclid=hanako-click",
        "referralCode": "r1",
        "utmParameters": None,
    }
    kept = made({"ready": True, "lastVisit": seen})
    assert (kept.visit, kept.referral_code) == ("ad", "r1")
    assert "hanako" not in repr(kept)


def test_every_word_is_on_the_list_and_the_metric_knows_those_that_decide() -> None:
    assert set(BY_VISIT) == {visits.AD, visits.SEARCH} < set(visits.VISITS)
