"""`zaiseki why RECORD`: members, rules, orders counted and left out, in words, from the store alone."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from stored_people import AT, ORG, SHOP, put, record, refund, sold
from stored_people import order as order_of
from zaiseki_command import Command

from metrics.calendar import day_of
from metrics.scores import score_persons
from metrics.segment import Thresholds
from sync import frames, keys, runs
from sync.identify import identify
from sync.model import NOT_A_PURCHASE, REDUCTION, Order, Record, Refund
from sync.store import Store
from sync.tombstones import record_line
from zaiseki.planning import thresholds_as_text
from zaiseki.scoring import purchase_rules
from zaiseki.settings import read_settings
from zaiseki.why import explain_record

AS_OF = date(2026, 11, 21)
TODAY = day_of(AS_OF)
CONTACT, PERSON, PERSON_CONTACT, LEAD, COMPANY = (
    "003000000000001AAA",
    "001000000000005AAA",
    "003000000000005AAA",
    "00Q000000000001AAA",
    "001000000000006AAA",
)
TOML = f"""
[shopify]
shop = "{SHOP}"
[salesforce]
domain = "acme.my.salesforce.com"
"""
Fill = Callable[..., Command]


def order(order_id: str, day: int, amount: str = "1000", **more: Any) -> Order:
    """Ann's order in the shop, so many days ago."""
    return order_of(order_id, TODAY - day, amount, **{"record_id": "1", "name": f"#{order_id}", **more})


def fill_store(
    folder: Path,
    records: Sequence[Record],
    orders: Sequence[Order] = (),
    refunds: Sequence[Refund] = (),
    settings: str = "",
    *,
    whole_history: bool = True,
) -> Path:
    """A store after one run over these rows; its settings file."""
    config = folder / "zaiseki.toml"
    config.write_text(TOML + settings, encoding="utf-8")
    with Store.open(folder / "zaiseki.duckdb") as store:
        store.bind("reporting currency", "JPY")
        for table, rows in (("records", records), ("orders", orders), ("refunds", refunds)):
            put(store, table, rows)
        run(store, config, Thresholds(Decimal(70000)), whole_history=whole_history)
    return config


@pytest.fixture
def fill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fill:
    """A store of its own, and the command line over it."""
    return lambda *rows, **more: Command(fill_store(tmp_path, *rows, **more), capsys)


@pytest.fixture(scope="module")
def anns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings file of a store with Ann: a customer, one merged into it, a contact and its lead."""
    lead = record(
        LEAD,
        "Lead",
        write_target=False,
        linked_platform="salesforce",
        linked_account=ORG,
        linked_id=CONTACT,
    )
    old = record("9", deleted=True, merged_into="1")
    back = [refund("1004", TODAY - 1, "700"), refund("1007", TODAY - 1, "4000", "r2")]
    return fill_store(tmp_path_factory.mktemp("ann"), [*ANN, lead, old], HISTORY, back)


@pytest.fixture
def ann(anns: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line over Ann's store; nothing is changed in it."""
    return Command(anns, capsys)


def run(store: Store, config: Path, limits: Thresholds, *, whole_history: bool = True) -> None:
    """Identify and score as a run does, and note the run."""
    runs.begin(store, "run1", AT)
    identify(store, run_id="run1", at=AT)
    frames.refresh(store)
    scored = score_persons(
        frames.frame(store, "persons"),
        frames.frame(store, "person_orders"),
        frames.frame(store, "person_refunds"),
        frames.frame(store, "referral_codes"),
        frames.frame(store, "consents"),
        as_of_day=TODAY,
        rules=purchase_rules(read_settings(config)),
        thresholds=limits,
        referrals_tracked=True,
        materialise=store.materialise,
    )
    store.con.execute(f"CREATE OR REPLACE TABLE scores AS {scored.to_native().sql_query()}")
    thresholds = thresholds_as_text(limits) if whole_history else None
    runs.finish(
        store, "run1", state="written", exit_code=0, finished_at=AT, as_of=AS_OF, thresholds=thresholds
    )


def told(command: Command, name: str) -> dict[str, Any]:
    """The object of --json."""
    found: dict[str, Any] = json.loads(command("why", name, "--json").out)
    return found


