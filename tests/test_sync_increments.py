"""Splitting the pull into any increments gives the same store as one pull, for every kind of stream, and the
same persons once they are identified."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from identity_rows import together, who
from salesforce_rows import business, lead, opportunity, person_account, role
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

from sync.rates import Rates
from sync.store import Store
from sync.tombstones import Tombstones, record_line

Row = dict[str, Any]
SEARCHED = {"referralCode": "r1", "source": "Google", "sourceType": "SEO"}
FORGOTTEN = [
    ("shopify", SHOP, "1"),
    ("salesforce", ORG, sf_id("003", 1)),
    ("salesforce", ORG, sf_id("001", 1)),
]
CONTEXT: dict[str, Any] = {
    "tombstones": Tombstones(KEY, frozenset(record_line(KEY, *one) for one in FORGOTTEN)),
    "rates": Rates("JPY", "JPY", settled={"USD": Decimal(150)}),
    "opened_on": date(2020, 1, 1),
    "watched_tags": frozenset({"staff"}),
}
TABLES = ("records", "orders", "refunds", "roles", "quarantine", "forgotten")
IDENTITY = ("persons", "members", "match_review", "review_members")
"""What identifying leaves behind; the guests that it makes stand among the records."""


def pick(draw: st.DrawFn, *choices: Any) -> Any:
    return draw(st.sampled_from(choices))


def a_customer(draw: st.DrawFn, number: int) -> Row:
    return customer(
        number,
        pick(draw, None, "a@acme.co.jp", "b@acme.co.jp"),
        tags=pick(draw, [], ["Staff"]),
        createdAt=pick(draw, "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "never"),
    )


def a_shop_order(draw: st.DrawFn, number: int) -> Row:
    return order(
        number,
        pick(draw, None, 1, 2),
        totalPriceSet=pick(draw, money("1000"), money("10.00", "USD"), money("5", "CHF"), money("x")),
        processedAt=pick(draw, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "1999-01-01T00:00:00Z"),
        refunds=pick(draw, [], [refund(number, "0")]),
        email=pick(draw, None, "a@acme.co.jp"),
        customerJourneySummary=pick(draw, None, {"ready": False}, {"ready": True, "lastVisit": SEARCHED}),
    )


def a_contact(draw: st.DrawFn, number: int) -> Row:
    gone = pick(draw, {}, {"IsDeleted": "true"}, {"IsDeleted": "true", "MasterRecordId": sf_id("003", 9)})
    return contact(number, pick(draw, None, "a@acme.co.jp"), **gone)


def an_account(draw: st.DrawFn, number: int) -> Row:
    return pick(draw, business, person_account)(number, IsDeleted=pick(draw, False, False, True))  # type: ignore[no-any-return]


def a_lead(draw: st.DrawFn, number: int) -> Row:
    return lead(number, IsConverted=pick(draw, "true", "false"), ConvertedContactId=sf_id("003", 2))


def an_order(draw: st.DrawFn, number: int) -> Row:
    reduces = pick(
        draw, {}, {"IsReductionOrder": "true", "OriginalOrderId": sf_id("801", 1), "TotalAmount": "-5"}
    )
    return sf_order(
        number,
        CurrencyIsoCode=pick(draw, "JPY", "USD", "CHF"),
        IsDeleted=pick(draw, "false", "false", "true"),
        BillToContactId=pick(draw, None, sf_id("003", 1), sf_id("003", 2)),
        **reduces,
    )


def an_opportunity(draw: st.DrawFn, number: int) -> Row:
    return opportunity(number, IsWon=pick(draw, "true", "false"), CloseDate=pick(draw, "2026-03-05", "soon"))


def a_role(draw: st.DrawFn, number: int) -> Row:
    return role(
        number, ContactId=pick(draw, sf_id("003", 1), sf_id("003", 2)), IsPrimary=pick(draw, True, False)
    )


STREAMS: dict[str, Callable[[st.DrawFn, int], Row]] = {
    "shopify.customers": a_customer,
    "shopify.orders": a_shop_order,
    "salesforce.Contact": a_contact,
    "salesforce.Account": an_account,
    "salesforce.Lead": a_lead,
    "salesforce.Order": an_order,
    "salesforce.Opportunity": an_opportunity,
    "salesforce.OpportunityContactRole": a_role,
}


@st.composite
def versions(draw: st.DrawFn, stream: str) -> list[Row]:
    """Versions of a few rows in the order in which they were changed."""
    return [STREAMS[stream](draw, draw(st.integers(1, 3))) for _ in range(draw(st.integers(1, 7)))]


def contents(store: Store, tables: tuple[str, ...] = TABLES) -> dict[str, list[tuple[Any, ...]]]:
    return {table: store.rows(f"SELECT COLUMNS(*)::VARCHAR FROM {table} ORDER BY ALL") for table in tables}


def rows_alone(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """What the rows say, but for the note on a deleted record whose it was in the run that saw it last."""
    found = contents(store, TABLES[1:])
    whose = "SELECT COLUMNS(* REPLACE (if(deleted, '{}', ours) AS ours))::VARCHAR FROM records ORDER BY ALL"
    return {**found, "records": store.rows(whose)}


def identified(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything there is once persons were found, guests included."""
    who(store)
    return contents(store, (*TABLES, *IDENTITY))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples, emptied by each: opening one takes longer than a pull."""
    with open_store(tmp_path_factory.mktemp("increments")) as opened:
        yield opened


def empty(store: Store) -> None:
    for table in (*TABLES, *IDENTITY, "bookmarks", "person_log"):
        store.con.execute(f"DELETE FROM {table}")


@pytest.mark.parametrize("stream", STREAMS)
@examples(5)
@given(data=st.data())
def test_any_batches_transactions_and_runs_give_the_same_store(
    store: Store, stream: str, data: st.DataObject
) -> None:
    rows = data.draw(versions(stream))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(rows)))) | {0, len(rows)})
    parts = [rows[a:b] for a, b in itertools.pairwise(cuts)]
    save_rows = data.draw(st.integers(1, 5))
    empty(store)
    total = pull(store, stream, rows, **CONTEXT)
    whole = contents(store)
    empty(store)
    again = pull(store, stream, *parts, save_rows=save_rows, **CONTEXT)
    assert (again.fetched, again.quarantined, again.forgotten) == (
        total.fetched,
        total.quarantined,
        total.forgotten,
    )
    assert contents(store) == whole
    empty(store)
    for part in parts:
        pull(store, stream, part, **CONTEXT)
    assert contents(store) == whole
    # What is read again because bookmarks overlap changes nothing either.
    count = pull(store, stream, rows[cuts[-2] :], **CONTEXT)
    assert (count.inserted, count.updated, contents(store)) == (0, 0, whole)


@examples(4)
@given(data=st.data())
def test_streams_may_be_read_in_any_order_and_in_turns(store: Store, data: st.DataObject) -> None:
    """Persons, members and guests come out the same: with the same ids where nobody was identified before,
    and the same sets of records where a run had seen a part."""
    rows = {stream: data.draw(versions(stream)) for stream in STREAMS}
    turns = data.draw(st.permutations([stream for stream, found in rows.items() for _ in found]))
    early = data.draw(st.none() | st.integers(0, len(turns) - 1))
    left = {stream: iter(found) for stream, found in rows.items()}
    empty(store)
    for stream, found in rows.items():
        pull(store, stream, found, **CONTEXT)
    whole, persons, sets = contents(store), identified(store), together(store)
    alone = rows_alone(store)
    empty(store)
    for nth, stream in enumerate(turns):
        if nth == early:
            who(store, "r0")
        pull(store, stream, [next(left[stream])], **CONTEXT)
    if early is None:
        assert contents(store) == whole
        assert identified(store) == persons
    who(store)
    assert rows_alone(store) == alone
    assert together(store) == sets


def test_a_run_in_between_leaves_no_guest_and_no_person_behind(store: Store) -> None:
    """A guest whose order turns out to be a customer's is nobody any more; one who stays is who it was."""
    changes = [
        ("shopify.orders", order(1, email="g@acme.co.jp")),
        ("shopify.customers", customer(2, "a@acme.co.jp")),
        ("shopify.orders", order(2, email="a@acme.co.jp")),
        ("shopify.orders", order(3, email="h@acme.co.jp")),
        ("salesforce.Contact", contact(2, "h@acme.co.jp")),
        ("shopify.orders", order(1, 2, email="g@acme.co.jp")),
    ]
    found = []
    for between in (None, *range(1, len(changes))):
        empty(store)
        for nth, (stream, row) in enumerate(changes):
            if nth == between:
                who(store, "r0")
            pull(store, stream, [row], **CONTEXT)
        whole = identified(store)
        found.append(({table: whole[table] for table in TABLES}, together(store)))
    assert store.rows("SELECT count(*) FROM records WHERE object = 'guest'") == [(2,)]
    assert sorted(map(len, found[0][1])) == [2, 2]
    assert all(one == found[0] for one in found)
