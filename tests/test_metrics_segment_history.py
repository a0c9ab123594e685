"""`segment_since` is the definition evaluated at every earlier day, nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_definition import PEOPLE, SMALL, eventful, since, standing
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, by_person, order, refund

from metrics.purchases import PurchaseRules, valid_purchases
from metrics.segment import Thresholds
from metrics.segment_history import segment_since
from metrics.tenure import tenure


def found(
    engine: Engine,
    orders: list[dict[str, Any]],
    refunds: list[dict[str, Any]],
    as_of: int,
    unit: Any = "day",
    **limits: Any,
) -> dict[str, int]:
    limits = limits or SMALL
    thresholds = Thresholds(**{**limits, "best_spend": Decimal(limits["best_spend"])})
    bought, back = engine.frame(orders, ORDERS), engine.frame(refunds, REFUNDS)
    rules = PurchaseRules(unit=unit)
    valid = valid_purchases(bought, back, as_of_day=as_of, rules=rules)
    frame = segment_since(
        bought,
        back,
        tenure(valid, rules=rules),
        as_of_day=as_of,
        rules=rules,
        thresholds=thresholds,
        materialise=engine.materialise,
    )
    return by_person(frame, "segment_since_day")


@examples(25)
@given(seed=st.integers(0, 2**32), as_of=st.integers(110, 200), unit=st.sampled_from(["day", "order"]))
def test_it_equals_recomputing_every_earlier_day(
    engines: list[Engine], seed: int, as_of: int, unit: str
) -> None:
    orders, refunds = eventful(seed)
    expected = {
        person: since(orders, refunds, person, as_of, unit=unit, **SMALL)
        for person in PEOPLE
        if standing(orders, refunds, person, as_of, unit=unit, **SMALL).n
    }
    for engine in engines:
        assert found(engine, orders, refunds, as_of, unit) == expected


def test_prospects_have_none(engine: Engine) -> None:
    assert found(engine, [order("1", "a", 100, "10", cancelled_day=101)], [], 150) == {}


def test_lapse_begins_on_the_day_that_was_announced(engine: Engine) -> None:
    bought = [order("1", "a", 100, "10")]
    assert found(engine, bought, [], 111) == {"a": 100}
    assert found(engine, bought, [], 112) == {"a": 112}
    assert found(engine, bought, [], 150) == {"a": 112}


def test_a_refund_below_the_spend_limit_moves_on_its_own_day(engine: Engine) -> None:
    bought = [order("1", "a", 100, "20"), order("2", "a", 109, "10")]
    assert found(engine, bought, [], 115) == {"a": 109}
    assert found(engine, bought, [refund("1", 112, "5")], 115) == {"a": 112}
    assert found(engine, bought, [refund("1", 116, "5")], 115) == {"a": 109}


def test_a_full_refund_of_the_last_purchase_brings_the_lapse_forward(engine: Engine) -> None:
    bought = [order("1", "a", 100, "20"), order("2", "a", 109, "10")]
    back = [refund("2", 118, "10")]
    # from 118 on only day 100 counts, and 100 + 12 days had passed already
    assert found(engine, bought, back, 120) == {"a": 118}


def test_a_full_refund_of_the_first_purchase_shortens_the_tenure(engine: Engine) -> None:
    bought = [order("1", "a", 100, "5"), order("2", "a", 105, "5"), order("3", "a", 110, "5")]
    assert found(engine, bought, [], 115) == {"a": 110}
    assert standing(bought, [refund("1", 113, "5")], "a", 115, **SMALL).segment == "fledgling_active"
    assert found(engine, bought, [refund("1", 113, "5")], 115) == {"a": 113}
