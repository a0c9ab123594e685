"""Orders whose visits were not worked out yet when they were read are asked for again, within bounds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sync_rows import ACCOUNTS, NOW, SHOP, SITES, PlayedConnector, open_store, order, pull

from connectors.base import Batch
from sync import unready
from sync.pull import pull_stream
from sync.store import Store

Row = dict[str, Any]
WAITS = {"ready": False, "lastVisit": None}
CAME = {
    "ready": True,
    "lastVisit": {"referralCode": "hana-1", "source": "Google", "sourceType": "SEO", "utmParameters": None},
}


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(tmp_path) as opened:
        yield opened


def made(number: int, journey: object, *, days_ago: float = 1, **more: Any) -> Row:
    """An order so many days old that has not changed since it was made."""
    at = (NOW - timedelta(days=days_ago)).isoformat()
    stamps = {"createdAt": at, "processedAt": at, "updatedAt": at}
    return order(number, 1, customerJourneySummary=journey, **stamps, **more)


def asked(store: Store) -> list[str]:
    return unready.to_ask(store, "shopify", SHOP, "orders", now=NOW)


def test_only_orders_that_wait_are_asked_for_the_newest_first(store: Store) -> None:
    rows = [made(1, WAITS, days_ago=3), made(2, CAME), made(3, WAITS, days_ago=2), made(4, None)]
    pull(store, "shopify.orders", rows)
    assert asked(store) == ["3", "1"]
    assert unready.waiting(store, now=NOW) == 2
    assert unready.to_ask(store, "shopify", "other.myshopify.com", "orders", now=NOW) == []
    assert unready.to_ask(store, "shopify", SHOP, "customers", now=NOW) == []


def test_an_order_is_asked_for_until_it_is_thirty_days_old(store: Store) -> None:
    days = unready.ASKED_DAYS
    pull(store, "shopify.orders", [made(1, WAITS, days_ago=days), made(2, WAITS, days_ago=days + 0.01)])
    assert asked(store) == ["1"]
    assert unready.waiting(store, now=NOW) == 1


def test_a_run_asks_for_no_more_than_it_may(store: Store) -> None:
    pull(store, "shopify.orders", [made(n, WAITS, days_ago=n / 100) for n in range(1, unready.MOST + 3)])
    assert asked(store) == [str(n) for n in range(1, unready.MOST + 1)]


def test_a_deleted_order_is_not_asked_for(store: Store) -> None:
    pull(store, "shopify.orders", [made(1, WAITS)])
    store.con.execute("UPDATE orders SET deleted = true")
    assert (asked(store), unready.waiting(store, now=NOW)) == ([], 0)


def run(store: Store, *rows: Row) -> tuple[Any, list[list[str]]]:
    """A pull that finds `rows`: what became of them, and what the connector was asked for again."""
    played = PlayedConnector("shopify", [Batch("orders", rows), Batch("orders", (), NOW)])
    site, account = SITES["shopify"], ACCOUNTS["shopify"]
    count = pull_stream(played, site, store, account=account, stream="orders", run_id="r")
    return count, played.asked_again


def contents(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT COLUMNS(*)::VARCHAR FROM orders ORDER BY id")


def test_read_again_the_order_is_as_if_it_had_been_ready_at_once(store: Store, tmp_path: Path) -> None:
    assert run(store, made(1, WAITS), made(2, CAME))[1] == [[]]
    assert store.rows("SELECT id, visit, referral_code FROM orders ORDER BY id") == [
        ("1", "pending", None),
        ("2", "search", "hana-1"),
    ]
    count, again = run(store, made(1, WAITS))
    assert (again, count.fetched, count.unchanged) == ([["1"]], 1, 1)
    count, again = run(store, made(1, CAME))
    assert (again, count.fetched, count.updated) == ([["1"]], 1, 1)
    assert run(store)[1] == [[]]
    (tmp_path / "once").mkdir()
    with open_store(tmp_path / "once") as once:
        pull(once, "shopify.orders", [made(1, CAME), made(2, CAME)])
        assert contents(once) == contents(store)


def test_an_order_of_the_future_is_asked_for_once_its_day_has_come(store: Store) -> None:
    ahead = [order(n, 1, processedAt=(NOW + timedelta(days=n)).isoformat()) for n in (3, 5)]
    pull(store, "shopify.orders", ahead)
    store.con.execute("UPDATE quarantine SET acknowledged = true")

    def on(days: float) -> list[str]:
        return unready.to_ask(store, "shopify", SHOP, "orders", now=NOW + timedelta(days=days))

    assert (on(0), on(2), on(3), on(5)) == ([], [], ["3"], ["3", "5"])
    assert unready.to_ask(store, "shopify", "other.myshopify.com", "orders", now=NOW + timedelta(9)) == []
