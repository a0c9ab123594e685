"""Which stream fills which table, and what normalises its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.base import Platform
from sync import normalise_salesforce, normalise_shopify
from sync.model import Account, Normalised, Rows


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream's table, the `object` its records bear (None for orders), and its normaliser."""

    table: Literal["records", "orders"]
    object: str | None
    normalise: Callable[[Rows, Account], Normalised]


STREAMS: Mapping[tuple[Platform, str], Stream] = {
    ("shopify", "customers"): Stream("records", "customer", normalise_shopify.customers),
    ("shopify", "orders"): Stream("orders", None, normalise_shopify.orders),
    ("salesforce", "Contact"): Stream("records", "Contact", normalise_salesforce.contacts),
    ("salesforce", "Order"): Stream("orders", None, normalise_salesforce.orders),
}
