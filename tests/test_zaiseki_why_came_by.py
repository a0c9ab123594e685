"""What `zaiseki why` tells of where a person came from, and since when a personal code has been there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from stored_people import record
from why_people import AS_OF, CONTACT, LEAD, TODAY, Explained, fill_store, order

from sync.store import Store

CARD = {"referral_codes": ["tane"], "code_day": TODAY - 600}
PEOPLE = (
    record("1", email_key="e1", **CARD),
    record(CONTACT, "Contact", email_key="e1", referral_codes=["tane-2"]),
    record("2"),
    record("3"),
    record("4", email_key="e4"),
    record(
        LEAD,
        "Lead",
        email_key="e4",
        referrer_id=CONTACT,
        lead_source="Word of mouth",
        created_day=TODAY - 90,
    ),
    record("5"),
    record("6"),
    record("7"),
    record("8", first_purchase_day=TODAY - 900),
    record("9"),
    record("10"),
)
ORDERS = (
    order("101", 700, record_id="1", utm_medium="CPC", utm_source="google", utm_campaign="spring"),
    order("102", 20, record_id="1", utm_medium="organic"),
    order("201", 100, record_id="2", discount_codes=["tane"], utm_medium="cpc"),
    order("301", 60, record_id="3", utm_medium="email"),
    order("401", 50, record_id="4"),
    order("501", 40, record_id="5"),
    order("601", 40, record_id="6", utm_medium="organic", is_test=True),
    order("701", 30, record_id="7", discount_codes=["tane-2"]),
    order("801", 30, record_id="8", utm_medium="cpc"),
    order("901", 30, record_id="9", visit="search"),
    order("1001", 30, record_id="10", utm_source="news", visit="direct"),
)


@pytest.fixture(scope="module")
def why(tmp_path_factory: pytest.TempPathFactory) -> Explained:
    """Everybody of one store, after one run."""
    return Explained(fill_store(tmp_path_factory.mktemp("came_by"), PEOPLE, ORDERS))


def ago(days: int) -> str:
    """The day so many days before the run, as people read it."""
    return str(AS_OF - timedelta(days=days))


def came(why: Explained, name: str, *keys: str) -> list[Any]:
    facts = why.facts(name)["acquisition"]
    return [facts[key] for key in keys]


def line(text: str, begin: str) -> str:
    """The only line that begins so."""
    (found,) = (one for one in text.splitlines() if one.startswith(begin))
    return found


def test_a_link_tells_with_the_first_order_it_stands_on_and_its_day(why: Explained) -> None:
    found = came(why, "shopify:1", "source", "decided_by", "order", "on", "utm_medium", "referrer_id")
    assert found == [
        "advertising",
        "medium",
        ["shopify", "tea.myshopify.com", "101"],
        ago(700),
        "CPC",
        None,
    ]
    link = "utm_medium=CPC, utm_source=google, utm_campaign=spring"
    assert line(why.text("shopify:1"), "Came by") == (
        f"Came by: Advertising, read from the first counted purchase (Shopify #101, {ago(700)}): "
        f"its link says {link}."
    )
    assert line(why.text("shopify:1", "ja"), "獲得経路") == (
        f"獲得経路: 広告。根拠: 初回の有効な購入({ago(700)}・Shopify #101) ― リンクの記録は {link}。"
    )


def test_a_link_that_says_nothing_and_a_link_that_is_neither_are_told_apart(why: Explained) -> None:
    assert came(why, "shopify:3", "source", "decided_by") == ["unknown", "other_medium"]
    assert came(why, "shopify:5", "source", "decided_by") == ["unknown", "nothing"]
    assert "utm_medium=email, which is neither advertising nor organic." in why.text("shopify:3")
    assert "utm_medium=email で、広告にも自然流入にも当たらない。" in why.text("shopify:3", "ja")
    told = line(why.text("shopify:5"), "Came by: Not Known")
    assert told.endswith(f"(Shopify #501, {ago(40)}): nothing tells where the visit before it came from.")
    assert "どこから来たかの記録がない。" in why.text("shopify:5", "ja")


def test_without_a_link_the_visit_before_the_order_tells(why: Explained) -> None:
    keys = ("source", "decided_by", "visit")
    assert came(why, "shopify:9", *keys) == ["organic", "visit", "search"]
    assert came(why, "shopify:10", *keys) == ["unknown", "nothing", "direct"]
    told = line(why.text("shopify:9"), "Came by: Organic")
    assert told.endswith(f"(Shopify #901, {ago(30)}): the visit before it came from a search engine.")
    assert "直前の訪問は検索エンジンから。" in why.text("shopify:9", "ja")
    told = line(why.text("shopify:10"), "Came by: Not Known")
    assert told.endswith("came directly, so nothing tells what brought it.")


def test_a_credited_referrer_is_told_before_the_link(why: Explained) -> None:
    referrer = why.of("shopify:1").person_id
    found = came(why, "shopify:2", "source", "order", "via", "referrer_id", "named_in")
    assert found == ["referral", ["shopify", "tea.myshopify.com", "201"], "code", referrer, None]
    assert f"(person {referrer}) is credited with it, by a personal discount code; that goes before its" in (
        line(why.text("shopify:2"), "Came by: Referral")
    )
    japanese = line(why.text("shopify:2", "ja"), "獲得経路: 紹介")
    assert japanese.endswith("による紹介(個人の割引コード)、リンクの記録(utm_medium=cpc)より優先。")


def test_a_referrer_named_on_a_lead_is_told_with_the_lead_and_its_day(why: Explained) -> None:
    assert came(why, "shopify:4", "source", "via", "named_in") == [
        "referral",
        "lookup",
        {"record": LEAD, "object": "Lead", "created_on": ago(90), "lead_source": "Word of mouth"},
    ]
    told = line(why.text("shopify:4"), "Came by: Referral")
    assert told.endswith(f"named in the lead {LEAD} of {ago(90)} (lead source: Word of mouth).")
    japanese = line(why.text("shopify:4", "ja"), "獲得経路: 紹介")
    assert japanese.endswith(
        f"による紹介({ago(90)} 作成のリード {LEAD} で指定、リードソース: Word of mouth)。"
    )


def test_a_first_purchase_that_only_a_field_tells_has_no_link(why: Explained) -> None:
    assert came(why, "shopify:8", "source", "decided_by", "order", "on") == [
        "unknown",
        "own_field",
        None,
        ago(900),
    ]
    told = line(why.text("shopify:8"), "Came by: Not Known")
    assert f"the first purchase, which only your own field tells ({ago(900)})" in told
    assert f"自社の項目だけが示す初回購入({ago(900)})" in why.text("shopify:8", "ja")


def test_who_never_bought_came_by_nothing(why: Explained) -> None:
    assert why.facts("shopify:6")["acquisition"] is None
    assert "Came by" not in why.text("shopify:6")


def test_a_code_bears_the_day_its_field_was_written_and_none_where_no_day_is_kept(why: Explained) -> None:
    person = why.of("shopify:1").person_id
    assert why.facts("shopify:1")["referral_codes"] == [
        {"code": "tane", "person_id": person, "record": "shopify:1", "written_on": ago(600)},
        {"code": "tane-2", "person_id": person, "record": CONTACT, "written_on": None},
    ]
    days = {one["record"]: one["code_on"] for one in why.facts("shopify:1")["members"]}
    assert days == {"shopify:1": ago(600), CONTACT: None}
    assert line(why.text("shopify:1"), "Personal") == (
        f"Personal referral code: tane (shopify:1, its field last written on {ago(600)}), "
        f"tane-2 ({CONTACT}, no day is kept)."
    )
    assert f"本人の紹介コード: tane(shopify:1、項目の最終更新日 {ago(600)})" in why.text("shopify:1", "ja")
    assert "code:" not in why.text("shopify:5") and why.facts("shopify:5")["referral_codes"] == []


def test_the_code_of_a_referrer_bears_its_day_and_only_the_code_that_was_used(why: Explained) -> None:
    (code,) = why.facts("shopify:2")["referral_codes"]
    assert (code["code"], code["written_on"]) == ("tane", ago(600))
    assert line(why.text("shopify:2"), "Referral code of ").endswith(
        f": tane (shopify:1, its field last written on {ago(600)})."
    )
    assert f"): tane(shopify:1、項目の最終更新日 {ago(600)})。" in why.text("shopify:2", "ja")
    assert line(why.text("shopify:7"), "Referral code of").endswith(f": tane-2 ({CONTACT}, no day is kept).")
    assert "Referral code of" not in why.text("shopify:4"), "no code named this referrer"


def test_a_code_that_was_taken_away_since_is_said_to_be_gone(tmp_path: Path) -> None:
    since = Explained(fill_store(tmp_path, PEOPLE, ORDERS))
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        store.con.execute("UPDATE records SET referral_codes = [], code_day = NULL WHERE id = '1'")
    assert ": tane (on none of their records by now)." in since.text("shopify:2")
    assert "tane(現在はどのレコードにもない)。" in since.text("shopify:2", "ja")
