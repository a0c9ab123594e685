"""The real purchases of CDNOW, as frames and as plain lists of days."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import narwhals as nw
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, order

from metrics.calendar import day_of
from metrics.purchase_steps import purchase_steps
from metrics.purchases import PurchaseRules, valid_purchases

DATA = Path(__file__).parents[1] / "sandbox" / "data"
AS_OF = day_of(date(1998, 6, 30))
RULES = PurchaseRules()


@cache
def cdnow() -> list[dict[str, Any]]:
    """Every row as an order; 80 have the amount 0."""
    with gzip.open(DATA / "cdnow_master.csv.gz", "rt", newline="") as lines:
        return [
            order(str(number), row["customer_id"], day_of(date.fromisoformat(row["date"])), row["amount"])
            for number, row in enumerate(csv.DictReader(lines))
        ]


@cache
def sample() -> list[dict[str, Any]]:
    """The rows of the 2,357 people of the published 1/10 sample."""
    chosen = set((DATA / "cdnow_sample_ids.txt").read_text().split())
    return [row for row in cdnow() if row["person_id"] in chosen]


def valid_rows(engine: Engine, rows: list[dict[str, Any]], as_of: int = AS_OF) -> nw.LazyFrame[Any]:
    """Valid purchases of `rows`, computed once."""
    return engine.materialise(
        valid_purchases(engine.frame(rows, ORDERS), engine.frame([], REFUNDS), as_of_day=as_of, rules=RULES)
    )


def steps_of(engine: Engine, rows: list[dict[str, Any]], as_of: int = AS_OF) -> nw.LazyFrame[Any]:
    """Everybody's purchase days in order."""
    return engine.materialise(purchase_steps(valid_rows(engine, rows, as_of), rules=RULES))


def purchase_days(rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    """Each person's days with an amount above 0, sorted."""
    found = defaultdict(set)
    for row in rows:
        if row["amount"] > Decimal(0):
            found[row["person_id"]].add(row["ordered_day"])
    return {person: sorted(days) for person, days in found.items()}
