"""The next-action table: its texts, its rows, and its laws for every combination."""

from __future__ import annotations

import re
from typing import Any

import narwhals as nw
import pyarrow as pa
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import rows
from metrics_touches import BUYERS, QUALITY_REFUNDS, TOLD, TOUCHES, bought, seen_by, touched
from metrics_touches import PEOPLE as TOUCHED

from metrics.evidence import SatisfactionRules
from metrics.fields import SEGMENTS
from metrics.funnel_signs import STAGES
from metrics.next_action import TABLE, next_action
from metrics.satisfaction import STATES, satisfaction

INT, TEXT, FLAG = pa.int64(), pa.string(), pa.bool_()
PEOPLE = pa.schema(
    {
        "person_id": TEXT,
        "segment": TEXT,
        "lapses_day": INT,
        "satisfaction": TEXT,
        "strength": TEXT,
        "evidence_day": INT,
        "expires_day": INT,
        "open_complaint_day": INT,
        "recovered": FLAG,
        "recovered_day": INT,
        "funnel_stage": TEXT,
        "exited": FLAG,
        "newest_friend_day": INT,
        "newest_code_day": INT,
        "subscriber": FLAG,
    }
)
AS_OF = 10_000
BLANK: dict[str, Any] = dict.fromkeys(PEOPLE.names)
OFFER = re.compile(
    r"offer|discount|coupon|sale|deal|gift|reward|bonus|point|free|%|"
    r"割引|値引|クーポン|特典|プレゼント|セール|ポイント|無料|進呈|お得|キャンペーン|売り込み|販促",
    re.IGNORECASE,
)
RULED_OUT = ("no sales messages", "not a discount", "売り込みはせず", "値引きより")
"""Where a text names an offer to say that none is made."""


def actions(engine: Engine, people: list[dict[str, Any]], as_of: int = AS_OF) -> list[tuple[str, int | None]]:
    """Code and announced day of each of `people`."""
    numbered = [one | {"person_id": f"{number:05}"} for number, one in enumerate(people)]
    told = rows(next_action(engine.frame(numbered, PEOPLE), as_of_day=as_of))
    assert [row["person_id"] for row in told] == [one["person_id"] for one in numbered]
    return [(row["next_action"], row["until_day"]) for row in told]


def buyer(segment: str, lapses: int = AS_OF + 100, **more: Any) -> dict[str, Any]:
    return BLANK | {"segment": segment, "lapses_day": lapses, "funnel_stage": "action"} | more


def prospect(stage: str, **more: Any) -> dict[str, Any]:
    return BLANK | {"segment": "prospect", "funnel_stage": stage} | more


def evidence(state: str, day: int, strength: str = "explicit") -> dict[str, Any]:
    made = {"satisfaction": state, "strength": strength, "evidence_day": day, "expires_day": day + 365}
    return made | {"open_complaint_day": day if state == "dissatisfied" else None}


def recovered(day: int, complained: int = AS_OF - 60) -> dict[str, Any]:
    told = evidence("unknown", complained, "behaviour")
    return told | {"recovered": True, "recovered_day": day}


