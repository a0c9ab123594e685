"""Every boundary of the segments in whole lives: exactly on it, and one day or one unit to either side.

Each case goes both ways: today's segment from the sums, and the open span of the history.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import pyarrow as pa
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, by_person, order, refund, rows

from metrics.lapse import lapses_day
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.segment import TIERS, Thresholds, segment, tier
from metrics.segment_spans import segment_spans
from metrics.tenure import tenure
from sync.edge import local_day

DAY = 10_000
"""The first purchase of every case."""
LIMITS = Thresholds(Decimal(70_000))
Rows = list[dict[str, Any]]


def segments(
    engine: Engine, orders: Rows, refunds: Rows, as_of: int, *, limits: Thresholds = LIMITS, unit: Any = "day"
) -> dict[str, str]:
    """The segment of everybody who ever bought, by both ways."""
    bought, back, rules = (
        engine.frame(orders, ORDERS),
        engine.frame(refunds, REFUNDS),
        PurchaseRules(unit=unit),
    )
    buyers = tenure(valid_purchases(bought, back, as_of_day=as_of, rules=rules), rules=rules)
    number = tier(nw.col("purchases"), nw.col("tenure_days"), nw.col("net_spend"), limits)
    lapsed = lapses_day(nw.col("last_purchase_day"), limits.lapse_days) <= as_of
    by_sums = by_person(buyers.select("person_id", code=segment(number, lapsed)), "code")
    spans = segment_spans(
        bought, back, as_of_day=as_of, rules=rules, thresholds=limits, materialise=engine.materialise
    )
    by_history = by_person(spans.filter(nw.col("until_day").is_null()), "segment")
    gone = {person for person, code in by_history.items() if code == "prospect"}
    assert by_sums == {person: code for person, code in by_history.items() if person not in gone}
    return by_history


def life(*purchases: tuple[int, str]) -> Rows:
    """Orders of one person, by days after the first and amounts."""
    return [order(str(n), "a", DAY + day, amount) for n, (day, amount) in enumerate(purchases)]


@pytest.mark.parametrize(
    ("purchases", "days_after_last", "expected"),
    [
        pytest.param([(0, "1")], 0, "first_active", id="bought today"),
        pytest.param([(0, "1")], 239, "first_active", id="r = L - 1"),
        pytest.param([(0, "1")], 240, "first_lapsed", id="r = L"),
        pytest.param([(0, "1")], 241, "first_lapsed", id="r = L + 1"),
        pytest.param([(0, "99"), (0, "1")], 0, "first_active", id="two orders on one day"),
        pytest.param([(0, "1"), (1, "1")], 0, "fledgling_active", id="t = 1"),
        pytest.param([(0, "1"), (89, "1")], 0, "fledgling_active", id="t = 89"),
        pytest.param([(0, "1"), (90, "1")], 0, "steady_active", id="second purchase on day 90"),
        pytest.param([(0, "1"), (91, "1")], 0, "steady_active", id="second purchase on day 91"),
        pytest.param([(0, "1"), (90, "1")], 239, "steady_active", id="r = L - 1 after day 90"),
        pytest.param([(0, "1"), (90, "1")], 241, "steady_lapsed", id="r = L + 1 after day 90"),
        pytest.param([(0, "1"), (90, "1")], 240, "steady_lapsed", id="r = L after day 90"),
        pytest.param([(0, "69999"), (90, "0.9999")], 0, "steady_active", id="m one unit below M, t = 90"),
        pytest.param([(0, "69999"), (90, "1")], 0, "trend_active", id="m = M, t = 90"),
        pytest.param([(0, "69999"), (89, "1")], 0, "fledgling_active", id="m = M, t = 89"),
        pytest.param([(0, "900000"), (60, "900000")], 0, "fledgling_active", id="much money in 60 days"),
        pytest.param([(0, "900000"), (89, "900000")], 0, "fledgling_active", id="much money in 89 days"),
        pytest.param([(0, "900000"), (90, "900000")], 0, "trend_active", id="much money in 90 days"),
        pytest.param([(0, "69999"), (91, "1")], 0, "trend_active", id="m = M, t = 91"),
        pytest.param([(0, "900000"), (0, "900000")], 0, "first_active", id="much money on one day"),
        pytest.param([(0, "69999"), (211, "1")], 241, "best_lapsed", id="m = M, t = 211, r = L + 1"),
        pytest.param([(0, "69999"), (209, "1")], 239, "trend_active", id="m = M, t = 209, r = L - 1"),
        pytest.param([(0, "69999"), (209, "1")], 240, "trend_lapsed", id="m = M, t = 209, r = L"),
        pytest.param([(0, "69999"), (210, "1")], 239, "best_active", id="m = M, t = 210"),
        pytest.param([(0, "69999"), (210, "1")], 240, "best_lapsed", id="m = M, t = 210, r = L"),
        pytest.param([(0, "69999"), (210, "0.9999")], 0, "steady_active", id="m below M, t = 210"),
        pytest.param([(0, "69999"), (211, "1.0001")], 0, "best_active", id="m above M, t = 211"),
    ],
)
def test_on_the_boundary_and_beside_it(
    engine: Engine, purchases: list[tuple[int, str]], days_after_last: int, expected: str
) -> None:
    as_of = DAY + max(day for day, _ in purchases) + days_after_last
    assert segments(engine, life(*purchases), [], as_of) == {"a": expected}


def test_two_orders_on_one_day_are_a_repeat_where_orders_are_counted(engine: Engine) -> None:
    assert segments(engine, life((0, "9"), (0, "1")), [], DAY, unit="order") == {"a": "fledgling_active"}


@pytest.mark.parametrize(("back", "expected"), [("0.0001", "steady_active"), ("0", "best_active")])
def test_a_refund_that_takes_the_spend_below_the_limit(engine: Engine, back: str, expected: str) -> None:
    lived = life((0, "69999"), (210, "1"))
    assert segments(engine, lived, [refund("0", DAY + 220, back)], DAY + 220) == {"a": expected}


def test_a_refund_after_as_of_is_not_known(engine: Engine) -> None:
    lived, back = life((0, "69999"), (210, "1")), [refund("0", DAY + 220, "1")]
    assert segments(engine, lived, back, DAY + 219) == {"a": "best_active"}
    assert segments(engine, lived, back, DAY + 220) == {"a": "steady_active"}


@pytest.mark.parametrize(
    ("second", "expected"),
    [(120, "fledgling_active"), (121, "fledgling_active"), (119, "steady_active")],
)
def test_a_full_refund_of_the_first_purchase_starts_the_tenure_at_the_second(
    engine: Engine, second: int, expected: str
) -> None:
    lived = life((0, "5"), (second, "5"), (209, "5"))
    assert segments(engine, lived, [], DAY + 209) == {"a": "steady_active"}
    assert segments(engine, lived, [refund("0", DAY + 209, "5")], DAY + 209) == {"a": expected}


def test_a_full_refund_of_the_only_purchase_makes_a_prospect(engine: Engine) -> None:
    assert segments(engine, life((0, "5")), [refund("0", DAY + 3, "5")], DAY + 3) == {"a": "prospect"}
    assert segments(engine, life((0, "5")), [refund("0", DAY + 3, "4.9999")], DAY + 3) == {
        "a": "first_active"
    }


@pytest.mark.parametrize(
    ("zone", "first_at", "second_at", "expected"),
    [
        ("Asia/Tokyo", "2026-01-01T00:00:00", "2026-03-31T23:59:59", "fledgling_active"),
        ("Asia/Tokyo", "2026-01-01T00:00:00", "2026-04-01T00:00:00", "steady_active"),
        # Across the night of 8 March, which is an hour short there.
        ("America/New_York", "2026-01-01T23:59:59", "2026-03-31T23:59:59", "fledgling_active"),
        ("America/New_York", "2026-01-01T23:59:59", "2026-04-01T00:00:00", "steady_active"),
    ],
)
def test_an_order_just_before_local_midnight_belongs_to_the_day_that_ends(
    engine: Engine, zone: str, first_at: str, second_at: str, expected: str
) -> None:
    place = ZoneInfo(zone)
    first, second = (
        local_day(datetime.fromisoformat(at).replace(tzinfo=place).astimezone(ZoneInfo("UTC")), place)[1]
        for at in (first_at, second_at)
    )
    assert segments(engine, [order("0", "a", first, "1"), order("1", "a", second, "1")], [], second) == {
        "a": expected
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "best_active"),
        ({"best_spend": Decimal("70000.0001")}, "steady_active"),
        ({"best_days": 211}, "trend_active"),
        ({"steady_days": 211, "best_days": 211}, "fledgling_active"),
        ({"lapse_days": 10}, "best_lapsed"),
        ({"lapse_days": 11}, "best_active"),
    ],
    ids=str,
)
def test_other_thresholds_move_people_and_nothing_else_does(
    engine: Engine, change: dict[str, Any], expected: str
) -> None:
    lived = life((0, "69999"), (210, "1"))
    assert segments(engine, lived, [], DAY + 220, limits=replace(LIMITS, **change)) == {"a": expected}


@pytest.mark.parametrize(
    ("apart", "expected"),
    [(0, "first_active"), (89, "fledgling_active"), (90, "steady_active"), (240, "steady_active")],
)
def test_two_one_time_buyers_joined_are_one_repeater(engine: Engine, apart: int, expected: str) -> None:
    one, other = order("0", "a", DAY, "1"), order("1", "b", DAY + apart, "1")
    before = "first_lapsed" if apart == 240 else "first_active"
    assert segments(engine, [one, other], [], DAY + apart) == {"a": before, "b": "first_active"}
    assert segments(engine, [one, other | {"person_id": "a"}], [], DAY + apart) == {"a": expected}


STANDING = pa.schema({"n": pa.int64(), "t": pa.int64(), "m": pa.decimal128(38, 4)})
AROUND = {
    "n": [1, 2, 3],
    "t": [0, 1, 89, 90, 91, 209, 210, 211],
    "m": [Decimal(one) for one in ("0.0001", "69999.9999", "70000", "70000.0001")],
}


@examples(60)
@given(
    less=st.tuples(*(st.sampled_from(values) for values in AROUND.values())),
    more=st.tuples(*(st.sampled_from(values) for values in AROUND.values())),
)
def test_more_purchases_more_tenure_and_more_spend_never_lower_the_tier(
    engine: Engine, less: tuple[Any, ...], more: tuple[Any, ...]
) -> None:
    """Monotone: n, t and m each at least as large give a tier at least as high (first to best)."""
    most = tuple(max(pair) for pair in zip(less, more, strict=True))
    both = engine.frame(
        [dict(zip(STANDING.names, one, strict=True)) for one in (less, most)], STANDING
    ).with_columns(tier=tier(nw.col("n"), nw.col("t"), nw.col("m"), LIMITS))
    tiers = {(row["n"], row["t"], row["m"]): row["tier"] for row in rows(both)}
    assert 1 <= tiers[less] <= tiers[most] < len(TIERS)
