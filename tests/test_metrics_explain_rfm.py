"""Whether one person's RFM group of Shopify and our segment agree is what the shop's shares say of them."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from metrics_engines import Engine

from metrics.explain_rfm import agreement
from metrics.fields import SEGMENTS
from metrics.rfm_agreement import rfm_agreement_lines

GROUPS = pa.schema({"person_id": pa.string(), "rfm_group": pa.string()})
SCORED = pa.schema({"person_id": pa.string(), "segment": pa.string()})
SHARES = ("theirs in ours", "ours in theirs")


@pytest.mark.parametrize(
    ("group", "segment", "expected"),
    [
        ("champions", "best_active", "agrees"),
        ("loyal", "steady_active", "agrees"),
        ("champions", "trend_active", "agrees"),
        ("champions", "best_lapsed", "only_theirs"),
        ("loyal", "fledgling_active", "only_theirs"),
        ("at_risk", "best_active", "only_ours"),
        ("promising", "steady_active", "not_compared"),
        ("prospects", "prospect", "not_compared"),
    ],
)
def test_two_words_agree_differ_or_are_not_compared(group: str, segment: str, expected: str) -> None:
    assert agreement(group, segment) == expected


def test_one_person_alone_makes_the_shop_agree_as_told(engine: Engine) -> None:
    """The shares of a shop whose only customer this is: all agree, none do, or nobody is counted."""
    for group in ("champions", "loyal", "active", "previously_loyal"):
        for segment, _, _ in SEGMENTS:
            lines = rfm_agreement_lines(
                engine.frame([{"person_id": "a", "rfm_group": group}], GROUPS),
                engine.frame([{"person_id": "a", "segment": segment}], SCORED),
            )
            shares = {line.value for line in lines if line.part in SHARES and line.base}
            expected = {
                "agrees": {Decimal(1)},
                "only_theirs": {Decimal(0)},
                "only_ours": {Decimal(0)},
                "not_compared": set(),
            }
            assert shares == expected[agreement(group, segment)], (group, segment)
