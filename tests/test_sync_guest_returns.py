"""What a guest sends back is the person's whose address or number the order bears."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sync_rows import SHOP, customer, open_store, order, pull

from sync import frames
from sync.disclosed import stored_rows
from sync.identify import identify
from sync.store import Store

RUN_AT = datetime(2026, 3, 1, tzinfo=UTC)


def sent_back(number: int, order_number: int, customer_number: int | None = None) -> dict[str, Any]:
    """A return of broken goods, as the shop tells it."""
    whose = {"id": f"gid://shopify/Customer/{customer_number}"} if customer_number else None
    return {
        "id": f"gid://shopify/Return/{number}",
        "status": "CLOSED",
        "createdAt": "2026-02-03T00:00:00Z",
        "order": {
            "id": f"gid://shopify/Order/{order_number}",
            "updatedAt": "2026-02-04T00:00:00Z",
            "customer": whose,
        },
        "returnLineItems": {
            "nodes": [{"id": "gid://shopify/ReturnLineItem/1", "returnReason": "DEFECTIVE"}],
        },
    }


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Anna has an account; she, Bert and somebody without an address bought as guests and sent goods back."""
    with open_store(tmp_path) as opened:
        opened.bind("reporting currency", "JPY")
        pull(opened, "shopify.customers", [customer(1, "anna@example.com")])
        guests = [
            order(11, email="Anna@Example.com"),
            order(12, email="bert@example.com"),
            order(13),
            order(14, 1),
        ]
        pull(opened, "shopify.orders", guests)
        returned = [sent_back(501, 11), sent_back(502, 12), sent_back(503, 13), sent_back(504, 14, 1)]
        pull(opened, "shopify.returns", returned)
        identify(opened, run_id="r1", at=RUN_AT)
        frames.refresh(opened)
        yield opened


def complained(store: Store) -> dict[str, str]:
    """Returns that somebody made for the goods' sake, with the kind of the person's first record."""
    found = frames.frame(store, "person_touches").select("touch_id", "person_id", "kind").collect().rows()
    objects = "SELECT person_id, string_agg(DISTINCT object, '+' ORDER BY object) FROM members GROUP BY ALL"
    known = dict(store.rows(objects))
    return {touch: known[person] for touch, person, kind in found if kind == "quality_return"}


def test_a_guests_return_is_the_persons_of_the_orders_address(store: Store) -> None:
    assert complained(store) == {"501": "customer+guest", "502": "guest", "504": "customer+guest"}


def test_an_order_that_is_gone_takes_its_return_with_it(store: Store) -> None:
    store.con.execute("UPDATE orders SET deleted = true WHERE id IN ('11', '14')")
    frames.refresh(store)
    assert complained(store) == {"502": "guest", "504": "customer+guest"}


def test_a_guests_return_is_disclosed_with_the_persons_orders(store: Store) -> None:
    told = stored_rows(store, None, [], [("shopify", SHOP, "12")])["touches"]
    assert [(row["id"], row["value"]) for row in told] == [("502", "quality")]
