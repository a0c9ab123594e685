"""The spans are the definition evaluated at every day, nothing else."""

from __future__ import annotations

import itertools

from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_definition import eventful
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, by_person, order, refund, rows
from metrics_portfolio import bought_by, segments, small_thresholds, spans_of, unrolled

from metrics.purchases import PurchaseRules
from metrics.segment_history import segment_since
from metrics.segment_spans import segments_on


@examples(12)
@given(seed=st.integers(0, 2**32), as_of=st.integers(110, 200), unit=st.sampled_from(["day", "order"]))
def test_they_equal_recomputing_every_day(engines: list[Engine], seed: int, as_of: int, unit: str) -> None:
    events = eventful(seed)
    expected = segments(events, as_of, unit)
    for engine in engines:
        spans = spans_of(engine, events, as_of, unit)
        assert unrolled(spans, as_of) == expected
        day = (110 + as_of) // 2
        on_the_day = {person: told[day - 90] for person, told in expected.items()}
        buyers = {person: told for person, told in on_the_day.items() if told != "prospect"}
        assert by_person(segments_on(spans, day), "segment") == buyers


@examples(8)
@given(seed=st.integers(0, 2**32), as_of=st.integers(110, 200))
def test_they_are_gapless_and_change_at_every_turn_and_the_open_one_starts_on_segment_since(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    events = eventful(seed)
    for engine in engines:
        found = rows(spans_of(engine, events, as_of))
        found.sort(key=lambda row: (row["person_id"], row["from_day"]))
        for row, following in itertools.pairwise(found):
            if row["person_id"] == following["person_id"]:
                assert row["until_day"] == following["from_day"] > row["from_day"]
                assert row["segment"] != following["segment"]
            else:
                assert row["until_day"] is None
        _, buyers = bought_by(engine, events, as_of)
        since = segment_since(
            engine.frame(events[0], ORDERS),
            engine.frame(events[1], REFUNDS),
            buyers,
            as_of_day=as_of,
            rules=PurchaseRules(),
            thresholds=small_thresholds(),
            materialise=engine.materialise,
        )
        still = [row for row in found if row["until_day"] is None and row["segment"] != "prospect"]
        assert by_person(since, "segment_since_day") == {row["person_id"]: row["from_day"] for row in still}


def test_they_know_nothing_of_later_events(engines: list[Engine]) -> None:
    orders, refunds = eventful(7)
    known = [
        one | {"cancelled_day": one["cancelled_day"] if (one["cancelled_day"] or 999) <= 130 else None}
        for one in orders
        if one["ordered_day"] <= 130
    ]
    returned = [one for one in refunds if one["refunded_day"] <= 130]
    for engine in engines:
        past = rows(spans_of(engine, (orders, refunds), 130))
        assert past == rows(spans_of(engine, (known, returned), 130))


def test_who_lost_every_purchase_is_a_prospect_again_and_comes_back_as_first(engines: list[Engine]) -> None:
    never = order("3", "b", 100, "1", cancelled_day=100)
    orders = [order("1", "a", 100, "10"), order("2", "a", 120, "10"), never]
    events = orders, [refund("1", 105, "10")]
    for engine in engines:
        found = [
            (row["person_id"], row["from_day"], row["until_day"], row["segment"])
            for row in rows(spans_of(engine, events, 140))
        ]
        assert found == [
            ("a", 100, 105, "first_active"),
            ("a", 105, 120, "prospect"),
            ("a", 120, 132, "first_active"),
            ("a", 132, None, "first_lapsed"),
        ]
