"""The same order in two systems counts once where it is sure, and is only told where it is likely."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_people import make, order, record, sold

from metrics.purchases import PurchaseRules, valid_purchases
from sync import frames, twins
from sync.model import NOT_A_PURCHASE, Order
from sync.store import Store
from sync.twins import Twins

DAY = 20_000
ANN, BOB = [record("1"), record("C1", "Contact")], [record("2"), record("C2", "Contact")]
PEOPLE = {"ann": ["1", "C1"], "bob": ["2", "C2"]}
OTHER = "coffee.myshopify.com"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.duckdb") as opened:
        make(opened, records=[*ANN, *BOB], people=PEOPLE)
        yield opened


def shop(order_id: str, day: int = DAY, amount: str = "1000", name: str = "", **more: Any) -> Order:
    """Ann's order in the shop."""
    return order(order_id, day, amount, aliases=[name] if name else [], **{"record_id": "1", **more})


def org(order_id: str, day: int = DAY, amount: str = "1000", **more: Any) -> Order:
    """Ann's order in the org."""
    return sold(order_id, day, amount, **{"record_id": "C1", **more})


def look(store: Store, orders: Sequence[Order]) -> Twins:
    """What is found among these orders."""
    make(store, orders=orders)
    frames.refresh(store)
    counted = valid_purchases(
        frames.frame(store, "person_orders"),
        frames.frame(store, "person_refunds"),
        as_of_day=DAY + 100,
        rules=PurchaseRules(),
    )
    return twins.find(store, counted)


def duplicates(store: Store) -> dict[str, tuple[str, str]]:
    return {
        order_id: (twin, why)
        for order_id, twin, why in store.rows("SELECT order_id, twin_order_id, why FROM duplicates")
    }


def counted_ids(store: Store) -> set[str]:
    return {found for (found,) in store.rows("SELECT order_id FROM person_orders")}


def test_a_reference_to_the_shops_order_id_makes_a_duplicate_whoever_bought(store: Store) -> None:
    look(store, [shop("5001", record_id="2"), org("O1", reference="5001"), org("O2", reference="5002")])
    assert duplicates(store) == {"O1": ("5001", "reference")}
    assert counted_ids(store) == {"5001", "O2"}


def test_a_reference_to_a_name_counts_where_one_live_order_of_all_shops_bears_it(store: Store) -> None:
    look(
        store,
        [
            shop("5001", name="1001", record_id="2"),
            shop("5002", name="1002", record_id="2"),
            shop("6002", name="1002", record_id="2", account=OTHER),
            shop("5003", name="1003", record_id="2", deleted=True),
            shop("6004", name="1003", record_id=None, account=OTHER),
            org("O1", reference="1001"),
            org("O2", reference="1002"),
            org("O3", reference="1003"),
        ],
    )
    assert duplicates(store) == {"O1": ("5001", "reference"), "O3": ("6004", "reference")}


def test_an_ambiguous_reference_still_names_the_order_of_the_same_person(store: Store) -> None:
    look(
        store,
        [
            shop("5002", name="1002", record_id="2"),
            shop("6002", name="1002", account=OTHER),
            org("O2", reference="1002"),
        ],
    )
    assert duplicates(store) == {}  # the customer 1 is known in the first shop only
    make(store, records=[record("1", account=OTHER)], people={"ann": ["1"]})
    frames.refresh(store)
    assert duplicates(store) == {"O2": ("6002", "reference")}


def test_a_name_alone_makes_a_duplicate_only_with_an_order_of_the_same_person(store: Store) -> None:
    look(
        store,
        [
            shop("5001", name="1001"),
            shop("5002", name="1002", record_id="2"),
            org("O1", aliases=["po-7", "1001"]),
            org("O2", aliases=["1002"]),
            org("O3", aliases=["5001"]),
        ],
    )
    assert duplicates(store) == {"O1": ("5001", "name")}


def test_several_orders_may_be_copies_of_one_and_all_are_left_out(store: Store) -> None:
    found = look(
        store,
        [
            shop("5001", name="1001"),
            org("O1", amount="400", reference="5001"),
            org("O2", amount="600", reference="1001"),
            org("O3", aliases=["1001"]),
        ],
    )
    assert set(duplicates(store)) == {"O1", "O2", "O3"}
    assert found == Twins(duplicates=3, possible=0, shopify_orders=1, salesforce_orders=0)


def test_the_same_name_in_two_shops_is_the_order_of_the_same_person(store: Store) -> None:
    make(store, records=[record("9", account=OTHER)], people={"bob": ["9"]})
    look(
        store,
        [
            shop("5001", name="1001"),
            shop("6001", name="1001", record_id="9", account=OTHER),
            org("O1", aliases=["1001"]),
            org("O2", aliases=["1001"], record_id="C2"),
        ],
    )
    assert duplicates(store) == {"O1": ("5001", "name"), "O2": ("6001", "name")}


def test_what_is_no_purchase_or_gone_is_neither_copy_nor_original(store: Store) -> None:
    look(
        store,
        [
            shop("5001", name="1001", deleted=True),
            shop("5002", name="1002"),
            org("O1", reference="5001", aliases=["1001"]),
            org("O2", reference="5002", kind=NOT_A_PURCHASE),
            org("O3", reference="5002", deleted=True),
        ],
    )
    assert duplicates(store) == {}


def test_the_shops_order_wins_even_where_it_was_cancelled(store: Store) -> None:
    found = look(store, [shop("5001", cancelled_day=DAY), org("O1", reference="5001")])
    assert (found.duplicates, found.shopify_orders, found.salesforce_orders) == (1, 0, 0)


