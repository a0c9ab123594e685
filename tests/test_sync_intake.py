"""What the store keeps of an arrival: money converted once, tombstones, roles, refused orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from salesforce_rows import business, person_account, role
from sync_rows import (
    KEY,
    ORG,
    SHOP,
    contact,
    customer,
    money,
    open_store,
    order,
    pull,
    refund,
    sf_id,
    sf_order,
)

from sync.intake import StreamCount
from sync.rates import Rates
from sync.store import Store
from sync.tombstones import Tombstones, record_line


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def dollars_at(yen: str) -> Rates:
    return Rates("JPY", "JPY", settled={"USD": Decimal(yen)})


def worth(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT id, amount::VARCHAR, rate::VARCHAR, name FROM orders ORDER BY id")


DOLLARS = order(1, totalPriceSet=money("10.00", "USD"))


def test_an_order_is_converted_once_and_another_rate_of_today_is_no_change(store: Store) -> None:
    # Peers: multi-currency lifetime totals wrong (spree 10938): a total must not move with the rates.
    pull(store, "shopify.orders", [DOLLARS], rates=dollars_at("150"))
    assert pull(store, "shopify.orders", [DOLLARS], rates=dollars_at("160")) == StreamCount(
        fetched=1, unchanged=1
    )
    assert worth(store) == [("1", "1500.0000", "150.00000000", "#1")]


def test_an_order_that_changes_otherwise_keeps_its_worth(store: Store) -> None:
    pull(store, "shopify.orders", [DOLLARS], rates=dollars_at("150"))
    renamed = {
        **DOLLARS,
        "name": "#one",
        "refunds": [{**refund(1, "1"), "totalRefundedSet": money("1", "USD")}],
    }
    assert pull(store, "shopify.orders", [renamed], rates=dollars_at("160")) == StreamCount(
        fetched=1, updated=1
    )
    assert worth(store) == [("1", "1500.0000", "150.00000000", "#one")]
    assert store.rows("SELECT original_amount::VARCHAR, currency FROM refunds") == [("1.0000", "USD")]


@pytest.mark.parametrize(
    ("change", "amount", "rate"),
    [
        ({"totalPriceSet": money("11.00", "USD")}, "1760.0000", "160.00000000"),
        ({"totalPriceSet": money("10.00", "JPY")}, "10.0000", "1.00000000"),
        ({"processedAt": "2026-01-05T00:00:00Z"}, "1600.0000", "160.00000000"),
    ],
    ids=["another amount", "another currency", "another day"],
)
def test_an_order_that_is_worth_something_else_is_converted_anew(
    store: Store, change: dict[str, Any], amount: str, rate: str
) -> None:
    pull(store, "shopify.orders", [DOLLARS], rates=dollars_at("150"))
    pull(store, "shopify.orders", [{**DOLLARS, **change}], rates=dollars_at("160"))
    assert worth(store) == [("1", amount, rate, "#1")]


def test_an_edited_order_counts_with_what_it_comes_to_now(store: Store) -> None:
    pull(store, "shopify.orders", [order(1, 5, totalPriceSet=money("1000"))])
    edited = order(1, 5, totalPriceSet=money("1300"), updatedAt="2026-01-02T00:00:00Z")
    assert pull(store, "shopify.orders", [edited]).updated == 1
    assert store.rows("SELECT amount, original_amount FROM orders") == [(Decimal(1300), Decimal(1300))]


def test_an_order_that_comes_back_after_its_rate_was_lost_is_converted_then(store: Store) -> None:
    row = sf_order(1, CurrencyIsoCode="USD", TotalAmount="10")
    pull(store, "salesforce.Order", [{**row, "IsDeleted": "true"}])
    assert worth(store)[0][1:3] == ("0.0000", "0.00000000")
    pull(store, "salesforce.Order", [row], rates=dollars_at("150"))
    assert worth(store)[0][1:3] == ("1500.0000", "150.00000000")


def test_a_deleted_order_is_stored_as_deleted_though_nobody_says_its_rate_any_more(store: Store) -> None:
    row = sf_order(1, CurrencyIsoCode="USD", TotalAmount="10")
    pull(store, "salesforce.Order", [row], rates=dollars_at("150"))
    count = pull(store, "salesforce.Order", [{**row, "IsDeleted": "true"}])
    assert count == StreamCount(fetched=1, updated=1, deleted=1)
    assert store.rows("SELECT deleted, amount::VARCHAR FROM orders") == [(True, "1500.0000")]


def test_an_order_that_was_set_aside_for_want_of_a_rate_comes_in_with_one(store: Store) -> None:
    assert pull(store, "shopify.orders", [DOLLARS]) == StreamCount(fetched=1, quarantined=1)
    assert pull(store, "shopify.orders", [DOLLARS], rates=dollars_at("150")) == StreamCount(
        fetched=1, inserted=1
    )
    assert store.rows("SELECT count(*) FROM quarantine") == [(0,)]


@pytest.mark.parametrize(("change", "cause"), [
    ({"processedAt": "1970-01-01T00:00:00Z"}, "before_opened_on"),
    ({"processedAt": "2099-01-01T00:00:00Z"}, "in_the_future:2099-01-01"),
])  # fmt: skip
def test_an_order_that_cannot_be_is_not_kept_in_an_earlier_form_either(
    store: Store, change: dict[str, Any], cause: str
) -> None:
    pull(store, "shopify.orders", [order(1, refunds=[refund(1, "5")]), order(2)])
    count = pull(store, "shopify.orders", [order(1, **change)], opened_on=date(2020, 1, 1))
    assert count == StreamCount(fetched=1, quarantined=1)
    assert store.rows("SELECT id FROM orders") == [("2",)]
    assert store.rows("SELECT count(*) FROM refunds") == [(0,)]
    assert store.rows("SELECT id, field, cause FROM quarantine") == [("1", "processedAt", cause)]


GOOD, REFUSED = order(1), order(1, processedAt="2099-01-01T00:00:00Z")
UNREADABLE = order(1, totalPriceSet=money("x"))


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("save_rows", [1, 20_000])
@pytest.mark.parametrize(
    ("batches", "kept"),
    [
        ([[GOOD, REFUSED, UNREADABLE]], 0),
        ([[GOOD], [REFUSED], [UNREADABLE]], 0),
        ([[REFUSED, GOOD, UNREADABLE]], 1),
        ([[REFUSED], [GOOD], [UNREADABLE]], 1),
        ([[REFUSED, GOOD]], 1),
        ([[UNREADABLE, REFUSED]], 0),
    ],
)
def test_the_last_refusal_counts_whatever_came_after_it_unreadable(
    store: Store, batches: list[Any], kept: int, save_rows: int, *, stored: bool
) -> None:
    if stored:
        pull(store, "shopify.orders", [order(1, name="#old")])
    pull(store, "shopify.orders", *batches, save_rows=save_rows)
    assert store.rows("SELECT count(*) FROM orders") == [(kept,)]


def test_taking_rows_in_leaves_alone_what_other_steps_marked(store: Store) -> None:
    pull(store, "salesforce.Account", [business(1), business(2)])
    store.con.execute("UPDATE records SET dormant = true WHERE id = ?", [sf_id("001", 1)])
    pull(store, "salesforce.Account", [business(1, Phone="03-3234-5678"), business(2)])
    assert store.rows("SELECT id FROM records WHERE dormant") == [(sf_id("001", 1),)]
    assert store.rows("SELECT phone_is_mobile FROM records WHERE dormant") == [(False,)]


def test_an_account_that_becomes_a_person_stays_one_row(store: Store) -> None:
    pull(store, "salesforce.Account", [business(1)])
    count = pull(store, "salesforce.Account", [person_account(1, "a@acme.co.jp")])
    assert count == StreamCount(fetched=1, updated=1)
    assert store.rows("SELECT object, alias_id FROM records") == [("PersonAccount", sf_id("003", 1))]


def test_roles_are_taken_in_beside_records_and_orders(store: Store) -> None:
    assert pull(
        store, "salesforce.OpportunityContactRole", [role(1), role(2, IsPrimary="false")]
    ) == StreamCount(fetched=2, inserted=2)
    moved, gone = role(1, ContactId=sf_id("003", 7)), role(2, IsPrimary="false", IsDeleted="true")
    count = pull(store, "salesforce.OpportunityContactRole", [moved, gone])
    assert count == StreamCount(fetched=2, updated=2, deleted=1)
    found = store.rows("SELECT contact_id, is_primary, deleted FROM roles ORDER BY id")
    assert found == [(sf_id("003", 7), True, False), (sf_id("003", 2), False, True)]
    assert pull(store, "salesforce.OpportunityContactRole", [moved, gone]) == StreamCount(
        fetched=2, unchanged=2
    )


def buried(*ids: str, account: str = SHOP, platform: str = "shopify") -> Tombstones:
    return Tombstones(KEY, frozenset(record_line(KEY, platform, account, one) for one in ids))


def tombs(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT platform, account, stream, key FROM forgotten ORDER BY ALL")


def test_a_tombstoned_row_counts_as_unchanged_and_is_kept_as_a_keyed_line_only(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, "a@acme.co.jp"), customer(2)])
    rows = [customer(1, "a@acme.co.jp"), customer(2)]
    for _ in range(2):
        count = pull(store, "shopify.customers", rows, tombstones=buried("1"))
        assert count == StreamCount(fetched=2, unchanged=2, forgotten=1)
        assert store.rows("SELECT id FROM records") == [("2",)]
        assert tombs(store) == [("shopify", SHOP, "customers", record_line(KEY, "shopify", SHOP, "1"))]


def test_a_tombstoned_row_that_the_platform_deletes_leaves_the_forgotten(store: Store) -> None:
    tombstones = buried(sf_id("003", 1), account=ORG, platform="salesforce")
    pull(store, "salesforce.Contact", [contact(1), contact(2)], tombstones=tombstones)
    assert len(tombs(store)) == 1
    count = pull(store, "salesforce.Contact", [contact(1, IsDeleted="true")], tombstones=tombstones)
    assert count == StreamCount(fetched=1, unchanged=1)
    assert tombs(store) == []
    assert store.rows("SELECT id FROM records") == [(sf_id("003", 2),)]


def test_a_tombstoned_row_leaves_quarantine(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1, createdAt="never")])
    count = pull(store, "shopify.customers", [customer(1)], tombstones=buried("1"))
    assert (count, store.rows("SELECT count(*) FROM quarantine")) == (
        StreamCount(fetched=1, unchanged=1, forgotten=1),
        [(0,)],
    )


def test_a_tombstone_that_was_taken_away_lets_the_row_in_again(store: Store) -> None:
    pull(store, "shopify.customers", [customer(1), customer(2)], tombstones=buried("1", "2"))
    count = pull(store, "shopify.customers", [customer(1), customer(2)], tombstones=buried("2"))
    assert count == StreamCount(fetched=2, inserted=1, unchanged=1, forgotten=1)
    assert [line[3] for line in tombs(store)] == [record_line(KEY, "shopify", SHOP, "2")]
