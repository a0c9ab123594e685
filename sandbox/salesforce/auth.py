"""Sessions: the OAuth token endpoint (client credentials, JWT bearer), userinfo, the check of requests."""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from urllib.parse import parse_qs

import jwt
from starlette.responses import Response

from sandbox.salesforce.errors import invalid_session
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.seed import INTEGRATION_ID
from sandbox.salesforce.web import answer
from sandbox.state import State

_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LEEWAY_SECONDS = 180


class TokenError(Exception):
    """No token is given; `error` is the OAuth error code."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def token(org: Org, headers: Mapping[str, str], body: bytes) -> Response:
    """Answer `POST /services/oauth2/token`."""
    form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    try:
        user_id = _who(org.state, headers, form)
    except TokenError as error:
        return answer({"error": error.error, "error_description": error.description}, 400)
    return answer(_session(org.state, user_id), headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _who(state: State, headers: Mapping[str, str], form: Mapping[str, str]) -> str:
    grant = form.get("grant_type", "")
    if grant == "client_credentials":
        client_id, client_secret = _client(headers, form)
        if client_id != state.secrets.salesforce_client_id:
            raise TokenError("invalid_client_id", "client identifier invalid")
        if not hmac.compare_digest(client_secret.encode(), state.secrets.salesforce_client_secret.encode()):
            raise TokenError("invalid_client", "invalid client credentials")
        return INTEGRATION_ID
    if grant == _JWT_GRANT:
        return _asserted(state, form.get("assertion", ""))
    if grant in ("password", "refresh_token"):
        raise TokenError("invalid_grant", "authentication failure")
    raise TokenError("unsupported_grant_type", "grant type not supported")


def _client(headers: Mapping[str, str], form: Mapping[str, str]) -> tuple[str, str]:
    """Read the client's id and secret from the Basic header, or else from the form."""
    kind, _, encoded = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, client_secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise TokenError("invalid_client", "invalid client credentials") from error
    return client_id, client_secret


def _asserted(state: State, assertion: str) -> str:
    """Give the user a signed assertion speaks for."""
    try:
        claims = jwt.decode(
            assertion,
            state.secrets.public_key,
            algorithms=["RS256"],
            leeway=_LEEWAY_SECONDS,
            options={"verify_aud": False, "require": ["iss", "sub", "aud", "exp"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenError("invalid_grant", "expired authorization code") from error
    except jwt.InvalidTokenError as error:
        raise TokenError("invalid_grant", "invalid assertion") from error
    if claims["iss"] != state.secrets.salesforce_client_id:
        raise TokenError("invalid_client_id", "client identifier invalid")
    audience = str(claims["aud"])
    if not (audience.endswith(".salesforce.com") or audience.rstrip("/") == state.base_url):
        raise TokenError("invalid_grant", "audience is invalid")
    row = (
        state.connection()
        .execute("SELECT Id FROM sf_User WHERE Username = ? AND IsActive", (claims["sub"],))
        .fetchone()
    )
    if row is None:
        raise TokenError("invalid_grant", "user hasn't approved this consumer")
    return str(row["Id"])


def _session(state: State, user_id: str) -> dict[str, str]:
    """Open a session; there is no `expires_in`, the lifetime is the org's policy."""
    issued_at = str(int(state.clock.now().timestamp() * 1000))
    token = f"{state.secrets.salesforce_org_id}!AQ{secrets.token_hex(40)}"
    with state.writing() as db:
        # Wall time on purpose: a test that moves the sandbox's clock must not log everybody out.
        db.execute("INSERT INTO sf_session VALUES (?, ?, ?)", (token, user_id, time.monotonic()))
    identity = f"{state.base_url}/id/{full_id(state.secrets.salesforce_org_id)}/{user_id}"
    key = state.secrets.salesforce_client_secret.encode()
    digest = hmac.new(key, (identity + issued_at).encode(), hashlib.sha256).digest()
    return {
        "access_token": token,
        "signature": base64.b64encode(digest).decode(),
        "scope": "api",
        "instance_url": state.base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def user_of(org: Org, headers: Mapping[str, str]) -> str:
    """Give the user of a request's session; raises INVALID_SESSION_ID."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() not in ("bearer", "oauth") or not token:
        raise invalid_session()
    if hmac.compare_digest(token.strip().encode(), org.state.secrets.salesforce_access_token.encode()):
        return INTEGRATION_ID
    row = (
        org.state.connection()
        .execute("SELECT user_id, issued_at FROM sf_session WHERE token = ?", (token.strip(),))
        .fetchone()
    )
    if row is None or time.monotonic() - row["issued_at"] > org.config.session_seconds:
        raise invalid_session()
    return str(row["user_id"])


def userinfo(org: Org, user_id: str) -> Response:
    """Answer `/services/oauth2/userinfo`."""
    row = org.state.connection().execute("SELECT * FROM sf_User WHERE Id = ?", (user_id,)).fetchone()
    organization = full_id(org.state.secrets.salesforce_org_id)
    base = org.state.base_url
    return answer(
        {
            "sub": f"{base}/id/{organization}/{user_id}",
            "user_id": user_id,
            "organization_id": organization,
            "preferred_username": row["Username"],
            "nickname": row["Alias"],
            "name": row["Name"],
            "email": row["Email"],
            "email_verified": True,
            "given_name": row["FirstName"],
            "family_name": row["LastName"],
            "zoneinfo": row["TimeZoneSidKey"],
            "user_type": "STANDARD",
            "language": row["LanguageLocaleKey"],
            "locale": row["LocaleSidKey"],
            "utcOffset": 0,
            "updated_at": row["LastModifiedDate"],
            "active": bool(row["IsActive"]),
            "urls": {"rest": f"{base}/services/data/v{{version}}/", "custom_domain": base},
        }
    )
