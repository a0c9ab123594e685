"""Decisions of the review: in the store for the next run, in a file for the next store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sync_rows import KEY, ORG, SHOP, contact, customer, open_store, pull, sf_id

from sync.decisions import TRIED, Decision, Ref, Verdict, decide, settle
from sync.errors import StoreUnusable
from sync.keyed_lines import KeyedFile
from sync.store import Store

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ONE, TWO = Ref("shopify", SHOP, "customer", "1"), Ref("shopify", SHOP, "customer", "2")
CONTACT = Ref("salesforce", ORG, "Contact", sf_id("003", 1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "first").mkdir()
    with open_store(tmp_path / "first") as opened:
        yield known(opened)


@pytest.fixture
def file(tmp_path: Path) -> KeyedFile:
    return KeyedFile(tmp_path / "zaiseki.decisions", "decisions", KEY)


def known(store: Store) -> Store:
    pull(store, "shopify.customers", [customer(1, "1@example.com"), customer(2, "2@example.com")])
    pull(store, "salesforce.Contact", [contact(1, "1@example.com")])
    return store


def said(verdict: Verdict, one: Ref, other: Ref | None, minutes: int = 0) -> Decision:
    return Decision(verdict, one, other, AT + timedelta(minutes=minutes))


def held(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT id, other_id, decision FROM decisions ORDER BY ALL NULLS FIRST")


def test_a_decision_is_in_the_store_at_once(store: Store, file: KeyedFile) -> None:
    decide(store, file, [said("reject", ONE, TWO), said("accept", CONTACT, None)])
    assert held(store) == [(CONTACT.id, None, "accept"), ("1", "2", "reject")] or held(store) == [
        ("1", "2", "reject"),
        (CONTACT.id, None, "accept"),
    ]
    assert store.rows("SELECT object, other_object, epoch_us(decided_at) FROM decisions WHERE id = '1'") == [
        ("customer", "customer", int(AT.timestamp()) * 1_000_000)
    ]


def test_the_last_decision_on_a_pair_holds_whichever_is_named_first(store: Store, file: KeyedFile) -> None:
    decide(store, file, [said("reject", ONE, TWO)])
    decide(store, file, [said("accept", TWO, ONE, 1)])
    assert held(store) == [("1", "2", "accept")]


def test_decisions_outlive_the_store(store: Store, file: KeyedFile, tmp_path: Path) -> None:
    decide(store, file, [said("reject", ONE, CONTACT), said("accept", ONE, TWO), said("accept", TWO, None)])
    decide(store, file, [said("reject", ONE, TWO, 1)])
    with open_store(tmp_path) as anew:
        assert settle(known(anew), file) == 4
        assert sorted(map(str, held(anew))) == sorted(map(str, held(store)))
        assert len(held(anew)) == 3


def test_a_store_that_has_every_decision_hashes_no_record(store: Store, file: KeyedFile) -> None:
    decide(store, file, [said("reject", ONE, TWO)])
    assert settle(store, file) == 0
    store.con.execute("DELETE FROM decisions")
    assert settle(store, file) == 0


def test_a_line_whose_records_are_gone_is_tried_once(store: Store, file: KeyedFile, tmp_path: Path) -> None:
    decide(store, file, [said("reject", ONE, TWO), said("accept", CONTACT, None)])
    with open_store(tmp_path) as anew:
        pull(anew, "shopify.customers", [customer(1, "1@example.com")])
        assert settle(anew, file) == 0
        assert anew.meta(TRIED) == "2"
        assert held(anew) == []


def test_deciding_in_a_store_that_is_not_complete_takes_no_line_for_tried(
    store: Store, file: KeyedFile, tmp_path: Path
) -> None:
    decide(store, file, [said("reject", ONE, TWO)])
    with open_store(tmp_path) as anew:
        pull(anew, "salesforce.Contact", [contact(1, "1@example.com")])
        decide(anew, file, [said("accept", CONTACT, None)])
        assert held(anew) == [(CONTACT.id, None, "accept")]
        assert settle(known(anew), file) == 2
        assert ("1", "2", "reject") in held(anew)
        assert settle(anew, file) == 0


def test_a_kill_between_file_and_store_loses_no_decision(store: Store, file: KeyedFile) -> None:
    decide(store, file, [said("accept", CONTACT, None)])
    file.append([("reject", *_hashes(ONE, TWO), "2026-11-21T03:00:00Z")])
    assert settle(store, file) == 2
    assert ("1", "2", "reject") in held(store)


def test_a_decision_survives_an_account_becoming_a_person(
    store: Store, file: KeyedFile, tmp_path: Path
) -> None:
    account = Ref("salesforce", ORG, "Account", sf_id("001", 1))
    decide(store, file, [said("reject", account, ONE)])
    with open_store(tmp_path) as anew:
        known(anew)
        anew.con.execute(
            "INSERT INTO records BY NAME SELECT 'salesforce' AS platform, ? AS account,"
            " 'PersonAccount' AS object, ? AS id, false AS deleted",
            [ORG, account.id],
        )
        settle(anew, file)
        assert anew.rows("SELECT object, decision FROM decisions") == [("PersonAccount", "reject")]


def test_where_the_file_cannot_be_written_nothing_is_decided(store: Store, tmp_path: Path) -> None:
    nowhere = KeyedFile(tmp_path / "no folder" / "zaiseki.decisions", "decisions", KEY)
    with pytest.raises(StoreUnusable):
        decide(store, nowhere, [said("accept", ONE, TWO)])
    assert held(store) == []


def _hashes(*refs: Ref) -> list[str]:
    return [KEY.of("decision", f"{ref.platform}/{ref.account}/{ref.id}") for ref in refs]
