"""What a query costs: the formula of recorded traffic, and the bucket that pays."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from shopify_sandbox_client import Shop

from sandbox.shopify.cost import Bucket, query_cost
from sandbox.shopify.documents import read_document

Start = Callable[..., dict[str, Any]]
LINES = "lineItems(first: 250) { nodes { id } }"


def requested(text: str) -> int:
    return query_cost(read_document(text, None, None))


@pytest.mark.parametrize(
    ("rows", "factor"), [(1, 0), (2, 1), (3, 2), (5, 3), (10, 4), (50, 7), (100, 9), (250, 11)]
)
def test_a_connection_costs_two_and_a_logarithm_of_its_size(rows: int, factor: int) -> None:
    assert requested(f"{{ orders(first: {rows}) {{ nodes {{ id }} }} }}") == 2 + factor


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ shop { name } }", 1),
        ("{ shop { name plan { shopifyPlus } } }", 2),
        ("{ orders(first: 250) { nodes { id totalPriceSet { shopMoney { amount } } } "
         "pageInfo { endCursor } } }", 13),
        (f"{{ orders(first: 250) {{ nodes {{ id {LINES} }} }} }}", 156),
        (f"{{ orders(first: 250) {{ edges {{ node {{ id {LINES} }} }} }} }}", 156),
        (f"{{ a: orders(first: 250) {{ nodes {{ id {LINES} }} }} b: shop {{ id }} }}", 157),
        ('{ customers(first: 250) { nodes { a: metafield(key: "k1") { value } '
         'b: metafield(key: "k2") { value } } } }', 35),
        ('{ node(id: "x") { ... on Customer { lastOrder { id } } ... on Order { name } } }', 2),
        ("{ currentAppInstallation { accessScopes { handle } } }", 2),
        ('mutation { metafieldsSet(metafields: []) { metafields { id } userErrors { message } } }', 10),
        ("mutation { stagedUploadsCreate(input: []) { stagedTargets { url parameters { name } } } }", 11),
        ("""{ companies(first: 50) { nodes { id mainContact { id } contacts(first: 50) { nodes { id } }
         locations(first: 50) { nodes { billingAddress { city } shippingAddress { city } } }
         totalSpent { amount } } } }""", 240),
    ],
)  # fmt: skip
def test_requested_costs_are_those_of_recorded_queries(text: str, cost: int) -> None:
    assert requested(text) == cost


def test_the_actual_cost_counts_what_came_back() -> None:
    text = f"{{ orders(first: 250) {{ nodes {{ id {LINES} }} }} }}"
    one_line = {"orders": {"nodes": [{"id": "x", "lineItems": {"nodes": [{"id": "y"}]}}] * 250}}
    # Recorded: 250 orders with one line each, requested 156, charged 35.
    assert query_cost(read_document(text, None, None), one_line) == 35
    assert query_cost(read_document(text, None, None), {"orders": {"nodes": []}}) == 2


def test_a_bucket_gives_what_it_has_and_refills_no_further_than_its_size() -> None:
    bucket = Bucket(size=100, per_second=1)
    assert bucket.take(90)
    assert not bucket.take(50)
    bucket.give_back(85)
    assert bucket.take(90)
    bucket.give_back(500)
    assert bucket.status() == {"maximumAvailable": 100.0, "currentlyAvailable": 100, "restoreRate": 1.0}


def test_a_bucket_refills_with_wall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    bucket = Bucket(size=2_000, per_second=100)
    assert bucket.take(2_000)
    now[0] += 3
    assert bucket.status()["currentlyAvailable"] == 300


@pytest.mark.parametrize(
    ("plan", "size", "rate"), [("standard", 2000, 100), ("advanced", 4000, 200), ("plus", 20000, 1000)]
)
def test_the_plan_sets_the_bucket(sandbox: Start, plan: str, size: int, rate: int) -> None:
    shop = Shop(sandbox(toml=f'[shopify]\nplan = "{plan}"\n'))
    status = shop.body("{ shop { id } }")["extensions"]["cost"]["throttleStatus"]
    assert (status["maximumAvailable"], status["restoreRate"]) == (size, rate)


def test_an_empty_bucket_throttles_with_http_200_and_no_retry_after(sandbox: Start) -> None:
    shop = Shop(sandbox())
    dear = "query { " + " ".join(f"a{i}: shop {{ id }}" for i in range(900)) + " }"
    answers = [shop.post(dear) for _ in range(3)]
    throttled = answers[-1]
    body = throttled.json()
    assert [one.status_code for one in answers] == [200, 200, 200]
    assert "retry-after" not in throttled.headers
    assert "data" not in body
    assert body["errors"][0]["message"] == "Throttled"
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    cost = body["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (900, None)
    assert cost["throttleStatus"]["currentlyAvailable"] < 900


def test_a_query_over_1000_points_is_never_run(sandbox: Start) -> None:
    shop = Shop(sandbox())
    inner = "customer { orders(first: 250) { nodes { lineItems(first: 250) { nodes { id } } } } }"
    body = shop.body(f"{{ orders(first: 250) {{ nodes {{ {inner} }} }} }}")
    assert "extensions" not in body
    assert "data" not in body
    extensions = body["errors"][0]["extensions"]
    # 2 + 11 * (1 + (1 + 156)), nobody pays for it
    assert (extensions["code"], extensions["cost"], extensions["maxCost"]) == (
        "MAX_COST_EXCEEDED",
        1740,
        1000,
    )
    assert shop.body("{ shop { id } }")["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 1999
