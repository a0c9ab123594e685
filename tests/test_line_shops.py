"""Two shops in two time zones and currencies, and one org: one store, one identity, one currency."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from line_shops import NEW_YORK, TOKYO, Shops, two_shops
from line_small import LATER, contacts, customers, orders, sales
from line_support import Line

ANNA, BEN = 1, 2
REQUESTS = 30


def rows() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the two sandboxes hold: Anna buys everywhere, Ben in New York only.

    Her first order is of the next day in Tokyo, her second of the day before in New York.
    """
    mail = "anna@example.com"
    first = {
        "shopify_customers": customers([ANNA], email=mail),
        "shopify_orders": orders([ANNA], "2026-01-10", total="1000", processed_at="2026-01-10T16:00:00Z"),
        "salesforce_Contact": contacts([ANNA], Email=mail),
        "salesforce_Order": sales([ANNA], "2026-04-01"),
    }
    second = {
        "shopify_customers": [*customers([ANNA], email=mail), *customers([BEN])],
        "shopify_orders": [
            *orders([ANNA], "2026-03-02", total="20.00", processed_at="2026-03-02T03:00:00Z"),
            *orders([BEN], "2026-05-01", start=2, total="30.00"),
        ],
    }
    return first, second


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Shops]:
    with two_shops(tmp_path, *rows()) as line:
        yield line


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shops, dict[str, Any]]]:
    """The job after its first sync, and what that told; for tests that only look."""
    with two_shops(tmp_path_factory.mktemp("synced"), *rows()) as line:
        yield line, line.sync().json


def store(line: Shops, sql: str) -> list[tuple[Any, ...]]:
    """What the store says."""
    with duckdb.connect(str(line.store), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_one_person_of_two_shops_and_an_org_has_every_order_on_its_own_shops_day(
    synced: tuple[Shops, dict[str, Any]],
) -> None:
    shops, told = synced
    assert (told["persons"], told["records"], told["balanced"]) == (2, 4, True)
    tokyo, new_york, org = shops.held()
    anna = tokyo["1001"]
    assert anna["first_purchase_on"] == date(2026, 1, 11), "already the next day in Tokyo"
    assert anna["last_purchase_on"] == date(2026, 4, 1)
    assert anna["net_spend"] == 1_000 + 20 * 150 + 10 * 150
    assert (anna["purchases"], anna["tenure_days"]) == (3, 80)
    assert new_york["1001"] == anna
    assert list(org.values()) == [anna]
    days = dict(
        store(shops, "SELECT account, min(ordered_on) FROM orders WHERE platform = 'shopify' GROUP BY 1")
    )
    assert days == {TOKYO: date(2026, 1, 11), NEW_YORK: date(2026, 3, 1)}
    assert new_york["1002"]["net_spend"] == Decimal(30 * 150)


def test_every_line_of_the_balance_sheet_says_which_shop(synced: tuple[Shops, dict[str, Any]]) -> None:
    _, told = synced
    assert {name for name in told["streams"] if name.startswith("shopify")} == {
        f"shopify:{shop}.{stream}"
        for shop in ("tokyo", "new_york")
        for stream in ("customers", "orders", "abandoned_checkouts", "draft_orders")
    }
    assert {name: line["planned"] for name, line in told["writes"].items()} == {
        "shopify:tokyo": 1,
        "shopify:new_york": 2,
        "salesforce": 1,
    }
    api = told["api"]
    assert api["shopify"]["requests"] == sum(
        api[name]["requests"] for name in ("shopify:tokyo", "shopify:new_york")
    )


def test_a_second_run_writes_nothing_and_a_day_in_one_shop_reaches_the_other(shops: Shops) -> None:
    shops.sync()
    again = shops.sync().json
    assert (again["planned"], again["balanced"]) == (0, True)
    assert sum(again["api"][name]["requests"] for name in ("shopify", "salesforce")) <= REQUESTS
    more = orders([ANNA], "2026-10-02", start=9, total="500", updated_at=LATER)
    shops.apply(shops.folder / "more", {"shopify_orders": more}, LATER)
    Line.apply(Line(shops.folder, shops.second), shops.folder / "none", {}, LATER)
    assert shops.sync().json["written"] == 3
    _, new_york, _ = shops.held()
    assert new_york["1001"]["last_purchase_on"] == date(2026, 10, 2)


def test_the_first_shop_gives_the_currency_of_every_sum(shops: Shops) -> None:
    shops.configure_shops("new_york", "tokyo", more="\n[currency]\nrates = { JPY = 0.01 }\n")
    shops.provision()
    shops.sync()
    _, new_york, _ = shops.held()
    assert new_york["1001"]["net_spend"] == Decimal("40.00"), "10.00 from Tokyo, 20.00, and 10.00 of the org"


def test_an_order_without_a_rate_is_set_aside_until_there_is_one(shops: Shops) -> None:
    shops.configure_shops("tokyo", "new_york", more="")
    told = shops.sync(code=3).json
    assert told["streams"]["shopify:new_york.orders"]["quarantined"] == 2
    assert (told["balanced"], shops.held()[0]["1001"]["net_spend"]) == (True, 1_000)
    shops.configure_shops("tokyo", "new_york")
    told = shops.sync().json
    assert told["streams"]["shopify:new_york.orders"]["inserted"] == 2
    assert shops.held()[0]["1001"]["net_spend"] == 5_500


def test_a_shop_that_is_added_is_read_whole_and_the_other_only_onwards(shops: Shops) -> None:
    shops.configure_shops("tokyo")
    assert shops.sync().json["persons"] == 1
    shops.configure_shops("tokyo", "new_york")
    told = shops.sync().json
    assert (told["persons"], told["people"]["new"]) == (2, 1)
    assert told["streams"]["shopify:new_york.customers"]["inserted"] == 2
    assert told["streams"]["shopify:tokyo.customers"]["inserted"] == 0


def test_a_shop_that_was_read_cannot_just_be_left_out(shops: Shops) -> None:
    shops.sync()
    shops.configure_shops("tokyo")
    ran = shops.sync(code=1)
    assert ran.json["error"]["code"] == "store_other_settings"
    assert NEW_YORK in ran.json["error"]["message"]


def test_missing_secrets_of_one_shop_are_named(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shops, "secrets", property(Line.secrets.fget))  # type: ignore[attr-defined]
    error = shops.sync(code=1).json["error"]
    assert error["code"] == "secret_missing"
    assert "ZAISEKI_SHOPIFY_TOKYO_CLIENT_ID" in error["next_step"]


def test_a_shop_that_does_not_answer_is_named(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = shops.secrets | {"ZAISEKI_SHOPIFY_NEW_YORK_CLIENT_SECRET": "wrong"}
    monkeypatch.setattr(Shops, "secrets", wrong)
    error = shops.sync(code=1).json["error"]
    assert error["message"].startswith("Shopify (new_york): Shopify refuses")
