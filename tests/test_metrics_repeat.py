"""Repeat rates and the repeater ratio: published numbers, boundaries, and the definition made anew."""

from __future__ import annotations

import statistics
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from cdnow_purchases import AS_OF, RULES, cdnow, sample, steps_of, valid_rows
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import rows
from plain_purchases import alike, bought, busy, counted, days_of

from metrics.cohorts import cohort_lines
from metrics.purchase_steps import purchase_steps
from metrics.purchases import PurchaseRules
from metrics.repeat import HORIZONS, repeat_counts, repeat_lines
from metrics.repeat_spend import monetary_value, repeat_spend
from metrics.shop_line import ShopLine
from metrics.tenure import tenure

PEOPLE = pa.schema({"person_id": pa.string()})
SEPTEMBER_END = 10_134  # 1997-09-30


def by_part(lines: list[ShopLine]) -> dict[tuple[str, str], tuple[Decimal | None, int]]:
    return {(line.name, line.part): (line.value, line.base) for line in lines}


def told(engine: Engine, orders: list[dict[str, Any]], as_of: int, **more: Any) -> dict[Any, Any]:
    return by_part(repeat_lines(steps_of(engine, orders, as_of), as_of_day=as_of, **more))


def test_cdnow_has_its_published_f2(engine: Engine) -> None:
    found = told(engine, cdnow(), AS_OF)
    assert found["repeat_rate", "F2@90"] == (Decimal("0.2930"), 23_502)
    (counts,) = rows(repeat_counts(steps_of(engine, cdnow()), as_of_day=AS_OF))
    assert (counts["back_2_90"], counts["base_2_90"]) == (6_886, 23_502)
    # Two people's first purchase is less than a year old at the horizon: they are in neither number.
    assert found["repeat_rate", "F2@365"][1] == sum(AS_OF - days[0] >= 365 for days in days_of_cdnow())


def days_of_cdnow() -> list[list[int]]:
    return list(days_of([row for row in cdnow() if row["amount"] > 0]).values())


def test_repeaters_of_the_cdnow_sample_spend_what_is_published(engine: Engine) -> None:
    valid = valid_rows(engine, sample(), SEPTEMBER_END)
    buyers = tenure(valid, rules=RULES)
    values = [
        monetary_value(row["repeat_spend"], row["repeat_days"]) for row in rows(repeat_spend(valid, buyers))
    ]
    assert len(values) == 946
    figures = statistics.mean(values), statistics.stdev(values), min(values)
    assert [round(figure) for figure in figures] == [35, 30, 3]
    assert [round(figure) for figure in (statistics.median(values), max(values))] == [27, 300]


@pytest.mark.parametrize(
    ("second", "as_of", "expected"),
    [
        (190, 190, (Decimal(1), 1)),  # on day 90, the horizon just over
        (191, 191, (Decimal(0), 1)),  # a day too late
        (150, 189, (None, 0)),  # not mature yet, though they came back
        (100, 300, (Decimal(0), 1)),  # the same day is no return
    ],
)
def test_a_horizon_ends_on_its_last_day_and_cohorts_are_mature(
    engine: Engine, second: int, as_of: int, expected: tuple[Decimal | None, int]
) -> None:
    assert told(engine, bought("a", 100, second), as_of)["repeat_rate", "F2@90"] == expected


def test_nobody_is_no_rate(engine: Engine) -> None:
    found = told(engine, [], 500)
    assert set(found.values()) == {(None, 0)}


def test_two_orders_on_one_day_are_two_purchases_where_orders_count(engine: Engine) -> None:
    valid = valid_rows(engine, bought("a", 100, 100), 300)
    steps = purchase_steps(valid, rules=PurchaseRules(unit="order"))
    lines = repeat_lines(steps, as_of_day=300)
    assert by_part(lines)["repeat_rate", "F2@90"] == (Decimal(1), 1)
    assert by_part(lines)["repeat_rate", "F3@90"] == (Decimal(0), 1)


def test_the_ratio_is_of_the_years_buyers_the_rate_of_a_cohort(engine: Engine) -> None:
    orders = bought("old", 100, 200) + bought("true", 10, 500) + bought("new", 500)
    found = told(engine, orders, 565)
    assert found["repeater_ratio", ""] == (Decimal("0.5"), 2)  # "true" of "true" and "new"
    assert told(engine, orders, 564)["repeater_ratio", ""] == (
        Decimal("0.6667"),
        3,
    )  # day 200 is in (A-365, A]
    assert found["repeat_rate", "F2@365"] == (Decimal("0.5"), 2)  # "old" of "old" and "true"


def test_who_only_bought_trials_is_left_out_of_the_rate_and_stands_apart(engine: Engine) -> None:
    orders = bought("a", 100, 120) + bought("trial", 100)
    found = told(engine, orders, 300, trial_only=engine.frame([{"person_id": "trial"}], PEOPLE))
    assert found["trial_only_buyers", ""] == (Decimal(1), 1)
    assert found["repeat_rate", "F2@90"] == (Decimal(1), 1)
    assert told(engine, orders, 300)["repeat_rate", "F2@90"] == (Decimal("0.5"), 2)


def test_the_ratio_is_of_all_buyers_also_of_those_who_only_bought_trials(engine: Engine) -> None:
    orders = bought("a", 100, 120) + bought("trial", 100) + bought("again", 100, 110)
    trials = engine.frame([{"person_id": "trial"}, {"person_id": "again"}], PEOPLE)
    found = told(engine, orders, 300, trial_only=trials)
    assert found["repeater_ratio", ""] == (Decimal("0.6667"), 3)
    assert found["repeater_ratio", ""] == told(engine, orders, 300)["repeater_ratio", ""]
    cohort = cohort_lines(steps_of(engine, orders, 300), as_of_day=300, materialise=engine.materialise)
    assert by_part(cohort)["cohort_buyers", "1970-04"] == (Decimal(3), 3), "the table is of all of them too"


@examples(8)
@given(seed=st.integers(0, 2**32), as_of=st.integers(1_200, 2_300), unit=st.sampled_from(["day", "order"]))
def test_it_is_the_definition_and_knows_nothing_of_later(
    engines: list[Engine], seed: int, as_of: int, unit: Any
) -> None:
    rules = PurchaseRules(unit=unit)
    lines = alike(
        engines,
        seed,
        as_of,
        lambda _, valid: repeat_lines(purchase_steps(valid, rules=rules), as_of_day=as_of),
    )
    everybody = days_of(counted(*busy(seed), as_of), unit=unit).values()
    found = by_part(lines)
    for horizon in HORIZONS:
        for step in range(2, 6):
            cohort = [
                days for days in everybody if len(days) >= step - 1 and days[step - 2] <= as_of - horizon
            ]
            back = sum(len(days) >= step and days[step - 1] - days[step - 2] <= horizon for days in cohort)
            value, base = found["repeat_rate", f"F{step}@{horizon}"]
            assert base == len(cohort)
            assert value == (round(Decimal(back) / base + Decimal("1e-9"), 4) if cohort else None)
    this_year = [days for days in everybody if days[-1] > as_of - 365]
    assert found["repeater_ratio", ""][1] == len(this_year)
