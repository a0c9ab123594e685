"""`python -m sandbox --scenario DIR`: one JSON line when ready, then serves until it is stopped."""

import argparse
import json
import signal
import sys
from pathlib import Path
from types import FrameType

from sandbox.errors import ScenarioError
from sandbox.server import listening, prepared


def main(arguments: list[str] | None = None) -> int:
    """Serve a scenario until SIGINT or SIGTERM; a bad scenario is one line on stderr and exit code 1."""
    parser = argparse.ArgumentParser(prog="sandbox", description="A local Shopify and a local Salesforce.")
    parser.add_argument("--scenario", type=Path, required=True, metavar="DIR")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--tls", action="store_true", help="https, with a certificate authority of its own")
    given = parser.parse_args(arguments)
    # A stop while loading leaves through the same door: the folder with the data is removed.
    signal.signal(signal.SIGTERM, _leave)
    try:
        with (
            prepared(given.scenario) as state,
            listening(state, tls=given.tls, port=given.port) as (server, sock, ready),
        ):
            server.tell_listening = lambda: print(json.dumps(ready), flush=True)  # noqa: T201 - the ready line
            server.run(sockets=[sock])
    except ScenarioError as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"sandbox: cannot listen on port {given.port}: {error.strerror or error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _leave(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
