"""Annual continuation: the published number, the edges of the years, and the definition made anew."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from cdnow_purchases import AS_OF, cdnow, valid_rows
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import rows
from plain_purchases import alike, bought, busy, counted, days_of

from metrics.continuation import continuation_counts, continuation_lines
from metrics.shop_line import ShopLine


def counts(engine: Engine, orders: list[dict[str, Any]], as_of: int) -> dict[str, int]:
    (row,) = rows(continuation_counts(valid_rows(engine, orders, as_of), as_of_day=as_of))
    return {name: int(value or 0) for name, value in row.items()}


def test_cdnow_has_its_published_continuation(engine: Engine) -> None:
    found = counts(engine, cdnow(), AS_OF)
    assert (found["continued"], found["last_year"]) == (8_330, 23_500)
    lines = continuation_lines(valid_rows(engine, cdnow()), as_of_day=AS_OF)
    assert lines == [
        ShopLine("annual_continuation", "", Decimal("0.3545"), 23_500),
        # The data are not two years old: nobody can have paused for one.
        ShopLine("annual_return", "", None, 0),
    ]


@pytest.mark.parametrize(
    ("days", "continued", "last_year"),
    [
        ((635, 1_000), 1, 1),  # A-365 is the last day of the earlier year, A the last of this one
        ((636, 1_000), 0, 0),  # A-364 is of this year
        ((271, 636), 1, 1),
        ((270, 636), 0, 0),  # A-730 is before the earlier year
        ((635,), 0, 1),
    ],
)
def test_the_years_are_open_at_their_begin_and_closed_at_their_end(
    engine: Engine, days: tuple[int, ...], continued: int, last_year: int
) -> None:
    found = counts(engine, bought("a", *days), 1_000)
    assert (found["continued"], found["last_year"]) == (continued, last_year)


def test_who_pauses_a_year_and_buys_again_comes_back(engine: Engine) -> None:
    orders = bought("back", 100, 900) + bought("gone", 100) + bought("true", 100, 400, 900)
    lines = continuation_lines(valid_rows(engine, orders, 1_000), as_of_day=1_000)
    assert lines == [
        ShopLine("annual_continuation", "", Decimal(1), 1),
        ShopLine("annual_return", "", Decimal("0.5"), 2),
    ]


@examples(15)
@given(seed=st.integers(0, 2**32), as_of=st.integers(1_200, 2_600))
def test_it_is_the_definition_and_knows_nothing_of_later(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    (found,) = alike(engines, seed, as_of, lambda _, valid: rows(continuation_counts(valid, as_of_day=as_of)))
    years = [
        {-(-(as_of + 1 - day) // 365) for day in days}
        for days in days_of(counted(*busy(seed), as_of)).values()
    ]
    assert (found["last_year"] or 0) == sum(2 in bought_in for bought_in in years)
    assert (found["continued"] or 0) == sum({1, 2} <= bought_in for bought_in in years)
    paused = [bought_in for bought_in in years if 2 not in bought_in and max(bought_in) > 2]
    assert (found["paused"] or 0) == len(paused)
    assert (found["returned"] or 0) == sum(1 in bought_in for bought_in in paused)
