"""Who may call and see what: tokens, hosts, versions, scopes, the 60 days, REST, and ShopifyAPI itself."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import shopify
from conftest import write_scenario
from shopify_sandbox_client import SECONDS, SET, Shop, metafield

Start = Callable[..., dict[str, Any]]
ROWS = {
    "shopify_customers": [
        {
            "id": n,
            "email": f"c{n}@example.com",
            "first_name": f"N{n}",
            "updated_at": f"2026-09-0{n}T00:00:00Z",
        }
        for n in (1, 2, 3)
    ],
    "shopify_orders": [
        {"id": 10, "customer_id": 1, "processed_at": "2026-09-20T00:00:00Z", "total": "5"},
        {"id": 11, "customer_id": 1, "processed_at": "2026-05-01T00:00:00Z", "total": "6.50"},
        {"id": 12, "customer_id": 2, "processed_at": "2026-09-21T00:00:00Z", "total": "7"},
    ],
}


def grant(shop: Shop, **form: str) -> requests.Response:
    given = {
        "grant_type": "client_credentials",
        "client_id": shop.keys["client_id"],
        "client_secret": shop.keys["client_secret"],
    } | form
    return requests.post(f"{shop.url}/admin/oauth/access_token", data=given, timeout=SECONDS)


def test_client_credentials_give_a_token_for_a_day(sandbox: Start) -> None:
    shop = Shop(sandbox(ROWS))
    given = grant(shop).json()
    assert given["expires_in"] == 86399
    assert "read_customers" in given["scope"].split(",")
    shop.headers = {"X-Shopify-Access-Token": given["access_token"]}
    assert shop.data("{ shop { id } }")
    body = {"grant_type": "client_credentials", "client_id": shop.keys["client_id"],
            "client_secret": shop.keys["client_secret"]}  # fmt: skip
    sent = requests.post(f"{shop.url}/admin/oauth/access_token", json=body, timeout=SECONDS)
    assert sent.json()["access_token"] != given["access_token"]


def test_wrong_credentials_are_told_apart(sandbox: Start) -> None:
    shop = Shop(sandbox())
    unknown, wrong = grant(shop, client_id="nobody"), grant(shop, client_secret="nothing")
    assert (unknown.status_code, wrong.status_code) == (400, 400)
    assert "application_cannot_be_found" in unknown.text
    assert wrong.json()["error"] == "invalid_client"


def test_a_token_dies_after_its_time(sandbox: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox.shopify import runtime

    now = [100.0]
    monkeypatch.setattr(runtime.time, "monotonic", lambda: now[0])
    tokens = runtime.Tokens("fixed")
    token = tokens.issue(60)
    now[0] += 59
    assert tokens.alive(token)
    now[0] += 1
    assert not tokens.alive(token)
    assert tokens.alive("fixed")


@pytest.mark.parametrize(
    "headers", [{}, {"X-Shopify-Access-Token": "wrong"}, {"Authorization": "Bearer {token}"}]
)
def test_only_the_token_header_opens_the_door(sandbox: Start, headers: dict[str, str]) -> None:
    shop = Shop(sandbox())
    token = shop.headers["X-Shopify-Access-Token"]
    shop.headers = {name: value.format(token=token) for name, value in headers.items()}
    answer = shop.post("{ shop { id } }")
    assert answer.status_code == 401
    assert answer.json() == {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    }


def test_another_shops_host_is_not_found(sandbox: Start) -> None:
    shop = Shop(sandbox(toml='[shopify]\nshop = "kissa"\n'))
    for host, status in (
        ("kissa.localhost", 200),
        ("kissa.myshopify.com", 200),
        ("other.myshopify.com", 404),
    ):
        shop.headers["Host"] = host
        assert shop.post("{ shop { id } }").status_code == status


@pytest.mark.parametrize(
    ("asked", "status", "served"),
    [("2026-10", 200, "2026-10"), ("2025-07", 200, "2025-10"), ("2019-04", 200, "2025-10"),
     ("unstable", 200, "unstable"), ("2026-13", 404, None), ("2031-01", 404, None)],
)  # fmt: skip
def test_old_versions_fall_forward_and_say_so(
    sandbox: Start, asked: str, status: int, served: str | None
) -> None:
    answer = Shop(sandbox()).post("{ shop { id } }", version=asked)
    assert (answer.status_code, answer.headers.get("X-Shopify-API-Version")) == (status, served)
    assert served is None or answer.headers["X-Request-Id"]


def test_a_missing_scope_denies_the_field_and_not_the_rest(sandbox: Start) -> None:
    shop = Shop(sandbox(ROWS, '[shopify]\nscopes = ["read_orders", "read_all_orders"]\n'))
    answer = shop.body('{ order(id: "gid://shopify/Order/10") { id customer { id } } }')
    assert answer["data"] == {"order": {"id": "gid://shopify/Order/10", "customer": None}}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["message"] == (
        "Access denied for customer field. Required access: `read_customers` access scope."
    )
    assert error["path"] == ["order", "customer"]
    denied = shop.body("{ customers(first: 1) { nodes { id } } }")
    assert (denied["data"], denied["errors"][0]["path"]) == (None, ["customers"])


def test_writing_needs_the_write_scope(sandbox: Start) -> None:
    shop = Shop(sandbox(ROWS, '[shopify]\nscopes = ["read_customers"]\n'))
    answer = shop.body(SET, m=[metafield(1, "one", "x")])
    assert answer["data"] == {"metafieldsSet": None}
    assert "`write_customers` access scope" in answer["errors"][0]["message"]


def test_protected_data_needs_an_approval(sandbox: Start) -> None:
    shop = Shop(sandbox(ROWS, '[shopify]\nprotected_data = "refused"\n'))
    (error,) = shop.body("{ customers(first: 1) { nodes { id } } }")["errors"]
    assert error["message"].startswith("This app is not approved to access the Customer object.")


def test_without_approval_for_level_two_names_addresses_and_numbers_are_null(sandbox: Start) -> None:
    given: dict[str, Any] = {
        "shopify_customers": [{"id": 1, "email": "a@example.com", "phone": "+81901", "first_name": "Hana"}],
        "shopify_orders": [{"id": 10, "customer_id": 1, "email": "a@example.com", "phone": "+81901"}],
    }
    shop = Shop(sandbox(given, "[shopify]\nprotected_data = false\n"))
    rows = """{ customers { edges { node { id firstName displayName email phone
    defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } } } } }"""
    (customer,) = shop.export(rows)
    assert {name: value for name, value in customer.items() if name != "id"} == {
        "firstName": None,
        "displayName": "",
        "email": None,
        "phone": None,
        "defaultEmailAddress": None,
        "defaultPhoneNumber": None,
    }
    asked = shop.data("{ orders(first: 1) { nodes { id email phone customer { id email } } } }")
    assert asked["orders"]["nodes"] == [
        {
            "id": "gid://shopify/Order/10",
            "email": None,
            "phone": None,
            "customer": {"id": "gid://shopify/Customer/1", "email": None},
        }
    ]
    (order,) = shop.get("/admin/api/2026-10/orders.json").json()["orders"]
    assert (order["email"], order["customer"]["first_name"], order["customer"]["id"]) == (None, None, 1)


def test_scopes_that_cannot_be_read_hold_all_the_same(sandbox: Start) -> None:
    toml = 'now = "2026-10-01T00:00:00Z"\n[shopify]\nhide_scopes = true\nscopes = '
    shop = Shop(sandbox(ROWS, toml + '["read_orders", "read_customers"]\n'))
    data = shop.data("{ currentAppInstallation { accessScopes { handle } } ordersCount { count } }")
    assert data == {"currentAppInstallation": {"accessScopes": []}, "ordersCount": {"count": 2}}
    assert shop.get("/admin/oauth/access_scopes.json").json() == {"access_scopes": []}


def test_without_read_all_orders_the_orders_before_60_days_are_silently_missing(sandbox: Start) -> None:
    toml = '[shopify]\nscopes = ["read_orders", "read_customers"]\n'
    shop = Shop(sandbox(ROWS, 'now = "2026-10-01T00:00:00Z"\n' + toml))
    data = shop.data(
        """{ orders(first: 9, sortKey: ID) { nodes { id } } ordersCount { count }
        order(id: "gid://shopify/Order/11") { id } customer(id: "gid://shopify/Customer/1") {
        numberOfOrders orders(first: 9) { nodes { id } } } }"""
    )
    assert [node["id"][-2:] for node in data["orders"]["nodes"]] == ["10", "12"]
    assert (data["ordersCount"], data["order"]) == ({"count": 2}, None)
    assert data["customer"] == {
        "numberOfOrders": "2",
        "orders": {"nodes": [{"id": "gid://shopify/Order/10"}]},
    }
    assert len(shop.export("{ orders { edges { node { id } } } }")) == 2
    assert [order["id"] for order in shop.get("/admin/api/2026-10/orders.json").json()["orders"]] == [12, 10]


def test_rest_lists_follow_links(sandbox: Start) -> None:
    shop = Shop(sandbox(ROWS))
    params = {"limit": 2, "order": "updated_at asc", "updated_at_min": "2026-09-01T09:00:00+09:00"}
    one = shop.get("/admin/api/2026-10/customers.json", **params)
    assert [customer["id"] for customer in one.json()["customers"]] == [1, 2]
    assert one.headers["X-Shopify-Shop-Api-Call-Limit"] == "1/40"
    two = requests.get(one.links["next"]["url"], headers=shop.headers, timeout=SECONDS)
    assert [customer["id"] for customer in two.json()["customers"]] == [3]
    assert set(two.links) == {"previous"}
    assert shop.get("/admin/api/2026-10/customers/9.json").status_code == 404
    assert shop.get("/admin/api/2026-10/customers.json", limit=251).status_code == 400


@pytest.fixture
def official(tmp_path: Path) -> Iterator[Shop]:
    """Start a sandbox and point ShopifyAPI at it, unmodified."""
    from sandbox.server import running

    with running(write_scenario(tmp_path, ROWS, 'now = "2026-10-01T00:00:00Z"\n')) as ready:
        shop = Shop(ready)
        port = int(shop.url.rsplit(":", 1)[1])
        # The library joins the first label of the shop and this domain: together, the loopback address.
        shopify.Session.setup(protocol="http", myshopify_domain="0.0.1", port=port)
        session = shopify.Session("127.myshopify.com", "2026-10", shop.headers["X-Shopify-Access-Token"])
        shopify.ShopifyResource.activate_session(session)
        try:
            yield shop
        finally:
            shopify.ShopifyResource.clear_session()
            shopify.Session.setup(protocol="https", myshopify_domain="myshopify.com", port=None)


def test_shopifyapi_runs_graphql_unmodified(official: Shop) -> None:
    answer = json.loads(
        shopify.GraphQL().execute("query($n: Int!) { customers(first: $n) { nodes { email } } }", {"n": 2})
    )
    assert [node["email"] for node in answer["data"]["customers"]["nodes"]] == [
        "c1@example.com",
        "c2@example.com",
    ]


def test_shopifyapi_reads_rest_resources_unmodified(official: Shop) -> None:
    assert shopify.Shop.current().name == "sandbox"
    assert "read_orders" in [scope.handle for scope in shopify.AccessScope.find()]
    assert shopify.Customer.find(2).first_name == "N2"
    assert shopify.Customer.count() == 3
    page = shopify.Order.find(limit=2, order="updated_at asc", status="any")
    assert [order.id for order in page] == [11, 10]
    assert [order.id for order in page.next_page()] == [12]
    assert page[0].total_price == "6.50"
    assert page[0].customer.id == 1


def test_shopifyapi_sees_a_wrong_token_as_401(official: Shop) -> None:
    shopify.ShopifyResource.activate_session(shopify.Session("127.myshopify.com", "2026-10", "wrong"))
    with pytest.raises(Exception, match="401") as caught:
        shopify.Shop.current()
    assert caught.value.response.code == 401  # type: ignore[attr-defined]


def test_faults_have_shopifys_shape(sandbox: Start) -> None:
    shop = Shop(sandbox())
    rules = [{"fault": "throttle"}, {"fault": "expired_token"}, {"fault": "status", "status": 429}]
    seen = []
    for rule in rules:
        shop.sandbox("faults", [rule | {"platform": "shopify"}])
        answer = shop.post("{ shop { id } }")
        seen.append((answer.status_code, answer.json()["errors"]))
    assert seen[0][0] == 200
    assert seen[0][1][0]["extensions"]["code"] == "THROTTLED"
    assert seen[1][0] == 401
    assert seen[2][0] == 429
