"""The one door every request passes: it keeps the log, sets the `Date` header and plays the faults."""

import asyncio
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults import Platform, Rule
from sandbox.request_log import Served
from sandbox.salesforce import faults as salesforce_faults
from sandbox.shopify import faults as shopify_faults
from sandbox.state import State

COST_HEADER = "x-sandbox-cost"


class Reset(Exception):
    """The connection was cut on purpose."""


@dataclass
class _Exchange:
    """What is known of one request while it is served."""

    status: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    cost: float | None = None


def platform_of(path: str) -> Platform | None:
    """Say which platform serves a path; None for the control and the pages."""
    if path.startswith(("/admin/", "/_bulk/", "/_staged/")):
        return "shopify"
    return "salesforce" if path.startswith("/services/") else None


class Gate:
    """ASGI middleware around all routes. It is the outermost one, so that it can cut the real connection."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and note it."""
        platform = platform_of(scope["path"]) if scope["type"] == "http" else None
        if platform is None:
            await self.app(scope, receive, send)
            return
        exchange = _Exchange()
        counted = _counting_receive(receive, exchange)
        text = ""
        if self.state.faults.reads_bodies:
            body = await _read_body(counted)
            counted, text = _replay(body), body.decode("utf-8", "replace")
        rule = self.state.faults.for_request(
            platform=platform, method=scope["method"], path=scope["path"], text=text
        )
        began = time.perf_counter()
        self.state.requests.begin()
        try:
            await self._serve(scope, counted, self._dressing_send(send, exchange, rule), platform, rule)
        except Reset:
            _cut_connection(send)
            exchange.status = 0
        finally:
            self._note(scope, platform, exchange, time.perf_counter() - began, rule)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, platform: Platform, rule: Rule | None
    ) -> None:
        kind = rule.fault if rule else None
        if rule and kind == "reset":
            raise Reset
        if rule and kind == "slow":
            await asyncio.sleep(rule.seconds)
        if rule and kind in ("status", "throttle", "expired_token"):
            await fault_response(platform, rule, self.state)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _dressing_send(self, send: Send, exchange: _Exchange, rule: Rule | None) -> Send:
        """Wrap `send`: add the clock's date, take out our own header, count, and cut where the rule says."""
        kind = rule.fault if rule else None

        async def dressed(message: Message) -> None:
            if kind == "lost_answer":
                raise Reset
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["date"] = self.state.clock.http_date()
                cost = headers.get(COST_HEADER)
                if cost is not None:
                    exchange.cost = float(cost)
                    del headers[COST_HEADER]
            else:
                body = message.get("body", b"")
                exchange.bytes_out += len(body)
                if kind == "cut_off" and body:
                    await send({**message, "body": body[: len(body) // 2], "more_body": True})
                    raise Reset
            await send(message)

        return dressed

    def _note(
        self, scope: Scope, platform: str, exchange: _Exchange, seconds: float, rule: Rule | None
    ) -> None:
        self.state.requests.add(
            Served(
                platform=platform,
                method=scope["method"],
                path=scope["path"],
                status=exchange.status,
                bytes_in=exchange.bytes_in,
                bytes=exchange.bytes_out,
                seconds=round(seconds, 6),
                cost=exchange.cost,
                at=self.state.stamp(),
                fault=rule.fault if rule else None,
            )
        )


def fault_response(platform: Platform, rule: Rule, state: State) -> Response:
    """Build the answer of a fault in the platform's own shape, or a plain one where it has none."""
    faults = shopify_faults if platform == "shopify" else salesforce_faults
    shaped = faults.fault_response(rule.fault, rule.status, state)
    answer = shaped or PlainTextResponse(rule.message or "", status_code=rule.status)
    if rule.retry_after is not None:
        answer.headers["Retry-After"] = rule.retry_after
    return answer


def _counting_receive(receive: Receive, exchange: _Exchange) -> Receive:
    async def counted() -> Message:
        message = await receive()
        exchange.bytes_in += len(message.get("body", b""))
        return message

    return counted


async def _read_body(receive: Receive) -> bytes:
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes) -> Receive:
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        # Whoever asks again waits for the client to leave; the server cancels this when the answer is out.
        await asyncio.Event().wait()
        raise AssertionError("never reached")

    return replayed


def _cut_connection(send: Any) -> None:
    """Abort the TCP connection under a request with a reset; works with uvicorn's own `send`."""
    transport = send.__self__.transport
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # Lingering for 0 seconds makes the kernel answer with RST instead of a polite FIN.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
