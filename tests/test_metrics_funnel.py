"""The funnel: evidence by evidence, the definition once more in plain Python, and conversion by cohort."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import rows
from metrics_touches import BUYERS, KNOWN, PEOPLE, TOUCHES, bought, seen_by, touch, touched

from metrics.calendar import day_of
from metrics.funnel import funnel
from metrics.funnel_shop import funnel_cohorts, funnel_lines
from metrics.funnel_signs import EVIDENCE, STAGES
from metrics.shop_line import ShopLine

KINDS = (
    "consent",
    "campaign_sent",
    "campaign_response",
    "abandoned_checkout",
    "draft_order",
    "invoice_sent",
    "lead",
    "opportunity",
    "opportunity_stage",
    "nps",
)
SEEDS = st.integers(0, 2**32)


def found(
    engine: Engine,
    touches: Any,
    *,
    people: Any = PEOPLE,
    buyers: Any = (),
    as_of: int = 2_000,
    known: Any = 990,
) -> dict[str, dict[str, Any]]:
    frame = funnel(
        engine.frame([{"person_id": person, "known_day": known} for person in people], KNOWN),
        engine.frame(touches, TOUCHES),
        engine.frame(buyers, BUYERS),
        as_of_day=as_of,
        materialise=engine.materialise,
    )
    return {row["person_id"]: row for row in rows(frame)}


ONE_TOUCH = {
    ("campaign_sent", None, None): ("attention", "known", 990),
    ("lead", "new", None): ("attention", "known", 990),
    ("lead", "closed", None): ("attention", "known", 990),
    ("consent", "unsubscribed", None): ("attention", "known", 990),
    ("consent", "invalid", None): ("attention", "known", 990),
    ("consent", "opted_out", None): ("attention", "known", 990),
    ("nps", "10", None): ("attention", "known", 990),
    ("consent", "subscribed", None): ("interest", "consent", 1_500),
    ("consent", "pending", None): ("interest", "consent", 1_500),
    ("campaign_response", None, None): ("interest", "campaign_response", 1_500),
    ("lead", "working", None): ("interest", "lead_working", 1_500),
    ("abandoned_checkout", None, None): ("desire", "abandoned_checkout", 1_500),
    ("abandoned_checkout", None, 2_001): ("desire", "abandoned_checkout", 1_500),
    ("abandoned_checkout", None, 2_000): ("attention", "known", 990),
    ("draft_order", None, None): ("desire", "draft_order", 1_500),
    ("draft_order", None, 1_600): ("attention", "known", 990),
    ("opportunity", "open", None): ("desire", "opportunity", 1_500),
    ("opportunity", "lost", 1_600): ("desire", "opportunity", 1_500),
    ("opportunity", "won", 2_001): ("desire", "opportunity", 1_500),
    ("opportunity", "proposal", None): ("memory", "proposal", 1_500),
    ("opportunity_stage", "proposal", None): ("memory", "proposal", 1_500),
    ("opportunity", "won", 2_000): ("memory", "opportunity_won", 2_000),
    ("opportunity", "won", 1_600): ("memory", "opportunity_won", 1_600),
    ("invoice_sent", None, None): ("memory", "invoice_sent", 1_500),
    ("lead", "converted", 1_600): ("memory", "lead_converted", 1_600),
    ("lead", "converted", 2_001): ("attention", "known", 990),
}


def test_every_kind_of_evidence_reaches_its_stage(engine: Engine) -> None:
    names = {f"{kind} {value} {ended}": (kind, value, ended) for kind, value, ended in ONE_TOUCH}
    touches = [touch(name, kind, 1_500, value, ended_day=end) for name, (kind, value, end) in names.items()]
    read = found(engine, touches, people=names)
    for name, which in names.items():
        row = read[name]
        assert (row["funnel_stage"], row["funnel_evidence"], row["funnel_day"]) == ONE_TOUCH[which], name
        assert row["entered_day"] == 990


def test_a_purchase_alone_is_action_and_a_conversion_without_one_is_not(engine: Engine) -> None:
    buyer = {"person_id": "a", "first_purchase_day": 1_700, "last_purchase_day": 1_800, "purchases": 2}
    touches = [touch("a", "lead", 1_500, "converted", ended_day=1_600)]
    row = found(engine, touches, people=["a"], buyers=[buyer])["a"]
    assert (row["funnel_stage"], row["funnel_evidence"], row["funnel_day"]) == ("action", "purchase", 1_700)


def test_memory_needs_a_second_checkout_on_a_later_day_than_the_first_sign_of_desire(engine: Engine) -> None:
    touches = [
        touch("twice a day", "abandoned_checkout", 1_500),
        touch("twice a day", "abandoned_checkout", 1_500),
        touch("later", "abandoned_checkout", 1_500),
        touch("later", "abandoned_checkout", 1_503),
        touch("later", "abandoned_checkout", 1_509),
        touch("bought", "abandoned_checkout", 1_500),
        touch("bought", "abandoned_checkout", 1_503, ended_day=1_503),
        touch("draft first", "draft_order", 1_500),
        touch("draft first", "abandoned_checkout", 1_501),
        touch("draft later", "abandoned_checkout", 1_500),
        touch("draft later", "draft_order", 1_501),
    ]
    people = sorted({one["person_id"] for one in touches})
    read = found(engine, touches, people=people)
    assert {person: row["funnel_stage"] for person, row in read.items()} == {
        "twice a day": "desire",
        "later": "memory",
        "bought": "desire",
        "draft first": "memory",
        "draft later": "desire",
    }
    assert (read["later"]["funnel_evidence"], read["later"]["funnel_day"]) == ("second_checkout", 1_503)


def test_an_exit_stands_until_a_newer_sign(engine: Engine) -> None:
    out = touch("a", "consent", 1_500, "unsubscribed")
    cases: list[tuple[list[dict[str, Any]], Any]] = [
        ([out], ("unsubscribed", 1_500)),
        ([touch("a", "consent", 1_500, "redacted")], ("unsubscribed", 1_500)),
        ([out, touch("a", "abandoned_checkout", 1_500)], ("unsubscribed", 1_500)),
        ([out, touch("a", "abandoned_checkout", 1_501)], (None, None)),
        ([out, touch("a", "campaign_sent", 1_501)], ("unsubscribed", 1_500)),
        ([touch("a", "opportunity", 1_400, "lost", ended_day=1_500)], ("opportunity_lost", 1_500)),
        ([touch("a", "opportunity", 1_400, "lost", ended_day=2_001)], (None, None)),
        ([touch("a", "opportunity", 1_400, "lost", ended_day=2_000)], ("opportunity_lost", 2_000)),
        ([touch("a", "lead", 1_400, "closed", ended_day=1_500)], ("lead_closed", 1_500)),
        ([out, touch("a", "lead", 1_400, "converted", ended_day=1_501)], (None, None)),
    ]
    touches = [one | {"person_id": str(number)} for number, (some, _) in enumerate(cases) for one in some]
    read = found(engine, touches, people=[str(number) for number in range(len(cases))])
    for number, (_, expected) in enumerate(cases):
        row = read[str(number)]
        assert (row["exit_evidence"], row["exit_day"]) == expected, number
        assert row["exited"] == (expected[0] is not None)


def test_a_refusal_that_nobody_dates_is_in_force_now_whatever_came_after_the_record(engine: Engine) -> None:
    response, working = touch("a", "campaign_response", 1_900), touch("a", "lead", 1_900, "working")
    won = touch("a", "opportunity", 1_000, "won", ended_day=1_900)
    out, closed = touch("a", "consent", 1_400, "opted_out"), touch("a", "lead", 1_400, "closed")
    cases: list[tuple[list[dict[str, Any]], Any]] = [
        ([out], ("unsubscribed", None)),
        ([out, response], ("unsubscribed", None)),
        ([out, working, touch("a", "consent", 1_900, "subscribed")], ("unsubscribed", None)),
        ([closed], ("lead_closed", None)),
        ([closed, response, touch("a", "abandoned_checkout", 1_950), won], ("lead_closed", None)),
        ([closed, working], (None, None)),
        ([closed, touch("a", "opportunity", 1_300, "open")], (None, None)),
        ([closed, touch("a", "opportunity", 1_300, "won", ended_day=2_001)], (None, None)),
        ([closed, out, response], ("unsubscribed", None)),
        ([out, touch("a", "consent", 1_950, "unsubscribed"), response], ("unsubscribed", 1_950)),
        ([touch("a", "consent", 2_001, "opted_out")], (None, None)),
    ]
    touches = [one | {"person_id": str(number)} for number, (some, _) in enumerate(cases) for one in some]
    read = found(engine, touches, people=[str(number) for number in range(len(cases))])
    for number, (_, expected) in enumerate(cases):
        row = read[str(number)]
        assert (row["exit_evidence"], row["exit_day"]) == expected, number
        assert row["exited"] == (expected[0] is not None)


def test_who_bought_has_not_left_by_a_lead_that_was_closed_but_by_refusing_mail(engine: Engine) -> None:
    buyer = {"person_id": "a", "first_purchase_day": 1_000, "last_purchase_day": 1_000, "purchases": 1}
    for kind, value, left in (("lead", "closed", False), ("consent", "opted_out", True)):
        row = found(engine, [touch("a", kind, 1_400, value)], people=["a"], buyers=[buyer])["a"]
        assert row["exited"] == left


def test_a_proposal_once_made_counts_on_its_day_although_the_opportunity_is_lost(engine: Engine) -> None:
    touches = [
        touch("a", "opportunity", 1_400, "lost", ended_day=1_900),
        touch("a", "opportunity_stage", 1_600, "proposal"),
    ]
    for as_of, stage, day, left in (
        (2_000, "memory", 1_600, True),
        (1_899, "memory", 1_600, False),
        (1_599, "desire", 1_400, False),
    ):
        row = found(engine, touches, people=["a"], as_of=as_of)["a"]
        assert (row["funnel_stage"], row["funnel_day"], row["exited"]) == (stage, day, left)


def test_a_purchase_is_a_newer_sign(engine: Engine) -> None:
    buyer = {"person_id": "a", "first_purchase_day": 1, "last_purchase_day": 1_501, "purchases": 2}
    out = [touch("a", "consent", 1_500, "unsubscribed")]
    assert not found(engine, out, people=["a"], buyers=[buyer])["a"]["exited"]
    assert found(engine, out, people=["a"], buyers=[buyer | {"last_purchase_day": 1_500}])["a"]["exited"]


# ---- the definition in plain Python


def evidence(one: dict[str, Any]) -> tuple[str, int] | None:
    """Kind and day of what a touch, as known then, is evidence of."""
    kind, value, day, ended = one["kind"], one["value"], one["day"], one["ended_day"]
    told = {
        ("consent", "subscribed"): ("consent", day),
        ("consent", "pending"): ("consent", day),
        ("lead", "working"): ("lead_working", day),
        ("opportunity", "proposal"): ("proposal", day),
        ("opportunity_stage", "proposal"): ("proposal", day),
    }
    if kind in ("abandoned_checkout", "draft_order"):
        return None if ended else (kind, day)
    if kind in ("campaign_response", "invoice_sent"):
        return (kind, day)
    if (kind, value) in (("lead", "converted"), ("opportunity", "won")):
        return ("lead_converted" if kind == "lead" else "opportunity_won", ended or day)
    return told.get((kind, value), ("opportunity", day) if kind == "opportunity" else None)


def expected(person: str, touches: Any, buyers: Any, as_of: int) -> tuple[Any, ...]:
    """stage, evidence, day, exited, exit day."""
    mine = []
    for one in touches:
        if one["person_id"] == person and one["day"] <= as_of:
            over = one["ended_day"] is None or one["ended_day"] <= as_of
            if not over and one["value"] in ("won", "lost", "converted", "closed"):
                one = one | {"value": "open" if one["kind"] == "opportunity" else "new"}  # noqa: PLW2901
            mine.append(one if over else one | {"ended_day": None})
    signs = [found for one in mine if (found := evidence(one))]
    desires = [one["day"] for one in mine if one["kind"] == "opportunity"]
    desires += [day for kind, day in signs if kind in ("abandoned_checkout", "draft_order")]
    later = [day for kind, day in signs if kind == "abandoned_checkout" and day > min(desires)]
    everything = [*signs, *(("opportunity", one["day"]) for one in mine if one["kind"] == "opportunity")]
    everything += [("second_checkout", day) for day in later] + [("known", 990)]
    purchases = [one for one in buyers if one["person_id"] == person]
    everything += [("purchase", one["first_purchase_day"]) for one in purchases]
    stage = max(STAGES.index(code) for kind, _ in everything for code in STAGES if kind in EVIDENCE[code])
    kinds = EVIDENCE[STAGES[stage]]
    day, place = min((day, kinds.index(kind)) for kind, day in everything if kind in kinds)
    exits = [
        one["day"]
        for one in mine
        if one["kind"] == "consent" and one["value"] in ("unsubscribed", "redacted")
    ]
    exits += [
        one["ended_day"] or one["day"]
        for one in mine
        if (one["kind"], one["value"]) == ("opportunity", "lost")
        or ((one["kind"], one["value"]) == ("lead", "closed") and one["ended_day"])
    ]
    newest = max(
        [day for kind, day in everything if kind != "known"]
        + [one["last_purchase_day"] for one in purchases],
        default=0,
    )
    then = bool(exits) and newest <= max(exits)
    states = {(one["kind"], one["value"]) for one in mine if not one["ended_day"]}
    tried = bool(purchases or states & {("opportunity", "open"), ("opportunity", "proposal")})
    tried |= any((one["kind"], one["value"]) == ("lead", "working") for one in mine)
    over = ("lead", "closed") in states and not tried
    exited = then or over or ("consent", "opted_out") in states
    return (STAGES[stage], kinds[place], day, exited, max(exits) if then else None)


@examples(12)
@given(seed=SEEDS, ago=st.integers(0, 70))
def test_everybody_stands_where_the_definition_says(engines: list[Engine], seed: int, ago: int) -> None:
    touches, as_of = touched(seed, KINDS), 1_070 - ago
    buyers = [one for one in bought(seed) if one["last_purchase_day"] <= as_of]
    for engine in engines:
        read = found(engine, touches, buyers=buyers, as_of=as_of)
        for person in PEOPLE:
            row = read[person]
            got = tuple(
                row[name] for name in ("funnel_stage", "funnel_evidence", "funnel_day", "exited", "exit_day")
            )
            assert got == expected(person, touches, buyers, as_of), person


@examples(6)
@given(seed=SEEDS, kept=st.integers(0, 120))
def test_more_evidence_never_takes_a_stage_away(engines: list[Engine], seed: int, kept: int) -> None:
    touches = touched(seed, KINDS)
    for engine in engines[1:]:
        less, more = found(engine, touches[:kept]), found(engine, touches)
        for person in PEOPLE:
            stages = [STAGES.index(read[person]["funnel_stage"]) for read in (less, more)]
            assert stages == sorted(stages)


@examples(6)
@given(seed=SEEDS, ago=st.integers(0, 60))
def test_what_comes_after_as_of_is_not_seen(engines: list[Engine], seed: int, ago: int) -> None:
    """But for the states of leads, which Salesforce keeps without a date. Of opportunities it keeps the day
    on which they were closed and, in their history, those on which they were at proposal."""
    as_of = 1_060 - ago
    touches = [dated(one) for one in touched(seed, KINDS) if one["kind"] != "lead"]
    before = [
        one | {"value": "open"} if one["value"] in ("won", "lost") and not one["ended_day"] else one
        for one in seen_by(touches, as_of)
    ]
    for engine in engines:
        assert found(engine, before, as_of=as_of) == found(engine, touches, as_of=as_of)


def dated(one: dict[str, Any]) -> dict[str, Any]:
    """An opportunity as the store tells of it: closed on a day or open, its proposals in its history."""
    if one["kind"] != "opportunity":
        return one
    closed = one["value"] in ("won", "lost")
    ended = (one["ended_day"] or one["day"] + 9) if closed else None
    return one | {"ended_day": ended, "value": one["value"] if closed else "open"}


# ---- the shop


def test_conversion_is_by_the_month_of_entry_and_skipped_stages_are_passed(engine: Engine) -> None:
    october, november = day_of(date(2026, 10, 31)), day_of(date(2026, 11, 1))
    touches = [
        touch("b", "consent", november, "subscribed"),
        touch("c", "abandoned_checkout", november),
        touch("e", "consent", november, "unsubscribed"),
    ]
    buyers = [
        {"person_id": "d", "first_purchase_day": november, "last_purchase_day": november, "purchases": 1}
    ]
    known = [{"person_id": person, "known_day": october} for person in "abde"]
    known += [{"person_id": "c", "known_day": None}, {"person_id": "f", "known_day": None}]
    stages = funnel(
        engine.frame(known, KNOWN),
        engine.frame(touches, TOUCHES),
        engine.frame(buyers, BUYERS),
        as_of_day=november + 10,
        materialise=engine.materialise,
    )
    lines = funnel_lines(funnel_cohorts(engine.materialise(stages), materialise=engine.materialise))
    assert ShopLine("funnel_conversion", "attention>interest", Decimal("0.5000"), 6) in lines
    assert ShopLine("funnel_conversion", "interest>desire", Decimal("0.6667"), 3) in lines
    assert ShopLine("funnel_conversion", "2026-10 attention>interest", Decimal("0.5000"), 4) in lines
    assert ShopLine("funnel_conversion", "2026-10 interest>desire", Decimal("0.5000"), 2) in lines
    assert ShopLine("funnel_conversion", "2026-10 memory>action", Decimal("1.0000"), 1) in lines
    assert ShopLine("funnel_conversion", "2026-11 memory>action", None, 0) in lines
    assert ShopLine("funnel_exits", "2026-10", Decimal("0.2500"), 4) in lines
    assert ShopLine("target", "", Decimal(2), 6) in lines  # e is there too, and left
    assert ShopLine("prospect", "", Decimal(1), 6) in lines
    counts = Counter(line.part for line in lines if line.name == "funnel_people")
    assert counts == Counter(STAGES)


def test_who_left_is_neither_target_nor_prospect_and_stays_at_their_stage(engine: Engine) -> None:
    touches = [
        touch("b", "consent", 110, "subscribed"),
        touch("c", "consent", 110, "subscribed"),
        touch("c", "lead", 111, "closed", ended_day=112),
        touch("d", "consent", 110, "opted_out"),
    ]
    known = [{"person_id": person, "known_day": 100} for person in "abcd"]
    stages = funnel(
        engine.frame(known, KNOWN),
        engine.frame(touches, TOUCHES),
        engine.frame([], BUYERS),
        as_of_day=120,
        materialise=engine.materialise,
    )
    lines = funnel_lines(funnel_cohorts(engine.materialise(stages), materialise=engine.materialise))
    found = {(line.name, line.part): (line.value, line.base) for line in lines}
    assert (found["target", ""], found["prospect", ""]) == ((1, 4), (1, 4)), "a; b"
    at = [found["funnel_people", stage][0] for stage in ("attention", "interest")]
    assert (at, found["funnel_exits", ""]) == ([2, 2], (Decimal("0.5"), 4))
