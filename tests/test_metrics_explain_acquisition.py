"""Telling where one person came from: the source of the metric, and the order and words it is read from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from metrics_engines import Engine
from metrics_frames import ORDERS, PERSONS, REFUNDS, by_person, order

from metrics.acquisition import acquisition
from metrics.calendar import EPOCH
from metrics.explain_acquisition import AcquisitionTold, Decided, acquisition_told
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.tenure import tenure

LINK = ("utm_medium", "utm_source", "utm_campaign", "visit")
VISITED = pa.schema([*ORDERS, *(pa.field(name, pa.string()) for name in LINK)])
DAY = 20_000
ON = EPOCH + timedelta(days=DAY)


def came(order_id: str, medium: str | None = None, day: int = DAY, hour: int = 9, **more: Any) -> Any:
    at = datetime(2024, 10, 4, hour, tzinfo=UTC)
    link = dict.fromkeys(LINK) | {"utm_medium": medium}
    return order(order_id, "a", day, "10", ordered_at=at) | link | more


def told(engine: Engine, orders: list[Any], *, credited: bool = False) -> AcquisitionTold | None:
    """What is told of the one person, which has to be the source that the metric finds."""
    rules = PurchaseRules()
    frames = engine.frame(orders, VISITED), engine.frame([], REFUNDS)
    valid = engine.materialise(valid_purchases(*frames, as_of_day=30_000, rules=rules))
    buyers = engine.materialise(tenure(valid, rules=rules))
    edges = engine.frame([{"person_id": "a"}] if credited else [], PERSONS)
    found = acquisition_told(valid, buyers, edges, materialise=engine.materialise)
    metric = by_person(acquisition(valid, buyers, edges, materialise=engine.materialise), "source")
    assert metric.get("a") == (found.source if found else None)
    return found


def of(order_id: str) -> tuple[str, str, str]:
    return ("shopify", "one.myshopify.com", order_id)


def test_the_order_is_the_one_that_the_metric_reads(engine: Engine) -> None:
    orders = [
        came("9", "organic", hour=8, utm_source="google"),
        came("1", "cpc", hour=9),
        came("0", "cpc", hour=8),
        came("00", "cpc", DAY - 1, is_test=True),
        came("2", "email", DAY + 1),
    ]
    found = told(engine, orders)
    assert found == AcquisitionTold("advertising", "medium", of("0"), ON, "cpc", None, None, None)
    assert told(engine, orders[:2]) == AcquisitionTold(
        "organic", "medium", of("9"), ON, "organic", "google", None, None
    )


@pytest.mark.parametrize(
    ("medium", "visit", "source", "decided_by"),
    [
        (" CPC ", "search", "advertising", "medium"),
        ("organic", "ad", "organic", "medium"),
        ("email", "ad", "unknown", "other_medium"),
        (" ", "ad", "advertising", "visit"),
        ("(None)", "search", "organic", "visit"),
        (None, "direct", "unknown", "nothing"),
        (None, None, "unknown", "nothing"),
    ],
)
def test_what_decided_is_told_with_the_links_own_words(
    engine: Engine, medium: str | None, visit: str | None, source: str, decided_by: Decided
) -> None:
    found = told(engine, [came("1", medium, visit=visit, utm_source="news", utm_campaign="spring")])
    link = (medium, "news", "spring")
    assert found == AcquisitionTold(source, decided_by, of("1"), ON, *link, visit)


def test_a_credited_referrer_decides_and_the_link_is_told_all_the_same(engine: Engine) -> None:
    found = told(engine, [came("1", "cpc", utm_source="google")], credited=True)
    assert found == AcquisitionTold("referral", "referrer", of("1"), ON, "cpc", "google", None, None)


def test_a_first_purchase_that_only_a_field_tells_names_no_order(engine: Engine) -> None:
    orders = [came("first:customer/1", amount=0, amount_unknown=True), came("1", "cpc", DAY + 1)]
    found = told(engine, orders)
    assert found == AcquisitionTold("unknown", "own_field", None, ON, None, None, None, None)


def test_who_never_bought_came_by_nothing(engine: Engine) -> None:
    assert told(engine, []) is None
    assert told(engine, [came("1", "cpc", is_test=True)]) is None
