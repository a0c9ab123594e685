"""The one session: where it goes, what it counts, what it makes of failures."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses
import urllib3

from connectors.errors import MendSettings, Retry
from connectors.http import Http, is_loopback

SHOP = "https://demo.myshopify.com/x"


def http(local: str | None = None) -> Http:
    return Http("shopify", lambda host: host.endswith(".myshopify.com"), local, "Zaiseki")


@contextmanager
def raw_server(*answers: bytes) -> Iterator[str]:
    """A loopback server that reads a request, sends raw bytes and hangs up, once for each answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answer in answers:
                peer, _ = server.accept()
                with peer:
                    peer.recv(65536)
                    peer.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            thread.join(timeout=10)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "http://demo.myshopify.com/x",
        "https://demo.myshopify.com.evil.example/x",
        "http://127.0.0.1:9/x",
    ],
)
def test_foreign_hosts_and_plain_http_are_refused_before_anything_is_sent(url: str) -> None:
    one = http()
    with pytest.raises(MendSettings) as refused:
        one.send("GET", url)
    assert refused.value.code == "host_not_allowed"
    assert one.usage.requests == 0


def test_a_url_setting_must_be_loopback() -> None:
    with pytest.raises(MendSettings) as refused:
        http("https://staging.example")
    assert refused.value.code == "url_not_loopback"
    assert not is_loopback("https://127.0.0.1.example")
    assert is_loopback("http://demo.localhost:80")


def test_a_redirect_to_another_host_is_refused() -> None:
    with responses.RequestsMock() as mock:
        mock.get(SHOP, status=302, headers={"Location": "https://evil.example/"})
        with pytest.raises(MendSettings) as refused:
            http().send("GET", SHOP)
    assert refused.value.code == "redirected"


def test_with_a_local_address_calls_to_the_platform_go_there() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with raw_server(answer) as url:
        one = http(url)
        assert one.send("GET", SHOP).text == "ok"
        one.close()


def test_every_request_has_a_timeout_and_is_counted() -> None:
    with responses.RequestsMock() as mock:
        given = mock.get(SHOP, body="ok")
        one = http()
        one.send("GET", SHOP)
        one.session.get(SHOP)
        assert given.call_count == 2
        assert one.usage.requests == 2
        assert [vars(call.request)["req_kwargs"]["timeout"] for call in mock.calls] == [(10.0, 120.0)] * 2


def test_the_first_instant_the_platform_tells_is_kept() -> None:
    with responses.RequestsMock() as mock:
        mock.get(SHOP, headers={"Date": "not a date"})
        mock.get(SHOP, headers={"Date": "Tue, 30 Jun 1998 15:00:00 GMT"})
        mock.get(SHOP, headers={"Date": "Tue, 30 Jun 1998 16:00:00 GMT"})
        one = http()
        for _ in range(3):
            one.send("GET", SHOP)
    assert one.server_time == datetime(1998, 6, 30, 15, tzinfo=UTC)


def test_an_answer_cut_off_in_the_middle_is_worth_a_retry() -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") as url:
        one = http(url)
        with pytest.raises(Retry) as failed:
            one.send("GET", SHOP)
        one.close()
    assert failed.value.code == "unreachable"


def _unresolved() -> requests.ConnectionError:
    """What requests raises when a name does not resolve, chained as urllib3 chains it."""
    reason = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    named = urllib3.exceptions.NameResolutionError("x", None, reason)  # type: ignore[arg-type]
    named.__cause__ = reason
    failed = requests.ConnectionError(named)
    failed.__context__ = named
    return failed


def test_a_host_that_does_not_exist_is_for_the_merchant_to_mend() -> None:
    with responses.RequestsMock() as mock:
        mock.get(SHOP, body=_unresolved())
        with pytest.raises(MendSettings) as failed:
            http().send("GET", SHOP)
    assert failed.value.code == "unknown_host"
    assert failed.value.details == {"host": "demo.myshopify.com"}


def test_a_name_that_resolved_before_is_worth_a_retry() -> None:
    with responses.RequestsMock() as mock:
        mock.get(SHOP, headers={"Date": "Tue, 30 Jun 1998 15:00:00 GMT"})
        mock.get(SHOP, body=_unresolved())
        one = http()
        one.send("GET", SHOP)
        with pytest.raises(Retry):
            one.send("GET", SHOP)


def test_a_certificate_that_is_not_trusted_is_for_the_merchant_to_mend(
    sandbox: Callable[..., dict[str, Any]],
) -> None:
    one = http(sandbox(tls=True)["shopify"]["url"])
    with pytest.raises(MendSettings) as failed:
        one.send("GET", SHOP)
    one.close()
    assert failed.value.code == "certificate"
