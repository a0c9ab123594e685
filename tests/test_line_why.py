"""`zaiseki why` after a real sync says what stands on the platforms, and a person's books balance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from trap_shop import Traps, contact_id, synced


def build() -> Traps:
    """Ann buys in both systems and as a guest; Bob only looks; a company buys in its own name."""
    case = Traps()
    case.customer(
        1, "Hana", "Yamada", email="hana@example.com", email_consent="SUBSCRIBED", rfm_group="LOYAL"
    )
    case.customer(2, "Taro", "Suzuki", email="taro@example.com")
    case.contact(1, "Hana", "Yamada", Email="hana@example.com")
    case.order(1_001, 1, "2025-02-01", 30_000, utm_medium="cpc", utm_source="google")
    case.order(1_002, 1, "2026-01-10", 50_000)
    case.order(1_003, 1, "2026-01-10", 900)
    case.refund(9_003, 1_002, "2026-02-01", 1_000)
    case.order(1_004, 1, "2026-02-10", 5_000, cancelled_at="2026-02-11T12:00:00+09:00")
    case.order(1_005, "", "2026-03-10", 700, email="hana@example.com")
    case.sale(1, 1, "2026-01-11", 50_000, Shopify_Order__c="1002")
    case.sale(2, 1, "2026-05-05", 2_500)
    return case


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    with synced(tmp_path_factory.mktemp("why"), build()) as made:
        yield made


def why(shop: Traps, record: str, *words: str) -> Any:
    """What the command told."""
    assert shop.line is not None
    return shop.line.run("why", record, *words)


def test_what_it_says_is_what_the_platforms_hold(shop: Traps) -> None:
    facts = why(shop, "shopify:1", "--json").json
    held = shop.of(1)
    assert facts["person_id"] == held["person_id"] == shop.of(contact_id(1))["person_id"]
    scores = facts["scores"]
    assert (scores["purchases"], scores["net_spend"], scores["tenure_days"]) == (4, "83100", 458)
    assert (held["purchases"], held["net_spend"], held["tenure_days"]) == (4, 83_100, 458)
    assert facts["next_change"] == {"on": "2026-12-31", "segment": "best_lapsed"}
    assert str(held["lapses_on"]) == "2026-12-31"
    assert not facts["scores_have_moved_on"]
    fields = {member["record"]: member["fields"] for member in facts["members"] if member["writable"]}
    assert set(fields) == {"shopify:1", contact_id(1)}
    assert all(one["segment"] == "best_active" for one in fields.values())


def test_it_is_told_in_words_of_both_languages(shop: Traps) -> None:
    english = why(shop, contact_id(1)).out
    assert (
        "orders in Shopify: 5 (¥86,600); orders in Salesforce: 2 (¥52,500); "
        "purchase days counted: 4 (¥83,100). " in english
    )
    assert "1 cancelled (¥5,000), 1 copy of the shop's order (¥50,000)" in english
    assert "the same e-mail address" in english and "May be contacted by: E-mail" in english
    prospect = why(shop, "shopify:2").out
    assert "purchase days counted: 0 (¥0)." in prospect and "nothing was bought that counts" in prospect
    assert shop.line is not None
    japanese = shop.line.run("--lang", "ja", "why", "shopify:1").out
    assert "まとめ: Shopifyの注文は5件・¥86,600、Salesforceの注文は2件・¥52,500。" in japanese


def test_where_somebody_came_from_and_the_shops_own_word_are_told(shop: Traps) -> None:
    facts = why(shop, contact_id(1), "--json").json
    assert (facts["acquisition"]["source"], facts["acquisition"]["on"]) == ("advertising", "2025-02-01")
    assert facts["shopify_rfm"] == [{"record": "shopify:1", "group": "loyal", "agreement": "agrees"}]
    assert facts["subscription"] == {
        "active": False,
        "records": [{"record": "shopify:1", "status": "never_subscribed"}],
    }
    assert "its link says utm_medium=cpc, utm_source=google." in why(shop, "shopify:1").out
    prospect = why(shop, "shopify:2").out
    assert "Came by" not in prospect and "RFM" not in prospect


def test_an_unknown_record_ends_with_1(shop: Traps) -> None:
    assert why(shop, "shopify:404").code == 1
