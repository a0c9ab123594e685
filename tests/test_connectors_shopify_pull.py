"""The survey in one request, then pages or a bulk query, whichever needs fewer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import responses
from shopify_answers import STORE, Shop, Time, connector, lines, polled, rows_of, started

from connectors import errors
from connectors.base import Finding, Swept
from connectors.shopify import ShopifyConnector

NOW = datetime(1998, 6, 30, 15, tzinfo=UTC)
ALL_SCOPES = (
    "read_all_orders",
    "read_orders",
    "write_customers",
    "read_draft_orders",
    "customer_read_orders",
)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Shop(mock)


@pytest.fixture
def one(tmp_path: Path) -> ShopifyConnector:
    return connector(tmp_path, Time())


@pytest.fixture
def with_lines(tmp_path: Path) -> ShopifyConnector:
    """A connector that reads the products of orders too."""
    return connector(tmp_path, Time(), lines=True)


def page(rows: list[dict[str, Any]], cursor: str | None = None) -> dict[str, Any]:
    return {"nodes": rows, "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor}}


def surveyed(
    *,
    customers: dict[str, Any] | None = None,
    checkouts: dict[str, Any] | None = None,
    changed: int = 0,
    scopes: tuple[str, ...] = ALL_SCOPES,
    definitions: dict[str, str] | None = None,
    precision: str = "EXACT",
) -> dict[str, Any]:
    return {
        "shop": {
            "myshopifyDomain": "demo.myshopify.com",
            "currencyCode": "JPY",
            "ianaTimezone": "Asia/Tokyo",
        },
        "currentAppInstallation": {"accessScopes": [{"handle": scope} for scope in scopes]},
        "metafieldDefinitions": {
            "nodes": [{"key": key, "type": {"name": name}} for key, name in (definitions or {}).items()]
        },
        "customersCount": {"count": 14_000, "precision": precision},
        "ordersCount": {"count": 41_000, "precision": "EXACT"},
        "customersChanged": {"count": changed},
        "ordersChanged": {"count": 0},
        "customers": customers or page([]),
        "orders": page([]),
        "abandonedCheckoutsCount": {"count": 700, "precision": "EXACT"},
        "draftOrdersCount": {"count": 60, "precision": "EXACT"},
        "abandonedCheckoutsChanged": {"count": 0},
        "draftOrdersChanged": {"count": 0},
        "abandonedCheckouts": checkouts or page([]),
        "draftOrders": page([]),
    }


def test_the_survey_is_one_request_and_tells_what_the_shop_is(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", surveyed(definitions={"segment": "single_line_text_field", "foreign": "json"}))
    site = one.survey({"customers": NOW, "orders": None})
    assert one.usage.requests == 1
    assert (site.account, site.timezone, site.currency) == ("demo.myshopify.com", "Asia/Tokyo", "JPY")
    assert site.server_time == NOW
    assert site.counts == {
        "customers": 14_000,
        "orders": 41_000,
        "abandoned_checkouts": 700,
        "draft_orders": 60,
    }
    assert site.present == {"customer": {"segment"}}
    assert site.writable == {"customer": {"tenure_days", "net_spend", "segment", "channels"}}
    assert site.whole_history is True
    assert site.findings == ()


def test_bookmarks_are_read_again_with_an_overlap(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", surveyed())
    one.survey({"customers": NOW, "orders": NOW})
    assert shop.variables("Survey")[0] == {
        "customersQuery": "updated_at:>='1998-06-29T15:00:00Z'",
        "ordersQuery": "updated_at:>='1998-06-30T14:50:00Z'",
        "abandonedCheckoutsQuery": None,
        "draftOrdersQuery": None,
        "drafts": True,
    }


def test_a_count_that_is_only_a_lower_bound_is_not_taken_for_the_number(
    shop: Shop, one: ShopifyConnector
) -> None:
    shop.reply("Survey", surveyed(precision="AT_LEAST"))
    assert set(one.survey({}).counts) == {"orders", "abandoned_checkouts", "draft_orders"}


def test_a_short_history_is_a_warning(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", surveyed(scopes=("read_orders", "write_customers")))
    site = one.survey({})
    assert site.whole_history is False
    assert site.findings == (Finding("short_history", "warning", {"scope": "read_all_orders"}),)


def test_without_write_customers_nothing_is_writable_and_the_run_stops(
    shop: Shop, one: ShopifyConnector
) -> None:
    shop.reply("Survey", surveyed(scopes=("read_all_orders", "read_orders", "read_customers")))
    site = one.survey({})
    assert site.findings == (Finding("missing_scope", "error", {"scope": "write_customers"}),)
    assert site.writable == {"customer": frozenset()}


def test_scopes_that_refuse_the_survey_itself_are_all_named(shop: Shop, one: ShopifyConnector) -> None:
    denied = {
        "message": "Required access: `read_customers` access scope.",
        "extensions": {"code": "ACCESS_DENIED"},
    }
    shop.reply("Survey", {"errors": [denied]})
    whole = surveyed(scopes=("read_all_orders",))
    shop.reply("Access", {name: whole[name] for name in ("shop", "currentAppInstallation")})
    site = one.survey({})
    assert {finding.details["scope"] for finding in site.findings if finding.severity == "error"} == {
        "read_customers",
        "write_customers",
        "read_orders",
    }
    assert site.counts == {}


def test_protected_data_that_was_not_approved_stays_an_error(shop: Shop, one: ShopifyConnector) -> None:
    denied = {
        "message": "This app is not approved to access the Customer object.",
        "extensions": {"code": "ACCESS_DENIED"},
    }
    shop.reply("Survey", {"errors": [denied]})
    shop.reply("Access", surveyed())
    with pytest.raises(errors.MendSettings):
        one.survey({})


def test_the_token_of_another_shop_is_noticed(shop: Shop, one: ShopifyConnector) -> None:
    told = surveyed()
    told["shop"]["myshopifyDomain"] = "other.myshopify.com"
    shop.reply("Survey", told)
    with pytest.raises(errors.MendSettings) as raised:
        one.survey({})
    assert raised.value.details == {"asked": "demo.myshopify.com", "found": "other.myshopify.com"}


def test_a_definition_of_another_type_is_an_error_and_not_writable(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", surveyed(definitions={"segment": "json"}))
    site = one.survey({})
    assert site.findings == (
        Finding("wrong_field_type", "error", {"field": "zaiseki.segment", "type": "json"}),
    )
    assert "segment" not in site.writable["customer"]


def test_a_small_increment_needs_no_further_request(shop: Shop, one: ShopifyConnector) -> None:
    rows = list(rows_of(3, "1998-06-01T00:00:00Z"))
    shop.reply("Survey", surveyed(customers=page(rows), changed=3))
    one.survey({})
    first, last = one.pull("customers")
    assert (first.rows, first.bookmark) == (rows, datetime(1998, 6, 1, tzinfo=UTC))
    assert (last.rows, last.bookmark) == ((), NOW)
    assert one.usage.requests == 1


def test_no_bookmark_passes_the_start_of_the_run(shop: Shop, one: ShopifyConnector) -> None:
    rows = list(rows_of(1, "1998-06-30T15:00:09Z"))
    shop.reply("Survey", surveyed(customers=page(rows), changed=1))
    one.survey({})
    assert [batch.bookmark for batch in one.pull("customers")] == [NOW, NOW]


def test_a_few_more_pages_are_paged(shop: Shop, one: ShopifyConnector) -> None:
    first, second, third = list(rows_of(250)), list(rows_of(250)), list(rows_of(9))
    shop.reply("Survey", surveyed(customers=page(first, "c1"), changed=509))
    shop.reply("CustomerPage", page_of(page(second, "c2")), page_of(page(third)))
    one.survey({"customers": NOW})
    assert [len(batch.rows) for batch in one.pull("customers")] == [250, 250, 9, 0]
    assert one.usage.requests == 3
    search = "updated_at:>='1998-06-29T15:00:00Z'"
    assert shop.variables("CustomerPage") == [
        {"query": search, "after": "c1"},
        {"query": search, "after": "c2"},
    ]


def page_of(found: dict[str, Any]) -> dict[str, Any]:
    return {"customers": found}


def test_many_changes_are_read_in_bulk_and_the_file_is_deleted(
    shop: Shop, one: ShopifyConnector, tmp_path: Path
) -> None:
    shop.reply("Survey", surveyed(customers=page(list(rows_of(250)), "c1"), changed=12_000))
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("COMPLETED", 12_000, f"{STORE}/r"))
    shop.mock.get(f"{STORE}/r", body=lines(*rows_of(12_000)))
    one.survey({"customers": NOW})
    batches = list(one.pull("customers"))
    assert [len(batch.rows) for batch in batches] == [5_000, 5_000, 2_000, 0]
    assert batches[0].rows[0]["id"] == "gid://shopify/Customer/1"
    assert one.usage.requests == 4
    sent = shop.variables("BulkRunQuery")[0]["query"]
    assert """customers(sortKey: UPDATED_AT, query: "updated_at:>='1998-06-29T15:00:00Z'")""" in sent
    assert "segment: metafield" in sent
    assert list(tmp_path.iterdir()) == []


def test_a_reader_who_leaves_early_leaves_no_file(shop: Shop, one: ShopifyConnector, tmp_path: Path) -> None:
    shop.reply("Survey", surveyed(customers=page(list(rows_of(250)), "c1"), changed=12_000))
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("COMPLETED", 12_000, f"{STORE}/r"))
    shop.mock.get(f"{STORE}/r", body=lines(*rows_of(12_000)))
    one.survey({})
    batches = one.pull("customers")
    next(batches)
    assert list(tmp_path.iterdir()) != []
    batches.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_an_empty_stream_still_moves_its_bookmark(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", surveyed())
    one.survey({})
    (only,) = one.pull("orders")
    assert (only.rows, only.bookmark) == ((), NOW)


def test_pages_without_end_are_noticed(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", surveyed(customers=page(list(rows_of(1)), "c"), changed=2))
    shop.reply("CustomerPage", page_of(page([], "c")))
    one.survey({})
    with pytest.raises(errors.UnexpectedAnswer):
        list(one.pull("customers"))


def swept_customer(number: int, email: object = None, phone: object = None) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Customer/{number}",
        "defaultEmailAddress": email and {"emailAddress": email},
        "defaultPhoneNumber": phone and {"phoneNumber": phone},
    }


def test_a_sweep_of_a_large_shop_is_one_bulk_query_that_tells_who_was_redacted(
    shop: Shop, one: ShopifyConnector
) -> None:
    shop.reply("Survey", surveyed())
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("COMPLETED", 4, f"{STORE}/r"))
    rows = [swept_customer(1, "a@example.com"), swept_customer(2), swept_customer(3, phone="+8190")]
    masked = {**swept_customer(4), "defaultEmailAddress": {"emailAddress": None}}
    shop.mock.get(f"{STORE}/r", body=lines(*rows, masked))
    one.survey({})
    assert list(one.sweep("customers")) == [
        [Swept("1"), Swept("2", blank=True), Swept("3"), Swept("4", blank=True)]
    ]
    assert shop.variables("BulkRunQuery")[0]["query"] == (
        "{ customers(sortKey: ID) { edges { node { id defaultEmailAddress { emailAddress } "
        "defaultPhoneNumber { phoneNumber } } } } }"
    )


def test_a_sweep_of_orders_tells_whose_each_is_now(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Survey", surveyed())
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("COMPLETED", 2, f"{STORE}/r"))
    guest = {"id": "gid://shopify/Order/8", "customer": None}
    hers = {"id": "gid://shopify/Order/9", "customer": {"id": "gid://shopify/Customer/7"}}
    shop.mock.get(f"{STORE}/r", body=lines(guest, hers))
    one.survey({})
    assert list(one.sweep("orders")) == [[Swept("8"), Swept("9", owner="7")]]


def test_scopes_that_cannot_be_read_are_no_finding_and_leave_the_history_in_doubt(
    shop: Shop, one: ShopifyConnector
) -> None:
    shop.reply("Survey", surveyed(scopes=()))
    site = one.survey({})
    assert (site.whole_history, site.findings) == (None, ())
    assert "segment" in site.writable["customer"]


CHECKOUT = {"createdAt": "1998-06-01T00:00:00Z", "updatedAt": "1998-06-09T00:00:00Z"}


def test_checkouts_come_by_id_so_that_no_batch_but_the_last_has_a_bookmark(
    shop: Shop, one: ShopifyConnector
) -> None:
    rows = [{"id": f"gid://shopify/AbandonedCheckout/{number}", **CHECKOUT} for number in (1, 2)]
    shop.reply("Survey", surveyed(checkouts=page(rows[:1], "c1")))
    shop.reply("AbandonedCheckoutPage", {"abandonedCheckouts": page(rows[1:])})
    one.survey({"abandoned_checkouts": NOW})
    batches = list(one.pull("abandoned_checkouts"))
    assert [[row["id"][-1] for row in batch.rows] for batch in batches] == [["1"], ["2"], []]
    assert [batch.bookmark for batch in batches] == [None, None, NOW]
    assert shop.variables("AbandonedCheckoutPage") == [
        {"query": "updated_at:>='1998-06-29T15:00:00Z'", "after": "c1"}
    ]


def test_drafts_that_may_not_be_seen_are_left_out_with_a_warning(shop: Shop, one: ShopifyConnector) -> None:
    denied = {
        "message": "Access denied for draftOrders field. Required access: `read_draft_orders` access scope.",
        "extensions": {"code": "ACCESS_DENIED"},
    }
    without = surveyed(scopes=tuple(scope for scope in ALL_SCOPES if scope != "read_draft_orders"))
    for name in ("draftOrdersCount", "draftOrdersChanged", "draftOrders"):
        del without[name]
    shop.reply("Survey", {"errors": [denied]}, without)
    shop.reply("Access", {name: without[name] for name in ("shop", "currentAppInstallation")})
    assert "draft_orders" in one.streams
    site = one.survey({})
    assert list(one.streams) == ["customers", "orders", "abandoned_checkouts"]
    assert site.findings == (Finding("drafts_unseen", "warning", {"scope": "read_draft_orders"}),)
    assert [asked["drafts"] for asked in shop.variables("Survey")] == [True, False]


def test_products_of_orders_in_a_bulk_result_come_inside_their_order(
    shop: Shop, with_lines: ShopifyConnector, tmp_path: Path
) -> None:
    one = with_lines
    told = surveyed(scopes=(*ALL_SCOPES, "read_products"))
    told |= {"orders": page([{"id": "x"}], "c1"), "ordersChanged": {"count": 20_000}}
    shop.reply("Survey", told)
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("COMPLETED", 5, f"{STORE}/r"))
    tricky = '"__parentId":"gid://shopify/Order/2"'
    first, second = (
        {"id": f"gid://shopify/Order/{number}", "name": tricky, "updatedAt": f"1998-06-0{number}T00:00:00Z"}
        for number in (1, 2)
    )
    tea, cup, bag = (
        {
            "id": f"gid://shopify/LineItem/{number}",
            "title": tricky,
            "__parentId": f"gid://shopify/Order/{order}",
        }
        for number, order in ((9, 1), (8, 2), (7, 1))
    )
    shop.mock.get(f"{STORE}/r", body=lines(first, second, tea, cup, bag))
    one.survey({})
    batch, _ = one.pull("orders")
    assert [
        (row["id"][-1], [line["id"][-1] for line in row["lineItems"]["nodes"]]) for row in batch.rows
    ] == [("1", ["9", "7"]), ("2", ["8"])]
    assert batch.bookmark == datetime(1998, 6, 2, tzinfo=UTC)
    assert "lineItems { edges { node {" in shop.variables("BulkRunQuery")[0]["query"]
    assert list(tmp_path.iterdir()) == []


def test_products_that_may_not_be_seen_stop_a_run_that_is_to_read_them(
    shop: Shop, with_lines: ShopifyConnector
) -> None:
    shop.reply("Survey", surveyed())
    found = with_lines.survey({}).findings
    assert found == (Finding("missing_scope", "error", {"scope": "read_products"}),)
