"""Expectation against evaluation: the definition once more in plain Python, and the laws of its days."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_touches import PEOPLE, bought, seen_by, touched
from satisfaction_rows import UNREWARDED, found

from metrics.evidence import SatisfactionRules

KINDS = ("expectation", "nps", "stars", "case", "quality_return", "abandoned_checkout")
SEEDS = st.integers(0, 2**32)
BAD, FAIR, GOOD = "dissatisfied", "satisfied", "delighted"
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


@examples(20)
@given(seed=SEEDS, days=st.sampled_from([15, 40]), rewarded=st.booleans(), first=st.integers(1_080, 1_116))
def test_an_idle_day_changes_the_code_only_on_the_announced_day(
    engines: list[Engine], seed: int, days: int, rewarded: bool, first: int
) -> None:
    made, rules = world(seed), SatisfactionRules(days=days, rewarded=rewarded)
    made.touches = seen_by(made.touches, 1_060)
    before = read(engines[1], made, first, rules)
    for day in range(first + 1, first + 7):
        now = read(engines[1], made, day, rules)
        for person, was in before.items():
            became = now[person]["satisfaction"] if person in now else "unknown"
            assert was["satisfaction"] == became or was["expires_day"] == day, (person, was, became)
        before = now
