"""The decision table, exactly on every boundary and one unit to either side."""

from __future__ import annotations

import itertools
from decimal import Decimal

import narwhals as nw
import pyarrow as pa
from metrics_engines import Engine
from metrics_frames import rows

from metrics.fields import SEGMENTS
from metrics.segment import Thresholds, segment, tier

STANDING = pa.schema(
    {"n": pa.int64(), "t": pa.int64(), "m": pa.decimal128(38, 4), "idle": pa.int64(), "expected": pa.string()}
)
THRESHOLDS = Thresholds(Decimal("70000"))
BELOW, AT = Decimal("69999.9999"), Decimal(70000)
TABLE = [
    (0, None, None, None, "prospect"),
    (None, None, None, None, "prospect"),
    (1, 0, AT, 239, "first_active"),
    (1, 0, BELOW, 240, "first_lapsed"),
    (2, 0, BELOW, 0, "fledgling_active"),
    (2, 89, AT, 239, "fledgling_active"),
    (99, 60, AT * 10, 240, "fledgling_lapsed"),
    (2, 90, BELOW, 239, "steady_active"),
    (2, 5_000, BELOW, 240, "steady_lapsed"),
    (2, 90, AT, 239, "trend_active"),
    (2, 209, AT, 240, "trend_lapsed"),
    (2, 210, AT, 239, "best_active"),
    (3, 211, AT, 240, "best_lapsed"),
]


def coded(
    engine: Engine, table: list[tuple[int | None, int | None, Decimal | None, int | None, str | None]]
) -> list[dict[str, object]]:
    frame = engine.frame([dict(zip(STANDING.names, row, strict=True)) for row in table], STANDING)
    number = tier(nw.col("n"), nw.col("t"), nw.col("m"), THRESHOLDS)
    return rows(frame.with_columns(code=segment(number, nw.col("idle") >= THRESHOLDS.lapse_days)))


def test_every_boundary_falls_where_the_table_says(engine: Engine) -> None:
    assert [row["code"] for row in coded(engine, TABLE)] == [row["expected"] for row in coded(engine, TABLE)]


def test_every_combination_has_exactly_one_of_the_eleven_codes(engine: Engine) -> None:
    standings = [
        (n, t if n > 1 else 0, m, idle, None)
        for n, t, m, idle in itertools.product(
            (0, 1, 2, 50), (0, 89, 90, 209, 210), (Decimal(1), BELOW, AT), (0, 239, 240)
        )
    ]
    assert {row["code"] for row in coded(engine, standings)} == {code for code, _, _ in SEGMENTS}
