"""The one `requests` session of a connector: time limits, allowed hosts, counting, the platform's clock."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from connectors.base import Platform, Usage
from connectors.errors import MendSettings, Retry

CONNECT_SECONDS = 10.0
READ_SECONDS = 120.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
log = logging.getLogger("zaiseki.http")


def is_loopback(url: str) -> bool:
    """Whether `url` points at this machine, the only place a `url` setting may point at."""
    host = (urlsplit(url).hostname or "").lower()
    return host in LOOPBACK or host.endswith(".localhost")


class _Adapter(HTTPAdapter):
    """Counts and times every request of the session, whoever sends it, and reads the platform's clock."""

    def __init__(self, owner: Http) -> None:
        super().__init__(pool_maxsize=4)
        self.owner = owner

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        owner = self.owner
        request.url = owner.route(request.url or "")
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        owner.usage.requests += 1
        response = super().send(request, **kwargs)
        if owner.moved_host(response):
            response.close()
            raise MendSettings(owner.platform, "redirected", urlsplit(request.url).hostname or "")
        owner.note_clock(response)
        # Path only: the query string of a signed address is a secret.
        log.debug(
            "request",
            extra={
                "method": request.method,
                "path": urlsplit(request.url).path,
                "status": response.status_code,
            },
        )
        return response


class Http:
    """A `requests.Session` that reaches the platform's own hosts and nothing else.

    `allowed(host)` says which hosts may be called; `local` (a loopback address, for the sandbox) replaces
    scheme and host of every call to an allowed host. `session` may be handed to other libraries: what they
    send is held to the same rules and counted in `usage`.
    """

    def __init__(
        self, platform: Platform, allowed: Callable[[str], bool], local: str | None, agent: str
    ) -> None:
        self.platform = platform
        self.allowed = allowed
        self.local = local.rstrip("/") if local else None
        if self.local and not is_loopback(self.local):
            raise MendSettings(platform, "url_not_loopback", self.local)
        self.usage = Usage()
        self.server_time: datetime | None = None
        self.session = requests.Session()
        # The environment's proxies and certificates would silently override what is set here.
        self.session.trust_env = False
        self.session.headers["User-Agent"] = agent
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, _Adapter(self))

    def route(self, url: str) -> str:
        """The address really called for `url`. Raises `MendSettings` for a foreign host."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if self.local:
            base = urlsplit(self.local)
            if self.allowed(host) or host in LOOPBACK or host == (base.hostname or ""):
                return parts._replace(scheme=base.scheme, netloc=base.netloc).geturl()
        elif parts.scheme == "https" and self.allowed(host):
            return url
        raise MendSettings(self.platform, "host_not_allowed", host)

    def moved_host(self, response: requests.Response) -> bool:
        """Whether the answer sends us to a host that must not see our token."""
        if not response.is_redirect:
            return False
        target = urlsplit(response.headers.get("location", ""))
        return bool(target.hostname) and not (
            self.allowed(target.hostname or "") or (self.local and is_loopback(target.geturl()))
        )

    def note_clock(self, response: requests.Response) -> None:
        """Keep the first instant the platform told: the next run must miss nothing that came after it."""
        stamp = response.headers.get("date")
        if stamp is None or self.server_time is not None:
            return
        try:
            told = parsedate_to_datetime(stamp)
        except ValueError:
            return
        # A stamp in "-0000" parses as naive and is UTC by RFC 5322.
        self.server_time = told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)

    def send(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        """Send one request and return the response, whatever its status.

        Raises `Retry` where nothing or only a part arrived, `MendSettings` for a host that is not allowed,
        does not exist, or shows a certificate that is not its own.
        """
        try:
            return self.session.request(method, url, **kwargs)
        except requests.RequestException as error:
            raise self._as_ours(error, urlsplit(url).hostname or "") from error

    def _as_ours(self, error: requests.RequestException, host: str) -> MendSettings | Retry:
        for cause in _causes(error):
            # A name that never resolved is a wrong name; one that did before is a hiccup of the resolver.
            if isinstance(cause, socket.gaierror) and self.server_time is None:
                return MendSettings(self.platform, "unknown_host", host, host=host)
            if isinstance(cause, ssl.SSLCertVerificationError):
                return MendSettings(self.platform, "certificate", host, host=host)
        return Retry(self.platform, "unreachable", type(error).__name__)

    def close(self) -> None:
        """Close every connection."""
        self.session.close()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what it was raised from, outermost first."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        # urllib3 wraps some errors without raising them from their cause: it is the first argument then.
        wrapped = next((held for held in cause.args if isinstance(held, BaseException)), None)
        cause = cause.__cause__ or cause.__context__ or wrapped
