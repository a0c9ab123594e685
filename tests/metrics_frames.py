"""Rows of orders and refunds for the scorers, their schemas, and what a frame holds as plain rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import narwhals as nw
import pyarrow as pa

MONEY = pa.decimal128(18, 4)
ORDERS = pa.schema(
    {
        "platform": pa.string(),
        "account": pa.string(),
        "order_id": pa.string(),
        "person_id": pa.string(),
        "ordered_at": pa.timestamp("us", tz="UTC"),
        "ordered_day": pa.int64(),
        "amount": MONEY,
        "amount_unknown": pa.bool_(),
        "cancelled_day": pa.int64(),
        "is_test": pa.bool_(),
        "payment_status": pa.string(),
        "kind": pa.string(),
        "channel": pa.string(),
        "discount_codes": pa.list_(pa.string()),
        "tags": pa.list_(pa.string()),
        "is_b2b": pa.bool_(),
    }
)
REFUNDS = pa.schema(
    {
        "platform": pa.string(),
        "account": pa.string(),
        "order_id": pa.string(),
        "person_id": pa.string(),
        "refunded_day": pa.int64(),
        "amount": MONEY,
        "reason": pa.string(),
    }
)
CODES = pa.schema({"code": pa.string(), "person_id": pa.string()})
CONSENTS = pa.schema(
    {
        "person_id": pa.string(),
        "email_consent": pa.string(),
        "sms_consent": pa.string(),
        "phone_refused": pa.bool_(),
    }
)
PERSONS = pa.schema({"person_id": pa.string(), "known_day": pa.int64()})
SUBSCRIPTIONS = pa.schema({"person_id": pa.string(), "status": pa.string()})
SHOP = {"platform": "shopify", "account": "one.myshopify.com"}


def rows(frame: nw.LazyFrame[Any]) -> list[dict[str, Any]]:
    """Every row of `frame`, sorted, as dicts."""
    found = frame.collect("pyarrow").to_native().to_pylist()
    return sorted(found, key=lambda row: tuple((value is not None, str(value)) for value in row.values()))


def by_person(frame: nw.LazyFrame[Any], column: str) -> dict[str, Any]:
    """One column of `frame` by person."""
    return {row["person_id"]: row[column] for row in rows(frame)}


def order(order_id: str, person_id: str | None, day: int, amount: str, **more: Any) -> dict[str, Any]:
    """A paid online order; `more` overrides or adds columns."""
    made = {
        **SHOP,
        "order_id": order_id,
        "person_id": person_id,
        "ordered_at": None,
        "ordered_day": day,
        "amount": Decimal(amount),
        "amount_unknown": False,
        "cancelled_day": None,
        "is_test": False,
        "payment_status": "PAID",
        "kind": "purchase",
        "channel": "online",
        "discount_codes": [],
        "tags": [],
        "is_b2b": False,
    }
    return made | more


def refund(order_id: str, day: int, amount: str) -> dict[str, Any]:
    """Money given back for an order."""
    return {**SHOP, "order_id": order_id, "refunded_day": day, "amount": Decimal(amount)}
