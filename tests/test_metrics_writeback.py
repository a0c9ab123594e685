"""Write-back: everything planned goes through the connector, and every answer is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import narwhals as nw
import pytest
from sync_rows import NOW, SHOP, PlayedConnector, customer, pull

from connectors.base import Update, WriteResult
from connectors.errors import Unavailable
from metrics.writeback import WriteCount, write_back
from sync.store import Store
from sync.writes import save_plan

ROWS = [(str(number), "segment", None, "prospect") for number in range(1, 6)]


class Answering(PlayedConnector):
    """Answers every update by the last digit of its record id, and fails after `limit` of them."""

    limit = 99
    sent: tuple[Update, ...] = ()

    def write(self, updates: Iterable[Update], total: int) -> Iterator[WriteResult]:
        """One answer each: 1 is rejected, 2 unchanged, others confirmed."""
        for update in updates:
            if len(self.sent) == self.limit:
                raise Unavailable("shopify", "unreachable")
            self.sent += (update,)
            status: Any = {"1": "rejected", "2": "unchanged"}.get(update.record_id, "confirmed")
            yield WriteResult(update.object, update.record_id, status, "CODE" if status == "rejected" else "")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "zaiseki.duckdb") as opened:
        pull(opened, "shopify.customers", [customer(number) for number in range(1, 6)])
        yield opened


def keep(store: Store, rows: list[tuple[str, str, str | None, str | None]]) -> None:
    store.con.execute(
        "CREATE TEMP TABLE changes (platform VARCHAR, account VARCHAR, object VARCHAR, id VARCHAR,"
        " field VARCHAR, old VARCHAR, new VARCHAR)"
    )
    if rows:
        values = [("shopify", SHOP, "customer", *row) for row in rows]
        store.con.executemany("INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    save_plan(store, "r1", nw.from_native(store.con.table("changes")), at=NOW)


def test_planned_is_written_unchanged_rejected_and_held_together(store: Store) -> None:
    keep(store, ROWS)
    connector = Answering("shopify", ())
    count, failure = write_back(store, "r1", connector, SHOP, planned=5)
    assert failure is None
    assert count == WriteCount(planned=5, written=3, unchanged=1, rejected=1, held=0)
    assert {update.record_id for update in connector.sent} == {"1", "2", "3", "4", "5"}
    assert connector.sent[0].values == {"segment": "prospect"}


def test_what_a_failing_platform_did_not_take_is_held_and_its_error_given_back(store: Store) -> None:
    keep(store, ROWS)
    connector = Answering("shopify", ())
    connector.limit = 3
    count, failure = write_back(store, "r1", connector, SHOP, planned=5)
    assert isinstance(failure, Unavailable)
    # What was answered before the failure is kept, not only counted.
    assert (count.planned, count.held) == (5, 2)
    assert count.written + count.unchanged + count.rejected == 3


def test_a_record_without_an_answer_is_a_failure(store: Store) -> None:
    keep(store, ROWS)

    class Forgetful(Answering):
        def write(self, updates: Iterable[Update], total: int) -> Iterator[WriteResult]:
            yield from super().write(list(updates)[:-1], total)

    count, failure = write_back(store, "r1", Forgetful("shopify", ()), SHOP, planned=5)
    assert failure is not None
    assert failure.code == "results_missing"
    assert (count.planned, count.held) == (5, 1)


def test_a_record_lost_between_plan_and_store_does_not_add_up(store: Store) -> None:
    keep(store, ROWS)
    count, _ = write_back(store, "r1", Answering("shopify", ()), SHOP, planned=6)
    assert count.planned != count.written + count.unchanged + count.rejected + count.held


def test_without_a_plan_the_connector_is_not_asked(store: Store) -> None:
    keep(store, [])
    connector = Answering("shopify", ())
    count, failure = write_back(store, "r1", connector, SHOP, planned=0)
    assert (count, failure, connector.sent) == (WriteCount(0, 0, 0, 0, 0), None, ())
