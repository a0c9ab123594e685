"""How our fields are called and written on Shopify: namespace, aliases, metafield types, stored text."""

from __future__ import annotations

import orjson

from connectors.base import Field, Kind

NAMESPACE = "zaiseki"
OBJECT = "customer"
REFERRAL_ALIAS = "referral_code"
FIRST_PURCHASE_ALIAS = "first_purchase"
ANSWERS = ("expectation", "nps", "stars")
"""What customers may be asked; each is the alias of the merchant's metafield with the answer."""
TYPES: dict[Kind, str] = {
    "text": "single_line_text_field",
    "date": "date",
    "integer": "number_integer",
    "decimal": "number_decimal",
    "choice": "single_line_text_field",
    "list": "list.single_line_text_field",
}
FILTERABLE = frozenset({"single_line_text_field", "number_integer", "boolean"})
"""Types of ours that the customer list can filter by (captures of 2026; others are refused)."""


def alias(key: str) -> str:
    """The name under which a customer row carries our field `key`: `zaiseki_tenure_days`."""
    return f"{NAMESPACE}_{key}"


def number_of(gid: str) -> str:
    """The numeric id of a global id: `gid://shopify/Customer/7` is `7`."""
    return gid.rpartition("/")[2].partition("?")[0]


def customer_gid(record_id: str) -> str:
    """The global id of a customer's numeric id."""
    return f"gid://shopify/Customer/{record_id}"


def order_gid(order_id: str) -> str:
    """The global id of an order's numeric id."""
    return f"gid://shopify/Order/{order_id}"


def to_metafield(field: Field, text: str) -> str:
    """Canonical text as a metafield's `value`; lists become JSON."""
    return orjson.dumps(text.split(";")).decode() if field.kind == "list" else text
