"""The scorers' frames with whole numbers for the ids of persons.

Ids are texts; engines group and match numbers in less than half the time. The numbers hold until the frames
are made anew (`frames.refresh`), and never leave the run.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw

from sync import frames
from sync.store import Store


def numbered(store: Store, name: frames.Name) -> nw.LazyFrame[Any]:
    """One of the frames that have a `person_id`, with the person's number (int) there; null stays null."""
    view = "scored_persons" if name == "persons" else name
    if name == "person_orders":
        query = "SELECT * EXCLUDE (person_id, person), person AS person_id FROM person_orders"
    else:
        query = f"""SELECT n.person AS person_id, f.* EXCLUDE (person_id)
            FROM {view} f LEFT JOIN person_numbers n ON n.person_id = f.person_id"""
    return nw.from_native(store.con.sql(query))


def by_number(store: Store, rows: nw.LazyFrame[Any], *columns: str) -> nw.LazyFrame[Any]:
    """`rows` with everybody's number instead of the id in each of `columns`."""
    numbers = nw.from_native(store.con.table("person_numbers"))
    for column in columns:
        named = numbers.rename({"person_id": column})
        rows = rows.join(named, on=column, how="left").drop(column).rename({"person": column})
    return rows


def identified(store: Store, rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """`rows` with everybody's id instead of the number in `person_id`, which comes first."""
    numbers = nw.from_native(store.con.table("person_numbers"))
    ids = numbers.select(person_id="person", id="person_id")
    others = [name for name in rows.collect_schema().names() if name != "person_id"]
    return rows.join(ids, on="person_id", how="inner").select(nw.col("id").alias("person_id"), *others)
