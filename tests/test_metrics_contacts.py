"""Best customers nobody spoke to: who they are, in which order, and whom one may contact."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
from metrics_engines import Engine
from metrics_frames import MONEY, rows
from metrics_touches import TOUCHES, touch

from metrics.contacts import ContactRules, contact_lines, first_to_contact, no_next_touch_lines, quiet_best
from metrics.shop_line import ShopLine

PEOPLE = pa.schema(
    {
        "person_id": pa.string(),
        "segment": pa.string(),
        "tenure_days": pa.int64(),
        "net_spend": MONEY,
        "last_purchase_day": pa.int64(),
        "purchases": pa.int64(),
        "contact_by": pa.string(),
        "next_action": pa.string(),
    }
)
AS_OF = 2_000


def best(
    person_id: str, last: int = AS_OF - 90, tenure: int = 300, spend: str = "100", **more: Any
) -> dict[str, Any]:
    made = {
        "person_id": person_id,
        "segment": "best_active",
        "tenure_days": tenure,
        "net_spend": Decimal(spend),
    }
    return (
        made | {"last_purchase_day": last, "purchases": 3, "contact_by": "email", "next_action": None} | more
    )


def quiet(engine: Engine, people: Any, touches: Any = (), days: int = 90) -> Any:
    found = quiet_best(
        engine.frame(people, PEOPLE),
        engine.frame(touches, TOUCHES),
        as_of_day=AS_OF,
        rules=ContactRules(quiet_days=days),
    )
    return engine.materialise(found)


def test_neither_bought_nor_spoken_to_for_so_many_days(engine: Engine) -> None:
    people = [
        best("never contacted"),
        best("bought lately", AS_OF - 89),
        best("called long ago"),
        best("called lately"),
        best("called later than as of"),
        best("mailed"),
        best("lapsed", segment="best_lapsed"),
        best("not best", segment="steady_active"),
    ]
    touches = [
        touch("called long ago", "activity", AS_OF - 90),
        touch("called long ago", "activity", AS_OF - 200),
        touch("called lately", "activity", AS_OF - 200),
        touch("called lately", "activity", AS_OF - 89),
        touch("called later than as of", "activity", AS_OF + 1),
        touch("mailed", "campaign_sent", AS_OF - 1),
        touch(None, "activity", AS_OF),
    ]
    found = {row["person_id"]: row["last_contact_day"] for row in rows(quiet(engine, people, touches))}
    assert found == {
        "never contacted": None,
        "called long ago": AS_OF - 90,
        "called later than as of": None,
        "mailed": None,
        "lapsed": None,
    }
    assert [row["person_id"] for row in rows(quiet(engine, people, touches, days=91))] == []


def test_the_longest_tenure_comes_first_then_spend_and_never_the_order_count(engine: Engine) -> None:
    people = [
        best("many orders", purchases=900),
        best("long", tenure=400, spend="1"),
        best("rich", spend="100.01"),
        best("tie", spend="100"),
        best("refused", tenure=900, contact_by=None),
    ]
    found = quiet(engine, people)
    order = {row["place"]: row["person_id"] for row in rows(first_to_contact(found, at_most=10))}
    assert order == {0: "long", 1: "rich", 2: "many orders", 3: "tie"}
    assert {row["person_id"] for row in rows(first_to_contact(found, at_most=2))} == {"long", "rich"}
    assert {row["contact_by"] for row in rows(first_to_contact(found, at_most=10))} == {"email"}


def test_counts_stand_beside_their_base(engine: Engine) -> None:
    people = [best("a"), best("b", contact_by=None), best("c", AS_OF), best("d", segment="steady_active")]
    assert contact_lines(engine.frame(people, PEOPLE), quiet(engine, people)) == [
        ShopLine("best_not_contacted", "", Decimal(2), 3),
        ShopLine("best_to_contact", "", Decimal(1), 2),
    ]


def test_whose_journey_ends_here(engine: Engine) -> None:
    people = [
        best("a", next_action="treat_special"),
        best("b", next_action="treat_special", contact_by=None),
        best("c", next_action="leave_alone", contact_by=None),
        best("d", next_action="leave_alone"),
    ]
    assert no_next_touch_lines(engine.frame(people, PEOPLE)) == [
        ShopLine("no_next_touch", "", Decimal("0.7500"), 4),
        ShopLine("no_next_touch", "left_alone", Decimal("0.5000"), 4),
        ShopLine("no_next_touch", "no_permission", Decimal("0.2500"), 4),
    ]
    assert {line.value for line in no_next_touch_lines(engine.frame([], PEOPLE))} == {None}
