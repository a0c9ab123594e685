"""Whose everything is that happened beside orders, and who named or resembles whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stored_people import make, put, record, touch

from sync import frames
from sync.frames import Name
from sync.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.duckdb") as opened:
        opened.bind("reporting currency", "JPY")
        yield opened


def rows(store: Store, name: Name, *columns: str) -> list[tuple[Any, ...]]:
    """A frame's rows, sorted."""
    return sorted(frames.frame(store, name).select(*columns).collect().rows(), key=str)


def test_a_touch_is_the_persons_whose_record_it_names_by_either_id_or_was_merged(store: Store) -> None:
    make(
        store,
        records=[
            record("1"),
            record("2", deleted=True, merged_into="1"),
            record("3", deleted=True, merged_into="2"),
            record("4", deleted=True),
            record("A5", "PersonAccount", alias_id="C5"),
            record("L6", "Lead"),
            record("7", excluded=True),
        ],
    )
    told = [("t1", "1"), ("t2", "2"), ("t3", "3"), ("t4", "4"), ("t7", "7"), ("t8", None)]
    put(store, "touches", [touch(one, whose, day=9) for one, whose in told])
    org = [("t5", "A5"), ("t55", "C5"), ("t6", "L6")]
    put(store, "touches", [touch(one, whose, "task", day=9) for one, whose in org])
    put(store, "touches", [touch("t9", "1", day=9, deleted=True)])
    frames.refresh(store)
    assert rows(store, "person_touches", "touch_id", "person_id") == [
        ("t1", "1"),
        ("t2", "1"),
        ("t3", "1"),
        ("t5", "A5"),
        ("t55", "A5"),
        ("t6", "L6"),
    ]


def test_an_invoice_is_a_touch_of_its_own_beside_the_draft(store: Store) -> None:
    make(store, records=[record("1")])
    put(
        store,
        "touches",
        [
            touch("d1", "1", "draft_order", day=5, sent_day=6, ended_day=9),
            touch("d2", "1", "draft_order", day=7),
        ],
    )
    frames.refresh(store)
    assert rows(store, "person_touches", "kind", "touch_id", "day", "ended_day") == [
        ("draft_order", "d1", 5, 9),
        ("draft_order", "d2", 7, None),
        ("invoice_sent", "d1", 6, None),
    ]


def test_a_referrer_is_named_by_id_or_by_personal_code(store: Store) -> None:
    make(
        store,
        records=[
            record("C1", "Contact", referrer_id="C2"),
            record("C2", "Contact", referral_codes=["anna-7", "anna-8"]),
            record("C3", "Contact", referrer_id="anna-8"),
            record("C4", "Contact", referrer_id="nobody"),
            record("1", referral_codes=["shop-1"]),
            record("C5", "Contact", referrer_id="shop-1"),
        ],
    )
    frames.refresh(store)
    assert rows(store, "referrers", "person_id", "referrer_id") == [("C1", "C2"), ("C3", "C2"), ("C5", "1")]


def test_where_lead_sources_are_given_only_records_of_those_name_a_referrer(store: Store) -> None:
    make(
        store,
        records=[
            record("C1", "Contact", referrer_id="C9", lead_source="Customer Referral"),
            record("C2", "Contact", referrer_id="C9", lead_source="Web"),
            record("C3", "Contact", referrer_id="C9"),
            record("C9", "Contact"),
        ],
    )
    frames.refresh(store, referrer_sources=[" customer REFERRAL ", "it's"])
    assert rows(store, "referrers", "person_id") == [("C1",)]


def test_an_address_of_more_persons_than_allowed_ties_nobody_to_anybody(store: Store) -> None:
    few = [record(f"f{nth}", email_key="few") for nth in range(3)]
    many = [record(f"m{nth}", phone_key="many") for nth in range(4)]
    make(store, records=[*few, *many])
    frames.refresh(store, max_sharing=3)
    found = rows(store, "shared_keys", "person_id", "other_id")
    assert found == [(f"f{a}", f"f{b}") for a in range(3) for b in range(3) if a != b]
    frames.refresh(store)
    assert len(rows(store, "shared_keys", "person_id")) == 6 + 12
