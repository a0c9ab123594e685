"""Who asks what is known is told every row of theirs, whatever tables and columns there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stored_people import AT, ORG, SHOP, order, put, record, refund, role, sold

from sync import disclosed
from sync.decisions import Ref
from sync.store import Store

ME, OTHER = "person-of-ann", "person-of-bob"
ANN = Ref("shopify", SHOP, "customer", "1")
CONTACT = Ref("salesforce", ORG, "Contact", "003A")
BOB = Ref("shopify", SHOP, "customer", "2")
OF_NOBODY = {
    "meta": "facts about the store itself",
    "bookmarks": "how far each stream was read",
    "runs": "counts of whole runs; of whom a run forgot, nothing",
    "shop_scores": "sums over the whole shop",
    "forgotten": "keyed hashes of who must not come back; the store cannot tell whose",
}
"""Tables without a row about anybody, and what they hold instead."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Ann, a customer and a contact, and Bob; every table has a row about each."""
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        put(store, "records", [record("1", alias_id="1x"), record("2"), record("003A", "Contact")])
        orders = [
            order("11", 9, record_id="1", utm_source="mail", tax=3, shipping=4, reference="7", aliases=["8"]),
            order("12", 9, record_id="2"),
            order("13", 9),
            sold("801A", 8, record_id="003A"),
        ]
        put(store, "orders", orders)
        put(store, "refunds", [refund("11", 10, "5"), refund("12", 10, "5", "r2")])
        put(store, "roles", [role("006A", "003A")])
        for ref, person in ((ANN, ME), (CONTACT, ME), (BOB, OTHER)):
            for table, more in (
                ("members", {"person_id": person, "rule": "email"}),
                ("writes", {"field": "segment", "old": "a", "new": "b", "planned_at": AT, "run_id": "r"}),
                ("match_review", {"item": ref.id}),
                ("review_members", {"item": ref.id}),
                ("decisions", {"decision": "reject", "decided_at": AT}),
            ):
                insert(store, table, {**ref._asdict(), **more})
        for person in (ME, OTHER):
            insert(store, "persons", {"person_id": person, "anchor_at": AT})
            insert(store, "person_log", {"person_id": person, "kind": "join", "logged_at": AT})
        store.con.execute("CREATE TABLE scores AS SELECT person_id, 5 AS purchases FROM persons")
        for ref in (ANN, BOB):
            facts = {"platform": ref.platform, "account": ref.account}
            insert(store, "quarantine", {**facts, "id": ref.id, "stream": "customers", "cause": "x"})
            insert(store, "touches", {**facts, "id": f"t{ref.id}", "object": "case", "record_id": ref.id})
            insert(store, "order_lines", {**facts, "id": f"l{ref.id}", "order_id": f"1{ref.id}"})
        yield store


def insert(store: Store, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    store.con.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def of_ann(store: Store) -> dict[str, list[dict[str, Any]]]:
    return disclosed.stored_rows(store, ME, [ANN, CONTACT], [("shopify", SHOP, "13")])


def test_every_column_of_every_table_is_disclosed_or_left_out_for_a_reason(store: Store) -> None:
    found = of_ann(store)
    for (table,) in store.rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary"):
        if table in OF_NOBODY:
            assert table not in found
            continue
        assert found.get(table), f"{table} is neither disclosed nor known to hold nothing about anybody"
        columns = {name for name, *_ in store.rows(f"DESCRIBE {table}")}
        shown = set(found[table][0])
        assert shown == columns - set(disclosed.HIDDEN), table
        hashes = ("_key", "_hash", "_family", "_given", "_whole")
        assert all(name.endswith(hashes) for name in columns - shown), table


def test_the_rows_are_those_of_the_person_and_of_nobody_else(store: Store) -> None:
    found = of_ann(store)
    assert [row["id"] for row in found["records"]] == ["003A", "1"]
    assert [row["id"] for row in found["orders"]] == ["801A", "11", "13"], "13 is known to be Ann's"
    assert [row["order_id"] for row in found["refunds"]] == ["11"]
    assert [row["person_id"] for row in found["persons"]] == [ME]
    for table in ("members", "writes", "match_review", "review_members", "decisions"):
        assert {row["id"] for row in found[table]} == {"1", "003A"}, table
    assert [row["id"] for table in ("quarantine", "touches", "order_lines") for row in found[table]] == [
        "1",
        "t1",
        "l1",
    ]
    (bought,) = (row for row in found["orders"] if row["id"] == "11")
    assert (bought["utm_source"], bought["tax"], bought["shipping"]) == ("mail", 3, 4)
    assert (bought["reference"], bought["aliases"]) == ("7", ["8"])
    assert found["writes"][0]["old"] == "a" and found["writes"][0]["planned_at"] == AT


def test_a_record_that_is_nobodys_is_disclosed_as_well(store: Store) -> None:
    found = disclosed.stored_rows(store, None, [BOB])
    assert [row["id"] for row in found["orders"]] == ["12"]
    assert [row["id"] for row in found["writes"]] == ["2"]
    assert found["persons"] == found["scores"] == []
