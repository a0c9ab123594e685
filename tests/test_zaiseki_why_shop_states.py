"""What `zaiseki why` tells of the shop's own word on a person: the RFM group and the subscription."""

from __future__ import annotations

from datetime import timedelta

import pytest
from stored_people import record
from why_people import AS_OF, CONTACT, Explained, fill_store, order

from zaiseki.shop_states import subscription_told

OTHER = "cup.myshopify.com"
PEOPLE = (
    record("1", rfm_group="champions", subscription_status="active"),
    record("2", rfm_group="loyal", subscription_status="cancelled"),
    record("3", rfm_group="at_risk", subscription_status="frozen"),
    record("4", rfm_group="new"),
    record("5", email_key="e5", rfm_group="dormant", subscription_status="never_subscribed"),
    record("6", account=OTHER, email_key="e5", rfm_group="champions", subscription_status="active"),
    record("7", rfm_group="champions", subscription_status="active", excluded=True),
    record("8", subscription_status="active"),
    record(CONTACT, "Contact"),
)
ORDERS = (
    *(order(f"{number}01", 500, "80000", record_id=str(number)) for number in (1, 3)),
    *(order(f"{number}02", 230, record_id=str(number)) for number in (1, 3)),
    order("201", 230, record_id="2"),
    order("401", 20, record_id="4"),
    order("501", 20, record_id="5"),
    order("701", 20, record_id="7"),
    order("801", 215, record_id="8"),
)


@pytest.fixture(scope="module")
def why(tmp_path_factory: pytest.TempPathFactory) -> Explained:
    """Everybody of one store, after one run."""
    return Explained(fill_store(tmp_path_factory.mktemp("shop_states"), PEOPLE, ORDERS))


def ago(days: int) -> str:
    """The day so many days before the run, as people read it."""
    return str(AS_OF - timedelta(days=days))


def test_the_shops_group_stands_beside_our_segment_with_whether_they_agree(why: Explained) -> None:
    expected = {
        "1": (
            "champions",
            "agrees",
            "It agrees with our segment, Best – Active:",
            "「優良現役客」と一致します",
        ),
        "2": (
            "loyal",
            "only_theirs",
            "It differs from our segment, First",
            "「初回現役客」とは一致しません。Sho",
        ),
        "3": (
            "at_risk",
            "only_ours",
            "It differs from our segment, Best –",
            "「優良現役客」とは一致しません。当方",
        ),
        "4": ("new", "not_compared", "It is not compared with our segment, First", "するかは判定しません"),
    }
    for name, (group, agreement, english, japanese) in expected.items():
        record_name = f"shopify:{name}"
        told = {"record": record_name, "group": group, "agreement": agreement}
        assert why.facts(record_name)["shopify_rfm"] == [told]
        out = why.text(record_name)
        assert f"Shopify's own RFM group: {group.upper()} ({record_name}).\n" in out and english in out
        out = why.text(record_name, "ja")
        assert f"ShopifyのRFMグループ: {group.upper()}({record_name})。" in out and japanese in out


def test_of_several_shops_each_has_its_own_word(why: Explained) -> None:
    told = why.facts("shopify:5")["shopify_rfm"]
    assert {(one["group"], one["agreement"]) for one in told} == {
        ("dormant", "not_compared"),
        ("champions", "only_theirs"),
    }
    assert f"CHAMPIONS (shopify:6 {OTHER})." in why.text("shopify:5")
    assert f"active (shopify:6 {OTHER}: active, shopify:5 tea.myshopify.com: never subscribed)" in (
        why.text("shopify:5")
    )


def test_beside_no_segment_nothing_is_compared(why: Explained) -> None:
    assert why.of("shopify:7").score is None, "left out of scoring"
    assert [told["agreement"] for told in why.facts("shopify:7")["shopify_rfm"]] == [None]
    assert "Our segment is not known, so there is nothing to compare it with." in why.text("shopify:7")
    assert "当方の区分が分からないため、比べていません。" in why.text("shopify:7", "ja")


def test_a_record_without_a_group_or_a_status_says_nothing(why: Explained) -> None:
    assert (why.facts(CONTACT)["shopify_rfm"], why.facts(CONTACT)["subscription"]) == ([], None)
    for lang, words in (("en", ("RFM", "Subscription")), ("ja", ("RFM", "定期購入"))):
        out = why.text(CONTACT, lang)  # type: ignore[arg-type]
        assert not any(word in out for word in words)


def test_whether_somebody_subscribes_is_told_with_every_records_status(why: Explained) -> None:
    assert why.facts("shopify:1")["subscription"] == {
        "active": True,
        "records": [{"record": "shopify:1", "status": "active"}],
    }
    assert why.facts("shopify:2")["subscription"]["active"] is False
    assert "Subscription: active (shopify:1: active); the status comes without a date." in (
        why.text("shopify:1")
    )
    assert "定期購入: 契約中(shopify:1: 契約中)。" in why.text("shopify:1", "ja")
    assert "Subscription: none is active (shopify:2: cancelled)." in why.text("shopify:2")
    assert "定期購入: 契約中のものはありません(shopify:2: 解約済み)。" in why.text("shopify:2", "ja")
    assert "(shopify:3: frozen)" in why.text("shopify:3"), "a status that is new stays as it is"


def test_a_subscriber_is_who_the_scores_take_for_one(why: Explained) -> None:
    for name in ("1", "2", "3", "5", "8"):
        found = why.of(f"shopify:{name}")
        told = subscription_told(found)
        assert found.score is not None and told is not None
        assert told.active == found.score["subscriber"], name


def test_the_next_action_says_which_row_the_subscription_keeps_away(why: Explained) -> None:
    facts = why.facts("shopify:1")["next_action"]
    assert (facts["code"], facts["row"]) == ("treat_special", 14)
    assert facts["passed_over"] == {"code": "prevent_lapse", "row": 9, "on": ago(20)}
    assert (
        "Passed over: row 9 (Get in touch before the lapse date; a story or a question, not a discount.) "
        f"would hold since {ago(20)}, with the lapse date {ago(-10)} at most 30 days away, but not for "
        "somebody with an active subscription." in why.text("shopify:1")
    )
    japanese = why.text("shopify:1", "ja")
    assert (
        f"見送り: 9行目(離脱日までにご連絡する。値引きより近況やお役立ち情報を。)の条件には {ago(20)}"
        in japanese
    )
    assert why.facts("shopify:8")["next_action"]["passed_over"]["code"] == "invite_second"


def test_nothing_is_passed_over_for_who_does_not_subscribe(why: Explained) -> None:
    for name in ("2", "3", "4"):
        assert why.facts(f"shopify:{name}")["next_action"]["passed_over"] is None
        assert "Passed over" not in why.text(f"shopify:{name}")
        assert "見送り" not in why.text(f"shopify:{name}", "ja")
    assert why.facts("shopify:2")["next_action"]["code"] == "invite_second"
    assert why.facts("shopify:5")["next_action"]["passed_over"] is None, "far from the lapse date"
