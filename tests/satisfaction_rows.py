"""What customers thought, read from rows that a test writes down, on any engine."""

from __future__ import annotations

from typing import Any

from metrics_engines import Engine
from metrics_frames import rows
from metrics_touches import BUYERS, QUALITY_REFUNDS, TOLD, TOUCHES

from metrics.evidence import SatisfactionRules
from metrics.satisfaction import satisfaction

UNREWARDED = SatisfactionRules(rewarded=False)
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
