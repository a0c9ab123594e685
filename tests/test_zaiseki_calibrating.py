"""Which thresholds are in force: the settings, then the accepted file, then the last run and the preset."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from stored_people import record, refund
from why_people import TODAY, fill_store, order

from metrics.return_curve import Curve
from metrics.segment import Thresholds
from zaiseki.calibrating import calibrate, thresholds_in_force
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


FIELD = '[history]\nfirst_purchase_metafield = "history.first_order_on"\n'


def plain(gaps: list[tuple[int, bool]]) -> dict[str, object]:
    """The curve of gaps, day by day: how many were open at least so long, and ended with a purchase then."""
    ends = range(max(length for length, _ in gaps) + 1)
    bought = Counter(length for length, returned in gaps if returned)
    at_risk = tuple(sum(length >= day for length, _ in gaps) for day in ends)
    return {"gaps": len(gaps), "at_risk": at_risk, "bought": tuple(bought[day] for day in ends)}


def facts(curve: Curve) -> dict[str, object]:
    return {"gaps": curve.gaps, "at_risk": curve.at_risk, "bought": curve.bought}


def test_a_first_purchase_of_a_field_is_a_gap_only_where_no_counted_order_is_as_old(tmp_path: Path) -> None:
    """Days before today of each person's orders, what the field says, and the purchase days these come to."""
    chance = random.Random(4)
    people, orders, back, days = [], [], [], []
    for number in range(120):
        bought = sorted(chance.sample(range(1, 900), chance.randint(1, 4)), reverse=True)
        said = chance.choice([None, bought[0], chance.randint(1, bought[0]), bought[0] + 40])
        first = None if said is None else TODAY - said
        people.append(record(str(number), first_purchase_day=first))
        placed = [order(f"{number}-{ago}", ago, record_id=str(number)) for ago in bought]
        gone = number % 7 == 0
        if gone:  # The oldest order was given back in full: it counts no more, and hides nothing.
            back.append(refund(placed[0].id, TODAY - bought[0] + 1, "1000", f"r{number}"))
        orders += placed
        counted = bought[1:] if gone else bought
        if said is not None and said > max(counted, default=-1):
            counted = [said, *counted]
        if counted:
            days.append(sorted(TODAY - ago for ago in counted))
    found = calibrate(fill_store(tmp_path, people, orders, back, FIELD), accept=False)
    gaps = [(b - a, True) for one in days for a, b in pairwise(one)]
    open_still = [(TODAY - one[-1], False) for one in days]
    firsts = [(one[1] - one[0], True) if one[1:] else (TODAY - one[0], False) for one in days]
    assert found.buyers == len(days)
    assert facts(found.curves.pooled) == plain(gaps + open_still)
    assert facts(found.curves.after_first) == plain(firsts)