CALM = [
    (buyer("best_lapsed", AS_OF), ("call_back_best", None)),
    (buyer("first_lapsed", AS_OF), ("ask_expectation", None)),
    *((buyer(f"{tier}_lapsed", AS_OF), ("win_back", None)) for tier in ("fledgling", "steady", "trend")),
    (buyer("first_active", AS_OF + 30), ("invite_second", AS_OF + 30)),
    (buyer("first_active", AS_OF + 1), ("invite_second", AS_OF + 1)),
    *(
        (buyer(f"{tier}_active", AS_OF + 30), ("prevent_lapse", AS_OF + 30))
        for tier in ("fledgling", "steady", "trend", "best")
    ),
    (buyer("first_active", AS_OF + 31), ("follow_up_first", AS_OF + 1)),
    (buyer("fledgling_active", AS_OF + 31), ("build_trust", AS_OF + 1)),
    (buyer("steady_active"), ("tell_story", AS_OF + 70)),
    (buyer("trend_active"), ("deepen_bond", AS_OF + 70)),
    (buyer("best_active"), ("treat_special", AS_OF + 70)),
    (prospect("desire", exited=True), ("leave_alone", None)),
    (prospect("memory"), ("remind", None)),
    (prospect("desire"), ("help_decide", None)),
    (prospect("interest"), ("offer_first", None)),
    (prospect("attention"), ("introduce", None)),
    (BLANK | {"segment": "prospect"}, ("introduce", None)),
    (buyer("best_active", exited=True), ("treat_special", AS_OF + 70)),
    (buyer("best_active", AS_OF + 5, subscriber=True), ("treat_special", AS_OF + 5)),
    (buyer("first_active", AS_OF + 5, subscriber=True), ("follow_up_first", AS_OF + 5)),
]
STIRRED = [
    (buyer("best_active", **evidence("dissatisfied", AS_OF - 180)), ("resolve_complaint", AS_OF + 1)),
    (buyer("best_active", **evidence("dissatisfied", AS_OF - 181)), ("treat_special", AS_OF + 70)),
    (prospect("desire", exited=True, **evidence("dissatisfied", AS_OF)), ("resolve_complaint", AS_OF + 181)),
    (buyer("best_active", **recovered(AS_OF - 30)), ("confirm_recovery", AS_OF + 1)),
    (buyer("best_active", **recovered(AS_OF - 31)), ("treat_special", AS_OF + 70)),
    (buyer("best_active", **recovered(AS_OF, AS_OF - 364)), ("confirm_recovery", AS_OF + 1)),
    (
        buyer("best_active", **(recovered(AS_OF) | {"satisfaction": "satisfied"})),
        ("treat_special", AS_OF + 70),
    ),
    (buyer("best_lapsed", AS_OF, newest_friend_day=AS_OF - 30), ("thank_referrer", AS_OF + 1)),
    (buyer("best_lapsed", AS_OF, newest_friend_day=AS_OF - 31), ("call_back_best", None)),
    (
        buyer("first_active", **evidence("delighted", AS_OF - 30, "score")),
        ("invite_referral", AS_OF + 1),
    ),
    (buyer("first_active", **evidence("delighted", AS_OF - 31)), ("follow_up_first", AS_OF + 70)),
    (
        buyer("first_active", **evidence("delighted", AS_OF, "word_of_mouth")),
        ("follow_up_first", AS_OF + 70),
    ),
    (
        buyer("first_active", newest_code_day=AS_OF - 4, **evidence("delighted", AS_OF - 5)),
        ("follow_up_first", AS_OF + 70),
    ),
    (
        buyer("first_active", newest_code_day=AS_OF - 5, **evidence("delighted", AS_OF - 5)),
        ("invite_referral", AS_OF + 26),
    ),
    (prospect("interest", **evidence("delighted", AS_OF)), ("offer_first", None)),
    (
        buyer("first_active", newest_friend_day=AS_OF, **evidence("delighted", AS_OF)),
        ("thank_referrer", AS_OF + 31),
    ),
]


def test_every_row_of_the_table_holds_where_it_should_and_says_until_when(engine: Engine) -> None:
    told = [*CALM, *STIRRED]
    found = actions(engine, [person for person, _ in told])
    for (person, expected), got in zip(told, found, strict=True):
        assert got == expected, {name: value for name, value in person.items() if value is not None}
    assert {code for code, _ in found} == {action.code for action in TABLE}


def test_the_rows_stand_in_the_order_of_the_design() -> None:
    assert [action.code for action in TABLE] == [
        *("resolve_complaint", "confirm_recovery", "thank_referrer", "invite_referral", "call_back_best"),
        *("ask_expectation", "win_back", "invite_second", "prevent_lapse", "follow_up_first", "build_trust"),
        *("tell_story", "deepen_bond", "treat_special", "leave_alone", "remind", "help_decide"),
        *("offer_first", "introduce"),
    ]


def test_who_is_told_a_story_or_kept_from_lapsing_is_offered_nothing() -> None:
    texts = {action.code: (action.english, action.japanese) for action in TABLE}
    for code in ("tell_story", "prevent_lapse"):
        for text in texts[code]:
            left = text
            for phrase in RULED_OUT:
                left = left.replace(phrase, "")
            assert not OFFER.search(left), text
    assert OFFER.search(texts["offer_first"][0]), "the search finds offers where there are any"


