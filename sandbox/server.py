"""One process, one port, both platforms: puts the routes together and serves them."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from sandbox import control, pages
from sandbox.gate import Gate
from sandbox.salesforce import routes as salesforce_routes
from sandbox.scenario import load_scenario, read_config
from sandbox.shopify import routes as shopify_routes
from sandbox.state import State, create_state
from sandbox.tls import TlsFiles, make_tls_files

HOST = "127.0.0.1"


class _Server(uvicorn.Server):
    """uvicorn's server, telling somebody once it listens and signals end it in good order."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.tell_listening: Callable[[], object] = lambda: None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then say so."""
        await super().startup(sockets)
        self.tell_listening()


@contextmanager
def prepared(scenario: Path) -> Iterator[State]:
    """Load a scenario folder into a fresh sandbox and clean up after it; raises ScenarioError."""
    state = create_state(read_config(scenario))
    try:
        load_scenario(state, scenario)
        yield state
    finally:
        state.close()


@contextmanager
def running(scenario: Path, *, tls: bool = False, port: int = 0) -> Iterator[dict[str, Any]]:
    """Serve a scenario folder from a thread of this process; yields what the ready line says."""
    with prepared(scenario) as state, listening(state, tls=tls, port=port) as (server, sock, ready):
        is_up = threading.Event()
        server.tell_listening = is_up.set
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="sandbox")
        thread.start()
        try:
            if not is_up.wait(timeout=30):
                raise RuntimeError("the sandbox did not start to listen within 30 seconds")
            yield ready
        finally:
            server.should_exit = True
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
            timeout_graceful_shutdown=5,
            ssl_certfile=tls.certificate if tls else None,
            ssl_keyfile=tls.key if tls else None,
        )
    )
