"""Everybody's purchase days in order, with the next one beside each: made once for all repeat figures."""

from __future__ import annotations

import narwhals as nw

from metrics.purchases import Frame, PurchaseRules


def purchase_steps(valid: Frame, *, rules: PurchaseRules) -> Frame:
    """One row per person and purchase day.

    In: `purchases.valid_purchases`; orders of nobody are left out. Out: `person_id`, `day`, `before` and
    `after`: purchases until the day without and with it (one more where the unit is the day, the day's
    orders where it is the order), `next_day` (null: none yet). Worth materialising: several figures read it.
    """
    units = nw.col("orders") if rules.unit == "order" else nw.lit(1, nw.Int64)
    days = (
        valid.filter(~nw.col("person_id").is_null())
        .group_by("person_id", "ordered_day")
        .agg(nw.len().cast(nw.Int64).alias("orders"))
        .select("person_id", day=nw.col("ordered_day"), units=units)
    )
    return days.with_columns(
        after=nw.col("units").cum_sum().over("person_id", order_by="day"),
        next_day=nw.col("day").shift(-1).over("person_id", order_by="day"),
    ).select("person_id", "day", "next_day", "after", before=nw.col("after") - nw.col("units"))
