"""Word of mouth is told as no basis for rewards, wherever a figure of it is explained."""

import pytest

from metrics.catalogue import metrics_known
from zaiseki.metric_words import definition_of

FIGURES = (
    *("referrals", "referral_score", "referral_generations", "referral_subtree", "referred_revenue"),
    *("subtree_revenue", "referral_cycle_days", "k_observed", "k_invite", "referral_share"),
    *("referral_cycle_time", "viral_limit", "referred_spend", "referred_repeat"),
)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_word_of_mouth_says_that_it_is_no_basis_for_rewards(name: str) -> None:
    (metric,) = [one for one in metrics_known() if one.id == name]
    english, japanese = " ".join(definition_of(metric, "en").split()), definition_of(metric, "ja")
    assert "basis for rewards" in english
    assert "謝礼を計算する基準" in japanese
