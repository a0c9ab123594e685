"""Explaining one person counts by the rules that a run counted everybody with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stored_people import record
from why_people import TODAY, fill_store, order

from metrics.purchases import PurchaseRules
from sync import frames
from sync.store import Store
from zaiseki.counting import refresh_frames
from zaiseki.explaining import explain_person
from zaiseki.settings import read_settings
from zaiseki.why import explain_record

FRIEND, CHANCE = "003000000000001AAA", "003000000000002AAA"
SETTINGS = """
[identity]
max_sharing = 2
[referral]
referrer_field = "Referrer__c"
referrer_source = ["Customer Referral"]
"""


def told(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Who names whom and who shares an address with whom, as the frames have it."""
    return {name: sorted(frames.frame(store, name).collect().rows()) for name in ("referrers", "shared_keys")}


def test_who_may_name_a_referrer_and_how_many_may_share_is_as_in_the_run(tmp_path: Path) -> None:
    household = [record(str(number), phone_key="home", han_given=number) for number in range(5, 8)]
    named = {"referrer_id": "003000000000009AAA"}
    records = [
        record("1"),
        record("003000000000009AAA", "Contact"),
        record(FRIEND, "Contact", lead_source="Customer Referral", **named),
        record(CHANCE, "Contact", lead_source="Web", **named),
        *household,
    ]
    config = fill_store(tmp_path, records, [order("1", 5)], settings=SETTINGS)
    settings, found = read_settings(config), explain_record(config, "shopify:1")
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        assert found.person_id is not None
        explain_person(store, found, found.person_id, settings)
        explained = told(store)
        refresh_frames(
            store,
            PurchaseRules(),
            as_of_day=TODAY,
            max_sharing=settings.identity.max_sharing,
            referrer_sources=settings.referral.referrer_source,
        )
        assert explained == told(store)
        assert len(explained["referrers"]) == 1 and explained["shared_keys"] == []
