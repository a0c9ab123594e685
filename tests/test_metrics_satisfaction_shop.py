"""Satisfaction of the shop: shares beside the response rate, and what followed the evidence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, order, rows
from metrics_portfolio import bought_by
from metrics_touches import BUYERS, QUALITY_REFUNDS, TOLD, TOUCHES, touch
from shop_world import LAST, RULES, World

from metrics.evidence import SatisfactionRules
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.satisfaction import satisfaction
from metrics.satisfaction_shop import (
    after_evidence,
    after_evidence_lines,
    satisfaction_figures,
    satisfaction_lines,
)
from metrics.shop_line import ShopLine

AS_OF = 2_000


def states(engine: Engine, touches: Any, as_of: int, *, buyers: Any = (), told: Any = ()) -> Any:
    found = satisfaction(
        engine.frame(touches, TOUCHES),
        engine.frame([], QUALITY_REFUNDS),
        engine.frame(told, TOLD),
        engine.frame(buyers, BUYERS),
        as_of_day=as_of,
        rules=SatisfactionRules(rewarded=False),
    )
    return engine.materialise(found)


def buyer(person_id: str, purchases: int = 1) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "purchases": purchases,
        "first_purchase_day": 1,
        "last_purchase_day": 1 if purchases == 1 else AS_OF,
    }


def test_every_share_stands_beside_how_many_were_heard(engine: Engine) -> None:
    buyers = [*(buyer(name) for name in "abcdefg"), buyer("h", 2)]
    touches = [
        touch("a", "nps", 1_990, "10"),
        touch("b", "expectation", 1_990, "as"),
        touch("c", "nps", 1_990, "1"),
        touch("d", "case", 1_990, "complaint"),
        touch("e", "case", 1_980, "complaint", ended_day=1_990),
        touch("prospect", "nps", 1_990, "1"),
    ]
    told = [{"person_id": "f", "day": 1_990}]
    made = states(engine, touches, AS_OF, buyers=buyers, told=told)
    assert satisfaction_lines(made, engine.frame(buyers, BUYERS)) == [
        ShopLine("satisfaction_share", "dissatisfied", Decimal("0.2500"), 8),
        ShopLine("satisfaction_answers", "dissatisfied", Decimal("0.3333"), 3),
        ShopLine("satisfaction_share", "satisfied", Decimal("0.2500"), 8),
        ShopLine("satisfaction_answers", "satisfied", Decimal("0.3333"), 3),
        ShopLine("satisfaction_share", "delighted", Decimal("0.2500"), 8),
        ShopLine("satisfaction_answers", "delighted", Decimal("0.3333"), 3),
        ShopLine("satisfaction_share", "unknown", Decimal("0.2500"), 8),
        ShopLine("response_rate", "", Decimal("0.3750"), 8),
        ShopLine("recovered_complaints", "", Decimal(1), 3),
    ]


def test_a_shop_without_buyers_has_no_shares(engine: Engine) -> None:
    lines = satisfaction_lines(states(engine, [], AS_OF), engine.frame([], BUYERS))
    assert {line.value for line in lines if line.name != "recovered_complaints"} == {None}
    assert {line.base for line in lines} == {0}


def after(engine: Engine, touches: Any, orders: Any, *, buyers: Any = (), as_of: int = AS_OF) -> list[Any]:
    valid = valid_purchases(
        engine.frame(orders, ORDERS), engine.frame([], REFUNDS), as_of_day=as_of, rules=PurchaseRules()
    )
    then = states(engine, touches, as_of - 180, buyers=buyers)
    return rows(after_evidence(then, valid, as_of_day=as_of))


def test_what_followed_counts_from_the_day_after_the_evidence_for_180_days(engine: Engine) -> None:
    touches = [touch(name, "nps", 1_700, "10") for name in "abcde"]
    orders = [
        order("1", "a", 1_700, "100"),
        order("2", "b", 1_701, "10"),
        order("3", "b", 1_702, "5"),
        order("4", "c", 1_880, "7"),
        order("5", "d", 1_881, "100"),
    ]
    assert after(engine, touches, orders) == [
        {"state": "delighted", "people": 5, "came_back": 2, "net": Decimal(22)}
    ]


def test_only_evidence_with_180_days_behind_it_counts_and_no_later_word_chooses(engine: Engine) -> None:
    touches = [
        touch("a", "nps", AS_OF - 180, "1"),
        touch("b", "nps", AS_OF - 179, "1"),
        touch("c", "nps", AS_OF - 180, "10"),
        touch("c", "case", AS_OF - 100, "complaint"),
    ]
    people = {row["state"]: row["people"] for row in after(engine, touches, [])}
    assert people == {"dissatisfied": 1, "delighted": 1}


def test_what_is_looked_at_in_the_shop_is_the_evidence_of_exactly_180_days_ago(engine: Engine) -> None:
    """A word of the next day is too young to count, and takes nobody's place."""
    touches = [touch("a", "nps", LAST - 180, "10"), touch("a", "nps", LAST - 179, "1")]
    frames = World(touches=touches).frames(engine)
    lines = satisfaction_figures(
        frames,
        engine.frame([], TOLD),
        *bought_by(engine, ([], []), LAST),
        as_of_day=LAST,
        rules=RULES,
        materialise=engine.materialise,
    )
    people = {line.part: line.base for line in lines if line.name == "repeat_after_evidence"}
    assert people == {"dissatisfied": 0, "satisfied": 0, "delighted": 1, "recovered": 0}


def test_the_recovered_stand_apart_and_repeat_buying_proves_nothing(engine: Engine) -> None:
    touches = [touch("a", "case", 1_700, "complaint", ended_day=1_710)]
    buyers = [{"person_id": "b", "purchases": 5, "first_purchase_day": 1, "last_purchase_day": 1_800}]
    orders = [order("1", "a", 1_720, "30"), order("2", "b", 1_801, "99")]
    frame = after(engine, touches, orders, buyers=buyers)
    assert frame == [{"state": "recovered", "people": 1, "came_back": 1, "net": Decimal(30)}]


def test_lines_say_nothing_of_states_that_nobody_is_in(engine: Engine) -> None:
    touches = [touch(name, "stars", 1_700, "5") for name in "abc"]
    then = states(engine, touches, AS_OF - 180)
    valid = valid_purchases(
        engine.frame([order("1", "a", 1_720, "10")], ORDERS),
        engine.frame([], REFUNDS),
        as_of_day=AS_OF,
        rules=PurchaseRules(),
    )
    lines = after_evidence_lines(after_evidence(then, valid, as_of_day=AS_OF), step=Decimal("0.01"))
    assert ShopLine("repeat_after_evidence", "delighted", Decimal("0.3333"), 3) in lines
    assert ShopLine("spend_after_evidence", "delighted", Decimal("3.33"), 3) in lines
    assert ShopLine("spend_after_evidence", "recovered", None, 0) in lines
    assert len(lines) == 8
