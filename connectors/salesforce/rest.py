"""Sending to the REST API: a call, a download, an upload, each with login and retries."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
import requests

from connectors.errors import MendSettings, Retry, TokenRefused
from connectors.http import Http
from connectors.retry import with_retries
from connectors.salesforce.answers import is_unknown, read, read_part
from connectors.salesforce.auth import Login

T = TypeVar("T")
CHUNK = 1 << 18
COMPOSITE_QUERIES = 5
"""How many parts of one composite may be queries (REST API guide, Composite limits)."""


class Rest:
    """The REST API of one org in one pinned version."""

    def __init__(
        self, http: Http, login: Login, version: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.http = http
        self.login = login
        self.version = version.removeprefix("v")
        self.sleep = sleep

    def logged_in(self) -> Login:
        """The login with its token, org and user known; refusals of the moment are tried again."""
        self._repeated(self.login.token)
        return self.login

    def path(self, tail: str) -> str:
        """`jobs/query` as an absolute path of the pinned version; absolute paths stay as they are."""
        if tail.startswith("services/"):
            return f"/{tail}"
        return tail if tail.startswith("/") else f"/services/data/v{self.version}/{tail}"

    def call(
        self,
        method: str,
        tail: str,
        body: object | None = None,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        files: Any = None,
    ) -> Any:
        """Send one request, its `body` as JSON, and return what `answers.read` makes of the answer."""
        data = None if body is None else orjson.dumps(body)
        kind = {} if data is None else {"Content-Type": "application/json"}
        more = {"params": params, "data": data, "files": files}
        return self._repeated(lambda: read(self._send(method, tail, {**kind, **(headers or {})}, more)))

    def query(self, soql: str, *, deleted: bool) -> Any:
        """The first page of a query; with `deleted` rows of the recycle bin as well."""
        return self.call("GET", "queryAll" if deleted else "query", params={"q": soql})

    def composite(
        self, parts: Sequence[tuple[str, str]], *, optional: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """Bodies of GET requests `(name, path with query)` by name, all in one request.

        Raises for the first part that failed; those in `optional` are left out where there is no such thing.
        """
        asked = [{"method": "GET", "url": self.path(path), "referenceId": name} for name, path in parts]
        body = orjson.dumps({"allOrNone": False, "compositeRequest": asked})

        def send() -> dict[str, Any]:
            kind = {"Content-Type": "application/json"}
            found = read(self._send("POST", "composite", kind, {"data": body}))["compositeResponse"]
            # A part that is busy makes the whole worth repeating: nothing here writes.
            return {
                part["referenceId"]: read_part(part)
                for part in found
                if not (part["referenceId"] in optional and is_unknown(part))
            }

        return self._repeated(send)

    def query_path(self, soql: str, *, deleted: bool) -> str:
        """A query as a part of a composite."""
        return f"{'queryAll' if deleted else 'query'}/?{urlencode({'q': soql})}"

    def download(self, tail: str, params: Mapping[str, str], target: Path) -> Mapping[str, str]:
        """Stream an answer to `target` (fetched anew after a broken one) and return its headers."""

        def fetch() -> Mapping[str, str]:
            with self._send("GET", tail, {}, {"params": params, "stream": True}) as response:
                if response.status_code >= 300:
                    read(response)
                try:
                    with target.open("wb") as out:
                        for chunk in response.iter_content(CHUNK):
                            out.write(chunk)
                except requests.RequestException as error:
                    raise Retry("salesforce", "download_broken", type(error).__name__) from error
                return response.headers

        return self._repeated(fetch)

    def upload(self, tail: str, source: Path) -> None:
        """Stream a CSV file up; a repeated try starts from its beginning."""

        def put() -> None:
            with source.open("rb") as rows:
                read(self._send("PUT", tail, {"Content-Type": "text/csv; charset=UTF-8"}, {"data": rows}))

        self._repeated(put)

    def _repeated(self, attempt: Callable[[], T]) -> T:
        return with_retries(lambda: self._with_login(attempt), sleep=self.sleep)

    def _with_login(self, attempt: Callable[[], T]) -> T:
        """Run `attempt`, once more with a new session where the present one is refused, and never again."""
        try:
            return attempt()
        except TokenRefused:
            self.login.forget()
        try:
            return attempt()
        except TokenRefused as error:
            raise MendSettings("salesforce", error.code, error.detail, cause=error.detail) from error

    def _send(
        self, method: str, tail: str, headers: Mapping[str, str], more: Mapping[str, Any]
    ) -> requests.Response:
        token = self.login.token()
        return self.http.send(
            method,
            f"https://{self.login.host}{self.path(tail)}",
            headers={"Authorization": f"Bearer {token}", **headers},
            **more,
        )
