"""Subscribers apart, people by segment, and the agreement with Shopify's own groups."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
from metrics_engines import Engine
from metrics_touches import BUYERS
from shop_world import GROUPS, STATUSES

from metrics.portfolio import SEGMENTS, portfolio_lines
from metrics.rfm_agreement import rfm_agreement_lines
from metrics.shop_line import ShopLine
from metrics.subscribers import subscriber_lines

AS_OF = 1_000
SCORED = pa.schema({"person_id": pa.string(), "segment": pa.string()})
BOUGHT = [("ann", 990, 3), ("ben", 900, 1), ("cat", 990, 1), ("dan", 899, 2)]
"""Person, last purchase day, purchases."""


def told(lines: list[ShopLine]) -> dict[tuple[str, str], tuple[Decimal | None, int]]:
    return {(line.name, line.part): (line.value, line.base) for line in lines}


def subscribed(engine: Engine, *statuses: tuple[str, str]) -> dict[tuple[str, str], tuple[object, int]]:
    buyers = [
        {"person_id": who, "first_purchase_day": 800, "last_purchase_day": last, "purchases": count}
        for who, last, count in BOUGHT
    ]
    rows = [{"person_id": who, "status": status} for who, status in statuses]
    return told(
        subscriber_lines(
            engine.frame(buyers, BUYERS), engine.frame(rows, STATUSES), as_of_day=AS_OF, lapse_days=100
        )
    )


def test_subscribers_are_those_with_an_active_subscription_by_some_record(engine: Engine) -> None:
    found = subscribed(engine, ("ann", "active"), ("ann", "cancelled"), ("ben", "paused"), ("zoe", "active"))
    assert found["subscription_buyers", "subscribers"] == (Decimal(1), 4)
    assert found["subscription_buyers", "others"] == (Decimal(3), 4)
    assert found["subscription_lapsed", "subscribers"] == (Decimal(0), 1)
    # On the day itself 100 days have passed: ben has lapsed.
    assert found["subscription_lapsed", "others"] == (Decimal("0.6667"), 3)
    assert found["subscription_repeat", "subscribers"] == (Decimal(1), 1)
    assert found["subscription_repeat", "others"] == (Decimal("0.3333"), 3)


def test_where_no_record_tells_of_subscriptions_nobody_is_said_to_have_none(engine: Engine) -> None:
    found = subscribed(engine)
    assert found["subscription_buyers", "subscribers"] == (None, 0)
    assert found["subscription_lapsed", "subscribers"] == (None, 0)
    assert found["subscription_buyers", "others"] == (Decimal(4), 4)


def test_known_subscriptions_of_which_none_is_active_are_none(engine: Engine) -> None:
    found = subscribed(engine, ("ann", "cancelled"))
    assert found["subscription_buyers", "subscribers"] == (Decimal(0), 4)
    assert found["subscription_repeat", "subscribers"] == (None, 0)


def test_every_segment_has_its_people_and_its_share_of_the_buyers(engine: Engine) -> None:
    segments = ["prospect", "prospect", "best_active", "best_active", "first_lapsed"]
    rows = [{"person_id": str(n), "segment": code} for n, code in enumerate(segments)]
    found = told(portfolio_lines(engine.frame(rows, SCORED)))
    assert {part for name, part in found if name == "segment_people"} == set(SEGMENTS)
    assert len(SEGMENTS) == 11
    assert found["segment_people", "prospect"] == (Decimal(2), 5)
    assert found["segment_people", "steady_active"] == (Decimal(0), 5)
    assert found["segment_share", "best_active"] == (Decimal("0.6667"), 3)
    assert ("segment_share", "prospect") not in found


AGREE = [
    ("ann", "champions", "best_active"),
    ("ben", "champions", "first_active"),
    ("cat", "loyal", "steady_active"),
    ("dan", "loyal", "best_lapsed"),
    ("eve", "at_risk", "best_active"),
    ("fay", None, "best_active"),
]


def test_agreement_looks_from_both_sides(engine: Engine) -> None:
    groups = [{"person_id": who, "rfm_group": group} for who, group, _ in AGREE]
    scored = [{"person_id": who, "segment": segment} for who, _, segment in AGREE]
    lines = rfm_agreement_lines(engine.frame(groups * 2, GROUPS), engine.frame(scored, SCORED))
    found = told(lines)
    assert found["rfm_people", "champions>best_active"] == (Decimal(1), 2)
    assert found["rfm_people", "loyal>best_lapsed"] == (Decimal(1), 2)
    assert len([line for line in lines if line.name == "rfm_people"]) == 5
    assert found["rfm_agreement", "theirs in ours"] == (Decimal("0.5000"), 4)
    assert found["rfm_agreement", "ours in theirs"] == (Decimal("0.5000"), 2)


def test_without_groups_there_is_nothing_to_compare(engine: Engine) -> None:
    scored = [{"person_id": "ann", "segment": "best_active"}]
    assert rfm_agreement_lines(engine.frame([], GROUPS), engine.frame(scored, SCORED)) == []
