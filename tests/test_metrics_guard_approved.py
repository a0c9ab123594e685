"""What `calibrate --accept` approved passes the guard, and nothing that comes along with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from metrics_engines import Engine
from test_metrics_guard import CALM, CHANGES, HELD, codes

from metrics.guard import plan_facts
from metrics.segment import Thresholds

LAST = Thresholds(Decimal(70), lapse_days=240)
CALIBRATED = Thresholds(Decimal(90), lapse_days=120)
OTHERWISE = pa.schema({"person_id": pa.string(), "segment": pa.string()})


@pytest.mark.parametrize(
    ("now", "held"),
    [
        (CALIBRATED, False),
        (replace(LAST, lapse_days=120), False),  # the settings pin the other one
        (replace(LAST, best_spend=Decimal("90.00")), False),
        (replace(CALIBRATED, lapse_days=121), True),
        (replace(CALIBRATED, best_spend=Decimal("90.01")), True),
        (replace(CALIBRATED, steady_days=91), True),
        (replace(CALIBRATED, best_days=211), True),
    ],
)
def test_exactly_the_values_that_were_accepted_pass(now: Thresholds, held: bool) -> None:
    facts = replace(CALM, thresholds=now, last_thresholds=LAST, calibrated=CALIBRATED)
    assert codes(facts) == (["thresholds"] if held else [])


def test_without_an_accepted_calibration_changed_thresholds_are_held() -> None:
    assert codes(replace(CALM, thresholds=CALIBRATED, last_thresholds=LAST)) == ["thresholds"]


def test_only_moves_that_the_thresholds_do_not_explain_count(engine: Engine) -> None:
    record = {"platform": "shopify", "account": "a", "object": "customer"}
    people = {
        # person: (held, new, what it would be without the new thresholds)
        "moved by the threshold": ("first_active", "first_lapsed", "first_active"),
        "bought meanwhile": ("first_active", "steady_active", "steady_active"),
        "both": ("first_active", "steady_lapsed", "steady_active"),
        "lapsed as announced": ("best_active", "steady_lapsed", "best_lapsed"),
        "not scored": ("first_active", None, None),
    }
    held = [
        record | {"id": name, "person_id": name, "held_segment": old, "held_lapses_on": "2026-09-30"}
        if name == "lapsed as announced"
        else record | {"id": name, "person_id": name, "held_segment": old, "held_lapses_on": "2027-09-30"}
        for name, (old, _, _) in people.items()
    ]
    changes = [
        record | {"id": name, "person_id": name, "field": "segment", "old": old, "new": new}
        for name, (old, new, _) in people.items()
    ]
    otherwise = [{"person_id": name, "segment": calm} for name, (_, _, calm) in people.items() if calm]
    frames = engine.frame(changes, CHANGES), engine.frame(held, HELD), ("segment",)
    as_of = date(2026, 10, 1)
    plain = plan_facts(*frames, as_of=as_of)
    approved = plan_facts(*frames, as_of=as_of, otherwise=engine.frame(otherwise, OTHERWISE))
    assert plain.moves == 5
    # "bought meanwhile", "both" and who goes blank: those would move by the old thresholds too.
    assert approved.moves == 3
    assert approved.blanked == plain.blanked == {"segment": 1}
