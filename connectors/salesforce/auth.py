"""Getting a session: client credentials or JWT bearer, through simple-salesforce."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from jwt.exceptions import PyJWTError
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from connectors.errors import ConnectorError, MendSettings, Retry, UnexpectedAnswer
from connectors.http import Http
from connectors.salesforce.answers import body_of, is_transient, retry_after

SUFFIX = ".salesforce.com"
TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address


@dataclass(frozen=True, slots=True)
class SalesforceAccess:
    """How to reach one org. `domain` is the My Domain host (`acme.my.salesforce.com`).

    With `client_secret` the client-credentials flow is used, else the JWT bearer flow with `username` and
    `private_key` (PEM text). `url` replaces scheme and host for a sandbox on this machine.
    """

    domain: str
    api_version: str = "67.0"
    client_id: str = ""
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    private_key: str | None = field(default=None, repr=False)
    url: str | None = None


def is_own_host(host: str) -> bool:
    """Whether a token may be sent to `host`."""
    return host.endswith(SUFFIX)


def login_arguments(access: SalesforceAccess) -> dict[str, Any]:
    """The keyword arguments of `SalesforceLogin` for one of our two flows.

    Raises `MendSettings` for a domain outside salesforce.com: the secret would go there.
    """
    domain = access.domain.strip().lower()
    if not is_own_host(domain) or urlsplit(f"//{domain}").hostname != domain:
        raise MendSettings("salesforce", "domain_invalid", access.domain, domain=access.domain)
    label = domain.removesuffix(SUFFIX)
    if access.client_secret:
        return {"consumer_key": access.client_id, "consumer_secret": access.client_secret, "domain": label}
    # simple-salesforce: `domain` makes the audience, `instance_url` is the label of the host that is asked.
    test = label.endswith((".sandbox.my", ".scratch.my")) or label == "test"
    return {
        "username": access.username,
        "consumer_key": access.client_id,
        "privatekey": access.private_key,
        "domain": "test" if test else "login",
        "instance_url": label,
    }


def refusal(response: requests.Response | None) -> ConnectorError:
    """What an unsuccessful token request means."""
    if response is None:
        return MendSettings("salesforce", "private_key_invalid")
    body = body_of(response)
    code = str(body.get("error", "")) if isinstance(body, dict) else ""
    if is_transient(response.status_code):
        return Retry(
            "salesforce", "login_busy", str(response.status_code), after=retry_after(response.headers)
        )
    if code:
        # The description is the platform's own fixed text ("invalid client credentials"), never personal.
        hint = str(body.get("error_description", ""))[:120]
        return MendSettings("salesforce", "login_refused", f"{code} ({hint})", cause=f"{code}: {hint}")
    return UnexpectedAnswer("salesforce", "login_unreadable", f"HTTP {response.status_code}")


class Login:
    """The session of one connector: fetched when first needed and again when it was refused."""

    def __init__(self, http: Http, access: SalesforceAccess) -> None:
        self.http = http
        self.access = access
        self.host = ""
        self.org_id = ""
        self.user_id = ""
        self._token = ""
        self._answer: requests.Response | None = None
        http.session.hooks["response"].append(self._note)

    def _note(self, response: requests.Response, **_: object) -> None:
        # simple-salesforce drops the identity address of the answer, which tells org and user for free.
        if urlsplit(response.url).path == TOKEN_PATH:
            self._answer = response

    def token(self) -> str:
        """The present access token. Raises `MendSettings` or `Retry` where none is to be had."""
        if not self._token:
            self._fetch()
        return self._token

    def forget(self) -> None:
        """Drop the token that was refused; the next call fetches another."""
        self._token = ""

    def _fetch(self) -> None:
        self._answer = None
        try:
            with warnings.catch_warnings():
                # Its hint about an unapproved app prints the consumer key; the error says the same.
                warnings.simplefilter("ignore")
                token, host = SalesforceLogin(session=self.http.session, **login_arguments(self.access))
        except requests.RequestException as error:
            raise Retry("salesforce", "unreachable", type(error).__name__) from error
        except (SalesforceAuthenticationFailed, PyJWTError, AttributeError, ValueError, TypeError):
            # AttributeError: an answer that is JSON but no object. `from None`: its text may hold a body.
            raise refusal(self._answer) from None
        self._token, self.host = token, host.rstrip("/")
        self._identify()

    def _identify(self) -> None:
        """Read org and user out of the identity address `https://login…/id/<org>/<user>`."""
        body = body_of(self._answer) if self._answer is not None else None
        parts = str(body.get("id", "") if isinstance(body, dict) else "").rstrip("/").split("/")
        if len(parts) < 3 or not parts[-2].startswith("00D"):
            raise UnexpectedAnswer("salesforce", "login_unreadable", "no identity address")
        self.org_id, self.user_id = parts[-2], parts[-1]
