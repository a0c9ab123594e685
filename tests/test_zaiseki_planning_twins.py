"""When possible twins hold the write: from fifty on, over 5 % of one system's orders, while nobody has said
what they are."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import narwhals as nw
import pytest
from job_rows import checked, job_of, org_site, shop_site, world_of

from metrics.guard import Hold
from metrics.plan import PlanSummary
from metrics.segment import Thresholds
from sync.store import Store
from sync.twins import Twins
from zaiseki.outcome import Portfolio
from zaiseki.planning import Plan, reasons
from zaiseki.scoring import Scores
from zaiseki.settings import Settings

THRESHOLDS = Thresholds(Decimal(100), 90, 210, 240)
NOTHING = """
SELECT NULL::VARCHAR AS platform, NULL::VARCHAR AS account, NULL::VARCHAR AS object, NULL::VARCHAR AS id,
    NULL::VARCHAR AS person_id, NULL::VARCHAR AS field, NULL::VARCHAR AS old, NULL::VARCHAR AS new,
    NULL::VARCHAR AS held_segment, NULL::VARCHAR AS held_lapses_on WHERE false"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "zaiseki.duckdb") as opened:
        yield opened


def held(
    store: Store, possible: int, shopify: int, salesforce: int, settings: Settings | None = None
) -> list[Hold]:
    """Why a plan that changes nothing is held where so many orders of these look like twins."""
    settings = settings or checked()
    nothing = nw.from_native(store.con.sql(NOTHING))
    plan = Plan(nothing, nothing, (), PlanSummary({}, {}, {}, ()), {})
    twins = Twins(duplicates=0, possible=possible, shopify_orders=shopify, salesforce_orders=salesforce)
    scores = Scores(THRESHOLDS, None, False, twins, Portfolio({}, 0, 0, 0, 0), {}, ())
    job = job_of(store, store.path.parent, settings)
    world = world_of(settings, shop_site(), org_site())
    return list(reasons(job, world, plan, scores, known_persons=0, lines={}))


@pytest.mark.parametrize(
    ("shopify", "salesforce"), [(1_000, 20_000), (20_000, 1_000)], ids=["of the shop", "of the org"]
)
def test_over_a_twentieth_of_one_systems_orders_is_no_chance_however_many_the_other_has(
    store: Store, shopify: int, salesforce: int
) -> None:
    assert held(store, 50, shopify, salesforce) == []
    facts = {"count": "51", "shopify": str(shopify), "salesforce": str(salesforce)}
    assert held(store, 51, shopify, salesforce) == [Hold("possible_twins", facts)]


def test_fifty_are_the_least_that_hold(store: Store) -> None:
    assert held(store, 49, 60, 60) == []
    assert [hold.code for hold in held(store, 50, 60, 60)] == ["possible_twins"]


@pytest.mark.parametrize(
    "said",
    [
        checked(purchases={"duplicates": "none"}),
        checked(salesforce={"order_reference": "Shopify_Order__c"}),
    ],
    ids=["nothing stands twice", "a field names the shop's order"],
)
def test_who_has_said_which_orders_are_one_is_not_held(store: Store, said: Settings) -> None:
    assert held(store, 60, 60, 60, said) == []
