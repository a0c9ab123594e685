"""Expectation against evaluation: the rules one by one, and the definition once more in plain Python."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import rows
from metrics_touches import BUYERS, PEOPLE, QUALITY_REFUNDS, TOLD, TOUCHES, bought, seen_by, touch, touched

from metrics.evidence import SatisfactionRules
from metrics.satisfaction import satisfaction

KINDS = ("expectation", "nps", "stars", "case", "quality_return", "abandoned_checkout")
SEEDS = st.integers(0, 2**32)
UNREWARDED = SatisfactionRules(rewarded=False)
BAD, FAIR, GOOD = "dissatisfied", "satisfied", "delighted"
AS_OF = 2_000


def found(
    engine: Engine,
    *touches: dict[str, Any],
    refunds: Any = (),
    told: Any = (),
    buyers: Any = (),
    as_of: int = AS_OF,
    rules: SatisfactionRules = UNREWARDED,
) -> dict[str, dict[str, Any]]:
    """The row of every person."""
    frame = satisfaction(
        engine.frame(touches, TOUCHES),
        engine.frame(refunds, QUALITY_REFUNDS),
        engine.frame(told, TOLD),
        engine.frame(buyers, BUYERS),
        as_of_day=as_of,
        rules=rules,
    )
    return {row["person_id"]: row for row in rows(frame)}


def state(engine: Engine, *touches: dict[str, Any], **more: Any) -> str | None:
    """The code of person a, None where there is no row."""
    row = found(engine, *touches, **more).get("a")
    return None if row is None else str(row["satisfaction"])


def said(kind: str, value: str, day: int = AS_OF) -> dict[str, Any]:
    return touch("a", kind, day, value)


def case(day: int, ended: int | None = None, value: str = "complaint") -> dict[str, Any]:
    return touch("a", "case", day, value, ended_day=ended)


def refund(day: int, reason: str | None = "quality") -> dict[str, Any]:
    return {"person_id": "a", "order_id": "o", "refunded_day": day, "reason": reason}


def repeater(day: int, first: int = 1) -> list[dict[str, Any]]:
    return [{"person_id": "a", "purchases": 2, "first_purchase_day": first, "last_purchase_day": day}]


READINGS = {
    "expectation": {"worse": BAD, "as": FAIR, "better": GOOD, "6": None},
    "nps": {
        **{str(score): BAD for score in range(5)},
        **{str(score): FAIR for score in range(5, 9)},
        **{"9": GOOD, "10": GOOD, "11": None, "-1": None},
    },
    "stars": {"0": None, "1": BAD, "2": BAD, "3": FAIR, "4": FAIR, "5": GOOD, "6": None},
}


def test_every_answer_reads_as_the_rules_say(engine: Engine) -> None:
    answers = [(kind, value) for kind, values in READINGS.items() for value in values]
    read = found(engine, *(touch(f"{kind} {value}", kind, AS_OF, value) for kind, value in answers))
    for kind, value in answers:
        row, expected = read.get(f"{kind} {value}"), READINGS[kind][value]
        assert (row and row["satisfaction"]) == expected, (kind, value)
        if row:
            strength = "explicit" if kind == "expectation" else "score"
            assert (row["evidence"], row["strength"], row["evidence_day"]) == (kind, strength, AS_OF)
            assert row["answered"] and row["expires_day"] == AS_OF + 365


def test_the_bounds_of_nps_are_the_merchants(engine: Engine) -> None:
    answers = [touch(str(score), "nps", AS_OF, str(score)) for score in range(11)]
    read = found(engine, *answers, rules=SatisfactionRules(nps_low=6, nps_high=10))
    states = [read[str(score)]["satisfaction"] for score in range(11)]
    assert states == [BAD] * 7 + [FAIR] * 3 + [GOOD]


def test_silence_is_no_satisfaction(engine: Engine) -> None:
    assert found(engine, touch("a", "activity", AS_OF)) == {}
    assert state(engine, buyers=repeater(AS_OF, first=AS_OF)) is None


def test_evidence_counts_for_365_days_its_own_included(engine: Engine) -> None:
    answer = said("expectation", "better", 1_000)
    assert state(engine, answer, as_of=1_364) == GOOD
    row = found(engine, answer, as_of=1_365)["a"]
    assert (row["satisfaction"], row["evidence"], row["answered"]) == ("unknown", None, False)
    assert state(engine, answer, as_of=999) is None


def test_on_one_day_the_item_outweighs_the_score_and_the_score_the_complaint(engine: Engine) -> None:
    better, low, stars, complaint = (
        said("expectation", "better"),
        said("nps", "0"),
        said("stars", "5"),
        case(AS_OF),
    )
    assert state(engine, better, low, complaint) == GOOD
    assert state(engine, stars, complaint) == GOOD
    assert state(engine, low, stars) == BAD, "of two scores on one day the less favourable"


def test_a_newer_answer_wins_over_an_older_one_whatever_its_kind(engine: Engine) -> None:
    assert state(engine, said("expectation", "worse", 1_900), said("nps", "9", 1_901)) == GOOD
    assert state(engine, said("stars", "5", 1_900), said("expectation", "as", 1_901)) == FAIR


def test_a_newer_complaint_makes_dissatisfied_and_a_newer_answer_unmakes_it(engine: Engine) -> None:
    delight = said("expectation", "better", 1_900)
    assert state(engine, delight, case(1_901)) == BAD
    assert state(engine, delight, refunds=[refund(1_901)]) == BAD
    assert state(engine, delight, touch("a", "quality_return", 1_901, "DEFECTIVE")) == BAD
    assert state(engine, delight, case(1_899)) == GOOD
    assert found(engine, delight, case(1_899))["a"]["open_complaint_day"] is None


def test_a_refund_for_another_reason_is_the_shops_fault(engine: Engine) -> None:
    assert state(engine, refunds=[refund(1_900, None), refund(1_900, "inventory")]) is None


def test_only_a_case_of_a_complaint_is_evidence(engine: Engine) -> None:
    assert state(engine, case(1_900, value="other")) in (None, "unknown")
    assert state(engine, case(1_900)) == BAD


def test_a_closed_complaint_with_no_later_word_is_unknown_and_recovered(engine: Engine) -> None:
    row = found(engine, said("nps", "10", 1_800), case(1_900, ended=1_950))["a"]
    assert (row["satisfaction"], row["recovered"], row["recovered_day"]) == ("unknown", True, 1_950)
    assert (row["open_complaint_day"], row["evidence_day"]) == (None, 1_900)
    assert state(engine, case(1_900, ended=1_950), as_of=1_949) == BAD, "closed later is not closed yet"
    assert state(engine, case(1_900, ended=1_950), as_of=1_950) == "unknown"


def test_a_complaint_is_recovered_on_the_day_its_own_case_was_closed(engine: Engine) -> None:
    row = found(engine, case(1_900, ended=1_950), case(1_910, ended=1_960, value="other"))["a"]
    assert (row["recovered"], row["recovered_day"]) == (True, 1_950)


def test_repeat_buying_does_not_speak_for_who_was_recovered(engine: Engine) -> None:
    assert state(engine, case(1_900, ended=1_950), buyers=repeater(1_990)) == "unknown"


def test_recovery_stays_visible_under_a_later_word(engine: Engine) -> None:
    row = found(engine, case(1_900, ended=1_950), said("stars", "5", 1_960))["a"]
    assert (row["satisfaction"], row["recovered"], row["recovered_day"]) == (GOOD, True, 1_950)


def test_an_answer_is_closed_by_a_case_closed_later_and_a_refund_by_one_of_that_day(engine: Engine) -> None:
    worse, other = said("expectation", "worse", 1_900), case(1_880, ended=1_900, value="other")
    assert state(engine, worse, other) == BAD, "the answer may well be about how it was closed"
    assert state(engine, worse, other | {"ended_day": 1_901}) == "unknown"
    assert state(engine, other, refunds=[refund(1_900)]) == "unknown", "the refund is how it was closed"


def test_a_complaint_is_not_closed_while_another_waits(engine: Engine) -> None:
    both = case(1_880), case(1_900, ended=1_901)
    row = found(engine, *both)["a"]
    assert (row["satisfaction"], row["recovered"], row["open_complaint_day"]) == (BAD, False, 1_900)
    assert state(engine, *both, said("nps", "7", 1_890)) == "unknown", "the first was answered for"
    assert state(engine, case(1_900 - 365), case(1_900, ended=1_901)) == "unknown"
    assert state(engine, case(1_900 - 364), case(1_900, ended=1_901)) == BAD


def test_unrewarded_word_of_mouth_delights_and_rewarded_says_nothing(engine: Engine) -> None:
    told = [{"person_id": "a", "day": 1_900}]
    row = found(engine, told=told)["a"]
    assert (row["satisfaction"], row["strength"], row["answered"]) == (GOOD, "word_of_mouth", False)
    assert state(engine, told=told, rules=SatisfactionRules()) is None
    assert state(engine, said("stars", "5"), rules=SatisfactionRules()) == GOOD


def test_a_rewarded_review_of_five_stars_is_no_evidence_but_a_bad_one_is(engine: Engine) -> None:
    rules = SatisfactionRules(reviews_rewarded=True)
    assert state(engine, said("stars", "5"), rules=rules) is None
    assert state(engine, said("stars", "1"), rules=rules) == BAD


def test_word_of_mouth_lifts_the_satisfied_and_the_recovered_but_no_open_complaint(engine: Engine) -> None:
    told = [{"person_id": "a", "day": 1_950}]
    assert state(engine, said("expectation", "as", 1_940), told=told) == GOOD
    assert state(engine, said("expectation", "as", 1_950), told=told) == FAIR
    assert state(engine, case(1_900, ended=1_940), told=told) == GOOD
    assert state(engine, case(1_900, ended=1_950), told=told) == "unknown"
    assert state(engine, case(1_900), told=told) == BAD


def test_several_orders_of_one_day_are_no_repeat_buying(engine: Engine) -> None:
    assert state(engine, buyers=repeater(1_950, first=1_950)) is None
    assert state(engine, buyers=repeater(1_950, first=1_949)) == FAIR


def test_repeat_buying_is_at_most_satisfied(engine: Engine) -> None:
    row = found(engine, buyers=repeater(1_950))["a"]
    assert (row["satisfaction"], row["evidence"], row["evidence_day"]) == (FAIR, "repeat", 1_950)
    assert state(engine, said("expectation", "worse", 1_700), buyers=repeater(1_950)) == BAD
    assert state(engine, buyers=repeater(AS_OF - 365)) is None


# ---- the definition in plain Python

ORDER = {"expectation": 3, "nps": 2, "stars": 2, "case": 1, "quality_return": 1, "quality_refund": 1}
PLACE = {"quality_refund": 0, "quality_return": 1, "case": 2, "stars": 3, "nps": 4, "expectation": 5}
SAYS = {BAD: 2, FAIR: 1, GOOD: 0}


def reading(kind: str, value: str | None, rules: SatisfactionRules) -> str | None:
    if kind == "expectation":
        return {"worse": BAD, "as": FAIR, "better": GOOD}.get(value or "")
    if kind == "nps":
        score = int(value) if value and value.isdigit() else 99
        return (
            None
            if score > 10
            else BAD
            if score <= rules.nps_low
            else GOOD
            if score >= rules.nps_high
            else FAIR
        )
    if kind == "stars":
        return {"1": BAD, "2": BAD, "3": FAIR, "4": FAIR, "5": GOOD}.get(value or "")
    if kind == "case":
        return BAD if value == "complaint" else None
    return BAD if kind in ("quality_return", "quality_refund") else None


@dataclass
class World:
    """Everything that happened."""

    touches: list[dict[str, Any]]
    refunds: list[dict[str, Any]]
    told: list[dict[str, Any]]
    buyers: list[dict[str, Any]]

    def of(self, person: str, as_of: int) -> World:
        """What one person did until a day."""
        return World(
            seen_by([one for one in self.touches if one["person_id"] == person], as_of),
            [one for one in self.refunds if one["person_id"] == person and one["refunded_day"] <= as_of],
            [one for one in self.told if one["person_id"] == person and one["day"] <= as_of],
            [one for one in self.buyers if one["person_id"] == person and one["last_purchase_day"] <= as_of],
        )


def told_evidence(mine: World, rules: SatisfactionRules) -> list[tuple[Any, ...]]:
    """(day, strength, how bad, open Case, number of the kind, what it says) of answers and complaints."""
    made = []
    for one in mine.touches:
        says = reading(one["kind"], one["value"], rules)
        if says is not None:
            is_open = one["kind"] == "case" and one["ended_day"] is None
            made.append((one["day"], ORDER[one["kind"]], SAYS[says], is_open, PLACE[one["kind"]], says))
    quality = [one["refunded_day"] for one in mine.refunds if one["reason"] == "quality"]
    return [*made, *((day, 1, 2, False, 0, BAD) for day in quality)]


def closed_on(mine: World, evidence: Any, complaint: Any, rules: SatisfactionRules) -> Any:
    """The day on which a complaint was closed."""
    day, strength, _, is_open, place, _ = complaint
    good = max((one[:2] for one in evidence if one[5] != BAD), default=(-1, 0))
    waiting = [one[0] for one in evidence if one[3] and one[0] > day - rules.days and one[:2] > good]
    if is_open or waiting:
        return None
    closings = [one for one in mine.touches if one["kind"] == "case" and one["ended_day"] is not None]
    if place == PLACE["case"]:
        return max(one["ended_day"] for one in closings if one["value"] == "complaint")
    least = day + (1 if strength > 1 else 0)
    return max((one["ended_day"] for one in closings if one["ended_day"] >= least), default=None)


def expected(mine: World, as_of: int, rules: SatisfactionRules) -> tuple[Any, ...]:
    """satisfaction, evidence_day, open_complaint_day, recovered, recovered_day, answered."""
    evidence = told_evidence(mine, rules)
    live = [one for one in evidence if as_of - one[0] < rules.days]
    complaints = [one for one in live if one[5] == BAD]
    closed = closed_on(mine, evidence, max(complaints), rules) if complaints else None
    tail = (closed is not None, closed, any(one[1] > 1 for one in live))
    words = [one["day"] for one in mine.told if as_of - one["day"] < rules.days and not rules.rewarded]
    if live:
        day, *_, says = max(live)
        if says == BAD and closed is None:
            return (BAD, day, day, *tail)
        after = closed if says == BAD else day
        if says != GOOD and words and max(words) > after:
            return (GOOD, max(words), None, *tail)
        return ("unknown" if says == BAD else says, day, None, *tail)
    if words:
        return (GOOD, max(words), None, *tail)
    again = [
        one["last_purchase_day"]
        for one in mine.buyers
        if one["last_purchase_day"] > one["first_purchase_day"]
    ]
    if again and as_of - again[0] < rules.days:
        return (FAIR, again[0], None, *tail)
    return ("unknown", None, None, *tail)


def world(seed: int) -> World:
    chance = random.Random(seed)
    refunds = [
        {
            "person_id": chance.choice(PEOPLE),
            "order_id": f"o{number}",
            "refunded_day": 1_000 + chance.randint(0, 60),
            "reason": chance.choice(["quality", None]),
        }
        for number in range(8)
    ]
    told = [{"person_id": chance.choice(PEOPLE), "day": 1_000 + chance.randint(0, 60)} for _ in range(12)]
    return World(touched(seed, KINDS), refunds, told, bought(seed))


def read(engine: Engine, made: World, as_of: int, rules: SatisfactionRules) -> dict[str, dict[str, Any]]:
    buyers = [one for one in made.buyers if one["last_purchase_day"] <= as_of]
    return found(
        engine,
        *made.touches,
        refunds=made.refunds,
        told=made.told,
        buyers=buyers,
        as_of=as_of,
        rules=rules,
    )


TOLD_COLUMNS = (
    "satisfaction",
    "evidence_day",
    "open_complaint_day",
    "recovered",
    "recovered_day",
    "answered",
)
NO_SIGN = ("unknown", None, None, False, None, False)


@examples(15)
@given(seed=SEEDS, ago=st.integers(0, 70), days=st.sampled_from([10, 25, 365]), rewarded=st.booleans())
def test_everybody_reads_as_the_definition_says(
    engines: list[Engine], seed: int, ago: int, days: int, rewarded: bool
) -> None:
    made, as_of, rules = world(seed), 1_070 - ago, SatisfactionRules(days=days, rewarded=rewarded)
    for engine in engines:
        told = read(engine, made, as_of, rules)
        for person in PEOPLE:
            row = told.get(person)
            got = tuple(row[name] for name in TOLD_COLUMNS) if row else NO_SIGN
            assert got == expected(made.of(person, as_of), as_of, rules), (person, row)


@examples(5)
@given(seed=SEEDS, ago=st.integers(0, 60))
def test_what_comes_after_as_of_is_not_seen(engines: list[Engine], seed: int, ago: int) -> None:
    made, as_of = world(seed), 1_060 - ago
    past = World(
        seen_by(made.touches, as_of),
        [one for one in made.refunds if one["refunded_day"] <= as_of],
        [one for one in made.told if one["day"] <= as_of],
        made.buyers,
    )
    for engine in engines:
        assert read(engine, past, as_of, UNREWARDED) == read(engine, made, as_of, UNREWARDED)


@pytest.mark.day_by_day
@examples(3)
@given(seed=SEEDS, days=st.sampled_from([15, 40]), rewarded=st.booleans())
def test_an_idle_day_changes_the_code_only_on_the_announced_day(
    engines: list[Engine], seed: int, days: int, rewarded: bool
) -> None:
    made, rules = world(seed), SatisfactionRules(days=days, rewarded=rewarded)
    made.touches = seen_by(made.touches, 1_060)
    before = read(engines[1], made, 1_080, rules)
    for day in range(1_081, 1_122):
        now = read(engines[1], made, day, rules)
        for person, was in before.items():
            became = now[person]["satisfaction"] if person in now else "unknown"
            assert was["satisfaction"] == became or was["expires_day"] == day, (person, was, became)
        before = now
