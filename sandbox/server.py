"""One process, one port, both platforms: puts the routes together and serves them."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from sandbox import control, pages
from sandbox.gate import Gate
from sandbox.salesforce import routes as salesforce_routes
from sandbox.scenario import load_scenario, read_config
from sandbox.shopify import routes as shopify_routes
from sandbox.state import Kept, State, create_state
from sandbox.tls import TlsFiles, make_tls_files

HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 5
"""How long requests under way may take once the end was asked for."""
LAST_TURNS = 10
"""Turns of the loop in which connections that were cut are put away."""


class _Server(uvicorn.Server):
    """uvicorn's server, telling somebody once it listens; signals end it in good order.

    It ends as soon as it is asked to and all is served, where uvicorn looks up every tenth of a second: a
    sandbox that serves for a moment only would wait for most of its life.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.tell_listening: Callable[[], object] = lambda: None
        self._asked = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """End the server; from any thread, or a signal."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._asked.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As uvicorn does, and at once."""
        super().handle_exit(sig, frame)
        self.stop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.tell_listening()

    async def main_loop(self) -> None:
        """Serve until somebody asks for the end."""
        await self.on_tick(0)
        if not self.should_exit:
            await self._asked.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and wait until those there are have their answers."""
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        for connection in [*self.server_state.connections]:
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(SHUTDOWN_SECONDS):
                while self._is_busy() and not self.force_exit:
                    await asyncio.sleep(0.005)
        for connection in [*self.server_state.connections]:
            # With TLS an idle client would be waited for until it says goodbye itself.
            connection.transport.abort()
        for _ in range(LAST_TURNS):
            await asyncio.sleep(0)

    def _is_busy(self) -> bool:
        """Whether a request is served, or an answer is still on its way."""
        waiting = (one.transport.get_write_buffer_size() for one in self.server_state.connections)
        return bool(self.server_state.tasks) or any(waiting)


@contextmanager
def prepared(scenario: Path, kept: Kept | None = None) -> Iterator[State]:
    """Load a scenario folder into a fresh sandbox and clean up after it; raises ScenarioError.

    `kept`: what the platforms held when a sandbox on the same scenario was kept, to go on from instead.
    """
    state = create_state(read_config(scenario))
    try:
        if kept is None:
            load_scenario(state, scenario)
        else:
            state.take(kept)
        yield state
    finally:
        state.close()


@contextmanager
def running(scenario: Path, *, tls: bool = False, port: int = 0) -> Iterator[dict[str, Any]]:
    """Serve a scenario folder from a thread of this process; yields what the ready line says."""
    with prepared(scenario) as state, serving(state, tls=tls, port=port) as ready:
        yield ready


@contextmanager
def serving(state: State, *, tls: bool = False, port: int = 0) -> Iterator[dict[str, Any]]:
    """As `running`, for a sandbox that is prepared already."""
    with listening(state, tls=tls, port=port) as (server, sock, ready):
        is_up = threading.Event()
        server.tell_listening = is_up.set
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="sandbox")
        thread.start()
        try:
            if not is_up.wait(timeout=30):
                raise RuntimeError("the sandbox did not start to listen within 30 seconds")
            yield ready
        finally:
            server.stop()
            thread.join(timeout=30)


@contextmanager
def listening(
    state: State, *, tls: bool, port: int
) -> Iterator[tuple[_Server, socket.socket, dict[str, Any]]]:
    """Bind a loopback port for a loaded sandbox; yields the server to run, its socket and the ready line."""
    files = make_tls_files(state.folder) if tls else None
    with socket.create_server((HOST, port), backlog=256) as sock:
        scheme = "https" if files else "http"
        state.base_url = f"{scheme}://{HOST}:{sock.getsockname()[1]}"
        yield _server(state, files), sock, ready_line(state, files)


def ready_line(state: State, tls: TlsFiles | None) -> dict[str, Any]:
    """Say what a client needs to know to use both platforms."""
    keys = state.secrets
    ready: dict[str, Any] = {
        "shopify": {
            "url": state.base_url,
            "shop": state.config.shopify.shop,
            "client_id": keys.shopify_client_id,
            "client_secret": keys.shopify_client_secret,
            "access_token": keys.shopify_access_token,
        },
        "salesforce": {
            "url": state.base_url,
            "client_id": keys.salesforce_client_id,
            "client_secret": keys.salesforce_client_secret,
            "access_token": keys.salesforce_access_token,
            "username": keys.salesforce_username,
            "private_key_file": str(keys.private_key_file),
        },
        "pages": f"{state.base_url}/pages/",
    }
    return ready | ({"ca_file": str(tls.ca_file)} if tls else {})


def _server(state: State, tls: TlsFiles | None) -> _Server:
    app = Starlette(
        routes=[
            *control.routes(state),
            *pages.routes(state),
            *shopify_routes.routes(state),
            *salesforce_routes.routes(state),
        ]
    )
    return _Server(
        uvicorn.Config(
            Gate(app, state),
            http="httptools",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            # The gate sets Date from the sandbox's clock, and needs the server's own `send` unwrapped.
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            ssl_certfile=tls.certificate if tls else None,
            ssl_keyfile=tls.key if tls else None,
        )
    )
