"""The plan in the store: sent before it goes out, confirmed into what the platform holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import narwhals as nw
import pytest
from sync_rows import NOW, SHOP, customer, open_store, pull

from connectors.base import Update, WriteResult
from sync import attention, frames, writes
from sync.identify import identify
from sync.intake import StreamCount
from sync.store import Store

Change = tuple[str, str, str | None, str | None]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        rows = [customer(n, zaiseki_purchases={"value": "1"}) for n in range(1, 6)]
        pull(opened, "shopify.customers", rows)
        yield opened


def plan(store: Store, *changes: Change, run_id: str = "r1", hour: int = 3) -> None:
    """Save a plan of (id, field, old, new)."""
    store.con.execute(
        "CREATE OR REPLACE TEMP TABLE made (id VARCHAR, field VARCHAR, old VARCHAR, new VARCHAR)"
    )
    store.con.executemany("INSERT INTO made VALUES (?, ?, ?, ?)", [list(change) for change in changes])
    frame = nw.from_native(store.con.table("made")).with_columns(
        platform=nw.lit("shopify"), account=nw.lit(SHOP), object=nw.lit("customer"), person_id=nw.lit("p")
    )
    writes.save_plan(store, run_id, frame, at=NOW.replace(hour=hour))


def updates(store: Store, run_id: str = "r1") -> dict[str, Mapping[str, str | None]]:
    return {u.record_id: u.values for u in writes.next_updates(store, run_id, "shopify", SHOP)}


def record(store: Store, *results: tuple[str, str, str], run_id: str = "r1") -> None:
    made = [WriteResult("customer", i, status, code, "why") for i, status, code in results]  # type: ignore[arg-type]
    writes.record_results(store, run_id, "shopify", SHOP, made)


def ours(store: Store, record_id: str) -> str:
    ((text,),) = store.rows("SELECT ours FROM records WHERE id = ?", record_id)
    return str(text)


def states(store: Store) -> dict[str, str]:
    return dict(store.rows("SELECT id, any_value(state) FROM writes GROUP BY id"))


CHANGES: tuple[Change, ...] = (
    ("1", "purchases", "1", "2"),
    ("1", "segment", None, "first_active"),
    ("2", "purchases", "1", None),
    ("3", "segment", None, "prospect"),
)


def test_every_planned_record_goes_out_once_with_all_its_fields(store: Store) -> None:
    plan(store, *CHANGES)
    assert updates(store) == {
        "1": {"purchases": "2", "segment": "first_active"},
        "2": {"purchases": None},
        "3": {"segment": "prospect"},
    }
    assert updates(store) == {}


def test_a_value_is_marked_sent_before_it_goes_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes, "PAGE_RECORDS", 1)
    plan(store, *CHANGES)
    going = writes.next_updates(store, "r1", "shopify", SHOP)
    assert next(going) == Update("customer", "1", {"purchases": "2", "segment": "first_active"})
    assert states(store) == {"1": "sent", "2": "planned", "3": "planned"}
    assert writes.unsettled(store, "shopify", SHOP) == 1
    assert len(list(going)) == 2


def test_what_was_confirmed_is_what_the_platform_holds(store: Store) -> None:
    plan(store, *CHANGES)
    updates(store)
    record(store, ("1", "confirmed", ""), ("2", "unchanged", ""), ("3", "rejected", "STRING_TOO_LONG"))
    assert ours(store, "1") == '{"purchases":"2","segment":"first_active"}'
    assert ours(store, "2") == "{}"
    assert ours(store, "3") == '{"purchases":"1"}'
    found = writes.written(store, "r1", "shopify", SHOP)
    assert found == writes.Written(planned=3, confirmed=1, unchanged=1, rejected=1)
    assert store.rows("SELECT error_code, error FROM writes WHERE id = '3'") == [("STRING_TOO_LONG", "why")]


def test_the_next_pull_of_what_was_confirmed_finds_it_unchanged(store: Store) -> None:
    plan(store, *CHANGES)
    updates(store)
    record(store, ("1", "confirmed", ""))
    back = customer(1, zaiseki_purchases={"value": "2"}, zaiseki_segment={"value": "first_active"})
    assert pull(store, "shopify.customers", [back], run_id="r2") == StreamCount(fetched=1, unchanged=1)


def test_the_held_frame_shows_what_was_confirmed(store: Store) -> None:
    plan(store, *CHANGES)
    updates(store)
    record(store, ("1", "confirmed", ""))
    identify(store, run_id="r1", at=NOW)
    frame = frames.held(store, ["purchases", "segment"]).filter(nw.col("id") == "1")
    (row,) = frame.select("held_purchases", "held_segment").collect().rows()
    assert row == ("2", "first_active")


def test_what_a_killed_run_sent_is_settled_by_what_the_platform_holds(store: Store) -> None:
    plan(store, *CHANGES)
    updates(store)
    back = [customer(1, zaiseki_purchases={"value": "2"}, zaiseki_segment={"value": "first_active"})]
    pull(store, "shopify.customers", back)
    writes.settle(store, "shopify", SHOP)
    assert states(store) == {"1": "confirmed", "2": "lost", "3": "lost"}
    assert writes.unsettled(store, "shopify", SHOP) == 0


def test_writes_are_forgotten_after_ninety_days(store: Store) -> None:
    plan(store, *CHANGES)
    store.con.execute("UPDATE writes SET planned_at = ?", [NOW - timedelta(days=91)])
    plan(store, ("4", "segment", None, "prospect"), run_id="r2")
    assert store.rows("SELECT DISTINCT run_id FROM writes") == [("r2",)]


def test_a_rejection_waits_for_somebody_until_it_is_acknowledged(store: Store) -> None:
    plan(store, *CHANGES)
    updates(store)
    record(store, ("1", "rejected", "LOCKED"), ("2", "rejected", "LOCKED"), ("3", "confirmed", ""))
    found = attention.unacknowledged(store, "r1")
    locked = attention.Rejection("shopify", "LOCKED", "why", 2, ids=("1", "2"))
    assert (found.rejected, found.rejections) == (2, (locked,))
    attention.acknowledge(store)
    assert attention.unacknowledged(store, "r1").rejected == 0
    assert attention.commonest(store, "r1").rejections == (replace(locked, acknowledged=True),)


def test_an_acknowledged_rejection_that_happens_again_stays_acknowledged(store: Store) -> None:
    for hour, run_id, cause in ((3, "r1", "LOCKED"), (4, "r2", "LOCKED"), (5, "r3", "TOO_LONG")):
        plan(store, ("1", "segment", None, "prospect"), run_id=run_id, hour=hour)
        updates(store, run_id)
        record(store, ("1", "rejected", cause), run_id=run_id)
        found = attention.unacknowledged(store, run_id).rejected
        assert found == (0 if run_id == "r2" else 1)
        attention.acknowledge(store)


def test_a_rejected_record_that_no_longer_differs_waits_for_nobody(store: Store) -> None:
    plan(store, ("1", "segment", None, "prospect"))
    updates(store)
    record(store, ("1", "rejected", "LOCKED"))
    plan(store, ("2", "segment", None, "prospect"), run_id="r2")
    assert attention.unacknowledged(store, "r2").rejected == 0
