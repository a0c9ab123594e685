"""What a person's word of mouth is worth: generations, revenue, speed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from metrics_engines import Engine
from metrics_frames import MONEY, rows

from metrics.referral import referral_scores

EDGES = pa.schema(
    {
        "person_id": pa.string(),
        "referrer_id": pa.string(),
        "ordered_day": pa.int64(),
        "cycle_days": pa.int64(),
    }
)
BUYERS = pa.schema({"person_id": pa.string(), "net_spend": MONEY})


def scored(engine: Engine, tree: dict[str, tuple[str, int]], spent: Any = None) -> dict[str, dict[str, Any]]:
    """`tree`: friend → (referrer, days between their first purchases); the day is 1,000 + those days."""
    edges = [
        {"person_id": friend, "referrer_id": referrer, "ordered_day": 1_000 + days, "cycle_days": days}
        for friend, (referrer, days) in tree.items()
    ]
    people = {*tree, *(referrer for referrer, _ in tree.values())}
    amounts = spent or dict.fromkeys(people, "10")
    buyers = [{"person_id": person, "net_spend": Decimal(amount)} for person, amount in amounts.items()]
    found = referral_scores(
        engine.frame(edges, EDGES), engine.frame(buyers, BUYERS), materialise=engine.materialise
    )
    return {row.pop("person_id"): row for row in rows(found)}


# a → b, c; b → d; d → e, f; f → g
TREE = {"b": ("a", 5), "c": ("a", 8), "d": ("b", 1), "e": ("d", 3), "f": ("d", 9), "g": ("f", 2)}


def test_each_generation_weighs_half_of_the_one_before(engine: Engine) -> None:
    found = scored(engine, TREE)
    assert {person: (row["referrals"], row["referral_score"]) for person, row in found.items()} == {
        "a": (2, Decimal("3.13")),  # 2 + 1/2 + 2/4 + 1/8 = 3.125, half up
        "b": (1, Decimal("2.25")),
        "d": (2, Decimal("2.50")),
        "f": (1, Decimal("1.00")),
    }


def test_generations_and_everybody_below_are_counted(engine: Engine) -> None:
    found = scored(engine, TREE)
    assert {
        person: (row["referral_generations"], row["referral_subtree"]) for person, row in found.items()
    } == {"a": (4, 6), "b": (3, 4), "d": (2, 3), "f": (1, 1)}


def test_revenue_is_of_the_friends_and_of_everybody_below_never_ones_own(engine: Engine) -> None:
    spent = {"a": "1000", "b": "0.01", "c": "20.5", "d": "3", "e": "400", "f": "5", "g": "6000"}
    found = scored(engine, TREE, spent)
    assert {person: (row["referred_revenue"], row["subtree_revenue"]) for person, row in found.items()} == {
        "a": (Decimal("20.51"), Decimal("6428.51")),
        "b": (Decimal(3), Decimal(6408)),
        "d": (Decimal(405), Decimal(6405)),
        "f": (Decimal(6000), Decimal(6000)),
    }


@pytest.mark.parametrize(
    ("days", "median"), [((7,), "7"), ((7, 2), "4.5"), ((7, 2, 2), "2"), ((9, 1, 4, 4), "4")]
)
def test_the_cycle_is_the_median_and_the_newest_friend_the_last(
    engine: Engine, days: tuple[int, ...], median: str
) -> None:
    found = scored(engine, {f"friend{nth}": ("a", one) for nth, one in enumerate(days)})
    assert found["a"]["referral_cycle_days"] == Decimal(median)
    assert found["a"]["newest_friend_day"] == 1_000 + max(days)


def test_a_chain_longer_than_every_bound_comes_to_an_end(engine: Engine) -> None:
    found = scored(engine, {f"p{n + 1:03}": (f"p{n:03}", 1) for n in range(100)})
    assert (found["p000"]["referrals"], found["p000"]["referral_score"]) == (1, Decimal("2.00"))
    assert (found["p000"]["referral_generations"], found["p000"]["referral_subtree"]) == (64, 64)
    assert (found["p098"]["referrals"], found["p098"]["referral_score"]) == (1, Decimal("1.50"))


def test_without_any_edge_there_is_no_score(engine: Engine) -> None:
    assert scored(engine, {}, {"a": "5"}) == {}
