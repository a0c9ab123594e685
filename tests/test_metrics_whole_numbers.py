"""A quotient of whole numbers is rounded down on every engine, and null stays null."""

from __future__ import annotations

import narwhals as nw
import pyarrow as pa
from metrics_engines import Engine
from metrics_frames import rows

from metrics.whole_numbers import quotient

NUMBERS = pa.schema({"number": pa.int64()})
NEAR = [base + step for base in (0, 7 * 10**12, -7 * 10**12, 146_097 * 25, 2**51) for step in range(-15, 16)]


def test_a_quotient_is_rounded_down_and_null_stays_null(engine: Engine) -> None:
    given = [*({"number": number} for number in NEAR), {"number": None}]
    frame = engine.frame(given, NUMBERS)
    for by in (2, 7, 256, 146_097):
        found = rows(frame.with_columns(q=quotient(nw.col("number"), by)))
        assert len(found) == len(given)
        for row in found:
            assert row["q"] == (None if row["number"] is None else row["number"] // by)
            assert row["q"] is None or type(row["q"]) is int
