"""CDNOW's rows as they are, and an invented hour for each."""

import csv
import gzip
import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files
from random import Random
from zoneinfo import ZoneInfo

SEED = "zaiseki-demo"
ZONE = ZoneInfo("America/New_York")
NOW = datetime(1998, 6, 30, 12, tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class Purchase:
    """One row: `number` counts all rows by day, `on` and `amount` (USD) are the data's, `at` is invented."""

    number: int
    customer: int
    on: date
    amount: Decimal
    at: datetime


def read_purchases() -> list[Purchase]:
    """Read all 69,659 rows in the order of their days, and give each an hour of its day."""
    data = (files("sandbox") / "data" / "cdnow_master.csv.gz").read_bytes()
    with gzip.open(io.BytesIO(data), "rt", encoding="utf-8", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: (row["date"], row["customer_id"]))
    purchases: list[Purchase] = []
    same_day = 0
    for number, row in enumerate(rows, start=1):
        on, customer = date.fromisoformat(row["date"]), int(row["customer_id"])
        again = bool(purchases) and (purchases[-1].on, purchases[-1].customer) == (on, customer)
        same_day = same_day + 1 if again else 0
        # Wall-clock arithmetic: the result is on the same local day also where the clocks change.
        at = datetime.combine(on, time(), ZONE) + timedelta(
            seconds=_second_of_day(customer, on) + 41 * same_day
        )
        purchases.append(Purchase(number, customer, on, Decimal(row["amount"]), at))
    return purchases


def _second_of_day(customer: int, on: date) -> int:
    """Choose a shop-local time: mostly in the day, sometimes just beside midnight, never after `NOW`."""
    rng = Random(f"{SEED}/{customer}/{on}")
    kind = rng.random()
    if kind < 0.03:
        return int(rng.random() * 600)
    if on == NOW.date():
        return 7 * 3600 + int(rng.random() * 4 * 3600)
    if kind < 0.06:
        return 86_400 - 1_200 + int(rng.random() * 300)
    return 7 * 3600 + int(rng.random() * 16 * 3600)