ANN = (
    record("1", email_key="e1", email_consent="subscribed", han_given=7),
    record(CONTACT, "Contact", email_key="e1", email_consent="unsubscribed", phone_refused=True),
)
HISTORY = [
    order("1001", 700, "61000"),
    order("1002", 300, "9000"),
    order("1003", 300, "1000"),
    order("1004", 20, "10000"),
    order("1005", 10, "3000", cancelled_day=TODAY - 9),
    order("1006", 8, "5000", is_test=True),
    order("1007", 5, "4000"),
]


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
        "まとめ: Shopifyの注文は7件・¥93,000。集計した購入日は3日・¥80,300。内訳: キャンセル1件(¥3,000)、"
        "全額返金1件(¥4,000)、テスト注文1件(¥5,000)、集計した注文への返金(¥700)、同じ日の2件目以降1件。"
        in japanese
    )


def test_members_stand_with_the_rule_that_joined_them_in_words(ann: Command) -> None:
    facts = told(ann, "shopify:1")
    assert {one["record"]: (one["rule"], one["state"]) for one in facts["members"]} == {
        CONTACT: ("converted", "live"),
        LEAD: ("converted", "live"),
        "shopify:1": ("email", "live"),
        "shopify:9": ("merged", "merged"),
    }
    english, japanese = ann("why", CONTACT).out, ann("why", CONTACT, lang="ja").out
    assert "a lead was converted" in english and "リードの取引開始" in japanese
    assert "merged into shopify:1 on the platform" in english and "shopify:1 に統合済み" in japanese


@pytest.mark.parametrize("name", ["gid://shopify/Customer/1", CONTACT, CONTACT[:15], LEAD, "shopify:9"])
def test_every_name_of_every_record_tells_of_the_same_person(ann: Command, name: str) -> None:
    found = explain_record(ann.config, name)
    assert {member.ref.id for member in found.members} == {"1", "9", CONTACT, LEAD}
    assert found.score and found.score["purchases"] == 3


def test_a_person_account_is_found_by_either_id(fill: Fill) -> None:
    person = record(PERSON, "PersonAccount", alias_id=PERSON_CONTACT, email_key="e1")
    why = fill([*ANN, person], HISTORY)
    assert told(why, PERSON)["person_id"] == told(why, PERSON_CONTACT)["person_id"] is not None


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


def test_the_segment_has_its_thresholds_and_the_next_change_its_date(ann: Command) -> None:
    facts = told(ann, "shopify:1")
    assert facts["segment"]["code"] == facts["scores"]["segment"] == "best_active"
    assert facts["next_change"] == {"on": "2027-06-29", "segment": "best_lapsed"}
    assert facts["thresholds"]["best_spend"] == "70000"
    assert (facts["scores"]["net_spend"], facts["scores"]["referral_score"]) == ("80300", "0.00")
    english, japanese = ann("why", "shopify:1").out, ann("why", "shopify:1", lang="ja").out
    assert "Segment: Best – Active, because ¥80,300 is ¥70,000 or more" in english
    assert "a tenure of 680 days is 210 or longer" in english
    assert "without another purchase Best – Lapsed on 2027-06-29, after 240 days" in english
    assert "区分: 優良現役客。累計¥80,300が¥70,000以上で、在籍期間680日が210日以上のためです。" in japanese
    assert "次の購入がなければ、2027-06-29(240日経過)に「優良離脱客」になります。" in japanese


def test_each_tier_has_its_words(fill: Fill) -> None:
    expected = {
        "1": ([], "nothing was bought that counts"),
        "2": ([(300, "1000")], "there is one purchase so far"),
        "3": ([(300, "1000"), (280, "1000")], "the days of tenure (20) are fewer than 90"),
        "4": ([(500, "1000"), (280, "1000")], "¥2,000 is less than ¥70,000"),
        "5": ([(400, "70000"), (280, "1000")], "90 or longer but shorter than 210"),
    }
    orders = [
        order(f"{name}{nth}", day, amount, record_id=name)
        for name, (bought, _) in expected.items()
        for nth, (day, amount) in enumerate(bought)
    ]
    why = fill([record(name) for name in expected], orders)
    for name, (bought, words) in expected.items():
        out = why("why", f"shopify:{name}").out
        assert words in out
        assert ("lapsed since" in out) is bool(bought)


def test_who_bought_as_soon_as_the_data_begin_is_marked(ann: Command) -> None:
    assert explain_record(ann.config, "shopify:1").left_truncated
    assert "oldest order known (2024-12-21)" in ann("why", "shopify:1").out


