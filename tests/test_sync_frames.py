"""The frames that scorers see: one row per holder of a referral code."""

from __future__ import annotations

from pathlib import Path

from sync_rows import NOW, customer, pull

from metrics.referral import ambiguous_codes
from sync import frames
from sync.identify import identify
from sync.store import Store


def test_a_code_of_two_customers_is_seen_with_both_holders_and_told_as_ambiguous(tmp_path: Path) -> None:
    """A code that two people hold must not look like one person's, or like nobody's."""
    rows = [
        customer(1, "a@example.com", referral_code={"value": "TEA-1"}),
        customer(2, "b@example.com", referral_code={"value": "tea-1"}),
        customer(3, "c@example.com", referral_code={"value": "OWN-3"}),
        customer(4, "C@example.com", referral_code={"value": "own-3"}),  # the same person as 3
    ]
    with Store.open(tmp_path / "store.duckdb") as store:
        pull(store, "shopify.customers", rows)
        identify(store, run_id="run", at=NOW)
        frames.refresh(store)
        codes = frames.frame(store, "referral_codes")
        held = sorted(code for code, _ in codes.select("code", "person_id").collect().rows())
        shared = ambiguous_codes(codes).collect().rows()
    assert held == ["own-3", "tea-1", "tea-1"]
    assert shared == [("tea-1", 2)]
