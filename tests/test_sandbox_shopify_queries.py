"""Any valid query is answered by walking it: customers, orders, what hangs on them, and the shop."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from shopify_sandbox_client import Shop

from sandbox.server import running

TOML = """now = "2026-10-01T12:00:00+09:00"
[shopify]
shop = "kissa"
timezone = "Asia/Tokyo"
currency = "JPY"
plan = "plus"
"""
ROWS = {
    "shopify_customers": [
        {
            "id": 1,
            "email": "taro@example.com",
            "first_name": "太郎",
            "last_name": "山田",
            "tags": "vip; staff",
            "email_consent": "SUBSCRIBED",
            "created_at": "2025-01-01T00:00:00+09:00",
            "updated_at": "2026-09-01T00:00:00Z",
        },
        {"id": 2, "email": "ann@example.com", "last_name": 'O"Neil', "updated_at": "2026-09-02T00:00:00Z"},
        {
            "id": 3,
            "phone": "+819012345678",
            "sms_consent": "SUBSCRIBED",
            "updated_at": "2026-09-03T00:00:00Z",
        },
    ],
    "shopify_orders": [
        {
            "id": 10,
            "name": "#1001",
            "customer_id": 1,
            "processed_at": "2026-09-01T10:00:00+09:00",
            "total": "1200",
            "discount_codes": "REF10;B",
            "presentment_currency": "USD",
            "presentment_total": "10.50",
            "utm_source": "news",
        },
        {
            "id": 11,
            "customer_id": 1,
            "processed_at": "2026-08-01T10:00:00+09:00",
            "total": "300.50",
            "financial_status": "PENDING",
            "tags": "wholesale",
        },
        {
            "id": 12,
            "email": "guest@example.com",
            "processed_at": "2026-07-01T10:00:00+09:00",
            "total": "5",
            "test": "true",
        },
        {
            "id": 13,
            "customer_id": 2,
            "processed_at": "2026-06-01T10:00:00+09:00",
            "total": "7",
            "cancelled_at": "2026-06-02T00:00:00Z",
            "cancel_reason": "FRAUD",
        },
    ],
    "shopify_refunds": [
        {"id": 100, "order_id": 10, "processed_at": "2026-09-10T00:00:00Z", "amount": "200.25"}
    ],
    "shopify_order_lines": [
        {"id": 1000, "order_id": 10, "product_id": 5, "title": "Tea", "quantity": 2, "amount": "600"},
        {"id": 1001, "order_id": 10, "title": "Cup", "amount": "600"},
    ],
    "shopify_abandoned_checkouts": [{"id": 50, "customer_id": 3, "total": "9"}],
    "shopify_draft_orders": [{"id": 60, "customer_id": 3, "status": "INVOICE_SENT", "total": "9"}],
    "shopify_metafields": [
        {
            "owner_id": 1,
            "namespace": "custom",
            "key": "referral_code",
            "type": "single_line_text_field",
            "value": "TARO10",
        },
        {"owner_id": 1, "namespace": "crm", "key": "tenure", "type": "number_integer", "value": "12"},
        {
            "owner_id": 2,
            "namespace": "crm",
            "key": "channels",
            "type": "list.single_line_text_field",
            "value": '["web","pos"]',
        },
    ],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("scenario")
    with running(write_scenario(folder, ROWS, TOML)) as ready:
        yield Shop(ready)


def ids(shop: Shop, field: str, **arguments: Any) -> list[int]:
    asked = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    nodes = shop.data(f"{{ {field}({asked}) {{ nodes {{ id }} }} }}")[field]["nodes"]
    return [int(node["id"].rsplit("/", 1)[1]) for node in nodes]


def test_a_customer_shows_what_its_row_says(shop: Shop) -> None:
    customer = shop.data(
        """{ customer(id: "gid://shopify/Customer/1") { id legacyResourceId displayName firstName tags locale
        createdAt updatedAt numberOfOrders amountSpent { amount currencyCode } lastOrder { id name } canDelete
        defaultEmailAddress { emailAddress marketingState } defaultPhoneNumber { phoneNumber } } }"""
    )["customer"]
    assert customer == {
        "id": "gid://shopify/Customer/1",
        "legacyResourceId": "1",
        "displayName": "太郎 山田",
        "firstName": "太郎",
        "tags": ["vip", "staff"],
        "locale": "en",
        "createdAt": "2024-12-31T15:00:00Z",
        "updatedAt": "2026-09-01T00:00:00Z",
        "numberOfOrders": "2",
        "amountSpent": {"amount": "1500.5", "currencyCode": "JPY"},
        "lastOrder": {"id": "gid://shopify/Order/10", "name": "#1001"},
        "canDelete": False,
        "defaultEmailAddress": {"emailAddress": "taro@example.com", "marketingState": "SUBSCRIBED"},
        "defaultPhoneNumber": None,
    }


def test_an_order_shows_money_in_both_currencies_and_nets_out_its_refunds(shop: Shop) -> None:
    order = shop.data(
        """{ order(id: "gid://shopify/Order/10") {
        totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
        totalRefundedSet { shopMoney { amount } } currentTotalPriceSet { shopMoney { amount } }
        netPaymentSet { shopMoney { amount } } totalOutstandingSet { shopMoney { amount } }
        refunds { id processedAt totalRefundedSet { shopMoney { amount currencyCode } } }
        discountCode discountCodes displayFinancialStatus customer { id }
        customerJourneySummary { ready firstVisit { utmParameters { source medium } } }
        lineItems(first: 5) { nodes { id title quantity product { id } } } } }"""
    )["order"]
    assert order["totalPriceSet"] == {
        "shopMoney": {"amount": "1200.0", "currencyCode": "JPY"},
        "presentmentMoney": {"amount": "10.5", "currencyCode": "USD"},
    }
    assert order["totalRefundedSet"]["shopMoney"]["amount"] == "200.25"
    assert order["currentTotalPriceSet"]["shopMoney"]["amount"] == "999.75"
    assert order["netPaymentSet"]["shopMoney"]["amount"] == "999.75"
    assert order["totalOutstandingSet"]["shopMoney"]["amount"] == "0.0"
    assert order["refunds"] == [
        {
            "id": "gid://shopify/Refund/100",
            "processedAt": "2026-09-10T00:00:00Z",
            "totalRefundedSet": {"shopMoney": {"amount": "200.25", "currencyCode": "JPY"}},
        }
    ]
    assert (order["discountCode"], order["discountCodes"]) == ("REF10", ["REF10", "B"])
    assert order["customerJourneySummary"]["firstVisit"]["utmParameters"] == {
        "source": "news",
        "medium": None,
    }
    assert [line["title"] for line in order["lineItems"]["nodes"]] == ["Tea", "Cup"]
    assert order["lineItems"]["nodes"][1]["product"] is None


def test_aliases_fragments_and_directives_are_followed(shop: Shop) -> None:
    data = shop.data(
        """query Q($with: Boolean!) { people: customers(first: 1) { edges { who: node { ...F ... on Customer {
        mail: email } id @skip(if: true) lastName @include(if: $with) } } } }
        fragment F on Customer { a: firstName
        b: metafield(namespace: "crm", key: "tenure") { value jsonValue } }""",
        **{"with": False},
    )
    node = data["people"]["edges"][0]["who"]
    assert node == {"a": "太郎", "b": {"value": "12", "jsonValue": 12}, "mail": "taro@example.com"}


def test_metafields_answer_by_alias_by_connection_and_by_owner(shop: Shop) -> None:
    data = shop.data(
        """{ customers(first: 3) { nodes { code: metafield(namespace: "custom", key: "referral_code") {
        value owner { __typename ... on Customer { id } } } metafields(first: 5, namespace: "crm") {
        nodes { key jsonValue type } } } } }"""
    )["customers"]["nodes"]
    assert data[0]["code"] == {
        "value": "TARO10",
        "owner": {"__typename": "Customer", "id": "gid://shopify/Customer/1"},
    }
    assert [node["code"] for node in data[1:]] == [None, None]
    assert data[1]["metafields"]["nodes"] == [
        {"key": "channels", "jsonValue": ["web", "pos"], "type": "list.single_line_text_field"}
    ]


def test_a_connection_inside_a_linked_object_is_filled_for_the_right_owner(shop: Shop) -> None:
    nodes = shop.data(
        """{ orders(first: 4, sortKey: ID) { nodes { id customer { metafields(first: 2) { nodes { key } }
        lastOrder { lineItems(first: 1) { nodes { title } } } } } } }"""
    )["orders"]["nodes"]
    assert [one["key"] for one in nodes[0]["customer"]["metafields"]["nodes"]] == ["referral_code", "tenure"]
    assert nodes[1]["customer"]["lastOrder"]["lineItems"]["nodes"] == [{"title": "Tea"}]
    assert nodes[2]["customer"] is None
    assert nodes[3]["customer"]["lastOrder"]["lineItems"]["nodes"] == []


def test_pages_follow_each_other_by_cursor_in_both_directions(shop: Shop) -> None:
    page = """query($first: Int, $last: Int, $after: String, $before: String, $r: Boolean) {
    customers(first: $first, last: $last, after: $after, before: $before, reverse: $r, sortKey: UPDATED_AT) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    one = shop.data(page, first=2, r=True)["customers"]
    two = shop.data(page, first=2, r=True, after=one["pageInfo"]["endCursor"])["customers"]
    back = shop.data(page, last=2, r=True, before=two["pageInfo"]["startCursor"])["customers"]
    assert [node["id"][-1] for node in one["nodes"] + two["nodes"]] == ["3", "2", "1"]
    assert (one["pageInfo"]["hasNextPage"], two["pageInfo"]["hasNextPage"]) == (True, False)
    assert two["pageInfo"]["hasPreviousPage"] is True
    assert back["nodes"] == one["nodes"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "you must provide one of first or last"),
        (
            "(first: 251)",
            "first cannot exceed 250. To query larger amounts of data with fewer limits, "
            "bulk operations should be used instead.",
        ),
        ("(first: 1, last: 1)", "providing both first and last is not supported"),
    ],
)
def test_wrong_page_sizes_are_bad_requests(shop: Shop, arguments: str, message: str) -> None:
    answer = shop.body(f"{{ orders{arguments} {{ nodes {{ id }} }} }}")
    assert answer["data"] is None
    assert answer["errors"] == [
        {"message": message, "extensions": {"code": "BAD_REQUEST"}, "path": ["orders"]}
    ]


