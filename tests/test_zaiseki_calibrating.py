"""Which thresholds are in force: the settings, then the accepted file, then the last run and the preset."""

from datetime import date
from decimal import Decimal

import pytest

from metrics.segment import Thresholds
from zaiseki.calibrating import thresholds_in_force
from zaiseki.settings import Settings
from zaiseki.thresholds import DEFAULT_LAPSE_DAYS, Accepted

LAST = Thresholds(Decimal(130), steady_days=80, best_days=200, lapse_days=300)
ACCEPTED = Accepted(best_spend=Decimal(90), lapse_days=221, accepted_on=date(2026, 10, 1), evidence="e")


@pytest.mark.parametrize(
    ("segment", "accepted", "best_spend", "lapse"),
    [
        ({}, None, (130, "derived"), (DEFAULT_LAPSE_DAYS, "preset")),
        ({}, ACCEPTED, (90, "accepted"), (221, "accepted")),
        ({"lapse_days": 200}, ACCEPTED, (90, "accepted"), (200, "settings")),
        ({"best_spend": 50}, ACCEPTED, (50, "settings"), (221, "accepted")),
        ({"best_spend": 50, "lapse_days": 200}, None, (50, "settings"), (200, "settings")),
    ],
)
def test_each_threshold_comes_from_the_first_that_says_it(
    segment: dict[str, object],
    accepted: Accepted | None,
    best_spend: tuple[int, str],
    lapse: tuple[int, str],
) -> None:
    settings = Settings.model_validate({"segment": segment | {"steady_days": 95}})
    found = thresholds_in_force(settings, accepted, LAST)
    assert (found.thresholds.best_spend, found.best_spend_from) == best_spend
    assert (found.thresholds.lapse_days, found.lapse_from) == lapse
    # The cuts of tenure stand in the settings alone.
    assert (found.thresholds.steady_days, found.thresholds.best_days) == (95, 210)
