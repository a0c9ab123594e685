"""Returns are read through the orders that have some, by pages or in bulk, where the shop grants it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import responses
from graphql import parse, validate
from shopify_answers import STORE, Shop, Time, connector, lines, polled, started
from test_connectors_shopify_pull import ALL_SCOPES, surveyed

from connectors.base import Swept
from connectors.errors import UnexpectedAnswer
from connectors.shopify import ShopifyConnector, returns
from sandbox.shopify.schema import admin_schema

NOW = datetime(1998, 6, 30, 15, tzinfo=UTC)
GRANTED = surveyed(scopes=(*ALL_SCOPES, "read_returns"))


@pytest.fixture
def shop() -> Iterator[Shop]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Shop(mock)


@pytest.fixture
def one(tmp_path: Path) -> ShopifyConnector:
    return connector(tmp_path, Time())


def returned(number: int, order: int, reason: str = "DEFECTIVE") -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Return/{number}",
        "status": "OPEN",
        "createdAt": "1998-06-01T00:00:00Z",
        "order": {
            "id": f"gid://shopify/Order/{order}",
            "updatedAt": "1998-06-02T00:00:00Z",
            "customer": {"id": "gid://shopify/Customer/7"},
        },
        "returnLineItems": {
            "nodes": [
                {
                    "id": f"gid://shopify/ReturnLineItem/{number}0",
                    "returnReason": reason,
                    "returnReasonNote": "",
                }
            ]
        },
    }


def page(*orders: list[dict[str, Any]], count: int, cursor: str | None = None) -> dict[str, Any]:
    return {
        "ordersCount": {"count": count},
        "orders": {
            "nodes": [{"returns": {"nodes": found}} for found in orders],
            "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor},
        },
    }


def read(one: ShopifyConnector) -> list[Any]:
    return [row for batch in one.pull("returns") for row in batch.rows]


@pytest.mark.parametrize("text", [returns.page_text(), returns.bulk_text("return_status:returned")])
def test_what_is_asked_is_valid(text: str) -> None:
    assert validate(admin_schema(), parse(text)) == []


def test_a_shop_that_grants_no_returns_is_not_asked_for_them(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", surveyed())
    one.survey({})
    assert "returns" not in one.streams


def test_pages_give_every_return_of_the_orders_that_changed(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", GRANTED)
    shop.reply(
        "Returns",
        page([returned(1, 11), returned(2, 11)], [], count=3, cursor="c"),
        page([returned(3, 12)], count=3),
    )
    one.survey({"returns": NOW})
    assert "returns" in one.streams
    batches = list(one.pull("returns"))
    assert [row["id"][-1] for batch in batches for row in batch.rows] == ["1", "2", "3"]
    assert [batch.bookmark for batch in batches] == [None, None, NOW], "kept once all of it is read"
    first, second = shop.variables("Returns")
    assert first["query"].endswith(" AND updated_at:>='1998-06-29T15:00:00Z'"), "a day before the bookmark"
    assert "return_status:returned" in first["query"] and first["query"].startswith("(")
    assert (second["after"], second["query"]) == ("c", first["query"])


def test_many_are_read_in_bulk_each_with_its_own_lines(
    shop: Shop, one: ShopifyConnector, tmp_path: Path
) -> None:
    shop.reply("Survey", GRANTED)
    shop.reply("Returns", page([returned(1, 11)], count=100_000, cursor="c"))
    rows = []
    for number, order in ((1, 11), (2, 11), (3, 12)):
        whole = returned(number, order)
        (line,) = whole.pop("returnLineItems")["nodes"]
        rows.append([{**whole, "__parentId": whole["order"]["id"]}, {**line, "__parentId": whole["id"]}])
    (first, its), (second, hers), (third, theirs) = rows
    orders = [{"id": f"gid://shopify/Order/{number}"} for number in (11, 12)]
    body = lines(*orders, first, second, hers, third, theirs, its)
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("COMPLETED", 8, f"{STORE}/r"))
    shop.mock.get(f"{STORE}/r", body=body.replace(b"/", b"\\/"))
    one.survey({})
    found = read(one)
    expected = [returned(1, 11), returned(2, 11), returned(3, 12)]
    told = [(row["id"], [line["id"] for line in row["returnLineItems"]["nodes"]]) for row in found]
    assert told == [(row["id"], [line["id"] for line in row["returnLineItems"]["nodes"]]) for row in expected]
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_names_every_return(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", GRANTED)
    shop.reply("Returns", page([returned(1, 11)], [returned(2, 12)], count=2))
    one.survey({"returns": NOW})
    assert [row for rows in one.sweep("returns") for row in rows] == [Swept("1"), Swept("2")]
    assert "updated_at" not in shop.variables("Returns")[0]["query"]


def test_pages_that_never_end_are_no_answer(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", GRANTED)
    shop.reply("Returns", page([], count=5, cursor="c"))
    one.survey({})
    with pytest.raises(UnexpectedAnswer):
        read(one)
