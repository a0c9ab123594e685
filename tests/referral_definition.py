"""Word of mouth once more in plain Python, person by person, to hold the set-wise form to."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

from metrics_frames import order, refund
from referral_rows import Row

PEOPLE = tuple(f"p{number:02}" for number in range(14))
START = datetime(2026, 1, 1, tzinfo=UTC)
Edge = tuple[str, str, str, int]
"""Friend, referrer, source, day."""


@dataclass(frozen=True)
class World:
    """Everything that can name a referrer."""

    orders: list[Row]
    refunds: list[Row]
    codes: list[Row]
    referrers: list[Row]


def invented(seed: int) -> World:
    """A world in which every source names people, contradicts others, and orders are lost again."""
    chance = random.Random(seed)
    codes = [{"code": f"c-{person}", "person_id": person} for person in PEOPLE if chance.random() < 0.8]
    codes += [{"code": "c-p00", "person_id": "p01"}, {"code": "other", "person_id": "p02"}]
    known = [row["code"] for row in codes] + ["welcome", "c-nobody"]
    orders, refunds = [], []
    for number in range(45):
        day = chance.randint(100, 130)
        orders.append(_order(chance, f"o{number:02}", day, known))
        if chance.random() < 0.25:
            refunds.append(refund(f"o{number:02}", day + chance.randint(0, 30), chance.choice(["5", "10"])))
    lookups = [{"person_id": chance.choice(PEOPLE), "referrer_id": chance.choice(PEOPLE)} for _ in range(10)]
    return World(orders, refunds, codes, lookups)


def _order(chance: random.Random, order_id: str, day: int, codes: list[str]) -> Row:
    some = chance.choices(codes, k=chance.choice([0, 0, 0, 1, 2]))
    return order(
        order_id,
        chance.choice([*PEOPLE, None]),
        day,
        "10",
        ordered_at=START + timedelta(days=day, hours=chance.choice([0, 0, 9])),
        discount_codes=some,
        referral_code=chance.choice([None] * 12 + codes),
        utm_medium=chance.choice(["referral", "referral", "REFERRAL", "cpc", None]),
        utm_source=chance.choice([None, None, *codes]),
        utm_campaign=chance.choice([None] * 20 + codes),
        utm_content=None,
        cancelled_day=chance.choice([None] * 9 + [day + 3]),
    )


def edges(world: World, as_of: int) -> dict[str, Edge]:
    """Who is credited with whom on a day."""
    firsts = {person: found for person in PEOPLE if (found := _first(world, person, as_of))}
    made = {}
    for person, first in firsts.items():
        for via, named in _sources(world, person, first):
            if len(named - {person}) > 1:
                break
            good = [
                one
                for one in named
                if one != person and one in firsts and firsts[one]["ordered_day"] < first["ordered_day"]
            ]
            if good:
                made[person] = (person, good[0], via, first["ordered_day"])
                break
    return made


def _first(world: World, person: str, as_of: int) -> Row | None:
    mine = [one for one in world.orders if one["person_id"] == person and _counts(world, one, as_of)]
    return min(mine, key=lambda one: (one["ordered_at"], one["order_id"]), default=None)


def _counts(world: World, one: Row, as_of: int) -> bool:
    if one["ordered_day"] > as_of or (one["cancelled_day"] is not None and one["cancelled_day"] <= as_of):
        return False
    back = [
        r["amount"] for r in world.refunds if r["order_id"] == one["order_id"] and r["refunded_day"] <= as_of
    ]
    return bool(one["amount"] - sum(back, Decimal(0)) > 0)


def _sources(world: World, person: str, first: Row) -> Iterator[tuple[str, set[str]]]:
    yield "code", _holders(world, first["discount_codes"])
    yield "link", _holders(world, [first["referral_code"]])
    said = [first["utm_source"], first["utm_campaign"], first["utm_content"]]
    yield "utm", _holders(world, said) if (first["utm_medium"] or "").lower() == "referral" else set()
    yield "lookup", {row["referrer_id"] for row in world.referrers if row["person_id"] == person}


def _holders(world: World, codes: list[str | None]) -> set[str]:
    return {row["person_id"] for row in world.codes if row["code"] in codes}


def worth(world: World, as_of: int) -> dict[str, dict[str, Any]]:
    """What each referrer's word of mouth is worth on a day, by walking down the tree."""
    found = edges(world, as_of)
    spent: Counter[str] = Counter()
    for one in world.orders:
        if one["person_id"] and _counts(world, one, as_of):
            back = sum(
                (
                    r["amount"]
                    for r in world.refunds
                    if r["order_id"] == one["order_id"] and r["refunded_day"] <= as_of
                ),
                Decimal(0),
            )
            spent[one["person_id"]] += one["amount"] - back
    made = {}
    for person in {referrer for _, referrer, _, _ in found.values()}:
        own = _first(world, person, as_of)
        assert own
        generations = list(_generations(found, person))
        days = [found[friend][3] for friend in generations[0]]
        score = sum((Decimal(len(people)) / 2**k for k, people in enumerate(generations)), Decimal(0))
        below = [friend for people in generations for friend in people]
        made[person] = {
            "referrals": len(generations[0]),
            "referral_score": score.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP),
            "referral_generations": len(generations),
            "referral_subtree": len(below),
            "referred_revenue": sum(spent[friend] for friend in generations[0]),
            "subtree_revenue": sum(spent[friend] for friend in below),
            "referral_cycle_days": Decimal(str(median(day - own["ordered_day"] for day in days))),
            "newest_friend_day": max(days),
        }
    return made


def _generations(found: dict[str, Edge], person: str) -> Iterator[list[str]]:
    people = [person]
    while people := [friend for friend, referrer, _, _ in found.values() if referrer in people]:
        yield people