def test_texts_fit_and_differ() -> None:
    for words in ([one.english for one in TABLE], [one.japanese for one in TABLE]):
        assert len(set(words)) == len(TABLE) and all(0 < len(text) <= 100 for text in words)
    assert all(re.fullmatch(r"[a-z_]+", action.code) for action in TABLE)


# ---- laws for every combination

NEAR_PAST = st.one_of(st.none(), st.integers(AS_OF - 200, AS_OF))


@st.composite
def anybody(draw: st.DrawFn) -> dict[str, Any]:
    """One person with any facts that go together."""
    segment = draw(st.sampled_from([code for code, _, _ in SEGMENTS]))
    lapses = None
    if segment.endswith("_active"):
        lapses = AS_OF + draw(st.integers(1, 80))
    elif segment.endswith("_lapsed"):
        lapses = AS_OF - draw(st.integers(0, 80))
    state = draw(st.sampled_from(STATES))
    day = draw(st.integers(AS_OF - 364, AS_OF))
    told = evidence(state, day, draw(st.sampled_from(["explicit", "score", "behaviour", "word_of_mouth"])))
    if state == "unknown":
        closed = draw(st.one_of(st.none(), st.integers(day, AS_OF)))
        told |= {"recovered": closed is not None, "recovered_day": closed}
        if closed is None:
            told |= {"evidence_day": None, "expires_day": None, "strength": None}
    return (
        BLANK
        | told
        | {
            "segment": segment,
            "lapses_day": lapses,
            "funnel_stage": draw(st.sampled_from(STAGES[:-1])) if segment == "prospect" else "action",
            "exited": draw(st.booleans()),
            "newest_friend_day": draw(NEAR_PAST),
            "newest_code_day": draw(NEAR_PAST),
            "subscriber": draw(st.sampled_from([True, False, None])),
        }
    )


def aged(person: dict[str, Any], as_of: int) -> dict[str, Any]:
    """The same person after nothing but time has passed."""
    later = dict(person)
    if person["lapses_day"] is not None and as_of >= person["lapses_day"]:
        later["segment"] = person["segment"].replace("_active", "_lapsed")
    if person["expires_day"] is not None and as_of >= person["expires_day"]:
        gone = ("satisfaction", "strength", "evidence_day", "expires_day", "open_complaint_day")
        later |= dict.fromkeys(gone) | {"recovered": False, "recovered_day": None}
    return later


def the_row(one: dict[str, Any], as_of: int) -> str:
    """The table of the labels, read row by row."""

    def within(day: int | None, days: int) -> bool:
        return day is not None and as_of - day <= days

    segment, tier, is_buyer = one["segment"], one["segment"].split("_")[0], one["segment"] != "prospect"
    lapses = one["lapses_day"]
    near = lapses is not None and lapses - 30 <= as_of < lapses and not one["subscriber"]
    delighted = one["satisfaction"] == "delighted" and one["strength"] in ("explicit", "score")
    coded = one["newest_code_day"] is not None and one["newest_code_day"] > (one["evidence_day"] or 0)
    table = [
        (within(one["open_complaint_day"], 180), "resolve_complaint"),
        (
            one["recovered"] and one["satisfaction"] == "unknown" and within(one["recovered_day"], 30),
            "confirm_recovery",
        ),
        (within(one["newest_friend_day"], 30), "thank_referrer"),
        (is_buyer and delighted and within(one["evidence_day"], 30) and not coded, "invite_referral"),
        (segment == "best_lapsed", "call_back_best"),
        (segment == "first_lapsed", "ask_expectation"),
        (segment.endswith("_lapsed"), "win_back"),
        (segment == "first_active" and near, "invite_second"),
        (is_buyer and near, "prevent_lapse"),
        (tier == "first", "follow_up_first"),
        (tier == "fledgling", "build_trust"),
        (tier == "steady", "tell_story"),
        (tier == "trend", "deepen_bond"),
        (tier == "best", "treat_special"),
        (one["exited"], "leave_alone"),
        (one["funnel_stage"] == "memory", "remind"),
        (one["funnel_stage"] == "desire", "help_decide"),
        (one["funnel_stage"] == "interest", "offer_first"),
    ]
    return next((code for holds, code in table if holds), "introduce")


