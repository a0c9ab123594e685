"""The list of what is missing: sources, data, targets."""

from __future__ import annotations

from decimal import Decimal

from metrics_engines import Engine
from metrics_touches import TOUCHES, VALUES, touch

from metrics.gaps import TOUCH_SOURCES, gap_lines, rows_of, touch_sources
from metrics.shop_line import ShopLine

KNOWN = ("a", "b", "c", "gap_source", "target_met")
LINES = [
    ShopLine("a", "", Decimal(1), 5),
    ShopLine("a", "x", None, 0),
    ShopLine("b", "", None, 0),
    ShopLine("b", "x", Decimal(0), 0),
    ShopLine("elsewhere", "", None, 0),
]


def parts(lines: list[ShopLine], name: str) -> dict[str, tuple[Decimal | None, int]]:
    return {line.part: (line.value, line.base) for line in lines if line.name == name}


def test_a_source_that_tells_nothing_is_a_gap() -> None:
    found = parts(gap_lines(LINES, {"cases": 0, "reviews": 3}, (), KNOWN), "gap_source")
    assert found == {"cases": (Decimal(1), 0), "reviews": (Decimal(0), 3)}


def test_a_figure_without_any_value_or_base_is_a_gap_even_if_it_has_no_line() -> None:
    found = parts(gap_lines(LINES, {}, (), KNOWN), "gap_no_data")
    assert found == {"b": (Decimal(1), 2), "c": (Decimal(1), 0)}


def test_a_figure_with_data_and_no_target_is_a_gap() -> None:
    assert parts(gap_lines(LINES, {}, (), KNOWN), "gap_no_target") == {"a": (Decimal(1), 1)}
    assert parts(gap_lines(LINES, {}, ["a x"], KNOWN), "gap_no_target") == {}


def test_every_kind_of_touch_belongs_to_one_source() -> None:
    kinds = [kind for source in TOUCH_SOURCES.values() for kind in source]
    assert sorted(kinds) == sorted(VALUES)


def test_touches_are_counted_by_source_up_to_the_day(engine: Engine) -> None:
    touches = [
        touch("ann", "campaign_sent", 9),
        touch(None, "campaign_response", 10),
        touch("ann", "case", 11, "other"),
    ]
    found = touch_sources(engine.frame(touches, TOUCHES), as_of_day=10)
    assert set(found) == set(TOUCH_SOURCES)
    assert {source: count for source, count in found.items() if count} == {"campaigns": 2}
    assert rows_of(engine.frame(touches, TOUCHES)) == 3 and rows_of(None) == 0
