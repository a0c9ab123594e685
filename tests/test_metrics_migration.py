"""The matrix, the way to best and the moves of the months, held to every person's segment day by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median

from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_definition import Events, eventful
from metrics_engines import Engine
from metrics_frames import order, refund, rows
from metrics_portfolio import FIRST_DAY, bought_by, segments, spans_of
from plain_purchases import counted, days_of

from metrics.best_reach import BestReach, best_reach, best_reach_lines
from metrics.calendar import day_of, month_of
from metrics.migration import migration, migration_lines
from metrics.segment import TIERS
from metrics.segment_moves import segment_move_lines

SEEDS = st.integers(0, 2**32)


@examples(6)
@given(seed=SEEDS, from_day=st.integers(95, 170), later=st.integers(1, 60))
def test_the_matrix_counts_everybody_by_the_segments_of_both_days(
    engines: list[Engine], seed: int, from_day: int, later: int
) -> None:
    events, to_day = eventful(seed), from_day + later
    expected: Counter[tuple[str, str]] = Counter()
    for days in segments(events, to_day).values():
        was, now = days[from_day - FIRST_DAY], days[-1]
        if (was, now) != ("prospect", "prospect"):
            expected["new" if was == "prospect" else was, "gone" if now == "prospect" else now] += 1
    for engine in engines:
        for as_of in (to_day, to_day + 5):
            matrix = migration(spans_of(engine, events, as_of), from_day=from_day, to_day=to_day)
            found = {(row["from_segment"], row["to_segment"]): row["people"] for row in rows(matrix)}
            assert found == expected


def test_shares_are_of_the_row_and_the_new_and_gone_are_told(engines: list[Engine]) -> None:
    orders = [
        order("1", "a", 100, "1"),
        order("2", "b", 100, "1"),
        order("3", "c", 100, "1"),
        order("4", "a", 105, "1"),
        order("5", "d", 105, "1"),
    ]
    for engine in engines:
        spans = spans_of(engine, (orders, [refund("2", 104, "1")]), 106)
        lines = migration_lines(spans, from_day=101, to_day=106)
        assert {(line.name[10:], line.part): (line.value, line.base) for line in lines} == {
            ("people", "first_active>fledgling_active"): (1, 3),
            ("share", "first_active>fledgling_active"): (Decimal("0.3333"), 3),
            ("people", "first_active>first_active"): (1, 3),
            ("share", "first_active>first_active"): (Decimal("0.3333"), 3),
            ("people", "first_active>gone"): (1, 3),
            ("share", "first_active>gone"): (Decimal("0.3333"), 3),
            ("people", "new>first_active"): (1, 1),
            ("share", "new>first_active"): (1, 1),
        }


@examples(6)
@given(seed=SEEDS, as_of=st.integers(140, 190), horizon=st.integers(20, 60))
def test_new_to_best_counts_those_old_enough_who_got_there_in_time(
    engines: list[Engine], seed: int, as_of: int, horizon: int
) -> None:
    events = eventful(seed)
    times, people = [], 0
    firsts = {person: days[0] for person, days in days_of(counted(*events, as_of)).items()}
    for person, days in segments(events, as_of, best_spend="15").items():
        came = firsts.get(person)
        if came is None or came > as_of - horizon:
            continue
        people += 1
        entered = [
            FIRST_DAY + n
            for n, (before, now) in enumerate(pairwise(["prospect", *days]))
            if now.startswith("best") and (before != now) and FIRST_DAY + n >= came
        ]
        if entered and entered[0] - came <= horizon:
            times.append(entered[0] - came)
    for engine in engines:
        spans = spans_of(engine, events, as_of, best_spend="15")
        _, buyers = bought_by(engine, events, as_of)
        found = best_reach(spans, buyers, as_of_day=as_of, horizon_days=horizon)
        assert (found.people, found.reached) == (people, len(times))
        assert found.median_days == (Decimal(str(median(times))) if times else None)


def test_nobody_old_enough_is_no_rate_instead_of_all(engines: list[Engine]) -> None:
    for engine in engines:
        bought: Events = ([order("1", "a", 100, "99")], [])
        spans, (_, buyers) = spans_of(engine, bought, 120), bought_by(engine, bought, 120)
        rate, days = best_reach_lines(spans, buyers, as_of_day=120, horizon_days=21)
        assert (rate.value, rate.base, rate.part) == (None, 0, "21 days")
        assert (days.value, days.base) == (None, 0)
        rate, days = best_reach_lines(spans, buyers, as_of_day=120, horizon_days=20)
        assert (rate.value, rate.base, days.value) == (0, 1, None)


def test_the_time_to_best_begins_with_the_first_purchase_that_counts(engines: list[Engine]) -> None:
    # The first order of all was given back in full: tenure begins with the second, 210 days before best.
    kept = [order("1", "a", 1400, "40000"), order("2", "a", 1610, "40000")]
    given_back = [order("0", "a", 1000, "5"), *kept], [refund("0", 1003, "5")]
    for engine in engines:
        found: list[BestReach] = []
        for events in (given_back, (kept, [])):
            spans = spans_of(engine, events, 1800, best_spend="70000", steady_days=90, best_days=210)
            _, buyers = bought_by(engine, events, 1800)
            found.append(best_reach(spans, buyers, as_of_day=1800, horizon_days=365))
        assert found == [BestReach(1, 1, Decimal(210))] * 2


def test_a_best_segment_that_rested_on_returned_purchases_alone_was_not_reached(
    engines: list[Engine],
) -> None:
    bought = [order("0", "a", 100, "99"), order("1", "a", 150, "99"), order("2", "a", 160, "99")]
    events: Events = bought, [refund("0", 170, "99"), refund("1", 170, "99")]
    for engine in engines:
        spans = spans_of(engine, events, 300, best_spend="100", steady_days=10, best_days=20)
        _, buyers = bought_by(engine, events, 300)
        assert best_reach(spans, buyers, as_of_day=300, horizon_days=100) == BestReach(1, 0, None)


@examples(6)
@given(seed=SEEDS, as_of=st.integers(125, 230))
def test_moves_of_a_month_compare_its_end_with_the_end_of_the_month_before(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    events = eventful(seed)
    ends = {
        month: min(day_of(date(1970 + month // 12, month % 12 + 1, 1)) - 1, as_of) for month in range(1, 12)
    }
    ends = {
        month - 1 + 1970 * 12: end for month, end in ends.items() if month - 1 + 1970 * 12 <= month_of(as_of)
    }
    days = segments(events, as_of)
    expected = {}
    for month in sorted(ends):
        if month - 1 not in ends or ends[month - 1] < FIRST_DAY:
            continue
        pairs = [(told[ends[month - 1] - FIRST_DAY], told[ends[month] - FIRST_DAY]) for told in days.values()]
        was = [(TIERS.index(one.split("_")[0]), one, other) for one, other in pairs if one != "prospect"]
        raised = [TIERS.index(other.split("_")[0]) > tier for tier, _, other in was if tier < 5]
        left = [other.endswith("lapsed") for _, one, other in was if one.endswith("active")]
        expected[f"1970-{month - 1970 * 12 + 1:02}"] = (sum(raised), len(raised), sum(left), len(left))
    for engine in engines:
        lines = segment_move_lines(
            spans_of(engine, events, as_of), as_of_day=as_of, months=6, materialise=engine.materialise
        )
        found = defaultdict(dict)
        for line in lines:
            found[line.part][line.name] = line
        for part, counts in expected.items():
            raised, lapsed = found[part]["raised_people"], found[part]["lapsed_people"]
            assert (raised.value, raised.base, lapsed.value, lapsed.base) == counts
            tiers = [found[f"{part} {tier}"] for tier in TIERS[1:]]
            assert sum(one["lapsed_people"].value for one in tiers) == counts[2]
            assert sum(one["raised_people"].value for one in tiers[:-1]) == counts[0]
            assert found[part]["lapsed_share"].value is None or counts[3] > 0


def test_a_month_nobody_could_move_in_has_no_share(engines: list[Engine]) -> None:
    for engine in engines:
        spans = spans_of(engine, ([order("1", "a", 100, "5")], []), 110)
        lines = segment_move_lines(spans, as_of_day=110, months=2, materialise=engine.materialise)
        shares = {line.value for line in lines if line.name.endswith("share")}
        assert {line.part[:7] for line in lines} == {"1970-04"}
        assert shares == {None}


def test_so_many_months_are_told_as_are_asked_for_the_running_one_the_last(engines: list[Engine]) -> None:
    for engine in engines:
        spans = spans_of(engine, ([order("1", "a", 10, "5"), order("2", "a", 100, "5")], []), 200)
        for months, first in ((1, 7), (3, 5), (7, 1), (9, 1)):
            lines = segment_move_lines(spans, as_of_day=200, months=months, materialise=engine.materialise)
            told = {f"1970-{month:02}" for month in range(first, 8)}
            assert {line.part[:7] for line in lines} == told


def test_a_month_starts_with_the_people_of_the_end_of_the_month_before(engines: list[Engine]) -> None:
    for engine in engines:
        for as_of, expected in ((126, Decimal(0)), (127, Decimal(1))):
            spans = spans_of(engine, ([order("1", "a", 115, "5")], []), as_of)
            lines = segment_move_lines(spans, as_of_day=as_of, months=2, materialise=engine.materialise)
            may = {(line.name, line.part): (line.value, line.base) for line in lines}
            assert may["lapsed_share", "1970-05"] == (expected, 1)
            assert may["lapsed_people", "1970-05 first"] == (expected, 1)
            assert may["raised_share", "1970-05"] == (0, 1)
            assert may["lapsed_people", "1970-04"] == (0, 0)
