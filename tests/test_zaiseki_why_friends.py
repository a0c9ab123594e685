"""What `zaiseki why` tells of who brought a person and whom it brought: no basis for rewards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from stored_people import record
from why_people import AS_OF, Explained, fill_store, order

from sync.store import Store

PEOPLE = (
    record("1", referral_codes=["TANE"], phone_key="p1", han_given=1),
    record("2", referral_codes=["MI"], phone_key="p1", han_given=2),
    record("3"),
    record("4"),
    record("7"),
    record("8"),
)
ORDERS = (
    order("101", 500, record_id="1"),
    order("102", 10, record_id="1", discount_codes=["TANE"]),
    order("201", 100, record_id="2", discount_codes=["TANE"]),
    order("301", 50, record_id="3", referral_code="MI"),
    order("401", 700, record_id="4"),
    order("402", 15, record_id="4", discount_codes=["TANE"]),
    order("501", 40, record_id=None, email_key="g1", discount_codes=["TANE"]),
    order("701", 7, record_id="7", discount_codes=["TANE", "MI"]),
    order("801", 3, record_id="8"),
)


@pytest.fixture(scope="module")
def why(tmp_path_factory: pytest.TempPathFactory) -> Explained:
    """Everybody of one store, after one run."""
    return Explained(fill_store(tmp_path_factory.mktemp("friends"), PEOPLE, ORDERS))


def ago(days: int) -> str:
    """The day so many days before the run, as people read it."""
    return str(AS_OF - timedelta(days=days))


def test_who_brought_a_person_is_told_by_id_and_record_with_the_purchase(why: Explained) -> None:
    facts = why.facts("shopify:2")["word_of_mouth"]
    by = facts["referred_by"]
    assert facts["records"][by["referrer_id"]] == "shopify:1"
    assert (by["via"], by["order"][2], by["ordered_on"], by["refused"]) == ("code", "201", ago(100), None)
    english, japanese = why.text("shopify:2"), why.text("shopify:2", "ja")
    person = by["referrer_id"]
    told_so = f"Referred by shopify:1 (person {person}), by a personal discount code, at the purchase of"
    assert f"{told_so} {ago(100)} (Shopify #201)." in english
    assert f"紹介した方: shopify:1(同一人物ID {person})(個人の割引コード、{ago(100)} の購入" in japanese
    assert f"by a personal link, at the purchase of {ago(50)}" in why.text("shopify:3")


def test_whoever_shares_an_address_is_pointed_out_on_both_sides_and_nobody_is_refused(why: Explained) -> None:
    for name, other in (("1", "2"), ("2", "1")):
        out = why.text(f"shopify:{name}")
        (line,) = (one for one in out.splitlines() if one.startswith("Share an address"))
        assert f"shopify:{other} (person" in line and "Usually a household; please look." in line
        assert "not credited: shopify:1" not in out or name == "1"
    assert "Share an address" not in why.text("shopify:3")


def test_whom_a_person_brought_is_counted_with_generations_and_speed(why: Explained) -> None:
    facts = why.facts("shopify:1")
    mine = facts["word_of_mouth"]["friends"]
    assert [(one["order"][2], one["flagged"]) for one in mine] == [("201", True), ("501", False)]
    assert facts["scores"]["referrals"] == 2 and facts["scores"]["referral_generations"] == 2
    out = why.text("shopify:1")
    assert f"Referred customers: 2, who have spent ¥2,000; the newest first bought on {ago(40)}." in out
    assert "Generations: 2, people in all of them: 3. Score: 2.50" in out
    assert "this person's first purchase to theirs: 430.0." in out
    assert "紹介人数2人" in why.text("shopify:1", "ja")


def test_who_is_known_as_a_guest_only_has_no_record_to_name(why: Explained) -> None:
    facts = why.facts("shopify:1")["word_of_mouth"]
    guest = next(one["person_id"] for one in facts["friends"] if one["order"][2] == "501")
    assert guest not in facts["records"]


def test_whoever_is_refused_is_told_with_the_reason(why: Explained) -> None:
    reasons = {
        "1": ["self"],
        "4": ["existing_customer"],
        "7": ["conflict", "conflict"],
    }
    words = {
        "self": "people do not refer themselves",
        "existing_customer": "it was not the first purchase",
        "conflict": "several people were named there",
    }
    for name, expected in reasons.items():
        facts = why.facts(f"shopify:{name}")["word_of_mouth"]
        assert [one["refused"] for one in facts["refused"]] == expected
        out = why.text(f"shopify:{name}")
        assert "Named as well but not credited: shopify:" in out and words[expected[0]] in out
    in_vain = why.facts("shopify:1")["word_of_mouth"]["friends_refused"]
    assert [one["refused"] for one in in_vain] == ["existing_customer", "conflict"]


def test_nothing_of_it_is_a_basis_for_rewards_and_silence_stays_short(why: Explained) -> None:
    for name in "1237":
        assert "None of this is a basis for rewards." in why.text(f"shopify:{name}")
    assert "謝礼の根拠には使わないでください。" in why.text("shopify:2", "ja")
    alone = why.text("shopify:8")
    assert "rewards" not in alone and "Referred" not in alone


def test_where_nothing_tracks_referrals_nothing_is_told(tmp_path: Path) -> None:
    config = fill_store(tmp_path, PEOPLE, ORDERS)
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        store.con.execute("UPDATE scores SET referrals = NULL")
    alone = Explained(config)
    assert alone.facts("shopify:2")["word_of_mouth"] is None
    assert "Referred" not in alone.text("shopify:2")
