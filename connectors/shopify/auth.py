"""Which shop, with which credentials: ShopifyAPI's session, and the token that goes with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
import shopify

from connectors.errors import MendSettings, Retry, UnexpectedAnswer, Wait
from connectors.http import Http
from connectors.retry import with_retries

MARGIN_SECONDS = 300.0
"""A token is renewed this long before it expires, or after nine tenths of a shorter life."""
API_VERSION = "2026-10"
STORAGE_HOST = "storage.googleapis.com"


@dataclass(frozen=True, slots=True)
class ShopifyAccess:
    """The shop and how to enter it: a static `access_token`, or `client_id` and `client_secret`.

    `url` is a loopback address that replaces the shop's host (the sandbox).
    """

    shop: str
    api_version: str = API_VERSION
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    url: str | None = None


class ShopSession(shopify.Session):  # type: ignore[misc]  # ShopifyAPI ships no types
    """ShopifyAPI's session, deaf to `Session.setup`, which changes the host of every session of a process."""

    protocol = "https"
    myshopify_domain = "myshopify.com"
    port = None


class _Resource(shopify.ShopifyResource):  # type: ignore[misc]
    """ShopifyAPI's header builder with a store of its own: activating it disturbs no other client."""

    _threadlocal = threading.local()


def session_for(access: ShopifyAccess, token: str | None = None) -> Any:
    """ShopifyAPI's session for the shop: domain, versioned URL, token. Raises `MendSettings`."""
    try:
        session = ShopSession(access.shop, access.api_version, token)
    except (shopify.VersionNotFoundError, TypeError) as error:
        raise MendSettings(
            "shopify", "bad_api_version", str(access.api_version), version=str(access.api_version)
        ) from error
    if not session.url:
        raise MendSettings("shopify", "bad_shop", access.shop, shop=access.shop)
    return session


def headers_for(session: Any) -> dict[str, str]:
    """The headers ShopifyAPI sends for `session`."""
    _Resource.activate_session(session)
    try:
        return {**_Resource.headers, "Accept": "application/json"}
    finally:
        _Resource.clear_session()


def may_call(host: str) -> bool:
    """Whether Shopify serves from `host`: the shop itself, or the storage of bulk results and uploads.

    Tokens go to the shop only; storage is called with signed addresses.
    """
    return host.endswith(".myshopify.com") or host == STORAGE_HOST or host.endswith(f".{STORAGE_HOST}")


def covers(granted: str | None, scope: str) -> bool | None:
    """Whether scopes, as an answer lists them, hold `scope`; None where they are not told."""
    if not granted:
        return None
    handles = [handle.strip() for handle in granted.split(",")]
    # Writing includes reading.
    return scope in handles or scope.replace("read_", "write_", 1) in handles


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, the seconds it lives (None: for ever) and its scopes (None: not told)."""

    text: str = field(repr=False)
    lives: float | None
    scopes: str | None = None


def read_token(response: requests.Response) -> Token:
    """The token of a client-credentials answer. Raises what `connectors.errors` says to do about it."""
    status = response.status_code
    if status == 404:
        raise MendSettings("shopify", "unknown_shop")
    if status == 429:
        raise Wait("shopify", "token_429", after=retry_after(response))
    if status >= 500:
        raise Retry("shopify", "server_error", str(status), after=retry_after(response))
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    body = body if isinstance(body, dict) else {}
    if status != 200:
        error = str(body.get("error", status))[:60]
        raise MendSettings("shopify", "credentials_refused", error, error=error)
    if not isinstance(body.get("access_token"), str):
        raise UnexpectedAnswer("shopify", "no_token", str(status))
    lives = body.get("expires_in")
    scopes = body.get("scope")
    return Token(
        body["access_token"], float(lives) if lives else None, scopes if isinstance(scopes, str) else None
    )


def retry_after(response: requests.Response) -> float | None:
    """Seconds of the `Retry-After` header, which Shopify writes as a decimal such as `4.0`."""
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


class Tokens:
    """The token in use: the static one, or one fetched by client credentials, kept and renewed in time."""

    def __init__(
        self,
        http: Http,
        access: ShopifyAccess,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        if not access.access_token and not (access.client_id and access.client_secret):
            raise MendSettings("shopify", "no_credentials")
        self.http = http
        self.access = access
        self.sleep = sleep
        self.now = now
        self.scopes: str | None = None
        """What the token in use was granted, as the answer lists it."""
        self._token: str | None = access.access_token
        self._renew_at: float | None = None

    def current(self) -> str:
        """The token to send now; fetched or renewed where it is due."""
        if self._token is None or (self._renew_at is not None and self.now() >= self._renew_at):
            self._fetch()
        return self._token or ""

    def replace(self) -> None:
        """Forget a token that was refused, so that the next call fetches another. A static one has none."""
        if self.access.access_token:
            raise MendSettings("shopify", "token_refused")
        self._token = None

    def _fetch(self) -> None:
        url = f"https://{session_for(self.access).url}/admin/oauth/access_token"
        form = {
            "grant_type": "client_credentials",
            "client_id": self.access.client_id,
            "client_secret": self.access.client_secret,
        }
        token = with_retries(
            lambda: read_token(self.http.send("POST", url, data=form, allow_redirects=False)),
            sleep=self.sleep,
        )
        self._token, self.scopes = token.text, token.scopes
        margin = min(MARGIN_SECONDS, token.lives * 0.1) if token.lives else 0.0
        self._renew_at = self.now() + token.lives - margin if token.lives else None