def test_node_finds_any_modelled_type_and_null_for_what_is_gone(shop: Shop) -> None:
    data = shop.data(
        """{ node(id: "gid://shopify/Order/10") { __typename id ... on Order { name } }
        nodes(ids: ["gid://shopify/Customer/1", "gid://shopify/Customer/9", "gid://shopify/Shop/1"]) {
        __typename ... on Customer { displayName } ... on Shop { currencyCode } } }"""
    )
    assert data["node"] == {"__typename": "Order", "id": "gid://shopify/Order/10", "name": "#1001"}
    assert data["nodes"] == [
        {"__typename": "Customer", "displayName": "太郎 山田"},
        None,
        {"__typename": "Shop", "currencyCode": "JPY"},
    ]


def test_counts_say_whether_they_are_exact(shop: Shop) -> None:
    data = shop.data(
        """{ all: ordersCount(limit: null) { count precision } few: ordersCount(limit: 2) { count precision }
        some: customersCount(query: "updated_at:>='2026-09-02T00:00:00Z'") { count precision } }"""
    )
    assert data == {
        "all": {"count": 4, "precision": "EXACT"},
        "few": {"count": 2, "precision": "AT_LEAST"},
        "some": {"count": 2, "precision": "EXACT"},
    }


@pytest.mark.parametrize(
    ("field", "query", "found"),
    [
        ("orders", "updated_at:>='2026-09-01T01:00:00Z'", [10]),
        ("orders", "processed_at:<'2026-07-01T01:00:00Z'", [13]),
        ("orders", "processed_at:2026-08-01", [11]),
        ("orders", "id:10 OR id:12", [12, 10]),
        ("orders", "id:>=11 AND id:<13 AND test:false", [11]),
        ("orders", "customer_id:1 -tag:wholesale", [10]),
        ("orders", "NOT (status:cancelled OR test:true)", [11, 10]),
        ("orders", "financial_status:pending", [11]),
        ("orders", "discount_code:REF10", [10]),
        ("orders", "discount_code:B", []),
        ("orders", "name:'#1001'", [10]),
        ("orders", "email:guest*", [12]),
        ("customers", "email:TARO@example.com", [1]),
        ("customers", "tag:staff", [1]),
        ("customers", "metafields.crm.tenure:12", [1]),
        ("customers", "orders_count:>1", [1]),
        ("customers", 'O\\"Neil', [2]),
        ("bulkOperations", "status:running operation_type:query", []),
    ],
)
def test_search_terms_mean_what_the_documentation_says(
    shop: Shop, field: str, query: str, found: list[int]
) -> None:
    assert ids(shop, field, first=10, query='"' + query + '"') == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("bogus:1", "bogus"),
        ("updated_at:>=2026-09-01T00:45:00Z", "45"),
        ("updated_at:>='yesterday'", "updated_at"),
    ],
)
def test_a_term_that_means_nothing_matches_everything_and_is_warned_about(
    shop: Shop, query: str, field: str
) -> None:
    answer = shop.body("query($q: String) { orders(first: 10, query: $q) { nodes { id } } }", q=query)
    assert len(answer["data"]["orders"]["nodes"]) == 4
    (entry,) = answer["extensions"]["search"]
    assert (entry["path"], entry["query"]) == (["orders"], query)
    assert entry["warnings"] == [
        {"field": field, "message": "Invalid search field for this query.", "code": "invalid_field"}
    ]


