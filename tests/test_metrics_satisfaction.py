"""Expectation against evaluation: the rules one by one."""

from __future__ import annotations

from typing import Any

from metrics_engines import Engine
from metrics_touches import touch
from satisfaction_rows import AS_OF, found

from metrics.evidence import SatisfactionRules

BAD, FAIR, GOOD = "dissatisfied", "satisfied", "delighted"


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
