"""Downloads from a server that breaks off, against a real socket."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from connectors import errors
from connectors.http import Http
from connectors.shopify.auth import may_call
from connectors.shopify.download import count_lines, download, read_batches

URL = "https://storage.googleapis.com/bulk?signature=secret"
BODY = b"".join(b'{"id":%d}\n' % number for number in range(20_000))
Step = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def storage(*steps: Step) -> Iterator[tuple[Http, list[str | None]]]:
    """A storage server that plays one step a request; yields a session to it and the ranges asked for."""
    ranges: list[str | None] = []
    left = list(steps)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ranges.append(self.headers.get("Range"))
            left.pop(0)(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        http = Http("shopify", may_call, f"http://127.0.0.1:{server.server_port}", "Zaiseki")
        try:
            yield http, ranges
        finally:
            http.close()
            server.shutdown()
            thread.join()


def send(
    body: bytes, *, status: int = 200, cut: int | None = None, zipped: bool = False, whole: int | None = None
) -> Step:
    """Send `body`, hanging up after `cut` bytes of it."""

    def step(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(whole or len(body)))
        if zipped:
            handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        handler.wfile.write(body[:cut])
        handler.close_connection = True

    return step


def nothing(_: float) -> None:
    """Do not sleep."""


def test_a_result_comes_to_disk_unchanged(tmp_path: Path) -> None:
    with storage(send(BODY)) as (http, _):
        path = download(http, URL, tmp_path / "r.jsonl", sleep=nothing)
    assert path.read_bytes() == BODY
    assert count_lines(path) == 20_000


def test_a_broken_transfer_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with storage(
        send(BODY, cut=100_001),
        send(BODY[100_001:], status=206, cut=50_000),
        send(BODY[150_001:], status=206),
    ) as (http, ranges):
        path = download(http, URL, tmp_path / "r.jsonl", sleep=nothing)
    assert ranges == [None, "bytes=100001-", "bytes=150001-"]
    assert path.read_bytes() == BODY


def test_a_server_without_ranges_is_read_from_the_start_again(tmp_path: Path) -> None:
    with storage(send(BODY, cut=5), send(BODY)) as (http, _):
        path = download(http, URL, tmp_path / "r.jsonl", sleep=nothing)
    assert path.read_bytes() == BODY


def test_a_compressed_result_is_resumed_and_read_as_it_is(tmp_path: Path) -> None:
    packed = gzip.compress(BODY)
    with storage(send(packed, cut=999, zipped=True), send(packed[999:], status=206, zipped=True)) as (
        http,
        ranges,
    ):
        path = download(http, URL, tmp_path / "r.jsonl", sleep=nothing)
    assert ranges == [None, "bytes=999-"]
    assert path.read_bytes() == packed
    assert count_lines(path) == 20_000
    assert sum(len(rows) for rows in read_batches(path)) == 20_000


def test_a_range_past_the_end_starts_over(tmp_path: Path) -> None:
    with storage(send(BODY, cut=len(BODY), whole=len(BODY) + 1), send(b"", status=416), send(BODY)) as (
        http,
        _,
    ):
        path = download(http, URL, tmp_path / "r.jsonl", sleep=nothing)
    assert path.read_bytes() == BODY


def test_what_an_earlier_run_left_is_not_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(b"old")
    with storage(send(BODY)) as (http, ranges):
        assert download(http, URL, tmp_path / "r.jsonl", sleep=nothing).read_bytes() == BODY
    assert ranges == [None]


def test_an_address_that_is_not_valid_any_more_fails_the_job(tmp_path: Path) -> None:
    with storage(send(b"", status=403)) as (http, _), pytest.raises(errors.JobFailed) as raised:
        download(http, URL, tmp_path / "r.jsonl", sleep=nothing)
    assert "secret" not in str(raised.value)


def test_a_storage_that_keeps_failing_is_given_up(tmp_path: Path) -> None:
    with storage(*[send(b"", status=503)] * 20) as (http, ranges), pytest.raises(errors.Unavailable):
        download(http, URL, tmp_path / "r.jsonl", sleep=nothing)
    assert len(ranges) == 8


def test_a_damaged_compressed_file_fails_the_job(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl.gz"
    path.write_bytes(gzip.compress(BODY)[:-20])
    with pytest.raises(errors.JobFailed):
        count_lines(path)


def test_rows_come_in_bounded_batches_and_the_last_line_needs_no_end(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"id":"gid:\\/\\/shopify\\/Customer\\/1"}\n{"id":"2"}\n{"id":"3"}')
    assert count_lines(path) == 3
    batches = list(read_batches(path, 2))
    assert batches == [[{"id": "gid://shopify/Customer/1"}, {"id": "2"}], [{"id": "3"}]]
