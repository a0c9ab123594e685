"""`zaiseki why` tells the segment, what makes it and when it changes, and what the scores are worth."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from stored_people import put, record, refund, sold
from why_people import ANN, COMPANY, HISTORY, TODAY, Fill, fill_store, fill_with_ann, order, told
from zaiseki_command import Command

from sync.store import Store
from zaiseki.why import explain_record


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
