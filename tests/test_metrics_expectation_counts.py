"""What the models are fitted to: four numbers a person, as others count them, none lost by counting."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest
from cdnow_purchases import AS_OF, cdnow, purchase_days
from conftest import examples
from expectation_worlds import counted
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import order

from metrics.calendar import day_of
from metrics.expectation_counts import Histories, Spends

SEPTEMBER_END = day_of(date(1997, 9, 30))


def weighted(histories: Histories) -> Counter[tuple[int, int, int]]:
    rows = zip(histories.repeats, histories.tenure_days, histories.age_days, strict=True)
    keys = [(int(repeats), int(tenure), int(age)) for repeats, tenure, age in rows]
    assert len(set(keys)) == len(keys)
    return Counter(dict(zip(keys, map(int, histories.people), strict=True)))


@pytest.mark.parametrize("as_of", [SEPTEMBER_END, AS_OF])
def test_every_customer_of_cdnow_stands_in_the_row_of_their_own_history(engine: Engine, as_of: int) -> None:
    histories, _ = counted(engine, cdnow(), as_of)
    expected: Counter[tuple[int, int, int]] = Counter()
    for all_days in purchase_days(cdnow()).values():
        if days := [day for day in all_days if day <= as_of]:
            expected[len(days) - 1, days[-1] - days[0], as_of - days[0]] += 1
    assert weighted(histories) == expected
    assert histories.buyers() == sum(expected.values())
    assert len(histories.people) < histories.buyers() / 2


def test_later_purchases_are_not_seen(engine: Engine) -> None:
    known = [row for row in cdnow() if row["ordered_day"] <= SEPTEMBER_END]
    full, _ = counted(engine, cdnow(), SEPTEMBER_END)
    early, _ = counted(engine, known, SEPTEMBER_END)
    assert weighted(full) == weighted(early)


@examples(15)
@given(
    bought=st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(0, 12), st.integers(1, 3)), min_size=1, max_size=25
    )
)
def test_spend_is_that_of_the_days_after_the_first(
    engines: list[Engine], bought: list[tuple[str, int, int]]
) -> None:
    orders = [order(str(number), who, day, str(price)) for number, (who, day, price) in enumerate(bought)]
    by_day: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for who, day, price in bought:
        by_day[who][day] += price
    expected = Counter(
        (len(days) - 1, float(sum(days[day] for day in days if day > min(days))))
        for days in by_day.values()
        if len(days) > 1
    )
    for engine in engines:
        _, spends = counted(engine, orders, 20)
        assert listed(spends) == expected


def listed(spends: Spends) -> Counter[tuple[int, float]]:
    rows = zip(spends.repeats, spends.spend, spends.people, strict=True)
    return Counter({(int(days), float(spend)): int(people) for days, spend, people in rows})


def test_purchases_of_unknown_amount_are_purchases_and_tell_nothing_of_spend(engine: Engine) -> None:
    unknown = {"amount_unknown": True}
    orders = [order("1", "a", 3, "5"), order("2", "a", 8, "0", **unknown), order("3", "a", 9, "0", **unknown)]
    histories, spends = counted(engine, orders, 10)
    assert weighted(histories) == {(2, 6, 7): 1}
    assert len(spends.people) == 0


def test_rows_come_sorted_whatever_the_engine_gives(engine: Engine) -> None:
    histories, _ = counted(engine, cdnow(), AS_OF)
    keys = list(zip(histories.repeats, histories.tenure_days, histories.age_days, strict=True))
    assert keys == sorted(keys)


def test_nobody_bought(engine: Engine) -> None:
    histories, spends = counted(engine, [], 10)
    assert (histories.buyers(), histories.days(), len(spends.people)) == (0, 0, 0)
