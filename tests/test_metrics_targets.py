"""Targets beside the figures: which figure is meant, what is better, and unknown names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from metrics.catalogue import metrics_known
from metrics.shop_line import ShopLine
from metrics.targets import (
    LESS_IS_BETTER,
    LESS_IS_BETTER_PART,
    UnknownTarget,
    against_targets,
    check_targets,
    target_lines,
)

KNOWN = tuple(metric.id for metric in metrics_known() if metric.of_shop)
LINES = [
    ShopLine("repeater_ratio", "", Decimal("0.4"), 50),
    ShopLine("repeat_rate", "F2@90", Decimal("0.3"), 40),
    ShopLine("repeat_rate", "F2@180", None, 0),
    ShopLine("month_buyers", "2026-08", Decimal(7), 7),
    ShopLine("month_buyers", "2026-09", Decimal(9), 9),
    ShopLine("month_buyers", "2026-10", Decimal(1), 1),
    ShopLine("lapsed_share", "2026-09", Decimal("0.05"), 100),
    ShopLine("lapsed_share", "2026-09 first", Decimal("0.2"), 10),
    ShopLine("satisfaction_share", "dissatisfied", Decimal("0.1"), 100),
    ShopLine("satisfaction_share", "delighted", Decimal("0.1"), 100),
    ShopLine("spend_after_evidence", "dissatisfied", Decimal(10), 100),
    ShopLine("migration_share", "best_active>gone", Decimal("0.1"), 100),
    ShopLine("migration_people", "best_active>gone", Decimal(10), 100),
    ShopLine("migration_share", "best_active>best_active", Decimal("0.1"), 100),
]


def met(target: str, value: str) -> tuple[Decimal | None, bool | None]:
    (found,) = against_targets(LINES, {target: Decimal(value)}, this_month="2026-10")
    return found.difference, found.met


@pytest.mark.parametrize(
    ("target", "value", "difference", "is_met"),
    [
        ("repeater_ratio", "0.5", "-0.1", False),
        ("repeater_ratio", "0.4", "0", True),
        ("repeat_rate F2@90", "0.25", "0.05", True),
        ("lapsed_share", "0.05", "0", True),
        ("lapsed_share", "0.04", "0.01", False),
        ("lapsed_share 2026-09 first", "0.3", "-0.1", True),
        ("satisfaction_share dissatisfied", "0.2", "-0.1", True),
        ("satisfaction_share delighted", "0.2", "-0.1", False),
        ("spend_after_evidence dissatisfied", "9", "1", True),
        ("migration_share best_active>gone", "0.2", "-0.1", True),
        ("migration_people best_active>gone", "9", "1", False),
        ("migration_share best_active>best_active", "0.2", "-0.1", False),
    ],
)
def test_the_difference_is_actual_less_target_and_met_by_what_is_better(
    target: str, value: str, difference: str, is_met: bool
) -> None:
    assert met(target, value) == (Decimal(difference), is_met)


def test_a_figure_by_month_is_that_of_the_last_complete_month() -> None:
    (found,) = against_targets(LINES, {"month_buyers": Decimal(8)}, this_month="2026-10")
    assert (found.part, found.actual, found.base, found.met) == ("2026-09", Decimal(9), 9, True)


def test_what_no_data_tells_is_neither_met_nor_missed() -> None:
    for target in ("repeat_rate F2@180", "repeat_rate F9@90", "k_invite"):
        assert met(target, "0.1") == (None, None)


def test_the_lines_bear_the_target_and_the_figures_base() -> None:
    found = against_targets(LINES, {"repeat_rate F2@90": Decimal("0.25")}, this_month="2026-10")
    assert target_lines(found) == [
        ShopLine("target_value", "repeat_rate F2@90", Decimal("0.25"), 40),
        ShopLine("target_difference", "repeat_rate F2@90", Decimal("0.05"), 40),
        ShopLine("target_met", "repeat_rate F2@90", Decimal(1), 40),
    ]


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    check_targets(["repeater_ratio", "repeat_rate F2@90"], KNOWN)
    with pytest.raises(UnknownTarget) as refused:
        check_targets(["repeater_ratio", "repeat_rates F2@90"], KNOWN)
    assert (refused.value.name, refused.value.nearest) == ("repeat_rates", "repeat_rate")


def test_a_figure_of_one_person_is_no_target() -> None:
    with pytest.raises(UnknownTarget):
        check_targets(["tenure_days"], KNOWN)


def test_what_is_better_is_said_of_figures_that_exist() -> None:
    assert set(KNOWN) >= LESS_IS_BETTER | set(LESS_IS_BETTER_PART)
