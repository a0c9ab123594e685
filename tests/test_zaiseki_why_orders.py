"""`zaiseki why` tells which orders count and which not, and how they add up."""

from __future__ import annotations

from pathlib import Path

import pytest
from stored_people import ORG, SHOP, record, refund, sold
from why_people import ANN, CONTACT, HISTORY, TODAY, Fill, fill_store, fill_with_ann, order, told
from zaiseki_command import Command

from sync.model import NOT_A_PURCHASE, REDUCTION


@pytest.fixture
def fill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fill:
    """A store of its own, and the command line over it."""
    return lambda *rows, **more: Command(fill_store(tmp_path, *rows, **more), capsys)


@pytest.fixture(scope="module")
def anns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings file of Ann's store."""
    return fill_with_ann(tmp_path_factory.mktemp("ann"))


@pytest.fixture
def ann(anns: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line over Ann's store; nothing is changed in it."""
    return Command(anns, capsys)


def test_the_sentence_says_what_the_platforms_show_and_what_counts(ann: Command) -> None:
    english = ann("why", "shopify:1").out
    assert (
        "In short: orders in Shopify: 7 (¥93,000); purchase days counted: 3 (¥80,300). "
        "Not counted: 1 cancelled (¥3,000), "
        "1 refunded in full (¥4,000), 1 test order (¥5,000), refunds of counted orders (¥700), "
        "1 on a day that counts already.\n" in english
    )
    japanese = ann("why", "shopify:1", lang="ja").out
    assert (
        "まとめ: Shopifyの注文は7件・¥93,000。集計した購入日は3日・¥80,300。差の内訳: キャンセル1件(¥3,000)、"
        "全額返金1件(¥4,000)、テスト注文1件(¥5,000)、集計した注文への返金(¥700)、同じ日の2件目以降1件。"
        in japanese
    )


def test_every_order_says_whether_it_counts_and_if_not_why(fill: Fill) -> None:
    mine = {"record_id": CONTACT}
    orders = [
        *HISTORY,
        sold("801000000000001AAA", TODAY - 300, "9000", aliases=["1002"], **mine),
        sold("801000000000002AAA", TODAY - 100, "2000", name="00000002", **mine),
        sold("801000000000003AAA", TODAY - 50, "-500", kind=REDUCTION, **mine),
        sold("801000000000004AAA", TODAY - 50, "800", kind=NOT_A_PURCHASE, **mine),
        order("1008", 3, "700", tags=["staff"]),
        order("1009", 3, "700", channel="marketplace"),
        order("1010", 3, "700", payment_status="PENDING"),
        order("1011", 3, "0"),
        order("1012", 3, "700", payment_status="EXPIRED"),
        order("1013", -2, "700"),
        order("1014", 3, "700", is_b2b=True),
    ]
    orders[1] = orders[1]._replace(aliases=["1002"])
    settings = (
        "[purchases]\ncount_unpaid = false\n"
        '[purchases.exclude]\ntags = ["staff"]\nchannels = ["marketplace"]\nb2b = true\n'
    )
    taken_back = refund("801000000000002AAA", TODAY - 50, "500", platform="salesforce")
    why = fill(ANN, orders, [taken_back._replace(source_id="801000000000003AAA")], settings=settings)
    facts = told(why, "shopify:1")
    assert {one["order_id"]: one["left_out"] for one in facts["orders"] if one["left_out"]} == {
        "1005": "cancelled",
        "1006": "test",
        "801000000000001AAA": "duplicate",
        "801000000000003AAA": "reduction",
        "801000000000004AAA": "not_a_purchase",
        "1008": "excluded_tag",
        "1009": "excluded_channel",
        "1010": "unpaid",
        "1011": "no_amount",
        "1012": "never_paid",
        "1013": "later",
        "1014": "excluded_b2b",
    }
    of = {one["order_id"]: one["of"] for one in facts["orders"] if one["of"]}
    assert of["801000000000001AAA"] == ["shopify", SHOP, "1002"]
    assert of["801000000000003AAA"] == ["salesforce", ORG, "801000000000002AAA"]
    assert facts["scores"]["net_spend"] == facts["reconciliation"]["net_spend"] == "86500"
    assert facts["scores"]["purchases"] == facts["reconciliation"]["purchases"]
    english = why("why", "shopify:1").out
    assert "copy of the shop's order (Shopify #1002)" in english
    assert "reduction order (Salesforce 00000002)" in english
    assert not facts["scores_have_moved_on"]


def test_a_reduction_of_a_copy_is_said_to_be_left_out_with_the_copy(fill: Fill) -> None:
    """The shop's order counts in full but for what the shop itself gave back."""
    mine = {"record_id": CONTACT}
    orders = [
        order("1001", 40, "10000", aliases=["1001"]),
        sold("801000000000001AAA", TODAY - 40, "10000", name="00000001", aliases=["1001"], **mine),
        sold("801000000000002AAA", TODAY - 20, "-2500", name="00000002", kind=REDUCTION, **mine),
        sold("801000000000003AAA", TODAY - 30, "8000", name="00000003", **mine),
        sold("801000000000004AAA", TODAY - 10, "-1000", name="00000004", kind=REDUCTION, **mine),
    ]
    refunds = [
        refund(f"80100000000000{of}AAA", TODAY - on, amount, platform="salesforce")._replace(
            source_id=f"80100000000000{by}AAA"
        )
        for of, by, on, amount in ((1, 2, 20, "2500"), (3, 4, 10, "1000"))
    ]
    why = fill(ANN, orders, refunds)
    assert told(why, "shopify:1")["reconciliation"]["net_spend"] == "17000"
    english = " ".join(why("why", "shopify:1").out.replace("│", " ").split())
    with_copy = "left out with it, which is a copy of the shop's order; what the shop gave back counts"
    assert english.count(with_copy) == 1
    assert f"reduction order (Salesforce 00000001): {with_copy}" in english
    assert "reduction order (Salesforce 00000003)" in english
    japanese = "".join(why("why", "shopify:1", lang="ja").out.replace("│", " ").split())
    assert japanese.count("ショップの注文と同一の注文への減額のため、その注文とともに除外") == 1


def test_orders_reach_a_person_by_account_role_guest_and_merge_as_they_do_in_a_run(fill: Fill) -> None:
    records = [
        record(CONTACT, "Contact", parent_id="001000000000007AAA", email_key="e1"),
        record("001000000000007AAA", "Account"),
        record("001000000000008AAA", "Account", deleted=True, merged_into="001000000000007AAA"),
        record("1", email_key="e1"),
        record("9", deleted=True, merged_into="1"),
    ]
    orders = [
        sold("801000000000001AAA", TODAY - 9, parent_id="001000000000007AAA"),
        sold("801000000000002AAA", TODAY - 8, parent_id="001000000000008AAA"),
        order("1001", 7, record_id="9"),
        order("1002", 6, record_id=None, email_key="e1"),
        order("1003", 6, record_id=None, email_key="e1", phone_key="p1"),
        order("1004", 5, record_id="2"),
        order("1005", 5, record_id=None),
    ]
    facts = told(fill(records, orders), "shopify:1")
    assert {one["order_id"] for one in facts["orders"]} == {
        "801000000000001AAA",
        "801000000000002AAA",
        "1001",
        "1002",
        "1003",
    }
    assert facts["scores"]["net_spend"] == "5000" and not facts["scores_have_moved_on"]


def test_possible_twins_are_told(fill: Fill) -> None:
    why = fill(ANN, [*HISTORY, sold("801000000000001AAA", TODAY - 19, "10000", record_id=CONTACT)])
    (twin,) = told(why, "shopify:1")["possible_twins"]
    assert (twin["salesforce_on"], twin["shopify_on"], twin["pairs"]) == ("2026-11-02", "2026-11-01", 1)
    assert "Possibly one order twice (1): ¥10,000, " in why("why", "shopify:1").out


@pytest.mark.parametrize(
    "answer",
    ['[purchases]\nduplicates = "none"\n', 'order_reference = "Shopify_Order__c"\n'],
)
def test_who_has_said_which_orders_are_one_is_not_asked_again(fill: Fill, answer: str) -> None:
    twin = sold("801000000000001AAA", TODAY - 19, "10000", record_id=CONTACT)
    why = fill(ANN, [*HISTORY, twin], settings=answer)
    assert told(why, "shopify:1")["possible_twins"] == []
    assert "twice" not in why("why", "shopify:1").out


def test_of_several_shops_it_says_which(fill: Fill) -> None:
    other = "two.myshopify.com"
    records = [*ANN, record("2", email_key="e1", account=other, email_consent="subscribed")]
    orders = [
        *HISTORY,
        order("1001", 4, "600", account=other, record_id="2", aliases=["1001"]),
        sold("801000000000001AAA", TODAY - 4, "600", record_id=CONTACT, reference="1001"),
    ]
    out = fill(records, orders)("why", "shopify:1").out
    assert f"orders in Shopify ({SHOP}): 7 (¥93,000); " in out
    assert f"orders in Shopify ({other}): 1 (¥600); " in out
    assert out.count(f"Shopify ({other})") >= 4, "record, consent, order and sum"


def test_who_bought_once_and_all_of_it_counts_is_told_in_a_whole_sentence(fill: Fill) -> None:
    why = fill(ANN, HISTORY[:1])
    english, japanese = why("why", "shopify:1").out, why("why", "shopify:1", lang="ja").out
    assert "In short: orders in Shopify: 1 (¥61,000); purchase days counted: 1 (¥61,000).\n" in english
    assert "まとめ: Shopifyの注文は1件・¥61,000。集計した購入日は1日・¥61,000。\n" in japanese
