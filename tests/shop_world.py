"""A whole small shop of everything that can be known, for the figures of the shop."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from metrics_engines import Engine
from metrics_frames import CODES, REFUNDS, SHOP, order, refund
from metrics_touches import ENDING, KNOWN, TOUCHES, VALUES, touch
from referral_rows import CAME_ORDERS

from metrics.attribution import named_referrers
from metrics.koopman import Market
from metrics.products import ProductRules
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.segment import Thresholds
from metrics.shop_frames import ShopFrames, ShopRules
from metrics.tenure import tenure

FIRST, LAST = 9_500, 11_000
VISITED_ORDERS = pa.schema([*CAME_ORDERS, pa.field("visit", pa.string())])
LINES = pa.schema(
    {
        "platform": pa.string(),
        "account": pa.string(),
        "order_id": pa.string(),
        "product_id": pa.string(),
        "title": pa.string(),
        "quantity": pa.int64(),
        "amount": pa.decimal128(18, 4),
    }
)
STATUSES = pa.schema({"person_id": pa.string(), "status": pa.string()})
GROUPS = pa.schema({"person_id": pa.string(), "rfm_group": pa.string()})
SCORES = pa.schema(
    {
        "person_id": pa.string(),
        "segment": pa.string(),
        "contact_by": pa.string(),
        "next_action": pa.string(),
    }
)
RULES = ShopRules(
    purchases=PurchaseRules(),
    thresholds=Thresholds(Decimal(100)),
    smallest=Decimal("0.01"),
    products=ProductRules(front_end=("t",), back_end=("m",)),
    max_redemptions=2,
    code_pattern="[a-z0-9]+-code",
    market=Market("honey", 2025, Decimal(50_000)),
)
Row = dict[str, Any]


@dataclass
class World:
    """Rows of every frame."""

    persons: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    codes: list[Row] = field(default_factory=list)
    touches: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    statuses: list[Row] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    scores: list[Row] = field(default_factory=list)

    def frames(self, engine: Engine, day: int = LAST) -> ShopFrames:
        """The rows as frames of `engine`; who referred whom as of `day`."""
        orders, refunds = engine.frame(self.orders, VISITED_ORDERS), engine.frame(self.refunds, REFUNDS)
        codes = engine.frame(self.codes, CODES)
        valid = valid_purchases(orders, refunds, as_of_day=day, rules=RULES.purchases)
        buyers = engine.materialise(tenure(valid, rules=RULES.purchases))
        return ShopFrames(
            persons=engine.frame(self.persons, KNOWN),
            orders=orders,
            refunds=refunds,
            codes=codes,
            named=named_referrers(valid, buyers, codes, materialise=engine.materialise),
            touches=engine.frame(self.touches, TOUCHES),
            subscriptions=engine.frame(self.statuses, STATUSES),
            rfm_groups=engine.frame(self.groups, GROUPS),
            scores=engine.frame(self.scores, SCORES),
            order_lines=engine.frame(self.lines, LINES),
        )

    def seen_by(self, day: int) -> World:
        """What a store would hold that never heard of anything after `day`."""
        told = [_as_it_was(one, day) for one in self.touches if one["day"] <= day]
        orders = [row for row in self.orders if row["ordered_day"] <= day]
        kept = {row["order_id"] for row in orders}
        buyers = {row["person_id"] for row in orders}
        later = {row["person_id"] for row in self.persons if row["known_day"] > day} - buyers
        persons, groups, scores = (
            [row for row in rows if row["person_id"] not in later]
            for rows in (self.persons, self.groups, self.scores)
        )
        return World(
            persons,
            [row | {"cancelled_day": _until(row["cancelled_day"], day)} for row in orders],
            [row for row in self.refunds if row["refunded_day"] <= day],
            self.codes,
            told,
            [row for row in self.lines if row["order_id"] in kept],
            self.statuses,
            groups,
            scores,
        )


def busy_shop(seed: int, *, people: int = 40, orders: int = 160) -> World:
    """A shop in which everything happens now and then."""
    chance, made = random.Random(seed), World()
    names = [f"p{number:02}" for number in range(people)]
    segments = ("best_active", "best_lapsed", "steady_active", "first_active", "first_lapsed", "prospect")
    for name in names:
        known = chance.randint(FIRST, LAST)
        made.persons.append({"person_id": name, "known_day": known})
        made.codes.append({"code": f"{name}-code", "person_id": name})
        made.statuses.append({"person_id": name, "status": chance.choice(["active", "never_subscribed"])})
        made.groups.append({"person_id": name, "rfm_group": chance.choice(["champions", "loyal", "at_risk"])})
        segment, medium = chance.choice(segments), chance.choice(["email", None])
        action = chance.choice(["leave_alone", "tell_story"])
        made.scores.append(
            {"person_id": name, "segment": segment, "contact_by": medium, "next_action": action}
        )
    for number in range(orders):
        _order(made, chance, str(number), chance.choice([*names, None]), names)
    for number in range(200):
        kind = chance.choice(list(VALUES))
        day = chance.randint(FIRST, LAST)
        ended = day + chance.randint(0, 60) if kind in ENDING and chance.random() < 0.5 else None
        who, value = chance.choice(names), chance.choice(VALUES[kind])
        made.touches.append(touch(who, kind, day, value, ended_day=ended, touch_id=f"t{number}"))
    for number in range(0, orders, 9):
        one = made.orders[number]
        day = one["ordered_day"] + chance.randint(0, 60)
        returned = {**SHOP, "order_id": one["order_id"], "touch_id": f"r{number}"}
        made.touches.append(touch(one["person_id"], "quality_return", day, "quality", **returned))
    return made


def _order(made: World, chance: random.Random, key: str, who: str | None, names: list[str]) -> None:
    day = chance.randint(FIRST, LAST)
    coded = [f"{chance.choice([*names, 'x'])}-code"] if chance.random() < 0.4 else []
    more = {
        "ordered_at": datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day),
        "channel": chance.choice(["online", "store", "marketplace", "other"]),
        "discount_codes": coded,
        "cancelled_day": day + 9 if chance.random() < 0.05 else None,
        "utm_medium": chance.choice(["cpc", "organic", None]),
        "visit": chance.choice(["ad", "search", "direct", None]),
    }
    amount = str(chance.randint(1, 90))
    made.orders.append(order(key, who, day, amount, **more))
    product = chance.choice(["t", "m", "other"])
    made.lines.append(
        {
            **SHOP,
            "order_id": key,
            "product_id": product,
            "title": product.upper(),
            "quantity": 1,
            "amount": Decimal(amount),
        }
    )
    if chance.random() < 0.15:
        reason = chance.choice(["quality", None])
        back = refund(key, day + chance.randint(0, 40), amount)
        made.refunds.append(back | {"person_id": who, "reason": reason})


def _as_it_was(one: Row, day: int) -> Row:
    """What was known on `day` of something that began by then: a deal that ends later is an open one."""
    if one["ended_day"] is None or one["ended_day"] <= day:
        return one
    before = {"opportunity": "open", "lead": one["value"] if one["value"] == "working" else "new"}
    return one | {"ended_day": None, "value": before.get(one["kind"], one["value"])}


def _until(day: int | None, last: int) -> int | None:
    return day if day is not None and day <= last else None
