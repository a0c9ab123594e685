"""All scores together: the published numbers of CDNOW, and the laws that hold for any events."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_definition import PEOPLE, SMALL, Events, eventful, standing
from metrics_engines import Engine
from metrics_frames import (
    CODES,
    CONSENTS,
    ORDERS,
    PERSONS,
    REFUNDS,
    SHOP,
    SUBSCRIPTIONS,
    order,
    refund,
    rows,
)
from metrics_touches import TOLD, TOUCHES

from metrics.attribution import named_referrers, referrals
from metrics.calendar import day_of
from metrics.evidence import SatisfactionRules
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.referral import referral_scores
from metrics.scores import Given, ScoreRules, score_persons
from metrics.segment import Thresholds
from metrics.tenure import tenure

CDNOW = Path(__file__).parents[1] / "sandbox" / "data" / "cdnow_master.csv.gz"
AS_OF = date(1998, 6, 30)
SEEDS = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def cdnow() -> list[dict[str, Any]]:
    with gzip.open(CDNOW, "rt", newline="") as lines:
        return [
            order(str(number), row["customer_id"], day_of(date.fromisoformat(row["date"])), row["amount"])
            for number, row in enumerate(csv.DictReader(lines))
        ]


def given_of(engine: Engine, people: Any, events: Events, **more: Any) -> Given:
    """Frames of people with orders and refunds, and nothing else unless `more` has it."""
    orders = engine.frame(events[0], ORDERS)
    refunds = engine.frame(events[1], REFUNDS)
    frames = {
        "persons": engine.frame([{"person_id": person} for person in people], PERSONS),
        "orders": orders,
        "refunds": refunds,
        "consents": engine.frame([], CONSENTS),
        "touches": engine.frame([], TOUCHES),
        "subscriptions": engine.frame([], SUBSCRIPTIONS),
        "told": engine.frame([], TOLD),
    }
    return Given(**{**frames, **more})


def rules_of(unit: Any = "day", **limits: Any) -> ScoreRules:
    thresholds = Thresholds(**{**limits, "best_spend": Decimal(limits["best_spend"])})
    return ScoreRules(PurchaseRules(unit=unit), thresholds, SatisfactionRules())


def friends_of(engine: Engine, events: Events, as_of: int) -> nw.LazyFrame[Any]:
    """What nobody's codes come to."""
    rules = PurchaseRules()
    frames = [engine.frame(rows, schema) for rows, schema in zip(events, (ORDERS, REFUNDS), strict=True)]
    valid = valid_purchases(frames[0], frames[1], as_of_day=as_of, rules=rules)
    buyers = engine.materialise(tenure(valid, rules=rules))
    named = named_referrers(valid, buyers, engine.frame([], CODES), materialise=engine.materialise)
    return referral_scores(referrals(named), buyers, materialise=engine.materialise)


def scored(
    engine: Engine, people: Any, events: Events, as_of: int, unit: Any = "day", **limits: Any
) -> nw.LazyFrame[Any]:
    return score_persons(
        given_of(engine, people, events, friends=friends_of(engine, events, as_of)),
        as_of_day=as_of,
        rules=rules_of(unit, **(limits or SMALL)),
        materialise=engine.materialise,
    )


@pytest.mark.parametrize(
    ("lapse_days", "expected"),
    [
        (
            240,
            {
                "first": (1, 11_988),
                "fledgling": (1, 2_455),
                "steady": (3_026, 1_816),
                "trend": (0, 459),
                "best": (3_547, 209),
            },
        ),
        (
            90,
            {
                "first": (0, 11_989),
                "fledgling": (0, 2_456),
                "steady": (1_187, 3_655),
                "trend": (0, 459),
                "best": (2_114, 1_642),
            },
        ),
    ],
)
def test_cdnow_has_its_published_segments(
    engine: Engine, cdnow: list[dict[str, Any]], lapse_days: int, expected: dict[str, tuple[int, int]]
) -> None:
    people = {one["person_id"] for one in cdnow}
    table = rows(
        scored(engine, people, (cdnow, []), day_of(AS_OF), best_spend="133.95", lapse_days=lapse_days)
    )
    counts = Counter(row["segment"] for row in table)
    assert counts.pop("prospect") == 68
    assert counts == {
        f"{tier}_{half}": n
        for tier, both in expected.items()
        for half, n in zip(("active", "lapsed"), both, strict=True)
        if n
    }


def test_cdnow_has_its_published_tenure(engine: Engine, cdnow: list[dict[str, Any]]) -> None:
    people = {one["person_id"] for one in cdnow}
    table = rows(scored(engine, people, (cdnow, []), day_of(AS_OF), best_spend="133.95", lapse_days=240))
    tenures = [row["tenure_days"] for row in table if row["purchases"]]
    longer = [days for days in tenures if days]
    assert (len(tenures), len(tenures) - len(longer), max(tenures)) == (23_502, 11_989, 544)
    assert round(sum(tenures) / len(tenures), 3) == 135.233
    assert round(sum(longer) / len(longer), 3) == 276.058
    assert sum(row["net_spend"] for row in table) == sum(one["amount"] for one in cdnow)


