"""What `zaiseki why` tells of what a person thought, how far they came and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from stored_people import record, touch
from why_people import AS_OF, CONTACT, LEAD, TODAY, Explained, fill_store, order

from metrics.calendar import day_of
from metrics.scores import score_persons
from metrics.segment import Thresholds
from sync.store import Store
from zaiseki import word_of_mouth
from zaiseki.counting import purchase_rules, refresh_frames, score_rules
from zaiseki.scoring import given_of
from zaiseki.settings import read_settings


def ago(days: int) -> str:
    """The day so many days before the run, as people read it."""
    return str(AS_OF - timedelta(days=days))


PEOPLE = (
    record("1", email_key="e1", created_day=TODAY - 900),
    record(CONTACT, "Contact", email_key="e1"),
    record("2", created_day=TODAY - 60, email_consent="subscribed", consent_day=TODAY - 50),
    record("3", created_day=TODAY - 60, email_consent="unsubscribed", consent_day=TODAY - 5),
    record("4", nps=9, nps_day=TODAY - 20, stars=5, stars_day=TODAY - 400),
    record("5", created_day=TODAY - 60),
    record("6"),
    record("7", expectation="worse", expectation_day=TODAY - 10, rfm_group="loyal"),
    record("8", referral_codes=["TANE"], stars=4, stars_day=TODAY - 300),
    record("9"),
    record("10", subscription_status="active"),
    record("11", created_day=TODAY - 8),
    record(LEAD, "Lead", created_day=TODAY - 30, lead_state="working"),
)
ORDERS = (
    order("101", 400, record_id="1"),
    order("102", 100, record_id="1", channel="store"),
    order("103", 99, record_id="1", channel="store"),
    order("104", 98, record_id="1", channel="online", is_test=True),
    order("401", 30, record_id="4"),
    order("601", 700, record_id="6"),
    order("701", 40, record_id="7"),
    order("801", 200, record_id="8"),
    order("901", 10, record_id="9", discount_codes=["TANE"]),
    order("1001", 600, record_id="10"),
    order("1002", 190, record_id="10"),
)
TOUCHES = (
    touch("c1", CONTACT, "case", day=TODAY - 60, value="complaint", ended_day=TODAY - 10),
    touch("a1", "3", day=TODAY - 40),
    touch("a2", "5", day=TODAY - 40),
    touch("a3", "5", day=TODAY - 30),
)


@pytest.fixture(scope="module")
def why(tmp_path_factory: pytest.TempPathFactory) -> Explained:
    """Everybody of one store, after one run."""
    return Explained(fill_store(tmp_path_factory.mktemp("experience"), PEOPLE, ORDERS, touches=TOUCHES))


def test_silence_is_not_satisfaction(why: Explained) -> None:
    assert why.facts("shopify:6")["satisfaction"]["code"] == "unknown"
    assert "Not Known Yet, because nothing was said, and silence is not satisfaction." in why.text(
        "shopify:6"
    )
    assert "未確認。根拠: 声がまだありません(沈黙は満足とはみなしません)。" in why.text("shopify:6", "ja")


def test_an_answer_is_told_with_its_day_its_strength_and_how_long_it_counts(why: Explained) -> None:
    facts = why.facts("shopify:4")["satisfaction"]
    expected = {"code": "delighted", "evidence": "nps", "strength": "score", "value": "9", "on": ago(20)}
    assert facts.items() >= {**expected, "counts_until": ago(20 - 365), "answered": True}.items()
    out = why.text("shopify:4")
    assert f"the answer of {ago(20)}" in out and "9 of 10 (NPS) (strength: said as a score)" in out
    assert f"This evidence counts no more from {ago(20 - 365)} on." in out
    out = why.text("shopify:7")
    assert f'because the answer of {ago(10)} was "worse than expected" (strength: said in so many' in out
    assert f"{ago(10)} の回答は「期待を下回った」(強さ: 言葉での回答)" in why.text("shopify:7", "ja")


def test_a_complaint_that_was_closed_leaves_open_what_is_thought_now(why: Explained) -> None:
    facts = why.facts("shopify:1")["satisfaction"]
    assert (facts["code"], facts["evidence"], facts["on"]) == ("unknown", "case", ago(60))
    assert facts["recovered"] and facts["recovered_on"] == ago(10)
    out = why.text("shopify:1")
    assert f"there was a complaint on {ago(60)} (Case); it was closed on {ago(10)}, and whether" in out
    assert f"対応は {ago(10)} に終わったが、本当に解消したか" in why.text("shopify:1", "ja")


def test_buying_again_is_told_as_the_weakest_sign(why: Explained) -> None:
    out = why.text("shopify:10")
    assert "Satisfied (Expectation = Evaluation), because this person bought again, last on" in out
    assert "though nothing was said (strength: the weakest, read from buying again)" in out


def test_the_step_of_the_funnel_has_its_evidence_and_day(why: Explained) -> None:
    expected = {
        "shopify:2": ("Interest (Prospect)", f"mail was subscribed to on {ago(50)}"),
        "shopify:5": ("Memory", f"a checkout was left open again on {ago(30)}"),
        "shopify:11": ("Attention (Target)", f"the person is known since {ago(8)}, and nothing else is"),
        LEAD: ("Interest (Prospect)", f"the lead of {ago(30)} is being worked on"),
        "shopify:6": ("Action (Bought)", f"the first counted purchase was on {ago(700)}"),
    }
    for name, (stage, because) in expected.items():
        assert f"Step toward the first purchase: {stage}, because {because}." in why.text(name)
    assert why.facts("shopify:2")["funnel"]["audience"] == "prospect"
    assert why.facts("shopify:11")["funnel"] == {
        "stage": "attention",
        "audience": "target",
        "evidence": "known",
        "on": ago(8),
        "left_because": None,
        "left_on": None,
    }
    assert f"{ago(50)} に案内の受け取りを希望" in why.text("shopify:2", "ja")


def test_who_left_is_told_apart_from_the_step(why: Explained) -> None:
    facts = why.facts("shopify:3")["funnel"]
    assert (facts["stage"], facts["left_because"], facts["left_on"]) == ("desire", "unsubscribed", ago(5))
    out = why.text("shopify:3")
    assert f"Has left: mail was refused on {ago(5)}, with no newer sign." in out
    assert "row 15 of the table, the first that holds: the person never bought and has left." in out


def test_the_suggestion_names_its_row_its_condition_and_its_last_day(why: Explained) -> None:
    facts = why.facts("shopify:1")["next_action"]
    expected = {"code": "confirm_recovery", "row": 2, "on": ago(10), "until": ago(10 - 31)}
    assert facts == {**expected, "passed_over": None}
    out = why.text("shopify:1")
    assert "Suggested next action: Ask whether the problem is really solved. It is row 2 of the table" in out
    assert f"a complaint was closed on {ago(10)}, at most 30 days ago, and nothing was said since." in out
    assert f"If nothing happens before, it changes on {ago(-21)}." in out
    japanese = why.text("shopify:1", "ja")
    assert "次のおすすめ対応: 対応後、ご不満が解消したかを伺う。対応表で最初に当てはまる2行目(" in japanese
    out = why.text("shopify:6")
    assert (
        f"row 6 of the table, the first that holds: the segment is First Purchase – Lapsed, since {ago(460)}"
        in (out)
    )
    assert "Only something that happens changes it; waiting does not." in out


def test_all_channels_are_told_and_none_is_the_main_one(why: Explained) -> None:
    facts = why.facts("shopify:1")["channels"]
    assert facts["preferred"] == "store"
    assert [(one["code"], one["purchase_days"], one["last_on"]) for one in facts["used"]] == [
        ("online", 1, ago(400)),
        ("store", 2, ago(99)),
    ]
    out = why.text("shopify:1")
    assert f"Online (purchase days: 1, last {ago(400)}); Store (purchase days: 2, last {ago(99)})." in out
    assert "preferred channel, by purchase days: Store. All channels count alike." in out
    assert "preferred channel" not in why.text("shopify:6")


def test_the_history_of_segments_and_the_own_interval_are_told(why: Explained) -> None:
    facts = why.facts("shopify:1")
    spans = [(one["from_on"], one["until_on"], one["segment"]) for one in facts["segment_history"]]
    assert spans == [
        (ago(400), ago(160), "first_active"),
        (ago(160), ago(100), "first_lapsed"),
        (ago(100), None, "steady_active"),
    ]
    assert facts["scores"]["segment_since"] == ago(100)
    assert facts["own_interval_days"] == "150.5"
    out = why.text("shopify:1")
    assert "Own purchase interval: 150.5 days on average" in out
    assert f"│ {ago(160)} │ {ago(101)} │ First Purchase – Lapsed" in out
    assert "Segment history" not in why.text("shopify:2")


def test_without_the_whole_history_only_what_was_said_is_told(tmp_path: Path) -> None:
    config = fill_store(tmp_path, PEOPLE, ORDERS, touches=TOUCHES, whole_history=False)
    why = Explained(config)
    facts = why.facts("shopify:7")
    assert facts["satisfaction"]["code"] == "dissatisfied"
    unknown = ("funnel", "next_action", "channels", "segment", "acquisition")
    assert [facts[name] for name in unknown] == [None] * len(unknown)
    assert [one["agreement"] for one in facts["shopify_rfm"]] == [None]
    assert {one["key"] for one in facts["changes_by_waiting"]} == {"satisfaction"}
    out = why.text("shopify:7")
    assert "Suggested" not in out and "Came by" not in out and "Dissatisfied" in out


def test_what_waiting_brings_is_what_scoring_on_those_days_comes_to(why: Explained) -> None:
    """Everybody's codes on every announced day and on the day before, and nothing else happened."""
    names = [str(number) for number in range(1, 12)]
    found = {name: why.of(f"shopify:{name}") for name in names}
    announced = {change.on for name in ("1", "8") for change in found[name].coming}
    days = sorted(announced | {change.on - timedelta(days=1) for change in found["8"].coming})
    assert len(days) > 6
    scored = scores_on(why.config, days)
    for name, one in found.items():
        assert one.score is not None
        for on in days:
            codes = {key: one.score[key] for key in ("segment", "satisfaction", "next_action")}
            for change in one.coming:
                if change.on <= on:
                    assert codes[change.key] == change.before
                    codes[change.key] = change.after
            assert (name, on, scored[on, one.person_id]) == (name, on, codes)


def scores_on(config: Path, days: Sequence[date]) -> dict[tuple[date, str | None], dict[str, str]]:
    """Everybody's codes by `score_persons` as of each day."""
    settings, limits = read_settings(config), Thresholds(Decimal(70000))
    found = {}
    with Store.open(config.parent / "zaiseki.duckdb") as store:
        rules = purchase_rules(settings)
        refresh_frames(store, rules, as_of_day=TODAY)
        _, friends = word_of_mouth.named_and_friends(store, as_of_day=TODAY, rules=rules)
        given = given_of(store, friends)
        for on in days:
            scored = score_persons(
                given,
                as_of_day=day_of(on),
                rules=score_rules(settings, limits),
                materialise=store.materialise,
            )
            for row in scored.collect().rows(named=True):
                codes = {key: row[key] for key in ("segment", "satisfaction", "next_action")}
                found[on, row["person_id"]] = codes
    return found
