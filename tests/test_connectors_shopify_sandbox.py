"""The Shopify connector against the sandbox: real HTTP, real failures, every request counted."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import Rows, write_scenario
from shopify_answers import FIELDS

from connectors import errors
from connectors.base import Update, WriteResult
from connectors.shopify import ShopifyAccess, ShopifyConnector
from connectors.shopify.names import alias
from sync.ours import canonical

Sandbox = Callable[..., dict[str, Any]]
TOML = 'now = "1998-06-30T15:00:00Z"\n[shopify]\nshop = "demo.myshopify.com"\ncurrency = "USD"\n{more}'
BY_KEY = {field.key: field for field in FIELDS}
VALUES = {"tenure_days": "7", "net_spend": "12.30", "segment": "a", "channels": "x;y"}


def rows(customers: int, orders: int = 0) -> Rows:
    """Customers changed at a second each, and orders of theirs with one refund in all."""
    began = datetime(1997, 1, 1, tzinfo=UTC)
    return {
        "shopify_customers": [
            {
                "id": record,
                "email": f"p{record}@example.com",
                "created_at": "1997-01-01T00:00:00Z",
                "updated_at": (began + timedelta(seconds=record)).isoformat(),
            }
            for record in range(1, customers + 1)
        ],
        "shopify_orders": [
            {
                "id": 1_000_000 + order,
                "name": f"#{order}",
                "customer_id": order % customers + 1,
                "processed_at": "1997-02-01T00:00:00Z",
                "created_at": "1997-02-01T00:00:00Z",
                "updated_at": (began + timedelta(days=40, seconds=order)).isoformat(),
                "currency": "USD",
                "total": "12.50",
                "financial_status": "PAID",
            }
            for order in range(1, orders + 1)
        ],
        "shopify_refunds": [
            {"id": 5, "order_id": 1_000_001, "processed_at": "1997-04-01T00:00:00Z", "amount": "1.00"}
        ]
        if orders
        else [],
    }


@pytest.fixture
def start(sandbox: Sandbox) -> Callable[..., dict[str, Any]]:
    """Give a function (customers, orders, more toml) -> the shop's part of the ready line."""

    def begin(customers: int, orders: int = 0, more: str = "") -> dict[str, Any]:
        shop: dict[str, Any] = sandbox(rows(customers, orders), TOML.format(more=more))["shopify"]
        return shop

    return begin


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Callable[..., ShopifyConnector]]:
    """Give a function (shop, …) -> a connector to it; waits are cut short."""
    made: list[ShopifyConnector] = []
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def connector(ready: dict[str, Any], **other: Any) -> ShopifyConnector:
        given = {name: ready[name] for name in ("shop", "client_id", "client_secret", "url")}
        access = ShopifyAccess(**{**given, **other})
        made.append(ShopifyConnector(access, FIELDS, referral_code="custom.code", scratch=scratch))
        return made[-1]

    yield connector
    for one in made:
        one.close()
    assert list(scratch.iterdir()) == []


Connect = Callable[..., ShopifyConnector]
Start = Callable[..., dict[str, Any]]


def served(shop: dict[str, Any]) -> int:
    """How many requests the sandbox itself has counted."""
    answer = requests.get(f"{shop['url']}/_sandbox/requests", timeout=10).json()
    return len(answer["requests"])


def faults(shop: dict[str, Any], *rules: dict[str, Any]) -> None:
    """Make the sandbox fail."""
    requests.post(f"{shop['url']}/_sandbox/faults", data=json.dumps(rules), timeout=10).raise_for_status()


def pulled(one: ShopifyConnector, stream: str) -> list[Any]:
    """All rows of a stream."""
    return [row for batch in one.pull(stream) for row in batch.rows]


def fill(customers: int) -> list[Update]:
    """The same values for everybody."""
    return [Update("customer", str(record), VALUES) for record in range(1, customers + 1)]


def write(one: ShopifyConnector, updates: list[Update]) -> dict[str, WriteResult]:
    """Write and return the results by record."""
    return {result.record_id: result for result in one.write(iter(updates), len(updates))}


def stored(shop: dict[str, Any], connect: Connect) -> dict[str, dict[str, str]]:
    """What every customer holds of ours, read afresh."""
    one = connect(shop)
    one.survey({})
    return {
        row["id"].rpartition("/")[2]: {
            key: text
            for key, field in BY_KEY.items()
            if (cell := row.get(alias(key))) and (text := canonical(field, cell["value"])) is not None
        }
        for row in pulled(one, "customers")
    }


def test_a_small_shop_is_read_with_a_token_and_one_request(start: Start, connect: Connect) -> None:
    shop = start(200, 240)
    one = connect(shop)
    site = one.survey({})
    customers, orders = pulled(one, "customers"), pulled(one, "orders")
    assert site.counts == {"customers": 200, "orders": 240, "abandoned_checkouts": 0, "draft_orders": 0}
    assert (site.currency, site.account) == ("USD", "demo.myshopify.com")
    assert [row["id"] for row in customers] == [f"gid://shopify/Customer/{n}" for n in range(1, 201)]
    assert len(orders) == 240
    (refund,) = [refund for row in orders for refund in row["refunds"]]
    assert refund["totalRefundedSet"]["shopMoney"] == {"amount": "1.0", "currencyCode": "USD"}
    assert one.usage.requests == served(shop) == 2


