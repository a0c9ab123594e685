"""The cohort table: complete months only, counted anew with dates."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cdnow_purchases import RULES, cdnow, steps_of, valid_rows
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from plain_purchases import alike, bought, busy, counted, days_of

from metrics.calendar import EPOCH, day_of
from metrics.cohorts import cohort_lines
from metrics.purchase_steps import purchase_steps
from metrics.purchases import PurchaseRules


def table(engine: Engine, orders: list[dict[str, Any]], as_of: date) -> dict[tuple[str, str], Any]:
    steps = steps_of(engine, orders, day_of(as_of))
    lines = cohort_lines(steps, as_of_day=day_of(as_of), materialise=engine.materialise)
    return {(line.name, line.part): (line.value, line.base) for line in lines}


def on(person: str, *dates: str) -> list[dict[str, Any]]:
    return bought(person, *(day_of(date.fromisoformat(one)) for one in dates))


def test_cdnows_cohorts_are_its_three_months(engine: Engine) -> None:
    found = table(engine, cdnow(), date(1998, 6, 30))
    buyers = {part: base for (name, part), (_, base) in found.items() if name == "cohort_buyers"}
    first = [days[0] for days in days_of([row for row in cdnow() if row["amount"] > 0]).values()]
    by_month = {
        part: sum((EPOCH + timedelta(days=day)).isoformat().startswith(part) for day in first)
        for part in buyers
    }
    assert buyers == by_month and sum(buyers.values()) == 23_502
    # Two people's earlier rows have the amount 0: their first purchase comes later.
    assert buyers["1997-01"] + buyers["1997-02"] + buyers["1997-03"] == 23_500
    assert found["cohort_returned", "1997-01+12"][0] > found["cohort_returned", "1997-01+11"][0]


def test_a_month_counts_from_its_first_day_to_its_last(engine: Engine) -> None:
    orders = on("a", "2025-01-01", "2025-01-31") + on("b", "2025-01-31", "2025-02-01")
    orders += on("c", "2025-01-15", "2025-02-28") + on("d", "2025-01-15")
    found = table(engine, orders, date(2025, 2, 28))
    assert found == {
        ("cohort_buyers", "2025-01"): (Decimal(4), 4),
        ("cohort_returned", "2025-01+0"): (Decimal("0.25"), 4),
        ("cohort_returned", "2025-01+1"): (Decimal("0.75"), 4),
    }


def test_a_month_that_is_not_over_is_not_told(engine: Engine) -> None:
    orders = on("a", "2025-01-01", "2025-02-02") + on("b", "2025-02-01")
    assert set(table(engine, orders, date(2025, 2, 27))) == {
        ("cohort_buyers", "2025-01"),
        ("cohort_returned", "2025-01+0"),
    }
    assert table(engine, orders, date(2025, 1, 30)) == {}
    assert ("cohort_buyers", "2025-02") in table(engine, orders, date(2025, 2, 28))


def test_two_orders_on_one_day_are_a_return_where_orders_count(engine: Engine) -> None:
    as_of = day_of(date(2025, 1, 31))
    valid = valid_rows(engine, on("a", "2025-01-05", "2025-01-05"), as_of)
    steps = purchase_steps(valid, rules=PurchaseRules(unit="order"))
    lines = cohort_lines(steps, as_of_day=as_of, materialise=engine.materialise)
    assert lines[-1].value == 1


def test_the_table_is_bounded(engine: Engine) -> None:
    many = [
        row
        for number in range(60)
        for row in on(f"p{number}", f"{2020 + number // 12}-{number % 12 + 1:02}-15")
    ]
    found = table(engine, many, date(2026, 12, 31))
    assert len([1 for name, _ in found if name == "cohort_buyers"]) == 36
    assert ("cohort_returned", "2024-12+12") in found and ("cohort_returned", "2024-12+13") not in found


@examples(5)
@given(seed=st.integers(0, 2**32), as_of=st.integers(1_200, 2_300))
def test_it_is_the_definition_and_knows_nothing_of_later(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    lines = alike(
        engines,
        seed,
        as_of,
        lambda engine, valid: cohort_lines(
            purchase_steps(valid, rules=RULES), as_of_day=as_of, materialise=engine.materialise
        ),
    )
    people = list(days_of(counted(*busy(seed), as_of)).values())
    for line in lines:
        month, _, later = line.part.partition("+")
        cohort = [days for days in people if month_of(days[0]) == month]
        assert line.base == len(cohort) > 0
        if later:
            year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + int(later) + 1, 12)
            end = day_of(date(year, number + 1, 1))
            assert end <= as_of + 1
            back = sum(len(days) > 1 and days[1] < end for days in cohort)
            assert abs(line.value - Decimal(back) / len(cohort)) <= Decimal("0.00005")


def month_of(day: int) -> str:
    return (EPOCH + timedelta(days=day)).isoformat()[:7]
