"""Tenure of the real purchases of 23,570 people, as Lifetimes tells it, and the own purchase interval."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, order, rows

from metrics.calendar import day_of
from metrics.purchases import Frame, PurchaseRules, valid_purchases
from metrics.tenure import own_interval, tenure
from metrics.tenure_distribution import CLASSES, distribution, tenure_lines

CDNOW = Path(__file__).parents[1] / "sandbox" / "data" / "cdnow_master.csv.gz"
LIFETIMES = Path(__file__).parent / "data" / "cdnow_lifetimes.csv.gz"
AS_OF = date(1998, 6, 30)


@pytest.fixture(scope="module")
def purchases() -> list[tuple[str, date, Decimal]]:
    with gzip.open(CDNOW, "rt", newline="") as lines:
        return [
            (row["customer_id"], date.fromisoformat(row["date"]), Decimal(row["amount"]))
            for row in csv.DictReader(lines)
        ]


@pytest.fixture(scope="module")
def buyers(engine: Engine, purchases: list[tuple[str, date, Decimal]]) -> Frame:
    orders = [
        order(str(number), person, day_of(on), str(amount))
        for number, (person, on, amount) in enumerate(purchases)
    ]
    frames = engine.frame(orders, ORDERS), engine.frame([], REFUNDS)
    rules = PurchaseRules()
    valid = valid_purchases(*frames, as_of_day=day_of(AS_OF), rules=rules)
    return engine.materialise(tenure(valid, rules=rules))


def by_lifetimes() -> dict[str, tuple[int, int, int]]:
    """What `summary_data_from_transaction_data` of Lifetimes 0.11.3 tells of every customer: frequency,
    recency and T (origin in `tests/data/README.md`)."""
    with gzip.open(LIFETIMES, "rt", newline="") as lines:
        return {
            row["customer_id"]: (int(row["frequency"]), int(row["recency"]), int(row["T"]))
            for row in csv.DictReader(lines)
        }


def test_tenure_frequency_and_age_are_those_of_lifetimes_for_every_customer(buyers: Frame) -> None:
    found = {
        row["person_id"]: (
            row["purchases"] - 1,
            row["tenure_days"],
            day_of(AS_OF) - row["first_purchase_day"],
        )
        for row in rows(buyers)
    }
    theirs = by_lifetimes()
    assert len(found) == len(theirs) == 23_502
    other = {
        person: (found.get(person), told) for person, told in theirs.items() if found.get(person) != told
    }
    assert not other
    assert all(row["gaps"] == row["purchases"] - 1 for row in rows(buyers))


def test_cdnow_has_its_published_distribution(buyers: Frame) -> None:
    found = {(line.name, line.part): (line.value, line.base) for line in tenure_lines(buyers)}
    assert found["tenure_mean_days", "all"] == (Decimal("135.233"), 23_502)
    assert found["tenure_mean_days", "repeaters"] == (Decimal("276.058"), 23_502 - 11_989)
    assert found["tenure_longest_days", "all"] == (544, 23_502)
    assert found["tenure_class_share", "all 0"] == (Decimal("0.5101"), 23_502)
    assert found["tenure_median_days", "all"] == (0, 23_502)
    assert found["tenure_class_share", "repeaters 0"] == (0, 11_513)


def test_quartiles_and_median_are_positions_and_classes_are_closed() -> None:
    tenures = [0, 0, 0, 1, 89, 90, 209, 210, 364, 365, 729, 730, 4_000]
    counted = [(days, tenures.count(days)) for days in sorted(set(tenures))]
    found = distribution(counted)
    assert (found.people, found.median, found.longest) == (13, 209, 4_000)
    # ranks ceil(13 / 4) = 4 and ceil(3 * 13 / 4) = 10
    assert (found.lower_quartile, found.upper_quartile) == (1, 365)
    assert dict(zip(CLASSES, found.classes, strict=True)) == {
        (0, 0): 3,
        (1, 89): 2,
        (90, 209): 2,
        (210, 364): 2,
        (365, 729): 2,
        (730, None): 2,
    }
    assert distribution([(0, 1), (3, 1)]).median == Decimal("1.5")


def test_nobody_has_no_distribution_but_none(engine: Engine) -> None:
    orders, refunds = engine.frame([], ORDERS), engine.frame([], REFUNDS)
    valid = valid_purchases(orders, refunds, as_of_day=100, rules=PurchaseRules())
    lines = tenure_lines(tenure(valid, rules=PurchaseRules()))
    assert len(lines) == 2 * (5 + len(CLASSES))
    assert {(line.value, line.base) for line in lines} == {(None, 0)}


def test_the_own_interval_is_between_purchase_days_whatever_the_unit(engine: Engine) -> None:
    bought = [order(str(n), "a", day, "5") for n, day in enumerate([100, 100, 103, 110])]
    frames = engine.frame(bought, ORDERS), engine.frame([], REFUNDS)
    for unit in ("day", "order"):
        rules = PurchaseRules(unit=unit)
        (row,) = rows(tenure(valid_purchases(*frames, as_of_day=200, rules=rules), rules=rules))
        assert (row["tenure_days"], row["gaps"]) == (10, 2)
    assert own_interval(10, 2) == 5
    assert own_interval(10, 3) == Decimal("3.3")
    assert own_interval(1, 20) == Decimal("0.1")
    assert own_interval(0, 0) is None
