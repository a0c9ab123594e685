"""Quartiles of spend and of the own interval are those of the people, as a plain sort finds them."""

from __future__ import annotations

import statistics
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine

from metrics.positions import values_at
from metrics.spend_distribution import interval_lines, purchase_lines, spend_lines
from metrics.tenure import own_interval

BUYERS = pa.schema(
    [
        ("person_id", pa.string()),
        ("tenure_days", pa.int64()),
        ("gaps", pa.int64()),
        ("purchases", pa.int64()),
        ("net_spend", pa.decimal128(18, 4)),
    ]
)
YEN = Decimal(1)


def buyer(number: int, gaps: int, tenure: int, spend: Decimal, more: int = 0) -> dict[str, object]:
    """`more`: orders beside the first of each day, where orders are counted."""
    days = {"gaps": gaps, "tenure_days": tenure, "purchases": gaps + 1 + more}
    return {"person_id": f"p{number}", "net_spend": spend, **days}


def rounded(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step


def plain(values: list[Decimal], step: Decimal) -> dict[str, Decimal | None]:
    """The figures by sorting; nearest rank for the quartiles."""
    if not values:
        return dict.fromkeys(("mean", "median", "lower_quartile", "upper_quartile"))
    found, n = sorted(values), len(values)
    return {
        "mean": rounded(sum(found, Decimal()) / n, step),
        "median": rounded(statistics.median(found), step),
        "lower_quartile": found[-(-n // 4) - 1],
        "upper_quartile": found[-(-3 * n // 4) - 1],
    }


people = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 900), st.decimals(0, 9_999, places=2, allow_nan=False)),
    max_size=12,
)
"""Gaps, tenure and spend; a spend of 0 is that of a person of whom no amount is known."""


@examples(25)
@given(people)
def test_the_figures_are_those_of_a_plain_sort(
    engines: list[Engine], lives: list[tuple[int, int, Decimal]]
) -> None:
    rows = [buyer(at, gaps, gaps and tenure, spend) for at, (gaps, tenure, spend) in enumerate(lives)]
    again = [(row["tenure_days"], row["gaps"]) for row in rows if row["gaps"]]
    spends = {
        "all": [spend for _, _, spend in lives if spend],
        "repeaters": [spend for gaps, _, spend in lives if gaps and spend],
    }
    own = [found for tenure, gaps in again if (found := own_interval(tenure, gaps)) is not None]
    for engine in engines:
        frame = engine.frame(rows, BUYERS)
        told = {(line.name, line.part): line.value for line in spend_lines(frame, step=YEN)}
        for part, values in spends.items():
            for name, value in plain(values, YEN).items():
                assert told[f"net_spend_{name}", part] == value
        intervals = {line.name: line.value for line in interval_lines(frame)}
        assert intervals == {
            f"own_interval_{name}": value for name, value in plain(own, Decimal("0.1")).items()
        }


@examples(15)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=12))
def test_the_number_of_purchases_is_told_as_a_distribution_of_all_and_of_repeaters(
    engines: list[Engine], lives: list[tuple[int, int]]
) -> None:
    rows = [buyer(at, gaps, gaps * 9, Decimal(5), more) for at, (gaps, more) in enumerate(lives)]
    numbers = {
        "all": [Decimal(gaps + 1 + more) for gaps, more in lives],
        "repeaters": [Decimal(gaps + 1 + more) for gaps, more in lives if gaps],
    }
    for engine in engines:
        lines = purchase_lines(engine.frame(rows, BUYERS))
        assert {line.base for line in lines if line.part == "all"} == {len(lives)}
        told = {(line.name, line.part): line.value for line in lines}
        assert told == {
            (f"purchases_{name}", part): value
            for part, values in numbers.items()
            for name, value in plain(values, Decimal("0.01")).items()
        }


def test_who_is_known_by_the_day_of_a_first_purchase_alone_spends_no_nought(engine: Engine) -> None:
    rows = [buyer(1, 0, 0, Decimal(1000)), buyer(2, 0, 0, Decimal(0)), buyer(3, 1, 9, Decimal(0))]
    rows.append(buyer(4, 2, 90, Decimal(3000)))
    found = {
        (line.name, line.part): (line.value, line.base)
        for line in spend_lines(engine.frame(rows, BUYERS), step=YEN)
    }
    assert found["net_spend_mean", "all"] == (Decimal(2000), 2)
    assert found["net_spend_lower_quartile", "all"] == (Decimal(1000), 2)
    assert found["net_spend_median", "repeaters"] == (Decimal(3000), 1)


def test_a_position_that_nobody_stands_at_is_an_error(engine: Engine) -> None:
    frame = engine.frame([buyer(1, 0, 0, Decimal(5))], BUYERS)
    assert values_at(frame, "net_spend", [1]) == [Decimal(5)]
    with pytest.raises(ValueError, match="2"):
        values_at(frame, "net_spend", [1, 2])
