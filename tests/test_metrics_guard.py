"""The guard holds what is surprising and lets pass what is not, on each boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from metrics_engines import Engine

from metrics.guard import GuardFacts, PlanFacts, plan_facts, reasons_to_hold
from metrics.segment import Thresholds

KEYS = ("segment", "lapses_on", "channels")
HELD = pa.schema(
    {name: pa.string() for name in ("platform", "account", "object", "id", "person_id")}
    | {f"held_{key}": pa.string() for key in KEYS}
)
CHANGES = pa.schema(
    {
        name: pa.string()
        for name in ("platform", "account", "object", "id", "person_id", "field", "old", "new")
    }
)
CALM = GuardFacts(
    plan=PlanFacts(filled=1_000, moves=0, held={}, blanked={}),
    known_persons=1_000,
    regrouped=0,
    thresholds=Thresholds(Decimal("133.95")),
    as_of=date(1998, 6, 30),
)
SHARE = Decimal("0.05")


def codes(facts: GuardFacts, share: Decimal = SHARE) -> list[str]:
    return [hold.code for hold in reasons_to_hold(facts, max_segment_moves=share)]


def test_a_calm_plan_passes() -> None:
    assert codes(CALM) == []


@pytest.mark.parametrize(
    ("moves", "filled", "held"),
    [
        (50, 1_000, False),
        (51, 1_000, True),
        (49, 60, False),
        (50, 60, True),
        (500, 10_000, False),
        (501, 10_000, True),
    ],
)
def test_segment_moves_hold_above_the_share_and_from_fifty_on(moves: int, filled: int, held: bool) -> None:
    facts = replace(CALM, plan=PlanFacts(filled, moves, {}, {}))
    assert codes(facts) == (["segment_moves"] if held else [])


def test_the_merchant_sets_the_share_of_moves() -> None:
    facts = replace(CALM, plan=PlanFacts(1_000, 100, {}, {}))
    assert codes(facts, Decimal("0.1")) == []
    assert codes(facts, Decimal("0.0999")) == ["segment_moves"]


@pytest.mark.parametrize(("blank", "base", "held"), [(50, 1_000, False), (51, 1_000, True), (49, 49, False)])
def test_one_field_going_blank_holds(blank: int, base: int, held: bool) -> None:
    plan = PlanFacts(1_000, 0, {"lapses_on": base, "channels": 1_000}, {"lapses_on": blank, "channels": 3})
    holds = reasons_to_hold(replace(CALM, plan=plan), max_segment_moves=SHARE)
    assert [hold.details["field"] for hold in holds] == (["lapses_on"] if held else [])


@pytest.mark.parametrize(("regrouped", "held"), [(50, False), (51, True)])
def test_many_joins_or_splits_hold(regrouped: int, held: bool) -> None:
    assert codes(replace(CALM, regrouped=regrouped)) == (["joins_splits"] if held else [])


def test_a_stream_gone_empty_holds() -> None:
    (hold,) = reasons_to_hold(replace(CALM, emptied_streams=("shopify.orders",)), max_segment_moves=SHARE)
    assert (hold.code, hold.details) == ("stream_empty", {"stream": "shopify.orders"})


def test_other_thresholds_than_last_written_hold_but_not_another_way_to_write_them() -> None:
    same = Thresholds(Decimal("133.9500"))
    assert codes(replace(CALM, last_thresholds=same)) == []
    for other in (
        replace(same, best_spend=Decimal("133.96")),
        replace(same, steady_days=91),
        replace(same, best_days=211),
        replace(same, lapse_days=90),
    ):
        assert codes(replace(CALM, last_thresholds=other)) == ["thresholds"]


def test_an_as_of_before_the_last_written_one_holds() -> None:
    assert codes(replace(CALM, last_as_of=date(1998, 6, 30))) == []
    assert codes(replace(CALM, last_as_of=date(1998, 7, 1))) == ["as_of"]


def held_row(number: int, **values: str | None) -> dict[str, Any]:
    key = {"platform": "shopify", "account": "one", "object": "customer", "id": str(number), "person_id": "p"}
    return key | {f"held_{name}": value for name, value in values.items()}


def change(number: int, field: str, old: str | None, new: str | None) -> dict[str, Any]:
    return {
        "platform": "shopify",
        "account": "one",
        "object": "customer",
        "id": str(number),
        "person_id": "p",
        "field": field,
        "old": old,
        "new": new,
    }


def counted(engine: Engine, held: list[dict[str, Any]], changes: list[dict[str, Any]]) -> PlanFacts:
    return plan_facts(engine.frame(changes, CHANGES), engine.frame(held, HELD), KEYS, as_of=date(1998, 6, 30))


@pytest.mark.parametrize(
    ("old", "new", "lapses_on", "announced"),
    [
        ("best_active", "best_lapsed", "1998-06-30", True),
        ("best_active", "best_lapsed", "1998-01-01", True),
        ("best_active", "best_lapsed", "1998-07-01", False),
        ("best_active", "best_lapsed", None, False),
        ("best_active", "steady_lapsed", "1998-06-30", False),
        ("best_lapsed", "best_active", "1998-06-30", False),
        ("best_active", None, "1998-06-30", False),
        ("prospect", "first_active", None, False),
    ],
)
def test_only_the_lapse_on_its_date_is_an_announced_move(
    engine: Engine, old: str, new: str | None, lapses_on: str | None, announced: bool
) -> None:
    held = [held_row(1, segment=old, lapses_on=lapses_on)]
    assert counted(engine, held, [change(1, "segment", old, new)]).moves == (0 if announced else 1)


def test_first_fills_are_neither_moves_nor_blanks(engine: Engine) -> None:
    held = [held_row(1, channels="online"), held_row(2, segment="first_active", channels="online")]
    changes = [
        change(1, "segment", None, "first_active"),
        change(1, "channels", "online", None),
        change(2, "channels", "online", None),
    ]
    assert counted(engine, held, changes) == PlanFacts(
        filled=1, moves=0, held={"segment": 1, "lapses_on": 0, "channels": 1}, blanked={"channels": 1}
    )


def test_an_empty_platform_has_nothing_to_compare(engine: Engine) -> None:
    assert counted(engine, [], []) == PlanFacts(0, 0, dict.fromkeys(KEYS, 0), {})
