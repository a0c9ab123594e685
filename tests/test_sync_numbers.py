"""Numbers stand for the same persons as their ids, in every frame, and the ids come back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from stored_people import make, order, record, refund

from metrics.evidence import SatisfactionRules
from metrics.purchases import PurchaseRules
from metrics.scores import ScoreRules, score_persons
from metrics.segment import Thresholds
from sync import frames, numbers
from sync.frames import Name
from sync.store import Store
from zaiseki.scoring import given_by_number, given_of

DAY = 20_000
NAMES: tuple[Name, ...] = ("persons", "person_orders", "person_refunds", "consents", "person_touches")
RULES = ScoreRules(PurchaseRules(), Thresholds(Decimal(100)), SatisfactionRules())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.duckdb") as opened:
        opened.bind("reporting currency", "JPY")
        make(
            opened,
            records=[
                record("1", email_consent="subscribed", created_day=DAY - 5, consent_day=DAY - 3),
                record("2", email_consent="unsubscribed", created_day=DAY - 9, consent_day=DAY - 1),
                record("3", excluded=True),
                record("4", first_purchase_day=DAY - 900),
            ],
            orders=[
                order("a", DAY - 400, "70", record_id="1"),
                order("b", DAY - 100, "80", record_id="1"),
                order("c", DAY - 50, "90", record_id="2"),
                order("d", DAY - 40, "60", record_id="3"),
                order("e", DAY - 30, "50", record_id=None),
            ],
            refunds=[refund("b", DAY - 90, "20")],
        )
        frames.refresh(opened)
        yield opened


def rows(frame: Any) -> list[tuple[Any, ...]]:
    """Every row of a frame but the column of numbers, sorted."""
    names = sorted(name for name in frame.collect_schema().names() if name != "person")
    return sorted(frame.select(*names).collect().rows(), key=str)


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_by_number_holds_the_same_rows_of_the_same_persons(store: Store, name: Name) -> None:
    ids = dict(store.rows("SELECT person, person_id FROM person_numbers"))
    by_number = numbers.numbered(store, name)
    held = by_number.collect_schema().names()
    place = sorted(name for name in held if name != "person").index("person_id")
    found = [(*row[:place], ids.get(row[place]), *row[place + 1 :]) for row in rows(by_number)]
    assert found
    assert sorted(found, key=str) == rows(frames.frame(store, name))


def test_orders_of_nobody_and_of_who_is_not_scored_have_no_number(store: Store) -> None:
    of = dict(numbers.numbered(store, "person_orders").select("order_id", "person_id").collect().rows())
    assert of["d"] is None
    assert of["e"] is None
    assert of["a"] == of["b"] != of["c"]


def test_ids_come_back_and_several_columns_can_be_numbered(store: Store) -> None:
    pairs = store.rows("SELECT person_id FROM persons")
    assert len(pairs) == 4
    both = frames.frame(store, "persons").select("person_id", other_id="person_id")
    numbered = store.materialise(numbers.by_number(store, both, "person_id", "other_id"))
    assert all(one == other and isinstance(one, int) for one, other in numbered.collect().rows())
    back = numbers.identified(store, numbered.select("other_id", "person_id"))
    assert back.collect_schema().names() == ["person_id", "other_id"]
    assert sorted(one for one, _ in back.collect().rows()) == sorted(row[0] for row in rows(both))


def test_scores_by_number_are_those_by_id(store: Store) -> None:
    by_id = score_persons(given_of(store, None), as_of_day=DAY, rules=RULES, materialise=store.materialise)
    by_number = score_persons(
        given_by_number(store, None), as_of_day=DAY, rules=RULES, materialise=store.materialise
    )
    assert len(rows(by_id)) == 3
    assert rows(numbers.identified(store, by_number)) == rows(by_id)