def test_what_is_not_modelled_is_null_or_empty_or_plain(shop: Shop) -> None:
    data = shop.data(
        """{ customers(first: 1) { nodes { defaultAddress { city } statistics { rfmGroup } image { url }
        paymentMethods(first: 1) { nodes { id } pageInfo { hasNextPage } } taxExempt } }
        events(first: 5) { nodes { id } } products(first: 1) { edges { node { id } } }
        order(id: "gid://shopify/Order/10") { totalTipReceivedSet { shopMoney { amount currencyCode } }
        transactions { id } returnStatus shippingAddress { city } } }"""
    )
    customer = data["customers"]["nodes"][0]
    assert (customer["defaultAddress"], customer["statistics"]) == (None, {"rfmGroup": None})
    assert customer["paymentMethods"] == {"nodes": [], "pageInfo": {"hasNextPage": False}}
    assert (data["events"], data["products"]) == ({"nodes": []}, {"edges": []})
    assert data["order"]["totalTipReceivedSet"] == {"shopMoney": {"amount": "0.0", "currencyCode": "JPY"}}
    assert data["order"]["transactions"] == []


def test_the_shop_tells_its_currency_zone_plan_and_the_apps_scopes(shop: Shop) -> None:
    data = shop.data(
        """{ shop { name myshopifyDomain currencyCode ianaTimezone plan { publicDisplayName shopifyPlus } }
        currentAppInstallation { app { handle } accessScopes { handle } }
        publicApiVersions { handle supported } }"""
    )
    assert data["shop"] == {
        "name": "kissa",
        "myshopifyDomain": "kissa.myshopify.com",
        "currencyCode": "JPY",
        "ianaTimezone": "Asia/Tokyo",
        "plan": {"publicDisplayName": "Shopify Plus", "shopifyPlus": True},
    }
    scopes = {one["handle"] for one in data["currentAppInstallation"]["accessScopes"]}
    assert {"read_customers", "write_customers", "read_orders", "read_all_orders"} <= scopes
    assert {"handle": "2026-10", "supported": True} in data["publicApiVersions"]