def test_an_order_of_a_history_file_that_the_shop_has_is_left_out(store: Store) -> None:
    def told(order_id: str, **more: Any) -> Order:
        named = {"record_platform": "shopify", "record_account": ANN[0].account}
        return shop(order_id, platform="history", account="orders.csv", **named, **more)

    look(
        store,
        [
            shop("5001", name="1001"),
            shop("5003", name="1003"),
            shop("5004", name="1004", record_id="2"),
            shop("5005", name="1005"),
            shop("5006", name="1006"),
            told("h1", name="1001"),
            told("5003"),
            told("h3", name="1004"),
            told("h4", name="88"),
            told("#1005"),
            told("gid://shopify/Order/5006"),
        ],
    )
    assert duplicates(store) == {
        "h1": ("5001", "name"),
        "5003": ("5003", "name"),
        "#1005": ("5005", "name"),
        "gid://shopify/Order/5006": ("5006", "name"),
    }
    assert counted_ids(store) == {"5001", "5003", "5004", "5005", "5006", "h3", "h4"}


def test_refunds_of_a_copy_are_left_out_with_it(store: Store) -> None:
    from stored_people import refund

    make(store, refunds=[refund("O1", DAY, "1000", platform="salesforce"), refund("5001", DAY, "200")])
    look(store, [shop("5001"), org("O1", reference="5001")])
    assert store.rows("SELECT order_id FROM person_refunds") == [("5001",)]


@pytest.mark.parametrize("amount", ["1000", "900", "950", "850"], ids=str)
def test_possible_twins_are_equal_with_or_without_tax_and_shipping(store: Store, amount: str) -> None:
    bought = shop("5001", tax=Decimal(100), shipping=Decimal(50))
    found = look(store, [bought, org("O1", DAY + 3, amount)])
    assert found == Twins(duplicates=0, possible=1, shopify_orders=1, salesforce_orders=1)
    assert counted_ids(store) == {"5001", "O1"}


@pytest.mark.parametrize(
    "other",
    [
        {"day": DAY + 4},
        {"day": DAY - 4},
        {"amount": "999"},
        {"amount": "1100"},
        {"currency": "USD"},
        {"record_id": "C2"},
        {"record_id": None},
        {"cancelled_day": DAY},
        {"kind": NOT_A_PURCHASE},
    ],
    ids=str,
)
def test_what_differs_is_no_possible_twin(store: Store, other: dict[str, Any]) -> None:
    bought = shop("5001", tax=Decimal(100), shipping=Decimal(50))
    assert look(store, [bought, org(**{"order_id": "O1", **other})]).possible == 0


def test_an_order_of_the_shop_with_a_known_copy_is_nobodys_possible_twin(store: Store) -> None:
    found = look(store, [shop("5001"), org("O1", reference="5001"), org("O2")])
    assert (found.duplicates, found.possible) == (1, 0)


def test_twins_are_paired_one_to_one(store: Store) -> None:
    found = look(store, [shop("5001"), org("O1"), org("O2", DAY + 1), org("O3", DAY - 1)])
    assert found.possible == 1
    assert store.rows("SELECT person_id, salesforce_day, shopify_day, pairs FROM possible_twins") == [
        ("ann", DAY, DAY, 1)
    ]


def nearest_first(orders: Sequence[Order]) -> list[tuple[str, int, int]]:
    """Pairs by plain recomputation: again and again the two orders that are nearest."""
    left = sorted(orders, key=lambda one: (one.ordered_day, one.original_amount, one.id))
    pairs = []
    while True:
        near = [
            (
                2 * abs(theirs.ordered_day - ours.ordered_day) - (theirs.ordered_day > ours.ordered_day),
                theirs,
                ours,
            )
            for theirs in left
            if theirs.platform == "salesforce"
            for ours in left
            if ours.platform == "shopify"
            and (theirs.record_id == "C1") == (ours.record_id == "1")
            and abs(theirs.ordered_day - ours.ordered_day) <= 3
            and theirs.original_amount in prices(ours)
        ]
        if not near:
            return sorted(pairs)
        _, theirs, ours = min(near, key=lambda pair: pair[0])
        pairs.append((str(theirs.record_id), theirs.ordered_day, ours.ordered_day))
        left = [one for one in left if one is not theirs and one is not ours]


def prices(ours: Order) -> set[Decimal]:
    tax, shipping = ours.tax or Decimal(0), ours.shipping or Decimal(0)
    total = ours.original_amount
    return {total, total - tax, total - shipping, total - tax - shipping}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), days=st.sampled_from([4, 12, 60]))
def test_pairing_equals_pairing_by_hand(store: Store, seed: int, days: int) -> None:
    chance = random.Random(seed)
    store.con.execute("DELETE FROM orders")
    orders = [
        chance.choice([shop, org])(
            f"o{number}",
            DAY + chance.randint(0, days),
            chance.choice(["1000", "1000", "900"]),
        )
        for number in range(40)
    ]
    orders = [
        one._replace(record_id="2" if one.platform == "shopify" else "C2") if chance.random() < 0.3 else one
        for one in orders
    ]
    found = look(store, orders)
    expected = nearest_first(orders)
    assert found.possible == len(expected)
    pairs = store.rows(
        "SELECT if(person_id = 'ann', 'C1', 'C2'), salesforce_day, shopify_day, pairs FROM possible_twins"
    )
    assert sorted((*pair[:3],) for pair in pairs for _ in range(pair[3])) == expected
