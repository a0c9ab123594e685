"""What referred customers come to beside the others: mature ones only, each group with its n."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import narwhals as nw
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import order, refund
from plain_purchases import alike, busy, counted, days_of, known_by
from referral_rows import Row, Told, with_code

from metrics.attribution import referrals
from metrics.purchase_steps import purchase_steps
from metrics.purchases import PurchaseRules
from metrics.referred_value import HORIZONS, referred_value_lines

CENT = Decimal("0.01")
Lines = dict[tuple[str, str], tuple[Decimal | None, int]]
FIRST = 1_100
"""The day on which the first referred customer came."""
ORDERS_OF_ALL = [
    order("a0", "a", 1_000, "10"),
    order("d0", "d", FIRST - 1, "500"),
    with_code("b0", "b", FIRST, "a"),
    order("b1", "b", FIRST + 90, "7"),
    order("b2", "b", FIRST + 91, "100"),
    order("c0", "c", FIRST, "20"),
    order("c1", "c", FIRST + 91, "3"),
    with_code("e0", "e", FIRST + 1, "a"),
]
"""a brought b and e; c and d came by themselves, d a day too early to be compared with anybody."""


def lines(
    engine: Engine, orders: list[Row], as_of: int, *, unit: Any = "day", step: Decimal = CENT, **more: Any
) -> Lines:
    told = Told(engine, orders, as_of=as_of, **more)
    found = referred_value_lines(
        told.valid,
        purchase_steps(told.valid, rules=PurchaseRules(unit=unit)),
        referrals(told.named),
        as_of_day=as_of,
        step=step,
        materialise=engine.materialise,
    )
    return {(line.name, line.part): (line.value, line.base) for line in found}


def of(found: Lines, group: str, horizon: int = 90) -> tuple[Decimal | None, Decimal | None, int]:
    """Spend, repeat rate and number of people of a group."""
    part = f"{horizon} days {group}"
    (spend, n), (repeat, same) = found["referred_spend", part], found["referred_repeat", part]
    assert n == same
    return spend, repeat, n


def test_both_groups_stand_beside_each_other_with_the_last_day_included(engine: Engine) -> None:
    found = lines(engine, ORDERS_OF_ALL, FIRST + 91)
    assert of(found, "referred") == (Decimal("13.50"), Decimal("0.5000"), 2)  # b: 10 + 7; e: 10
    assert of(found, "others") == (Decimal("20.00"), Decimal("0.0000"), 1)  # c came back on day 91
    assert of(found, "referred", 365) == of(found, "others", 365) == (None, None, 0)


@pytest.mark.parametrize(("as_of", "people"), [(FIRST + 89, 0), (FIRST + 90, 1), (FIRST + 91, 2)])
def test_who_had_less_than_the_horizon_is_in_neither_number(engine: Engine, as_of: int, people: int) -> None:
    assert of(lines(engine, ORDERS_OF_ALL, as_of), "referred")[2] == people


def test_a_year_counts_what_ninety_days_do_not(engine: Engine) -> None:
    more = [*ORDERS_OF_ALL, order("c2", "c", FIRST + 365, "1"), order("c3", "c", FIRST + 366, "900")]
    found = lines(engine, more, FIRST + 366)
    assert of(found, "referred", 365) == (Decimal("63.50"), Decimal("0.5000"), 2)
    assert of(found, "others", 365) == (Decimal("24.00"), Decimal("1.0000"), 1)


def test_who_came_before_the_first_referred_customer_is_compared_with_nobody(engine: Engine) -> None:
    late = [*ORDERS_OF_ALL, order("f0", "f", FIRST, "40")]
    assert of(lines(engine, late, FIRST + 90), "others") == (Decimal("30.00"), Decimal("0.0000"), 2)


def test_where_nobody_was_referred_there_is_nothing_to_compare(engine: Engine) -> None:
    found = lines(engine, [one for one in ORDERS_OF_ALL if not one["discount_codes"]], FIRST + 400)
    assert set(found.values()) == {(None, 0)} and len(found) == 8


def test_a_refunded_first_purchase_takes_the_credit_and_its_day_and_a_later_refund_is_not_known(
    engine: Engine,
) -> None:
    back = [refund("b0", FIRST + 95, "10"), refund("e0", FIRST + 95, "4")]
    before = lines(engine, ORDERS_OF_ALL, FIRST + 94, refunds=back)
    assert before == lines(engine, ORDERS_OF_ALL, FIRST + 94)
    # e is the first referred one now; b came on day 1,190 by nobody, too late for 90 days.
    after = lines(engine, ORDERS_OF_ALL, FIRST + 95, refunds=back)
    assert of(after, "referred") == (Decimal("6.00"), Decimal("0.0000"), 1)
    assert of(after, "others") == (None, None, 0)


def test_two_orders_of_the_first_day_are_a_repeat_only_where_orders_are_counted(engine: Engine) -> None:
    twice = [*ORDERS_OF_ALL, order("c9", "c", FIRST, "5")]
    by_day, by_order = (lines(engine, twice, FIRST + 90, unit=unit) for unit in ("day", "order"))
    assert of(by_day, "others") == (Decimal("25.00"), Decimal("0.0000"), 1)
    assert of(by_order, "others") == (Decimal("25.00"), Decimal("1.0000"), 1)


def test_means_are_rounded_half_up_to_the_currency(engine: Engine) -> None:
    found = lines(engine, ORDERS_OF_ALL, FIRST + 91, step=Decimal(1))
    assert of(found, "referred")[0] == Decimal(14)  # 13.50


def test_a_first_purchase_of_unknown_amount_is_one_of_nothing(engine: Engine) -> None:
    unknown = [*ORDERS_OF_ALL, order("g0", "g", FIRST, "0", amount_unknown=True)]
    assert of(lines(engine, unknown, FIRST + 90), "others") == (Decimal("10.00"), Decimal("0.0000"), 2)


def is_credited(person: str) -> bool:
    return int(person[1:]) % 3 == 0


def told(engine: Engine, valid: nw.LazyFrame[Any], as_of: int) -> Lines:
    """The figures where every third person was referred."""
    first = valid.group_by("person_id").agg(nw.col("ordered_day").min())
    credited = [f"p{number:02}" for number in range(0, 40, 3)]
    found = referred_value_lines(
        valid,
        engine.materialise(purchase_steps(valid, rules=PurchaseRules())),
        engine.materialise(first.filter(nw.col("person_id").is_in(credited))),
        as_of_day=as_of,
        step=CENT,
        materialise=engine.materialise,
    )
    return {(line.name, line.part): (line.value, line.base) for line in found}


def plain(seed: int, as_of: int) -> Lines:
    """The same person by person."""
    orders, refunds = known_by(busy(seed), as_of)
    bought = counted(orders, refunds, as_of)
    days = days_of(bought)
    credited = [days[person][0] for person in days if is_credited(person)]
    made: Lines = {}
    for horizon in HORIZONS:
        for group in ("referred", "others"):
            net, back, people = Decimal(0), 0, 0
            for person, theirs in days.items():
                first = theirs[0]
                if is_credited(person) != (group == "referred") or first + horizon > as_of:
                    continue
                if not credited or first < min(credited):
                    continue
                people += 1
                back += any(first < day <= first + horizon for day in theirs)
                for one in bought:
                    if one["person_id"] == person and one["ordered_day"] <= first + horizon:
                        given_back = [r["amount"] for r in refunds if r["order_id"] == one["order_id"]]
                        net += one["amount"] - sum(given_back, Decimal(0))
            part = f"{horizon} days {group}"
            mean = (net / people).quantize(CENT, ROUND_HALF_UP) if people else None
            rate = (Decimal(back) / people).quantize(Decimal("0.0001"), ROUND_HALF_UP) if people else None
            made["referred_spend", part], made["referred_repeat", part] = (mean, people), (rate, people)
    return made


@examples(8)
@given(seed=st.integers(0, 10_000), as_of=st.integers(1_250, 2_400))
def test_the_figures_are_those_of_a_plain_count_on_every_engine_and_of_a_store_of_that_day(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    assert alike(engines, seed, as_of, lambda engine, valid: told(engine, valid, as_of)) == plain(seed, as_of)


def test_the_plain_count_sees_every_group() -> None:
    found = [plain(seed, 2_200) for seed in range(5)]
    assert all(n for one in found for _, n in one.values())
    assert {part for one in found for (name, part), (value, _) in one.items() if value and name.endswith("t")}


def test_nobodys_orders_are_nobodys_spend(engine: Engine) -> None:
    alone = [*ORDERS_OF_ALL, order("n0", None, FIRST, "1000")]
    assert lines(engine, alone, FIRST + 90) == lines(engine, ORDERS_OF_ALL, FIRST + 90)
