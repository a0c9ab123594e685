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


@dataclass(frozen=True, slots=True, eq=False)
class Worths:
    """Histories with the money that goes with them: `repeats` and `spend` as the model of spend sees the
    `histories.people` of each row together. Both are 0 for those of whom no repeat purchase with a known
    amount is there; else `repeats` is that of each one of them, and `spend` the sum of theirs."""

    histories: Histories
    repeats: Ints
    spend: Floats


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


def worth_counts(buyers: Frame, spends: Frame, *, as_of_day: int) -> Frame:
    """`history_counts`, and the spend of the people of each row; those of unknown spend in rows apart.

    In: `tenure.tenure` and `repeat_spend.repeat_spend` as of the same day. Out: the columns of
    `history_counts`, `is_known` (bool) and `spend` (decimal, their sum; 0 or null where not known).
    """
    known = spends.filter(nw.col("repeat_spend") > 0).select("person_id", spend="repeat_spend")
    each = buyers.join(known, on="person_id", how="left").select(
        "tenure_days",
        "spend",
        repeats=nw.col("gaps"),
        age_days=as_of_day - nw.col("first_purchase_day"),
        is_known=~nw.col("spend").is_null(),
    )
    return each.group_by("repeats", "tenure_days", "age_days", "is_known").agg(
        nw.len().cast(nw.Int64).alias("people"), nw.col("spend").sum()
    )


def read_worths(counted: Frame) -> Worths:
    """`worth_counts`, computed."""
    whole = ("repeats", "tenure_days", "age_days", "people", "is_known")
    told = _columns(
        counted.select(*(nw.col(name).cast(nw.Int64) for name in whole), nw.col("spend").cast(nw.Float64))
    )
    order = np.lexsort((told["is_known"], told["age_days"], told["tenure_days"], told["repeats"]))
    told = {name: column[order] for name, column in told.items()}
    histories = Histories(*(told[name] for name in whole[:4]))
    known = told["is_known"]
    return Worths(histories, told["repeats"] * known, np.where(known > 0, told["spend"], 0.0))


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
