"""The order of the shop's figures: every one has its place, and who comes back stands before who is won."""

from __future__ import annotations

from metrics.catalogue import metrics_known
from metrics.shop_order import MODULES, places

BACK_END = {"trial_conversion", "product_repeat"}
WON = {
    *("month_new_buyers", "cohort_buyers", "repeat_rate", "new_by_source", "new_to_best_share"),
    *("referral_share", "k_observed", "viral_growth", "referred_spend", "funnel_conversion", "prospect"),
}
"""Figures of new customers: how many there are, where they came from, what they come to."""


def test_every_figure_of_the_shop_has_one_place() -> None:
    of_shop = [metric for metric in metrics_known() if metric.of_shop]
    assert sorted(places()) == sorted(metric.id for metric in of_shop)
    assert sorted(places().values()) == list(range(len(of_shop)))
    assert set(MODULES) == {metric.module.removeprefix("metrics.") for metric in of_shop}
    assert len(set(MODULES)) == len(MODULES)


def test_trial_conversion_and_product_repeat_stand_before_every_figure_of_new_customers() -> None:
    assert {places()[name] for name in BACK_END} == {0, 1}
    assert places()["trial_conversion"] == 0
    assert min(places()[name] for name in WON) > 1


def test_gaps_and_targets_look_at_the_others_and_stand_last() -> None:
    names = sorted(places(), key=lambda name: places()[name])
    apart = [name for name in names if name.startswith(("gap_", "target_"))]
    assert apart and names[-len(apart) :] == apart
