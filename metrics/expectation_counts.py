"""What the models of return need of each person: four numbers, and how many people share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from metrics.purchases import Frame

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Distinct purchase histories, a column each, and the `people` (1 or more) who share each one.

    `repeats`: purchase days after the first (x). `tenure_days`: from the first purchase to the last (t_x).
    `age_days`: from the first purchase to the as-of day (T). Sorted, so that sums over them come out the
    same in whatever order an engine gives its rows.
    """

    repeats: Ints
    tenure_days: Ints
    age_days: Ints
    people: Ints

    def buyers(self) -> int:
        """How many people there are behind the rows."""
        return int(self.people.sum())

    def days(self) -> int:
        """The longest age: days from the first purchase of all to the as-of day, 0 where nobody bought."""
        return int(self.age_days.max(initial=0))


@dataclass(frozen=True, slots=True, eq=False)
class Spends:
    """Distinct (repeat purchase days, money spent on them) of repeaters, and the `people` who share each.

    `repeats`: 1 or more. `spend`: above 0, in the reporting currency. Sorted.
    """

    repeats: Ints
    spend: Floats
    people: Ints


def history_counts(buyers: Frame, *, as_of_day: int) -> Frame:
    """Everybody's history, one row for all people who share it: the models cannot tell those apart.

    Nothing is lost by it: days stay whole numbers. Purchases of one day are one, whatever the purchase unit:
    models of rates know no two purchases at one moment.
    In: `tenure.tenure` as of the same day. Out: `repeats`, `tenure_days`, `age_days`, `people` (all int).
    """
    each = buyers.select(
        "tenure_days", repeats=nw.col("gaps"), age_days=as_of_day - nw.col("first_purchase_day")
    )
    return each.group_by("repeats", "tenure_days", "age_days").agg(nw.len().cast(nw.Int64).alias("people"))


def spend_counts(spends: Frame) -> Frame:
    """The same for spend. Repeaters of whom no amount is known say nothing of spend and are left out.

    In: `repeat_spend.repeat_spend`. Out: `repeat_days` (int), `repeat_spend` (decimal), `people` (int).
    """
    known = spends.filter(nw.col("repeat_spend") > 0)
    return known.group_by("repeat_days", "repeat_spend").agg(nw.len().cast(nw.Int64).alias("people"))


def read_histories(counted: Frame) -> Histories:
    """`history_counts`, computed."""
    names = ("repeats", "tenure_days", "age_days", "people")
    columns = _columns(counted.select(*(nw.col(name).cast(nw.Int64) for name in names)))
    order = np.lexsort((columns["age_days"], columns["tenure_days"], columns["repeats"]))
    return Histories(**{name: columns[name][order] for name in names})


def read_spends(counted: Frame) -> Spends:
    """`spend_counts`, computed; money becomes a float only here, after it was counted exactly."""
    columns = _columns(
        counted.select(
            nw.col("repeat_days").cast(nw.Int64), nw.col("repeat_spend").cast(nw.Float64), "people"
        )
    )
    order = np.lexsort((columns["repeat_spend"], columns["repeat_days"]))
    return Spends(columns["repeat_days"][order], columns["repeat_spend"][order], columns["people"][order])


def over_people(people: npt.NDArray[Any], values: Floats) -> float:
    """The sum of `values`, each as often as there are people. No BLAS: its threads wait for busy cores,
    which makes a product of two vectors a hundred times slower than this beside other work."""
    return float(np.sum(people * values))


def _columns(frame: Frame) -> dict[str, npt.NDArray[Any]]:
    found = frame.collect("pyarrow")
    return {name: found[name].to_numpy() for name in found.columns}
