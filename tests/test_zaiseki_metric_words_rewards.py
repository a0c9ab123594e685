"""Word of mouth is told as no basis for rewards, wherever a figure of it is explained."""

import pytest

from metrics.catalogue import Metric, metrics_known
from zaiseki.metric_words import definition_of

MODULES = {
    *("metrics.referral", "metrics.word_of_mouth", "metrics.viral"),
    *("metrics.referred_value", "metrics.referral_codes"),
}
FIGURES = [metric for metric in metrics_known() if metric.module in MODULES]


def test_each_file_of_word_of_mouth_has_figures() -> None:
    assert {metric.module for metric in FIGURES} == MODULES


@pytest.mark.parametrize("metric", FIGURES, ids=lambda metric: metric.id)
def test_a_figure_of_word_of_mouth_says_that_it_is_no_basis_for_rewards(metric: Metric) -> None:
    english, japanese = " ".join(definition_of(metric, "en").split()), definition_of(metric, "ja")
    assert "basis for rewards" in english
    assert "謝礼を計算する基準" in japanese
