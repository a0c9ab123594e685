"""The months counted once more order by order and day by day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_definition import Events, eventful
from metrics_engines import Engine
from metrics_frames import order, refund, rows
from metrics_portfolio import bought_by, standings

from metrics.calendar import day_of, month_name, month_of
from metrics.monthly import Month, monthly, monthly_lines
from metrics.purchases import PurchaseRules

LAPSE = 12
CENT = Decimal("0.01")


def found(engine: Engine, events: Events, as_of: int, unit: Any = "day", months: int = 24) -> list[Month]:
    valid, buyers = bought_by(engine, events, as_of, unit)
    return monthly(
        valid,
        buyers,
        as_of_day=as_of,
        months=months,
        rules=PurchaseRules(unit=unit),
        lapse_days=LAPSE,
        materialise=engine.materialise,
    )


def month_end(month: int, as_of: int) -> int:
    following = month + 1
    return min(day_of(date(following // 12, following % 12 + 1, 1)) - 1, as_of)


@examples(10)
@given(seed=st.integers(0, 2**32), as_of=st.integers(120, 200), unit=st.sampled_from(["day", "order"]))
def test_every_month_adds_up_order_by_order(engines: list[Engine], seed: int, as_of: int, unit: str) -> None:
    events = eventful(seed)
    for engine in engines:
        valid = rows(bought_by(engine, events, as_of, unit)[0])
        counting = [one for one in valid if one["person_id"]]
        first = {}
        for one in counting:
            first[one["person_id"]] = min(first.get(one["person_id"], 999), one["ordered_day"])
        for month in found(engine, events, as_of, unit):
            here = [one for one in valid if month_of(one["ordered_day"]) == month.month]
            units = {
                (one["person_id"], one["ordered_day"], one["order_id"] if unit == "order" else "")
                for one in here
                if one["person_id"]
            }
            buyers = {person for person, _, _ in units}
            new = {person for person in buyers if month_of(first[person]) == month.month}
            again = {
                person for person in buyers if person not in new or sum(one[0] == person for one in units) > 1
            }
            assert (month.buyers, month.new_buyers, month.repeat_buyers) == (
                len(buyers),
                len(new),
                len(again),
            )
            priced = sum(not one["amount_unknown"] for one in here)
            assert (month.purchases, month.orders) == (len(units), priced)
            assert month.net_sales == sum((one["net"] for one in here), Decimal(0))


@examples(8)
@given(seed=st.integers(0, 2**32), as_of=st.integers(120, 200))
def test_tenure_at_a_month_end_is_that_of_who_was_active_then(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    """By what is known at `as_of`: what was taken back until then counts in no month."""
    for engine in engines:
        orders, refunds = eventful(seed)
        kept = {row["order_id"] for row in rows(bought_by(engine, (orders, refunds), as_of)[0])}
        events = [one | {"cancelled_day": None} for one in orders if one["order_id"] in kept], []
        by_day = standings(events, as_of)
        for month in found(engine, (orders, refunds), as_of):
            end = month_end(month.month, as_of)
            active = [days[end] for days in by_day.values() if days[end].segment.endswith("_active")]
            tenures = sorted(one.last - one.first for one in active)
            assert [days for days, people in month.tenure for _ in range(people)] == tenures


def test_only_the_last_months_are_told_and_silent_ones_stand_with_zeroes(engines: list[Engine]) -> None:
    bought = [order("1", "a", 10, "5"), order("2", "a", 100, "5"), order("3", "b", 190, "5")]
    for engine in engines:
        told = found(engine, (bought, []), 200)
        assert [month_name(one.month) for one in told] == [f"1970-0{number}" for number in range(1, 8)]
        assert [one.buyers for one in told] == [1, 0, 0, 1, 0, 0, 1]
        assert [one.month for one in found(engine, (bought, []), 200, months=2)] == [
            told[-2].month,
            told[-1].month,
        ]
        assert found(engine, ([], []), 200) == []


def test_lines_hold_the_ratio_and_the_means_and_none_without_a_base(engines: list[Engine]) -> None:
    bought = [
        order("1", "a", 91, "10"),
        order("2", "a", 95, "0.05"),
        order("3", "b", 92, "20"),
        order("4", None, 92, "3"),
        order("5", "c", 93, "7"),
    ]
    for engine in engines:
        lines = monthly_lines(found(engine, (bought, [refund("3", 94, "10")]), 125), step=CENT)
        april = {line.name[6:]: (line.value, line.base) for line in lines if line.part == "1970-04"}
        assert april == {
            "buyers": (3, 3),
            "new_buyers": (3, 3),
            "repeat_buyers": (1, 3),
            "purchases": (4, 3),
            "net_sales": (Decimal("30.05"), 5),
            "mean_order": (Decimal("6.01"), 5),
            "repeater_ratio": (Decimal("0.3333"), 3),
            "active_people": (0, 0),
            "tenure_mean_days": (None, 0),
            "tenure_median_days": (None, 0),
        }
        may = {line.name[6:]: line.value for line in lines if line.part == "1970-05"}
        assert (may["buyers"], may["mean_order"], may["repeater_ratio"]) == (0, None, None)
        early = monthly_lines(found(engine, (bought, []), 100), step=CENT)
        tenure = {line.name[6:]: (line.value, line.base) for line in early}
        assert tenure["tenure_mean_days"] == (Decimal("1.333"), 3)
        assert tenure["tenure_median_days"] == (0, 3)


@pytest.mark.parametrize("unit", ["day", "order"])
def test_a_purchase_of_unknown_amount_has_a_buyer_and_divides_no_money(engine: Engine, unit: str) -> None:
    told_by_a_field = {"amount_unknown": True, "platform": "shopify"}
    bought = [
        order("1", "a", 91, "1000"),
        order("first:b", "b", 92, "0", **told_by_a_field),
        order("first:c", "c", 93, "0", **told_by_a_field),
        order("2", "c", 93, "500"),
    ]
    lines = monthly_lines(found(engine, (bought, []), 100, unit), step=CENT)
    april = {line.name[6:]: (line.value, line.base) for line in lines if line.part == "1970-04"}
    assert april["buyers"] == (3, 3)
    assert april["purchases"] == (4 if unit == "order" else 3, 3)
    assert april["net_sales"] == (Decimal(1500), 2)
    assert april["mean_order"] == (Decimal("750.00"), 2)
    unknown = monthly_lines(found(engine, (bought[1:3], []), 100, unit), step=CENT)
    assert {(line.value, line.base) for line in unknown if line.name == "month_mean_order"} == {(None, 0)}


@pytest.mark.parametrize(
    ("step", "mean"), [("1", "101"), ("0.01", "100.50"), ("0.001", "100.500")], ids=["JPY", "USD", "KWD"]
)
def test_the_mean_order_is_rounded_half_up_to_the_smallest_amount_of_the_currency(
    step: str, mean: str
) -> None:
    month = Month(month=670, buyers=2, orders=2, net_sales=Decimal("201.0000"))
    lines = {line.name: line.value for line in monthly_lines([month], step=Decimal(step))}
    assert str(lines["month_mean_order"]) == mean
