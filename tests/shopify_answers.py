"""For tests of the Shopify connector: a shop of canned answers, and a clock that only writes down."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import requests
import responses

from connectors.base import Choice, Field
from connectors.shopify import ShopifyAccess, ShopifyConnector

SHOP = "https://demo.myshopify.com"
GRAPHQL = f"{SHOP}/admin/api/2026-10/graphql.json"
TOKEN = f"{SHOP}/admin/oauth/access_token"
STORE = "https://storage.googleapis.com"
DATE = {"Date": "Tue, 30 Jun 1998 15:00:00 GMT"}
FIELDS = (
    Field("tenure_days", "integer", "Tenure", "Days.", "Ours."),
    Field("net_spend", "decimal", "Net", "Money.", "Ours.", scale=2),
    Field(
        "segment",
        "choice",
        "Segment",
        "CPM.",
        "Ours.",
        choices=(Choice("a", "A"), Choice("b", "B")),
        pinned=True,
    ),
    Field("channels", "list", "Channels", "Where.", "Ours.", choices=(Choice("x", "X"), Choice("y", "Y"))),
)
Reply = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.at += seconds

    def now(self) -> float:
        """Tell the time in seconds."""
        return self.at


class Shop:
    """Answers each operation by name: `reply` queues what comes next, the last one stays."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        mock.add_callback(responses.POST, GRAPHQL, callback=self._answer)

    def reply(self, operation: str, *replies: Reply) -> None:
        """Answer `operation` with these data in turn (or whole bodies, where they hold `errors`)."""
        self.replies.setdefault(operation, []).extend(replies)

    def names(self) -> list[str]:
        """The operations asked so far, in order."""
        return [name for name, _ in self.asked]

    def variables(self, operation: str) -> list[Mapping[str, Any]]:
        """The variables of every call of `operation`."""
        return [given for name, given in self.asked if name == operation]

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        body = orjson.loads(request.body or b"")
        found = re.search(r"(?:query|mutation) Zaiseki(\w+)", body["query"])
        assert found, body["query"]
        name = found.group(1)
        self.asked.append((name, body["variables"]))
        queued = self.replies[name]
        reply = queued.pop(0) if len(queued) > 1 else queued[0]
        told = reply(body["variables"]) if callable(reply) else reply
        whole = told if "errors" in told else {"data": told}
        headers = {"X-Shopify-API-Version": "2026-10", "X-Request-Id": "r-1", **DATE}
        return 200, headers, orjson.dumps(whole)


def connector(scratch: Path, time: Time, **more: Any) -> ShopifyConnector:
    """A connector with a static token over the canned shop."""
    access = ShopifyAccess("demo.myshopify.com", access_token="shpat_secret")
    return ShopifyConnector(
        access, FIELDS, referral_code=None, scratch=scratch, sleep=time.sleep, now=time.now, **more
    )


def started(number: int = 1, root: str = "bulkOperationRunQuery") -> dict[str, Any]:
    """The answer to a submitted bulk operation."""
    operation = {"id": f"gid://shopify/BulkOperation/{number}", "status": "CREATED"}
    return {root: {"bulkOperation": operation, "userErrors": []}}


def polled(status: str, count: int = 0, url: str | None = None, code: str | None = None) -> dict[str, Any]:
    """The answer to a poll."""
    told = {"id": "gid://shopify/BulkOperation/1", "status": status, "errorCode": code, "url": url}
    return {"bulkOperation": {**told, "objectCount": str(count), "partialDataUrl": None}}


def lines(*rows: Mapping[str, Any]) -> bytes:
    """Rows as JSONL."""
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def rows_of(count: int, updated_at: str = "1998-06-01T00:00:00Z") -> Iterator[dict[str, Any]]:
    """Customer rows with running ids."""
    for number in range(1, count + 1):
        yield {"id": f"gid://shopify/Customer/{number}", "updatedAt": updated_at}