def test_a_larger_shop_is_read_in_bulk_sorted_by_change(start: Start, connect: Connect) -> None:
    shop = start(1_700, 1_800)
    one = connect(shop)
    one.survey({})
    batches = list(one.pull("customers"))
    assert [row["id"] for batch in batches for row in batch.rows] == [
        f"gid://shopify/Customer/{n}" for n in range(1, 1_701)
    ]
    assert batches[0].bookmark == datetime(1997, 1, 1, 0, 28, 20, tzinfo=UTC)
    assert len(pulled(one, "orders")) == 1_800
    assert one.usage.requests == served(shop) <= 2 + 2 * 4


def test_provisioning_twice_changes_nothing_the_second_time(start: Start, connect: Connect) -> None:
    shop = start(1)
    one = connect(shop)
    assert {made.action for made in one.provision(FIELDS, (), dry_run=True)} == {"created"}
    assert {made.action for made in one.provision(FIELDS, (), dry_run=False)} == {"created"}
    assert {made.action for made in one.provision(FIELDS, (), dry_run=False)} == {"unchanged"}
    assert one.survey({}).present == {"customer": frozenset(BY_KEY)}


def test_a_few_values_are_written_and_read_back(start: Start, connect: Connect) -> None:
    shop = start(10)
    one = connect(shop)
    one.provision(FIELDS, (), dry_run=False)
    results = write(one, [*fill(9), Update("customer", "999", VALUES)])
    assert results.pop("999").code == "OWNER_GONE"
    assert {result.status for result in results.values()} == {"confirmed"}
    write(one, [Update("customer", "1", {"segment": None, "tenure_days": "8"})])
    found = stored(shop, connect)
    assert found["1"] == {"tenure_days": "8", "net_spend": "12.30", "channels": "x;y"}
    assert found["2"] == VALUES
    assert found["10"] == {}


@pytest.mark.parametrize("bump", ["true", "false"])
def test_many_values_go_in_bulk_and_the_quiet_run_after_needs_few_requests(
    start: Start, connect: Connect, bump: str
) -> None:
    shop = start(1_700, 100, f"metafield_writes_bump = {bump}\n")
    one = connect(shop)
    one.provision(FIELDS, (), dry_run=False)
    before = one.usage.requests
    site = one.survey({})
    results = write(one, fill(1_700))
    assert len(results) == 1_700
    assert {result.status for result in results.values()} == {"confirmed"}
    assert one.usage.requests - before <= 12
    quiet = connect(shop)
    quiet.survey(dict.fromkeys(quiet.streams, site.server_time))
    again = pulled(quiet, "customers")
    assert len(again) == (1_700 if bump == "true" else 0)
    assert pulled(quiet, "orders") == []
    assert quiet.usage.requests <= 8
    assert set(map(str, stored(shop, connect).values())) == {str(VALUES)}


def test_rejected_records_in_a_bulk_write_are_told_apart(start: Start, connect: Connect) -> None:
    shop = start(300)
    one = connect(shop)
    one.provision(FIELDS, (), dry_run=False)
    faults(
        shop,
        {"fault": "reject_records", "contains": "gid://shopify/Customer/77 ", "times": None},
        {"fault": "reject_records", "contains": "gid://shopify/Customer/200 segment", "times": None},
    )
    updates = [*fill(300), Update("customer", "999", VALUES)]
    results = write(one, updates)
    rejected = {record for record, result in results.items() if result.status == "rejected"}
    assert rejected == {"77", "200", "999"}
    found = stored(shop, connect)
    assert [record for record, values in found.items() if values != VALUES] == ["77", "200"]


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "status", "status": 503, "path": "graphql"},
        {"fault": "throttle", "path": "graphql"},
        {"fault": "reset", "path": "graphql"},
        {"fault": "lost_answer", "path": "graphql", "skip": 1},
        {"fault": "cut_off", "path": "graphql"},
        {"fault": "expired_token", "path": "graphql"},
        {"fault": "status", "status": 500, "path": "access_token"},
        {"fault": "cut_off", "path": "_bulk"},
        {"fault": "reset", "path": "_bulk"},
        {"fault": "status", "status": 503, "path": "_bulk"},
        {"fault": "fail_job"},
        {"fault": "partial_result"},
    ],
    ids=lambda rule: f"{rule['fault']}-{rule.get('path', '')}",
)
def test_a_failure_in_passing_loses_no_row(start: Start, connect: Connect, rule: dict[str, Any]) -> None:
    shop = start(1_700)
    faults(shop, rule)
    one = connect(shop)
    one.survey({})
    assert len({row["id"] for row in pulled(one, "customers")}) == 1_700
    assert one.usage.requests == served(shop)


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "reset", "path": "_staged"},
        {"fault": "status", "status": 503, "path": "_staged"},
        {"fault": "lost_answer", "contains": "bulkOperationRunMutation"},
        {"fault": "fail_job", "contains": "metafieldsSet"},
        {"fault": "cut_off", "path": "_bulk"},
        {"fault": "partial_result"},
    ],
    ids=lambda rule: f"{rule['fault']}-{rule.get('path', '')}",
)
def test_a_failure_in_passing_loses_no_value(start: Start, connect: Connect, rule: dict[str, Any]) -> None:
    shop = start(300)
    one = connect(shop)
    one.provision(FIELDS, (), dry_run=False)
    faults(shop, rule)
    results = write(one, fill(300))
    assert {result.status for result in results.values()} == {"confirmed"}
    assert list(stored(shop, connect).values()) == [VALUES] * 300


