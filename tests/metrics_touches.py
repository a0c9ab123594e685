"""Touches for the scorers of satisfaction, funnel and contacts, and random worlds of them."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa

TOUCHES = pa.schema(
    {
        "person_id": pa.string(),
        "platform": pa.string(),
        "account": pa.string(),
        "kind": pa.string(),
        "touch_id": pa.string(),
        "day": pa.int64(),
        "ended_day": pa.int64(),
        "value": pa.string(),
        "order_id": pa.string(),
    }
)
QUALITY_REFUNDS = pa.schema(
    {"person_id": pa.string(), "order_id": pa.string(), "refunded_day": pa.int64(), "reason": pa.string()}
)
TOLD = pa.schema({"person_id": pa.string(), "day": pa.int64()})
BUYERS = pa.schema(
    {
        "person_id": pa.string(),
        "first_purchase_day": pa.int64(),
        "last_purchase_day": pa.int64(),
        "purchases": pa.int64(),
    }
)
KNOWN = pa.schema({"person_id": pa.string(), "known_day": pa.int64()})
PEOPLE = tuple(f"p{number:02}" for number in range(30))
VALUES: dict[str, tuple[str | None, ...]] = {
    "expectation": ("worse", "as", "better", "no idea"),
    "nps": ("0", "4", "5", "8", "9", "10", "11", None),
    "stars": ("1", "2", "3", "4", "5", "many"),
    "case": ("complaint", "complaint", "other", None),
    "quality_return": ("DEFECTIVE",),
    "abandoned_checkout": (None,),
    "draft_order": (None,),
    "invoice_sent": (None,),
    "lead": ("new", "working", "converted", "closed"),
    "opportunity": ("open", "proposal", "won", "lost"),
    "opportunity_stage": ("proposal", "proposal", "open"),
    "campaign_sent": (None,),
    "campaign_response": (None,),
    "consent": ("subscribed", "pending", "unsubscribed", "redacted", "opted_out", "invalid"),
    "activity": (None,),
}
ENDING = ("case", "abandoned_checkout", "draft_order", "lead", "opportunity")
"""Kinds that know an `ended_day`."""


def touch(
    person_id: str | None, kind: str, day: int, value: str | None = None, **more: Any
) -> dict[str, Any]:
    """One touch; `more` overrides or adds columns."""
    made = {
        "person_id": person_id,
        "platform": "salesforce",
        "account": "org",
        "touch_id": "t",
        "ended_day": None,
    }
    return made | {"kind": kind, "day": day, "value": value} | more


def touched(seed: int, kinds: tuple[str, ...], *, span: int = 60, count: int = 120) -> list[dict[str, Any]]:
    """Random touches of `kinds` on the days 1,000 to 1,000 + `span`, some of nobody, some that end later."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        kind, day = chance.choice(kinds), 1_000 + chance.randint(0, span)
        ended = day + chance.randint(0, span // 2) if kind in ENDING and chance.random() < 0.6 else None
        who = chance.choice([*PEOPLE, None])
        value = chance.choice(VALUES[kind])
        made.append(touch(who, kind, day, value, ended_day=ended, touch_id=f"t{number}"))
    return made


def bought(seed: int, *, span: int = 60) -> list[dict[str, Any]]:
    """Rows of `tenure.tenure` for about half of the people."""
    chance = random.Random(seed)
    made = []
    for person in PEOPLE:
        if chance.random() < 0.5:
            first, purchases = 1_000 + chance.randint(0, span), chance.randint(1, 3)
            last = first + (chance.randint(1, 20) if purchases > 1 else 0)
            made.append(
                {
                    "person_id": person,
                    "first_purchase_day": first,
                    "last_purchase_day": last,
                    "purchases": purchases,
                }
            )
    return made


def seen_by(touches: list[dict[str, Any]], as_of: int) -> list[dict[str, Any]]:
    """What a store would hold that never heard of anything after `as_of`."""
    return [
        one | {"ended_day": one["ended_day"] if one["ended_day"] and one["ended_day"] <= as_of else None}
        for one in touches
        if one["day"] <= as_of
    ]
