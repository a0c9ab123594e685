"""Rows of a scenario: defaults, refusals that name the culprit, and what a later scenario changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from shopify_sandbox_client import Shop

from sandbox.errors import ScenarioError
from sandbox.server import prepared

Start = Callable[..., dict[str, Any]]
Scenario = Callable[..., Path]


def applied(shop: Shop, folder: Path, rows: Any, toml: str = "") -> None:
    shop.sandbox("apply", {"scenario": str(write_scenario(folder, rows, toml))})


def test_only_the_id_is_needed(sandbox: Start) -> None:
    shop = Shop(sandbox({"shopify_customers": [{"id": 1}], "shopify_orders": [{"id": 2}]},
                        'now = "2026-10-01T12:00:00+09:00"\n[shopify]\ncurrency = "JPY"\n'))  # fmt: skip
    data = shop.data(
        """{ customer(id: "gid://shopify/Customer/1") { createdAt updatedAt email tags locale }
        order(id: "gid://shopify/Order/2") { name processedAt createdAt updatedAt displayFinancialStatus test
        sourceName currencyCode presentmentCurrencyCode totalPriceSet { presentmentMoney { amount } } } }"""
    )
    now = "2026-10-01T03:00:00Z"
    assert data["customer"] == {"createdAt": now, "updatedAt": now, "email": None, "tags": [], "locale": "en"}
    assert data["order"] == {
        "name": "#2",
        "processedAt": now,
        "createdAt": now,
        "updatedAt": now,
        "displayFinancialStatus": "PAID",
        "test": False,
        "sourceName": "web",
        "currencyCode": "JPY",
        "presentmentCurrencyCode": "JPY",
        "totalPriceSet": {"presentmentMoney": {"amount": "0.0"}},
    }


def test_times_of_an_order_follow_its_processed_at(sandbox: Start) -> None:
    shop = Shop(sandbox({"shopify_orders": [{"id": 1, "processed_at": "1997-01-01T00:00:00-05:00"}]}))
    order = shop.data('{ order(id: "gid://shopify/Order/1") { createdAt updatedAt processedAt } }')["order"]
    assert set(order.values()) == {"1997-01-01T05:00:00Z"}


@pytest.mark.parametrize(
    ("stem", "row", "words"),
    [
        ("shopify_orders", {"id": 7, "processed_at": "2026-01-01T00:00:00"},
         ("row 7", "processed_at", "offset")),
        ("shopify_orders", {"id": 7, "total": "12,5"}, ("row 7", "total", "12,5")),
        ("shopify_orders", {"id": 7, "test": "yes"}, ("row 7", "test", "true or false")),
        ("shopify_orders", {"id": 7, "financial_status": "paid"}, ("row 7", "financial_status", "PAID")),
        ("shopify_customers", {"id": "x"}, ("id", "'x'")),
        ("shopify_metafields", {"owner_id": 1, "namespace": "crm", "key": "nn", "type": "number_integer",
                                "value": "a"}, ("crm.nn of 1", "integer")),
    ],
)  # fmt: skip
def test_a_malformed_cell_is_an_error_that_names_it(
    scenario: Scenario, stem: str, row: dict[str, object], words: tuple[str, ...]
) -> None:
    with pytest.raises(ScenarioError) as caught, prepared(scenario({stem: [row]})):
        pass
    assert all(word in str(caught.value) for word in (stem, *words))


def test_a_later_scenario_changes_only_the_columns_it_has(sandbox: Start, tmp_path: Path) -> None:
    first = {"id": 1, "email": "a@example.com", "first_name": "A", "updated_at": "2026-01-01T00:00:00Z"}
    shop = Shop(sandbox({"shopify_customers": [first]}))
    applied(shop, tmp_path / "later", {"shopify_customers": [{"id": 1, "email": "b@example.com"}, {"id": 2}]},
            'now = "2026-12-01T00:00:00Z"\n')  # fmt: skip
    nodes = shop.data("{ customers(first: 9) { nodes { email firstName updatedAt } } }")["customers"]["nodes"]
    assert nodes[0] == {"email": "b@example.com", "firstName": "A", "updatedAt": "2026-12-01T00:00:00Z"}
    assert len(nodes) == 2


def test_a_later_scenario_deletes_and_merges(sandbox: Start, tmp_path: Path) -> None:
    rows = {
        "shopify_customers": [{"id": 1}, {"id": 2}, {"id": 3}],
        "shopify_orders": [{"id": 10, "customer_id": 1}, {"id": 11, "customer_id": 3}],
        "shopify_metafields": [{"owner_id": 1, "namespace": "crm", "key": "kk", "value": "x"}],
    }
    shop = Shop(sandbox(rows))
    later = [{"id": 1, "merged_into": 2, "deleted": ""}, {"id": 3, "merged_into": "", "deleted": "true"}]
    applied(shop, tmp_path / "later", {"shopify_customers": later})
    data = shop.data(
        """{ customers(first: 9) { nodes { id metafield(namespace: "crm", key: "kk") { value } } }
        orders(first: 9, sortKey: ID) { nodes { customer { id } } } }"""
    )
    assert data["customers"]["nodes"] == [{"id": "gid://shopify/Customer/2", "metafield": {"value": "x"}}]
    assert data["orders"]["nodes"] == [{"customer": {"id": "gid://shopify/Customer/2"}}, {"customer": None}]


@pytest.mark.parametrize(("bumps", "moved"), [("false", "2026-01-01"), ("true", "2026-12-01")])
def test_a_knob_decides_whether_a_merge_touches_the_orders_that_move(
    sandbox: Start, tmp_path: Path, bumps: str, moved: str
) -> None:
    rows = {
        "shopify_customers": [{"id": 1}, {"id": 2}],
        "shopify_orders": [{"id": 10, "customer_id": 1, "processed_at": "2026-01-01T00:00:00Z"}],
    }
    shop = Shop(sandbox(rows, f"[shopify]\nmerge_bumps_orders = {bumps}\n"))
    later = {"shopify_customers": [{"id": 1, "merged_into": 2}]}
    applied(shop, tmp_path / "later", later, 'now = "2026-12-01T00:00:00Z"\n')
    order = shop.data('{ order(id: "gid://shopify/Order/10") { updatedAt customer { id } } }')["order"]
    assert order["customer"]["id"].endswith("/2")
    assert order["updatedAt"].startswith(moved)


def test_a_redacted_customer_has_no_address_and_its_stamp_need_not_move(
    sandbox: Start, tmp_path: Path
) -> None:
    stamp = "2026-01-01T00:00:00Z"
    first = {"id": 1, "email": "a@example.com", "phone": "+819012345678", "updated_at": stamp}
    shop = Shop(sandbox({"shopify_customers": [first]}))
    redacted = {"id": 1, "email": "", "phone": "", "updated_at": stamp}
    applied(shop, tmp_path / "later", {"shopify_customers": [redacted]})
    data = shop.data(
        """{ customer(id: "gid://shopify/Customer/1") { updatedAt defaultEmailAddress { emailAddress }
        defaultPhoneNumber { phoneNumber } } }"""
    )
    assert data["customer"] == {"updatedAt": stamp, "defaultEmailAddress": None, "defaultPhoneNumber": None}


def test_an_order_shows_tax_shipping_and_whether_a_company_buys(sandbox: Start) -> None:
    orders = [
        {"id": 1, "customer_id": 5, "total": "1650", "tax": "150", "shipping": "500", "b2b": "true"},
        {"id": 2, "customer_id": 5, "total": "1000", "tax": "", "shipping": "", "b2b": "false"},
        {"id": 3, "customer_id": "", "total": "1000", "tax": "", "shipping": "", "b2b": ""},
    ]
    shop = Shop(sandbox({"shopify_customers": [{"id": 5}], "shopify_orders": orders}))
    asked = """{ orders(sortKey: ID) { edges { node { id totalTaxSet { shopMoney { amount } }
    totalShippingPriceSet { shopMoney { amount } } purchasingEntity { __typename
    ... on Customer { id } ... on PurchasingCompany { company { name } } } } } } }"""
    found = [
        (
            row["totalTaxSet"]["shopMoney"]["amount"],
            row["totalShippingPriceSet"]["shopMoney"]["amount"],
            row["purchasingEntity"],
        )
        for row in shop.export(asked)
    ]
    assert found == [
        ("150.0", "500.0", {"__typename": "PurchasingCompany", "company": {"name": "Company 1"}}),
        ("0.0", "0.0", {"__typename": "Customer", "id": "gid://shopify/Customer/5"}),
        ("0.0", "0.0", None),
    ]


def test_a_refund_moves_its_orders_updated_at(sandbox: Start, tmp_path: Path) -> None:
    order = {"id": 10, "processed_at": "2026-09-01T00:00:00Z", "total": "9"}
    shop = Shop(sandbox({"shopify_orders": [order]}))
    refund = {"id": 1, "order_id": 10, "processed_at": "2026-09-20T00:00:00Z", "amount": "2"}
    applied(shop, tmp_path / "later", {"shopify_refunds": [refund]})
    found = shop.data(
        '{ order(id: "gid://shopify/Order/10") { updatedAt totalRefundedSet { shopMoney { amount } } } }'
    )
    assert found["order"] == {
        "updatedAt": "2026-09-20T00:00:00Z",
        "totalRefundedSet": {"shopMoney": {"amount": "2.0"}},
    }
