"""Print what changed in a Salesforce stream, one row a line: `python scripts/pull_salesforce.py Contact`.

Reads ZAISEKI_SALESFORCE_DOMAIN, ZAISEKI_SALESFORCE_CLIENT_ID and _CLIENT_SECRET (or _USERNAME and
_PRIVATE_KEY_FILE), and ZAISEKI_SALESFORCE_URL for a sandbox. The rows hold personal data: mind where the
output goes.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import orjson

from connectors.errors import ConnectorError
from connectors.salesforce import SalesforceAccess, SalesforceConnector
from connectors.salesforce.streams import PEOPLE, PURCHASES
from metrics.fields import catalogue


def access_from_environment() -> SalesforceAccess:
    """The org and its credentials, as the environment tells them."""

    def told(name: str) -> str | None:
        return os.environ.get(f"ZAISEKI_SALESFORCE_{name}") or None

    key_file = told("PRIVATE_KEY_FILE")
    return SalesforceAccess(
        domain=told("DOMAIN") or "",
        api_version=told("API_VERSION") or "67.0",
        client_id=told("CLIENT_ID") or "",
        client_secret=told("CLIENT_SECRET"),
        username=told("USERNAME"),
        private_key=Path(key_file).read_text(encoding="ascii") if key_file else None,
        url=told("URL"),
    )


def main() -> int:
    """Print rows as JSON lines; the platform's complaint and exit 1 where it has one."""
    parser = argparse.ArgumentParser(description="Print what changed in a Salesforce stream as JSON lines.")
    parser.add_argument("stream", choices=(*PEOPLE, *sum(PURCHASES.values(), ())))
    parser.add_argument("--since", type=datetime.fromisoformat, help="with offset; default: everything")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zaiseki-") as scratch:
        try:
            connector = SalesforceConnector(
                access_from_environment(),
                catalogue(currency="JPY", scale=0),
                purchases="opportunity" if asked.stream in PURCHASES["opportunity"] else "order",
                scratch=Path(scratch),
            )
            connector.survey({asked.stream: asked.since})
            for batch in connector.pull(asked.stream):
                # Decimals of JSON pages are printed as text, so that no digit changes.
                sys.stdout.buffer.writelines(orjson.dumps(row, default=str) + b"\n" for row in batch.rows)
            connector.close()
        except ConnectorError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