CROWDS = st.lists(anybody(), min_size=20, max_size=60)


@examples(10)
@given(people=CROWDS)
def test_every_combination_gives_exactly_the_first_row_that_holds(
    engines: list[Engine], people: list[dict[str, Any]]
) -> None:
    for engine in engines:
        found = actions(engine, people)
        assert [code for code, _ in found] == [the_row(person, AS_OF) for person in people]
        assert all(until is None or until > AS_OF for _, until in found)


@examples(10)
@given(people=CROWDS)
def test_nothing_comes_before_an_open_complaint_and_no_invitation_without_delight(
    engines: list[Engine], people: list[dict[str, Any]]
) -> None:
    for person, (code, _) in zip(people, actions(engines[1], people), strict=True):
        complaint = person["open_complaint_day"]
        assert (code == "resolve_complaint") == (complaint is not None and AS_OF - complaint <= 180)
        if code == "invite_referral":
            assert person["satisfaction"] == "delighted" and person["strength"] in ("explicit", "score")
            assert AS_OF - person["evidence_day"] <= 30 and person["segment"] != "prospect"
        if person["subscriber"]:
            assert code not in ("invite_second", "prevent_lapse")


@examples(15)
@given(people=CROWDS)
def test_an_idle_day_changes_the_action_only_on_the_announced_day(
    engines: list[Engine], people: list[dict[str, Any]]
) -> None:
    now = actions(engines[1], people)
    crowd, days = [], []
    for person, (_, until) in zip(people, now, strict=True):
        assert until is None or until <= AS_OF + 400
        days.append(until or AS_OF + 400)
        crowd.append([the_row(aged(person, day), day) for day in range(AS_OF, AS_OF + 401)])
    for rows_of_days, (code, until), day in zip(crowd, now, days, strict=True):
        assert set(rows_of_days[: day - AS_OF]) == {code}
        if until is not None:
            assert rows_of_days[day - AS_OF] != code


@examples(10)
@given(people=CROWDS, ahead=st.integers(1, 60))
def test_the_day_is_announced_anew_until_it_comes(
    engines: list[Engine], people: list[dict[str, Any]], ahead: int
) -> None:
    later = actions(engines[1], [aged(person, AS_OF + ahead) for person in people], AS_OF + ahead)
    for before, after in zip(actions(engines[1], people), later, strict=True):
        if before[1] is None or AS_OF + ahead < before[1]:
            assert after == before


@examples(12)
@given(seed=st.integers(0, 2**32), days=st.sampled_from([20, 40]), first=st.integers(1_062, 1_098))
def test_from_what_was_said_to_the_action_only_announced_days_change_anything(
    engines: list[Engine], seed: int, days: int, first: int
) -> None:
    engine, rules = engines[1], SatisfactionRules(days=days, rewarded=False)
    touches = engine.frame(
        seen_by(touched(seed, ("expectation", "nps", "case", "quality_return")), 1_060), TOUCHES
    )
    told = engine.frame([{"person_id": one, "day": 1_040} for one in TOUCHED[:9]], TOLD)
    buyers = engine.frame(bought(seed, span=40), BUYERS)
    facts = engine.frame(
        [BLANK | {"person_id": one, "segment": "best_active", "lapses_day": 9_000} for one in TOUCHED],
        PEOPLE,
    )
    facts = facts.select("person_id", "segment", "lapses_day", "newest_friend_day", "newest_code_day")
    facts = facts.with_columns(exited=nw.lit(False), subscriber=nw.lit(False), funnel_stage=nw.lit("action"))
    no_refunds = engine.frame([], QUALITY_REFUNDS)
    before: dict[str, Any] = {}
    for day in range(first, first + 7):
        states = satisfaction(touches, no_refunds, told, buyers, as_of_day=day, rules=rules)
        people = facts.join(states, on="person_id", how="left")
        now = {row["person_id"]: row for row in rows(next_action(people, as_of_day=day))}
        for person, was in before.items():
            announced = was["until_day"] == day
            assert (was["next_action"] != now[person]["next_action"]) == announced, (person, day)
            assert announced or was["until_day"] == now[person]["until_day"]
        before = now
