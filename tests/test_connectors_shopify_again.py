"""Orders read again by id: those that the increment did not bring, in bounded lists, none where none wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import responses
from graphql import parse, validate
from shopify_answers import Shop, Time, connector
from test_connectors_shopify_pull import page, surveyed

from connectors.shopify import ShopifyConnector, again, documents
from sandbox.shopify.cost import MOST_PER_QUERY, query_cost
from sandbox.shopify.documents import read_document
from sandbox.shopify.schema import admin_schema

NOW = datetime(1998, 6, 30, 15, tzinfo=UTC)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Shop(mock)


@pytest.fixture
def one(tmp_path: Path) -> ShopifyConnector:
    return connector(tmp_path, Time())


def gid(number: int) -> str:
    return f"gid://shopify/Order/{number}"


def changed(*numbers: int) -> dict[str, Any]:
    """A survey that finds these orders changed."""
    rows = [{"id": gid(n), "updatedAt": "1998-06-02T00:00:00Z"} for n in numbers]
    return surveyed() | {"orders": page(rows), "ordersChanged": {"count": len(rows)}}


def found(given: Mapping[str, Any]) -> dict[str, Any]:
    """Every order that is asked for but number 9, which is gone."""
    return {"nodes": [None if one == gid(9) else {"id": one} for one in given["ids"]]}


def test_no_request_where_nothing_waits_or_the_increment_brings_it(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", changed(1, 2))
    one.survey({})
    for waiting in ((), ("1",), ("2", "1")):
        batches = list(one.pull("orders", waiting))
        assert [row["id"] for batch in batches for row in batch.rows] == [gid(1), gid(2)]
        assert batches[-1].bookmark == NOW
    assert shop.names() == ["Survey"]


def test_what_waits_is_read_after_the_increment_and_moves_no_bookmark(
    shop: Shop, one: ShopifyConnector
) -> None:
    shop.reply("Survey", changed(1))
    shop.reply("OrdersAgain", found)
    one.survey({})
    batches = list(one.pull("orders", ("1", "9", "7")))
    assert [[row["id"] for row in batch.rows] for batch in batches] == [[gid(1)], [gid(7)], []]
    assert [batch.bookmark for batch in batches] == [datetime(1998, 6, 2, tzinfo=UTC), None, NOW]
    assert shop.variables("OrdersAgain") == [{"ids": [gid(9), gid(7)]}]


def test_many_are_asked_for_in_lists(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", changed())
    shop.reply("OrdersAgain", found)
    one.survey({})
    waiting = [str(n) for n in range(10, 11 + 2 * again.PER_CALL)]
    rows = [row["id"] for batch in one.pull("orders", waiting) for row in batch.rows]
    assert rows == [gid(int(n)) for n in waiting]
    sizes = [len(given["ids"]) for given in shop.variables("OrdersAgain")]
    assert sizes == [again.PER_CALL, again.PER_CALL, 1]


def test_other_streams_are_asked_for_nothing_again(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", changed())
    one.survey({})
    assert [len(batch.rows) for batch in one.pull("customers", ("1",))] == [0]
    assert shop.names() == ["Survey"]


@pytest.mark.parametrize(("lines", "size"), [(False, again.PER_CALL), (True, again.PER_CALL_WITH_LINES)])
def test_a_full_list_may_be_asked_for_even_where_every_order_is_priced(lines: bool, size: int) -> None:
    text = documents.Rows((), None, lines=lines).again()
    assert validate(admin_schema(), parse(text)) == []
    assert size * query_cost(read_document(text, {"ids": [gid(1)]}, None)) <= MOST_PER_QUERY