def test_checkouts_and_drafts_are_lists_of_their_own(shop: Shop) -> None:
    data = shop.data(
        """{ abandonedCheckouts(first: 1) { nodes { id completedAt customer { id } totalPriceSet { shopMoney {
        amount } } } } draftOrders(first: 1) { nodes { id status } } }"""
    )
    assert data["abandonedCheckouts"]["nodes"] == [
        {
            "id": "gid://shopify/AbandonedCheckout/50",
            "completedAt": None,
            "customer": {"id": "gid://shopify/Customer/3"},
            "totalPriceSet": {"shopMoney": {"amount": "9.0"}},
        }
    ]
    assert data["draftOrders"]["nodes"] == [{"id": "gid://shopify/DraftOrder/60", "status": "INVOICE_SENT"}]


def test_an_unknown_field_is_refused_by_shopifys_own_schema(shop: Shop) -> None:
    answer = shop.body("{ orders(first: 1) { nodes { bogus } } }")
    assert "data" not in answer
    assert answer["errors"][0]["message"] == "Field 'bogus' doesn't exist on type 'Order'"
    assert answer["errors"][0]["extensions"]["code"] == "undefinedField"


def test_variables_that_do_not_fit_are_refused_by_name(shop: Shop) -> None:
    (error,) = shop.body("query($n: Int!) { customers(first: $n) { nodes { id } } }", n="many")["errors"]
    assert "$n" in error["message"]
    assert error["extensions"]["code"] == "INVALID_VARIABLE"


def test_the_schema_can_be_asked_about_itself(shop: Shop) -> None:
    data = shop.data('{ __type(name: "Metafield") { name fields { name } } }')["__type"]
    assert "compareDigest" in {field["name"] for field in data["fields"]}
