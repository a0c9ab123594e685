"""A setting that changes what a row says makes the next run read every row again."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from job_rows import checked, job_of, org_site, shop_site, world_of

from sync.model import Account
from sync.store import Store
from zaiseki.normalising import account_of, reading
from zaiseki.settings import Settings

ANSWERED = {"answered_on_field": "Asked_On__c"}
SAID: tuple[dict[str, Any], ...] = (
    {"history": {"opened_on": "2020-04-01"}},
    {"history": {"first_purchase_field": "Buys_Since__c"}},
    {"salesforce": {"shopify_id_field": "Shopify_Id__c"}},
    {"salesforce": {"order_reference": "Shop_Order__c"}},
    {"salesforce": {"not_a_purchase": ("Draft",)}},
    {"salesforce": {"channel_field": "Channel__c"}},
    {"salesforce": {"currency": "USD"}, "currency": {"rates": {"USD": Decimal(150)}}},
    {"currency": {"rates": {"USD": Decimal(150)}}},
    {"identity": {"phone_region": "DE"}},
    {"identity": {"relay_domains": ("relay.example.com",)}},
    {"identity": {"no_keys": ("shop@example.com",)}},
    {"privacy": {"exclude": {"tag": "leave"}}},
    {"privacy": {"exclude": {"field": "Leave__c"}}},
    {"purchases": {"exclude": {"tags": ("staff",)}}},
    {"channels": {"store": ("counter",)}},
    {"referral": {"salesforce_code_field": "Code__c"}},
    {"referral": {"code_tag": "code:"}},
    {"referral": {"code_pattern": "F-[0-9]+"}},
    {"referral": {"referrer_field": "Brought_By__c"}},
    {"satisfaction": {"expectation_values": {"better": ("great",)}}},
    {"satisfaction": {"quality_notes": ("torn",)}},
    {"satisfaction": {"complaint_types": ("Angry",)}},
    {"satisfaction": {"nps_field": "Nps__c", **ANSWERED}},
    {"funnel": {"memory_stages": ("Offer",)}},
    {"funnel": {"lead_new": ("Fresh",)}},
    {"funnel": {"lead_closed": ("Dead",)}},
)
OTHERWISE: tuple[dict[str, Any], ...] = (
    {"salesforce": {"purchases": "opportunity"}},
    {"salesforce": {"accounts": "never"}},
    {"history": {"first_purchase_metafield": "facts.since"}},
    {"referral": {"code_metafield": "custom.code"}},
    {"satisfaction": {"nps_metafield": "custom.nps"}},
    {"metrics": {"products": True}},
)
"""Settings that change which rows or columns are asked for, and not how they are read."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("reading") / "zaiseki.duckdb") as opened:
        yield opened


def told(store: Store, settings: Settings) -> tuple[str, tuple[Account, ...]]:
    """What is remembered of how rows were read, and all that normalising them depends on."""
    job, sites = job_of(store, Path("unused"), settings), (shop_site(), org_site())
    world = world_of(settings, *sites)
    return reading(job), tuple(account_of(job, world, site) for site in sites)


@pytest.mark.parametrize("said", SAID, ids=str)
def test_what_decides_what_a_row_says_reads_all_again_when_it_changes(
    store: Store, said: dict[str, Any]
) -> None:
    before, now = told(store, checked()), told(store, checked(**said))
    assert now[1] != before[1], "it reaches the rows"
    assert now[0] != before[0], "and those of earlier runs too"


@pytest.mark.parametrize("said", OTHERWISE, ids=str)
def test_what_decides_which_rows_and_columns_are_asked_for_reads_all_again_too(
    store: Store, said: dict[str, Any]
) -> None:
    assert told(store, checked(**said))[0] != told(store, checked())[0]


@pytest.mark.parametrize(
    "said",
    [
        {"segment": {"best_spend": 5}},
        {"identity": {"max_sharing": 2}},
        {"purchases": {"count_unpaid": False}},
        {"sync": {"sweep_days": 3}},
    ],
    ids=str,
)
def test_what_only_counts_stored_rows_otherwise_reads_nothing_again(
    store: Store, said: dict[str, Any]
) -> None:
    assert told(store, checked(**said)) == told(store, checked())


def test_a_rate_that_changes_leaves_the_orders_of_before_at_theirs(store: Store) -> None:
    first, later = ({"currency": {"rates": {"USD": Decimal(rate)}}} for rate in (150, 151))
    assert told(store, checked(**first))[0] == told(store, checked(**later))[0]