def test_a_wrong_secret_and_a_wrong_token_are_told_apart_from_a_wrong_shop(
    start: Start, connect: Connect
) -> None:
    shop = start(1)
    for wrong, code in (
        ({"client_secret": "wrong"}, "credentials_refused"),
        ({"access_token": "shpat_wrong"}, "token_refused"),
        ({"shop": "other.myshopify.com", "access_token": shop["access_token"]}, "other_shop"),
        ({"api_version": "2024-01"}, "api_version"),
    ):
        with pytest.raises(errors.MendSettings) as raised:
            connect(shop, **wrong).survey({})
        assert raised.value.code == code


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        ('["write_customers", "read_all_orders"]', {"read_orders"}),
        ('["read_orders", "read_all_orders"]', {"read_customers", "write_customers"}),
        ('["read_customers", "read_orders", "read_all_orders"]', {"write_customers"}),
    ],
)
def test_missing_scopes_are_all_named(start: Start, connect: Connect, scopes: str, missing: set[str]) -> None:
    shop = start(3, 3, f"scopes = {scopes}\n")
    site = connect(shop).survey({})
    assert {found.details["scope"] for found in site.findings if found.severity == "error"} == missing


def test_settling_waits_for_a_write_that_a_killed_run_left(start: Start, connect: Connect) -> None:
    shop = start(300)
    one = connect(shop)
    faults(shop, {"fault": "slow", "path": "_bulk", "seconds": 0.0})
    assert write(one, fill(300))["1"].status == "confirmed"
    before = one.usage.requests
    one.settle()
    assert one.usage.requests == before + 1


def test_a_sweep_finds_every_id_and_no_deleted_one(start: Start, connect: Connect) -> None:
    shop = start(260, 20)
    one = connect(shop)
    one.survey({})
    found = [row for some in one.sweep("customers") for row in some]
    assert sorted(int(row.id) for row in found) == list(range(1, 261))
    assert not any(row.blank for row in found)
    orders = {row.id: row.owner for some in one.sweep("orders") for row in some}
    assert len(orders) == 20
    assert orders["1000001"] == "2"


@pytest.mark.parametrize("customers", [30, 1_300], ids=["paged", "in bulk"])
def test_a_sweep_sees_what_a_merge_and_a_redaction_did_though_no_order_changed(
    start: Start, connect: Connect, tmp_path: Path, customers: int
) -> None:
    shop = start(customers, customers)
    one = connect(shop)
    site = one.survey({})
    later = write_scenario(
        tmp_path / "later",
        {
            "shopify_customers": [
                {"id": 4, "merged_into": 5, "email": ""},
                {"id": 6, "merged_into": "", "email": ""},
            ]
        },
        'now = "1998-07-01T15:00:00Z"\n',
    )
    answer = requests.post(f"{shop['url']}/_sandbox/apply", json={"scenario": str(later)}, timeout=10)
    answer.raise_for_status()
    again = connect(shop)
    again.survey(dict.fromkeys(again.streams, site.server_time))
    assert pulled(again, "orders") == []
    people = {row.id: row for some in again.sweep("customers") for row in some}
    assert (len(people), people["6"].blank, people["5"].blank) == (customers - 1, True, False)
    owners = {row.owner for some in again.sweep("orders") for row in some}
    assert len(owners) == customers - 1
    assert "4" not in owners


def test_the_script_prints_rows_and_says_what_is_wrong(start: Start) -> None:
    shop = start(3)
    script = Path(__file__).parent.parent / "scripts" / "pull_shopify.py"
    given = {"SHOP": shop["shop"], "URL": shop["url"], "ACCESS_TOKEN": shop["access_token"]}

    def run(**other: str) -> subprocess.CompletedProcess[str]:
        told = {f"ZAISEKI_SHOPIFY_{name}": value for name, value in {**given, **other}.items()}
        command = [sys.executable, str(script), "customers"]
        return subprocess.run(
            command, env={**os.environ, **told}, capture_output=True, text=True, timeout=60, check=False
        )

    printed = [json.loads(line)["id"] for line in run().stdout.splitlines()]
    assert printed == [f"gid://shopify/Customer/{number}" for number in (1, 2, 3)]
    refused = run(ACCESS_TOKEN="shpat_wrong")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("shopify: token_refused")
