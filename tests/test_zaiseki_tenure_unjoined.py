"""How long customers stay is told beside what it would be if records were not joined into people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from job_rows import checked, job_of, org_site, shop_site, world_of
from stored_people import make, order, record, sold

from sync.store import Store
from zaiseki.outcome import Portfolio
from zaiseki.scoring import score

DAY = 20_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "zaiseki.duckdb") as opened:
        yield opened


def portfolio(store: Store) -> Portfolio:
    """What the customers of a store come to."""
    settings = checked(segment={"best_spend": 1000}, metrics={"shop": False})
    return score(
        job_of(store, store.path.parent, settings), world_of(settings, shop_site(), org_site())
    ).portfolio


def test_tenure_over_people_stands_beside_tenure_over_records(store: Store) -> None:
    make(
        store,
        records=[record("1"), record("c1", "Contact"), record("2"), record("3")],
        people={"ann": ["1", "c1"]},
        orders=[
            order("5001", DAY, record_id="1"),
            order("5002", DAY + 10, record_id="1"),
            sold("O1", DAY + 100, record_id="c1"),
            order("5003", DAY, record_id="2"),
            order("5004", DAY, record_id=None),
        ],
    )
    found = portfolio(store)
    assert (found.buyers, found.repeaters, found.tenure_total) == (2, 1, 100)
    assert (found.unjoined_buyers, found.unjoined_total) == (3, 10), "each record is somebody of its own"
    assert (str(found.mean_tenure()), str(found.mean_tenure_unjoined())) == ("50.000", "3.333")


def test_who_is_known_by_a_relay_address_only_is_in_neither(store: Store) -> None:
    make(
        store,
        records=[record("1"), record("2", by_relay=True)],
        orders=[
            order(f"{whose}{day}", DAY + day, record_id=whose) for whose in ("1", "2") for day in (0, 30)
        ],
    )
    found = portfolio(store)
    assert (found.buyers, found.tenure_total) == (1, 30)
    assert (found.unjoined_buyers, found.unjoined_total) == (1, 30)
