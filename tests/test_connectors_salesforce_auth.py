"""Sessions: two flows, one host, one new try."""

import base64
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from salesforce_org import DATA, HOST, ORG_ID, TOKEN_URL, USER_ID, access, allow_login, error, rest_api

from connectors.errors import MendSettings, Unavailable
from connectors.http import Http
from connectors.salesforce import SalesforceConnector
from connectors.salesforce.auth import Login, is_own_host, login_arguments
from connectors.salesforce.rest import Rest


def login(**more: str | None) -> Login:
    return Login(Http("salesforce", is_own_host, None, "test"), access(**more))


@pytest.fixture(scope="module")
def key() -> tuple[str, str]:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


@responses.activate
def test_client_credentials_go_to_the_my_domain_host() -> None:
    allow_login()
    session = login()
    assert session.token() == "token-1"
    assert session.token() == "token-1"
    (request,) = [call.request for call in responses.calls]
    assert request.url == TOKEN_URL
    assert parse_qs(request.body)["grant_type"] == ["client_credentials"]
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"key:s3cret").decode()
    assert (session.org_id, session.user_id) == (ORG_ID, USER_ID)
    assert f"https://{session.host}" == HOST


@responses.activate
def test_a_jwt_names_app_user_and_login_host(key: tuple[str, str]) -> None:
    allow_login()
    assert login(client_secret=None, username="job@acme.example", private_key=key[0]).token() == "token-1"
    sent = parse_qs(responses.calls[0].request.body)
    assert sent["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    claims = jwt.decode(
        sent["assertion"][0], key[1], algorithms=["RS256"], audience="https://login.salesforce.com"
    )
    assert (claims["iss"], claims["sub"]) == ("key", "job@acme.example")


def test_a_sandbox_org_is_asked_with_the_test_audience() -> None:
    arguments = login_arguments(
        access(
            domain="acme--uat.sandbox.my.salesforce.com", client_secret=None, username="u", private_key="k"
        )
    )
    assert (arguments["domain"], arguments["instance_url"]) == ("test", "acme--uat.sandbox.my")


@pytest.mark.parametrize(
    "domain", ["evil.example", "acme.my.salesforce.com.evil.example", "a@b.salesforce.com", ""]
)
def test_a_secret_never_goes_to_another_domain(domain: str) -> None:
    with pytest.raises(MendSettings) as caught:
        login(domain=domain).token()
    assert caught.value.code == "domain_invalid"


@responses.activate
def test_a_refused_login_is_for_a_person_to_mend_and_shows_no_secret() -> None:
    responses.post(
        TOKEN_URL,
        json={"error": "invalid_client", "error_description": "invalid client credentials"},
        status=400,
    )
    with pytest.raises(MendSettings) as caught:
        login().token()
    assert caught.value.code == "login_refused"
    assert "invalid client credentials" in caught.value.detail
    assert "s3cret" not in repr(caught.value) + str(caught.value.__context__)
    assert "s3cret" not in repr(access())


@responses.activate
@pytest.mark.parametrize(
    ("status", "body"), [(503, "<html>busy</html>"), (503, '[{"errorCode": "SERVER_UNAVAILABLE"}]')]
)
def test_a_busy_login_host_is_asked_again_a_bounded_number_of_times(status: int, body: str) -> None:
    responses.post(TOKEN_URL, body=body, status=status)
    slept: list[float] = []
    http = Http("salesforce", is_own_host, None, "test")
    with pytest.raises(Unavailable):
        Rest(http, Login(http, access()), "67.0", slept.append).call("GET", "limits")
    assert len(responses.calls) == 8
    assert len(slept) == 7


def test_an_unreadable_private_key_is_said_to_be_one() -> None:
    with pytest.raises(MendSettings) as caught:
        login(client_secret=None, username="u", private_key="no key at all").token()
    assert caught.value.code == "private_key_invalid"


@responses.activate
def test_an_expired_session_is_renewed_once_and_the_call_repeated() -> None:
    rest = rest_api()
    allow_login()
    responses.get(f"{DATA}/limits", json=error("INVALID_SESSION_ID"), status=401)
    responses.get(f"{DATA}/limits", json={"DailyApiRequests": {"Max": 15000}})
    assert rest.call("GET", "limits") == {"DailyApiRequests": {"Max": 15000}}
    assert len(responses.calls) == 4


@responses.activate
def test_a_session_that_is_refused_again_and_again_ends_the_run() -> None:
    rest = rest_api()
    responses.get(f"{DATA}/limits", json=error("INVALID_SESSION_ID"), status=401)
    with pytest.raises(MendSettings):
        rest.call("GET", "limits")
    assert len(responses.calls) == 4


def test_the_url_setting_is_taken_for_this_machine_only(tmp_path: Path) -> None:
    with pytest.raises(MendSettings) as caught:
        SalesforceConnector(access(url="http://10.0.0.8:9"), (), scratch=tmp_path)
    assert caught.value.code == "url_not_loopback"