def test_a_first_purchase_of_a_field_is_told_and_takes_the_mark_away(fill: Fill) -> None:
    known = record("1", email_key="e1", first_purchase_day=TODAY - 2000)
    why = fill([known, ANN[1]], HISTORY)
    facts = told(why, "shopify:1")
    assert not facts["left_truncated"]
    assert facts["reconciliation"]["from_fields"] == 1
    assert facts["scores"]["tenure_days"] == 1995
    out = why("why", "shopify:1").out
    assert "first purchase by your own field, amount unknown" in out
    assert "one first purchase that only your own field tells" in out


def test_consent_is_that_of_every_record_and_the_strictest_holds(ann: Command) -> None:
    out = ann("why", "shopify:1").out
    assert "permits" in out and "refuses" in out
    assert "May be contacted by: none known to be permitted" in out


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


def test_everybody_who_holds_an_address_is_explained_without_showing_it(
    fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(keys.ENVIRONMENT_NAME, raising=False)
    address = "hana@example.com"
    bearer = keys.load(tmp_path / "zaiseki.key").of("email", address)
    records = [record("1", email_key=bearer, han_given=7), record("2", email_key="e2")]
    guest = order("1001", 5, "900", record_id=None, email_key=bearer)
    why = fill(records, [guest])
    answer = why("why", "--email", " Hana@Example.com", "--json")
    (person,) = json.loads(answer.out)["people"]
    assert "shopify:1" in {one["record"] for one in person["members"]}
    assert person["reconciliation"]["counted"] == 1
    shown = why("why", "--email", address).out
    assert "shopify:1" in shown
    assert not re.search(f"{address}|{bearer}", answer.out + shown, re.IGNORECASE)
    nobody = why("why", "--email", "x@example.com", "--json")
    assert json.loads(nobody.out)["error"]["code"] == "forget_nobody" and "x@" not in nobody.out
    wrong = why("why", "--email", "who knows", "--json")
    assert json.loads(wrong.out)["error"]["code"] == "email_invalid" and "who knows" not in wrong.out
    assert json.loads(why("why", "--json").out)["error"]["code"] == "usage"


def test_an_excluded_person_is_told_as_such_and_not_scored(fill: Fill) -> None:
    why = fill([ANN[0], ANN[1]._replace(excluded=True)], HISTORY)
    facts = told(why, "shopify:1")
    assert facts["excluded"] and facts["scores"] is None and facts["segment"] is None
    assert len(facts["orders"]) == 7
    assert {one["left_out"] for one in facts["orders"]} == {"excluded_person"}
    assert not any(one["counts"] for one in facts["orders"])
    sums = facts["reconciliation"]
    assert (sums["counted"], sums["purchases"], sums["net_spend"], sums["refunds"]) == (0, 0, "0", "0")
    out = why("why", "shopify:1").out
    assert "purchase days counted: 0 (¥0). Not counted: 7 of a person you exclude (¥93,000)." in out
    assert "permits" in out and "refuses" in out and "May be contacted" not in out
    assert f"Excluded by your setting privacy.exclude ({CONTACT})" in out and "Segment" not in out


def test_records_that_are_nobodys_say_why(fill: Fill) -> None:
    why = fill([*ANN, record(COMPANY, "Account"), record("8", deleted=True)], HISTORY)
    for name, words in ((COMPANY, "buys nothing in its own name"), ("shopify:8", "no longer exists")):
        facts = told(why, name)
        assert facts["person_id"] is None and facts["scores"] is None
        assert facts["by_relay_only"] is False
        assert words in why("why", name).out


def test_without_the_whole_history_no_segment_is_claimed(fill: Fill) -> None:
    why = fill(ANN, HISTORY, whole_history=False)
    assert told(why, "shopify:1")["segment"] is None
    out = why("why", "shopify:1").out
    assert "only the last 60 days" in out and "Segment:" not in out


def test_what_came_in_since_the_run_is_counted_and_said(fill: Fill) -> None:
    why = fill(ANN, HISTORY)
    with Store.open(why.config.parent / "zaiseki.duckdb") as store:
        put(store, "orders", [order("1099", 2, "100")])
    facts = told(why, "shopify:1")
    assert facts["scores_have_moved_on"] and facts["scores"]["net_spend"] == "85100"
    assert "moved on since that run" in why("why", "shopify:1").out


def test_undecided_pairs_that_name_a_record_are_told(fill: Fill) -> None:
    why = fill(ANN, HISTORY)
    with Store.open(why.config.parent / "zaiseki.duckdb") as store:
        values = ["abc", "shopify", SHOP, "customer", "77", "salesforce", ORG, "Contact", CONTACT]
        store.con.execute(
            "INSERT INTO match_review VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'phone', 'names', NULL, 'run1')",
            values,
        )
    (item,) = told(why, "shopify:1")["review"]
    assert (item["item"], item["reason"]) == ("abc", "names")
    assert f"To decide (abc): shopify:77 / {CONTACT}: their names differ" in why("why", "shopify:1").out


def test_an_unknown_record_ends_with_1_and_a_forgotten_one_is_told_as_such(
    fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(keys.ENVIRONMENT_NAME, raising=False)
    why = fill(ANN, HISTORY)
    for name in ("shopify:404", "nonsense"):
        answer = why("why", name, "--json")
        assert (answer.code, json.loads(answer.out)["error"]["code"]) == (1, "record_unknown")
    key = keys.load(why.config.parent / "zaiseki.key")
    with Store.open(why.config.parent / "zaiseki.duckdb") as store:
        line = record_line(key, "shopify", SHOP, "404")
        store.con.execute("INSERT INTO forgotten VALUES ('shopify', ?, 'customers', ?)", [SHOP, line])
    answer = why("why", "shopify:404", "--json")
    assert (answer.code, json.loads(answer.out)["error"]["code"]) == (1, "record_forgotten")
    assert json.loads(why("why", "shopify:405", "--json").out)["error"]["code"] == "record_unknown"


def test_before_the_first_run_there_is_nothing_to_explain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "zaiseki.toml").write_text(TOML, encoding="utf-8")
    answer = Command(tmp_path / "zaiseki.toml", capsys)("why", "shopify:1", "--json")
    assert (answer.code, json.loads(answer.out)["error"]["code"]) == (1, "status_never_ran")


def test_of_everybody_it_tells_what_the_run_scored(fill: Fill) -> None:
    """Whatever the orders are, one person looked at alone comes to what scoring everybody came to."""
    chance = random.Random(3)
    people = [record(str(number), email_key=f"e{number % 9}") for number in range(10)]
    people += [
        record(f"00300000000000{number}AAA", "Contact", email_key=f"e{number}", parent_id=COMPANY)
        for number in range(3)
    ]
    orders = [
        order(
            str(1000 + number),
            chance.randint(-2, 900),
            chance.choice(["0", "900", "8000", "40000"]),
            record_id=chance.choice([str(chance.randint(0, 12)), None]),
            email_key=f"e{chance.randint(0, 12)}",
            aliases=[str(1000 + number)],
            cancelled_day=chance.choice([None, None, TODAY - 1]),
            is_test=chance.random() < 0.1,
        )
        for number in range(80)
    ]
    orders += [
        sold(
            f"80100000000000{number}AAA"[-18:],
            TODAY - chance.randint(0, 900),
            "900",
            record_id=chance.choice([f"00300000000000{chance.randint(0, 2)}AAA", None]),
            parent_id=COMPANY,
            aliases=[str(1000 + chance.randint(0, 120))],
            reference=chance.choice([None, str(1000 + chance.randint(0, 79))]),
        )
        for number in range(10, 30)
    ]
    back = [refund(str(1000 + number), TODAY - chance.randint(0, 99), "900") for number in range(0, 80, 5)]
    config = fill([*people, record(COMPANY, "Account")], orders, back).config
    names = [f"shopify:{one.id}" if one.object == "customer" else one.id for one in people]
    buyers = 0
    for name in [*names[::2], COMPANY]:
        found = explain_record(config, name)
        assert found.score is not None and found.sums is not None and not found.stale
        sums = (found.sums.purchases, found.sums.net_spend)
        assert sums == (found.score["purchases"], found.score["net_spend"])
        buyers += found.sums.purchases > 1
    assert buyers > 3


def test_json_holds_no_key_of_anybody(fill: Fill) -> None:
    records = [one._replace(email_key="ab12" * 8, phone_key="cd34" * 8) for one in ANN]
    out = fill(records, HISTORY)("why", "shopify:1", "--json").out
    assert not re.search("ab12ab12|cd34cd34", out)
    (one, _) = json.loads(out)["members"]
    assert one["known_by"] in (["email", "phone", "name"], ["email", "phone"])
