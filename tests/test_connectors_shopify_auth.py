"""Tokens, and what ShopifyAPI builds for us."""

from typing import Any

import pytest
import responses
import shopify
from shopify_answers import TOKEN, Time

from connectors import errors
from connectors.http import Http
from connectors.shopify import ShopifyAccess
from connectors.shopify.auth import Tokens, headers_for, may_call, session_for


def tokens(time: Time, **given: Any) -> Tokens:
    access = ShopifyAccess("demo.myshopify.com", **(given or {"client_id": "i", "client_secret": "s"}))
    return Tokens(Http("shopify", may_call, None, "Zaiseki"), access, sleep=time.sleep, now=time.now)


def test_a_token_is_kept_and_renewed_before_it_expires() -> None:
    time = Time()
    with responses.RequestsMock() as mock:
        mock.post(TOKEN, json={"access_token": "one", "scope": "read_orders", "expires_in": 86399})
        mock.post(TOKEN, json={"access_token": "two", "expires_in": 86399})
        given = tokens(time)
        assert [given.current(), given.current()] == ["one", "one"]
        time.sleep(86399 - 301)
        assert given.current() == "one"
        time.sleep(2)
        assert given.current() == "two"
        assert mock.calls[0].request.body == "grant_type=client_credentials&client_id=i&client_secret=s"


@pytest.mark.parametrize("error", ["invalid_client", "shop_not_permitted"])
def test_refused_credentials_are_for_the_merchant_and_name_no_secret(error: str) -> None:
    with responses.RequestsMock() as mock:
        mock.post(TOKEN, status=400, json={"error": error, "error_description": "i s"})
        with pytest.raises(errors.MendSettings) as raised:
            tokens(Time()).current()
        assert len(mock.calls) == 1
    assert (raised.value.code, raised.value.details) == ("credentials_refused", {"error": error})


def test_an_unknown_shop_is_named_as_such() -> None:
    with responses.RequestsMock() as mock:
        mock.post(TOKEN, status=404, body="Not Found")
        with pytest.raises(errors.MendSettings) as raised:
            tokens(Time()).current()
    assert raised.value.code == "unknown_shop"


def test_a_token_server_that_fails_for_a_moment_is_asked_again() -> None:
    time = Time()
    with responses.RequestsMock() as mock:
        mock.post(TOKEN, status=503)
        mock.post(TOKEN, status=429, headers={"Retry-After": "4.0"})
        mock.post(TOKEN, json={"access_token": "one", "expires_in": 86399})
        assert tokens(time).current() == "one"
    assert 4.0 <= time.slept[1] <= 4.25


def test_without_credentials_nothing_is_sent() -> None:
    with pytest.raises(errors.MendSettings) as raised:
        tokens(Time(), client_id="only half")
    assert raised.value.code == "no_credentials"


def test_secrets_do_not_show_in_what_is_printed() -> None:
    assert "hush" not in repr(ShopifyAccess("x", client_id="i", client_secret="hush", access_token="hush"))


def test_shopifyapi_builds_domain_version_and_headers() -> None:
    session = session_for(ShopifyAccess("https://demo.myshopify.com/admin"), "shpat_secret")
    assert session.site == "https://demo.myshopify.com/admin/api/2026-10"
    assert headers_for(session)["X-Shopify-Access-Token"] == "shpat_secret"


def test_another_client_in_the_process_is_neither_heard_nor_disturbed() -> None:
    shopify.Session.setup(protocol="http", myshopify_domain="localhost", port=7)
    try:
        other = shopify.Session("other", "2026-10", "theirs")
        shopify.ShopifyResource.activate_session(other)
        ours = session_for(ShopifyAccess("demo.myshopify.com"), "ours")
        assert headers_for(ours)["X-Shopify-Access-Token"] == "ours"
        assert ours.site == "https://demo.myshopify.com/admin/api/2026-10"
        assert shopify.ShopifyResource.site == "http://other.localhost:7/admin/api/2026-10"
        assert shopify.ShopifyResource.headers["X-Shopify-Access-Token"] == "theirs"
    finally:
        shopify.ShopifyResource.clear_session()
        shopify.Session.setup(protocol="https", myshopify_domain="myshopify.com", port=None)


@pytest.mark.parametrize(("shop", "version"), [("", "2026-10"), ("demo", "latest"), ("demo", "2026/10")])
def test_a_malformed_shop_or_version_is_refused_before_anything_is_sent(shop: str, version: str) -> None:
    with pytest.raises(errors.MendSettings):
        session_for(ShopifyAccess(shop, version))


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("demo.myshopify.com", True),
        ("storage.googleapis.com", True),
        ("shopify-staged-uploads.storage.googleapis.com", True),
        ("myshopify.com.evil.example", False),
        ("evilstorage.googleapis.com", False),
    ],
)
def test_only_the_shop_and_its_storage_may_be_called(host: str, may: bool) -> None:
    assert may_call(host) is may
