"""Print what changed in a Shopify stream, one row a line: `python scripts/pull_shopify.py customers`.

Reads ZAISEKI_SHOPIFY_SHOP, ZAISEKI_SHOPIFY_CLIENT_ID and _CLIENT_SECRET (or _ACCESS_TOKEN), and
ZAISEKI_SHOPIFY_URL for a sandbox. The rows hold personal data: mind where the output goes.
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
from connectors.shopify import ShopifyAccess, ShopifyConnector
from connectors.shopify.auth import API_VERSION
from connectors.shopify.survey import STREAMS
from metrics.fields import catalogue


def access_from_environment() -> ShopifyAccess:
    """The shop and its credentials, as the environment tells them."""

    def told(name: str) -> str | None:
        return os.environ.get(f"ZAISEKI_SHOPIFY_{name}") or None

    return ShopifyAccess(
        shop=told("SHOP") or "",
        api_version=told("API_VERSION") or API_VERSION,
        client_id=told("CLIENT_ID"),
        client_secret=told("CLIENT_SECRET"),
        access_token=told("ACCESS_TOKEN"),
        url=told("URL"),
    )


def main() -> int:
    """Print rows as JSON lines; the platform's complaint and exit 1 where it has one."""
    parser = argparse.ArgumentParser(description="Print what changed in a Shopify stream as JSON lines.")
    parser.add_argument("stream", choices=STREAMS)
    parser.add_argument("--since", type=datetime.fromisoformat, help="with offset; default: everything")
    parser.add_argument("--first-purchase", help="namespace.key of the metafield with the first purchase")
    parser.add_argument("--referral-code", help="namespace.key of the metafield with the personal code")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zaiseki-") as scratch:
        try:
            connector = ShopifyConnector(
                access_from_environment(),
                catalogue(currency="JPY", scale=0),
                name="shopify",
                referral_code=asked.referral_code,
                first_purchase=asked.first_purchase,
                scratch=Path(scratch),
            )
            connector.survey({asked.stream: asked.since})
            for batch in connector.pull(asked.stream):
                sys.stdout.buffer.writelines(orjson.dumps(row) + b"\n" for row in batch.rows)
            connector.close()
        except ConnectorError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