def test_a_prospect_has_zeroes_where_zero_is_a_fact_and_nulls_elsewhere(engine: Engine) -> None:
    (row,) = rows(scored(engine, ["a"], ([], []), 100))
    filled = {key: value for key, value in row.items() if value is not None}
    assert filled == {
        "person_id": "a",
        "purchases": 0,
        "net_spend": 0,
        "segment": "prospect",
        "referrals": 0,
        "referral_score": 0,
        "referral_generations": 0,
        "referral_subtree": 0,
        "referred_revenue": 0,
        "subtree_revenue": 0,
        "satisfaction": "unknown",
        "recovered": False,
        "answered": False,
        "funnel_stage": "attention",
        "funnel_evidence": "known",
        "exited": False,
        "next_action": "introduce",
        "subscriber": False,
    }


def test_referrals_are_null_while_nothing_tracks_them(engine: Engine) -> None:
    frame = score_persons(
        given_of(engine, ["a"], ([order("1", "a", 100, "5")], [])),
        as_of_day=100,
        rules=rules_of(**SMALL),
        materialise=engine.materialise,
    )
    (row,) = rows(frame)
    assert (row["referrals"], row["referral_score"]) == (None, None)


def test_dates_are_those_of_the_events(engine: Engine) -> None:
    first, last = date(2023, 12, 31), date(2024, 2, 29)
    bought = [order("1", "a", day_of(first), "5"), order("2", "a", day_of(last), "5")]
    (row,) = rows(scored(engine, ["a"], (bought, []), day_of(last), best_spend="30", lapse_days=240))
    assert row["first_purchase_on"] == first
    assert row["last_purchase_on"] == row["segment_since"] == last
    assert row["lapses_on"] == date(2024, 10, 26)
    assert (row["tenure_days"], row["segment"]) == (60, "fledgling_active")


@examples(4)
@given(seed=SEEDS, as_of=st.integers(95, 200), unit=st.sampled_from(["day", "order"]))
def test_every_score_equals_the_definition_worked_out_by_hand(
    engines: list[Engine], seed: int, as_of: int, unit: str
) -> None:
    drawn = eventful(seed)
    for one in engines:
        for row in rows(scored(one, PEOPLE, drawn, as_of, unit)):
            is_now = standing(*drawn, row["person_id"], as_of, unit=unit, **SMALL)
            assert row["segment"] == is_now.segment
            assert (row["purchases"], row["net_spend"]) == (is_now.n, is_now.spend)
            if is_now.n:
                assert day_of(row["first_purchase_on"]) == is_now.first
                assert day_of(row["last_purchase_on"]) == is_now.last
                assert day_of(row["lapses_on"]) == is_now.last + 12


@examples(4)
@given(seed=SEEDS, as_of=st.integers(95, 160))
def test_scores_as_of_a_day_equal_those_of_data_that_ends_there(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    orders, refunds = drawn = eventful(seed)
    ended = [
        one | {"cancelled_day": _until(one["cancelled_day"], as_of)}
        for one in orders
        if one["ordered_day"] <= as_of
    ]
    back = [one for one in refunds if one["refunded_day"] <= as_of]
    for one in engines:
        whole = rows(scored(one, PEOPLE, drawn, as_of))
        assert whole == rows(scored(one, PEOPLE, (ended, back), as_of))


@examples(4)
@given(seed=SEEDS, as_of=st.integers(190, 200))
def test_an_idle_day_changes_nothing_but_on_the_announced_date(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    drawn = eventful(seed)
    for one in engines:
        before = {row["person_id"]: row for row in rows(scored(one, PEOPLE, drawn, as_of))}
        for row in rows(scored(one, PEOPLE, drawn, as_of + 1)):
            was = before[row["person_id"]]
            if was["lapses_on"] is not None and day_of(was["lapses_on"]) == as_of + 1:
                assert row["segment"] == was["segment"].replace("_active", "_lapsed") != was["segment"]
                assert row["segment_since"] == was["lapses_on"]
            else:
                assert row == was


@examples(4)
@given(seed=SEEDS, person=st.sampled_from(PEOPLE), day=st.integers(100, 160))
def test_one_purchase_more_never_takes_anything_away(
    engines: list[Engine], seed: int, person: str, day: int
) -> None:
    orders, refunds = drawn = eventful(seed)
    more = [*orders, order("extra", person, day, "10")]
    tiers = ("prospect", "first", "fledgling", "steady", "trend", "best")
    for one in engines:
        before = {row["person_id"]: row for row in rows(scored(one, PEOPLE, drawn, 160))}[person]
        after = {row["person_id"]: row for row in rows(scored(one, PEOPLE, (more, refunds), 160))}[person]
        for key in ("purchases", "net_spend", "tenure_days"):
            assert after[key] >= (before[key] or 0)
        assert tiers.index(after["segment"].split("_")[0]) >= tiers.index(before["segment"].split("_")[0])


def _until(day: int | None, as_of: int) -> int | None:
    return day if day is not None and day <= as_of else None


def test_orders_of_two_accounts_with_the_same_id_are_two_orders(engine: Engine) -> None:
    bought = [order("1", "a", 100, "5"), order("1", "a", 101, "5", platform="salesforce", account="00D")]
    back = [{**refund("1", 101, "5"), **SHOP}]
    (row,) = rows(scored(engine, ["a"], (bought, back), 110))
    assert (row["purchases"], row["net_spend"]) == (1, 5)


def test_the_columns_have_the_same_types_on_both_engines(engines: list[Engine]) -> None:
    one, other = (
        dict(scored(each, ["a"], ([order("1", "a", 100, "5")], []), 110).collect_schema()) for each in engines
    )
    assert one | {"referral_score": None} == other | {"referral_score": None}  # polars widens every decimal
    assert one["net_spend"] == nw.Decimal(38, 4)
