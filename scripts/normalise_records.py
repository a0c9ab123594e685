"""Show what raw rows become.

    python scripts/pull_shopify.py customers | python scripts/normalise_records.py shopify customers

Reads one row a line in JSON. Prints one JSON object a line: the row of the model, or why the row cannot be
used. E-mail, phone and names appear as keyed hashes only; their key is that of --key, or made for this once.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from metrics.fields import catalogue
from sync import keys
from sync.errors import StoreUnusable
from sync.keys import HashKey
from sync.model import Account
from sync.money import scale
from sync.pull import BATCH_ROWS
from sync.rates import Rates
from sync.streams import STREAMS


def account_of(asked: argparse.Namespace) -> Account:
    """The context of normalising, as the command line gives it."""
    key = keys.load(asked.key) if asked.key else HashKey(secrets.token_bytes(32))
    return Account(
        platform=asked.platform,
        account=asked.account,
        timezone=ZoneInfo(asked.timezone),
        currency=asked.currency,
        reporting=asked.currency,
        region=asked.region,
        fields=catalogue(currency=asked.currency, scale=scale(asked.currency)),
        key=key,
        rates=Rates(asked.currency, asked.currency),
        now=datetime.now(UTC),
        shopify_id_field=asked.shopify_id_field,
        code_field=asked.code_field,
        order_reference=asked.order_reference,
        exclude_tag=asked.exclude_tag,
    )


def normalised(asked: argparse.Namespace) -> Iterator[tuple[str, NamedTuple]]:
    """Every row of standard input as (`record`, `order`, `refund`, `role` or `quarantined`, row)."""
    account, stream = account_of(asked), STREAMS[asked.platform, asked.stream]
    lines = iter(sys.stdin.buffer)
    while rows := [orjson.loads(line) for line in islice(lines, BATCH_ROWS)]:
        made = stream.normalise(rows, account)
        yield from (("record", row) for row in made.records)
        yield from (("order", row) for row in made.orders)
        yield from (("refund", row) for given_back in made.refunds for row in given_back)
        yield from (("role", row) for row in made.roles)
        yield from (("quarantined", row) for row in made.bad)


def main() -> int:
    """Print the rows; exit 1 where standard input is no JSON or the key cannot be used."""
    parser = argparse.ArgumentParser(description="Normalise raw rows of one stream from standard input.")
    parser.add_argument("platform", choices=("shopify", "salesforce"))
    parser.add_argument("stream", choices=[name for _, name in STREAMS])
    parser.add_argument("--account", default="unknown", help="the shop's domain or the org's id")
    parser.add_argument("--timezone", default="Asia/Tokyo")
    parser.add_argument("--currency", default="JPY")
    parser.add_argument("--region", default="JP", help="country of national phone numbers")
    parser.add_argument("--key", type=Path, help="a zaiseki.key file, for hashes as in the store")
    parser.add_argument("--shopify-id-field", help="the Salesforce field that holds a Shopify customer id")
    parser.add_argument("--code-field", help="the Salesforce field that holds a personal code")
    parser.add_argument("--order-reference", help="the Salesforce field that names the shop's order")
    parser.add_argument("--exclude-tag", help="the Shopify tag of customers who are left out")
    asked = parser.parse_args()
    if (asked.platform, asked.stream) not in STREAMS:
        parser.error(f"{asked.platform} has no stream {asked.stream}")
    try:
        for kind, row in normalised(asked):
            shown: dict[str, Any] = {"row": kind, **row._asdict()}
            sys.stdout.buffer.write(orjson.dumps(shown, default=str) + b"\n")
    except (StoreUnusable, orjson.JSONDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
