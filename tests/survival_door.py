"""A door in front of a sandbox: it passes every request on, keeps what was sent, and kills at one moment."""

import csv
import io
import json
import re
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

SECONDS = 60
HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive", "date"})


@dataclass(frozen=True)
class Moment:
    """The `nth` request that `asks` is found in (method, path, start of the body), and when about it:
    before the platform hears of it, halfway through the answer, or done with the answer not yet given."""

    asks: str
    nth: int = 1
    when: Literal["before", "halfway", "after"] = "before"


@dataclass(frozen=True)
class Passed:
    """One request as it came: the platform may or may not have heard of it."""

    method: str
    path: str
    body: bytes

    @property
    def words(self) -> str:
        """What a moment is looked for in."""
        return f"{self.method} {self.path} {self.body[:2_000].decode('utf-8', 'replace')}"


@dataclass
class Door:
    """What went through so far, and whom to kill when."""

    target: str
    url: str = ""
    passed: list[Passed] = field(default_factory=list)
    moment: Moment | None = None
    victim: "subprocess.Popen[str] | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seen: int = 0

    def take(self, request: Passed) -> Moment | None:
        """Note a request; gives the moment if this is it."""
        with self._lock:
            self.passed.append(request)
            if self.moment is None or not re.search(self.moment.asks, request.words, re.DOTALL):
                return None
            self._seen += 1
            return self.moment if self._seen == self.moment.nth else None

    def wait_for(self, moment: Moment | None) -> None:
        """From now on look out for this moment; None: for none."""
        with self._lock:
            self.moment, self._seen = moment, 0

    def kill(self) -> None:
        """Kill the client, as `kill -9` does."""
        assert self.victim is not None, "a process must be named before it is killed"
        self.victim.kill()

    def sent_values(self, since: int = 0) -> dict[tuple[str, str], list[Any]]:
        """The values that were sent, in order, by (record, field); None stands for a blank.

        `since` leaves out so many of the first requests.
        """
        sent: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for request in self.passed[since:]:
            for record, name, value in _values_in(request):
                sent[record, name].append(value)
        return dict(sent)


@contextmanager
def door_to(target: str) -> Iterator[Door]:
    """A door to the sandbox at `target`, open while the block runs."""
    door = Door(target)
    handler = type("Handler", (_Handler,), {"door": door})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        door.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="door")
        thread.start()
        try:
            yield door
        finally:
            server.shutdown()
            thread.join(timeout=SECONDS)


class _Handler(BaseHTTPRequestHandler):
    """One connection of the client."""

    protocol_version = "HTTP/1.1"
    door: Door

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        moment = self.door.take(Passed(self.command, self.path, body))
        if moment and moment.when == "before":
            self._strike()
            return
        status, headers, answer = self._ask(body)
        if moment and moment.when == "after":
            self._strike()
            return
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        half = len(answer) // 2 if moment else len(answer)
        self.wfile.write(answer[:half])
        if moment:
            self._strike()

    do_GET = do_POST = do_PUT = do_PATCH = _pass_on  # noqa: N815 - the server looks for these names

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        to = HTTPConnection(urlsplit(self.door.target).netloc, timeout=SECONDS)
        try:
            sent = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            to.request(self.command, self.path, body or None, {**sent, "Content-Length": str(len(body))})
            answer = to.getresponse()
            kept = [
                (name, value)
                for name, value in answer.getheaders()
                if name.lower() == "date" or name.lower() not in HOP
            ]
            return answer.status, kept, answer.read()
        finally:
            to.close()

    def _strike(self) -> None:
        self.door.kill()
        self.close_connection = True

    def handle(self) -> None:
        """Serve until either side has gone."""
        try:
            super().handle()
        except (OSError, HTTPException):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _values_in(request: Passed) -> Iterator[tuple[str, str, Any]]:
    """The field values that a request carries, whichever way it writes them."""
    if request.path.endswith("/graphql.json"):
        yield from _metafields(json.loads(request.body).get("variables"))
    elif request.path.startswith("/_staged/"):
        for line in request.body.splitlines():
            if line.startswith(b"{"):
                yield from _metafields(json.loads(line))
    elif request.method == "PATCH" and request.path.endswith("/composite/sobjects"):
        for record in json.loads(request.body)["records"]:
            yield from ((record["id"], name, value) for name, value in record.items() if name[-3:] == "__c")
    elif request.method == "PUT" and request.path.endswith("/batches"):
        for row in csv.DictReader(io.StringIO(request.body.decode("utf-8"))):
            for name, cell in row.items():
                if name != "Id" and cell:
                    yield row["Id"], name, None if cell == "#N/A" else cell


def _metafields(found: Any) -> Iterator[tuple[str, str, Any]]:
    if isinstance(found, dict) and "ownerId" in found:
        yield found["ownerId"], found["key"], found.get("value")
    elif isinstance(found, dict | list):
        for part in found.values() if isinstance(found, dict) else found:
            yield from _metafields(part)
