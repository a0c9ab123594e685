"""Laws of word of mouth that hold for any events, and the definition once more in plain Python."""

from __future__ import annotations

import random
from typing import Any

from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import order, rows
from referral_definition import PEOPLE, World, edges, invented, worth
from referral_rows import Told

from metrics.attribution import REASONS, VIA, referrals
from metrics.referral import referral_scores

SEEDS = st.integers(0, 2**32)
DAYS = st.integers(99, 165)
FEW = examples(8)


def told(engine: Engine, world: World, as_of: int) -> Told:
    return Told(
        engine,
        world.orders,
        refunds=world.refunds,
        codes=world.codes,
        referrers=world.referrers,
        as_of=as_of,
    )


def brought(engine: Engine, world: World, as_of: int) -> dict[str, tuple[Any, ...]]:
    found = rows(referrals(told(engine, world, as_of).named))
    made = {
        row["person_id"]: (row["person_id"], row["referrer_id"], row["via"], row["ordered_day"])
        for row in found
    }
    assert len(made) == len(found)  # at most one referrer each
    return made


@given(seed=SEEDS, as_of=DAYS)
@FEW
def test_both_engines_give_what_the_definition_says(engines: list[Engine], seed: int, as_of: int) -> None:
    world = invented(seed)
    for engine in engines:
        assert brought(engine, world, as_of) == edges(world, as_of)


@given(seed=SEEDS, as_of=DAYS)
@FEW
def test_the_worth_of_everybody_is_what_walking_the_tree_gives(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    world = invented(seed)
    for engine in engines:
        frames = told(engine, world, as_of)
        scores = referral_scores(referrals(frames.named), frames.buyers, materialise=engine.materialise)
        assert {row.pop("person_id"): row for row in rows(scores)} == worth(world, as_of)


@given(seed=SEEDS)
@FEW
def test_everybody_named_is_judged_once_and_engines_agree(engines: list[Engine], seed: int) -> None:
    world = invented(seed)
    one, other = (rows(told(engine, world, 140).named) for engine in engines)
    assert one == other
    assert {row["refused"] for row in one} <= {None, *REASONS}
    assert {row["via"] for row in one} <= set(VIA)
    places = [(row["person_id"], row["order_id"], row["via"], row["referrer_id"]) for row in one]
    assert len(set(places)) == len(places)


@given(seed=SEEDS)
@FEW
def test_the_tree_has_no_cycles(engines: list[Engine], seed: int) -> None:
    up = {friend: edge[1] for friend, edge in brought(engines[1], invented(seed), 140).items()}
    for person in PEOPLE:
        seen = [person]
        while seen[-1] in up:
            seen.append(up[seen[-1]])
            assert len(set(seen)) == len(seen)


@given(seed=SEEDS)
@FEW
def test_the_order_of_the_rows_does_not_matter(engines: list[Engine], seed: int) -> None:
    world, chance = invented(seed), random.Random(seed)
    shuffled = World(
        *(
            chance.sample(some, len(some))
            for some in (world.orders, world.refunds, world.codes, world.referrers)
        )
    )
    assert rows(told(engines[1], world, 140).named) == rows(told(engines[1], shuffled, 140).named)


@given(seed=SEEDS, day=st.integers(90, 150))
@FEW
def test_an_order_of_a_stranger_changes_nobody_elses_referrer(
    engines: list[Engine], seed: int, day: int
) -> None:
    world = invented(seed)
    code = random.Random(seed).choice(world.codes)["code"]
    more = World(
        [*world.orders, order("x", "stranger", day, "10", discount_codes=[code])],
        world.refunds,
        world.codes,
        world.referrers,
    )
    before, after = (brought(engines[1], one, 150) for one in (world, more))
    after.pop("stranger", None)
    assert before == after


@given(seed=SEEDS, as_of=DAYS)
@FEW
def test_the_past_is_as_it_was_before_later_events(engines: list[Engine], seed: int, as_of: int) -> None:
    world = invented(seed)
    known = World(
        [
            one | {"cancelled_day": None if (one["cancelled_day"] or 0) > as_of else one["cancelled_day"]}
            for one in world.orders
            if one["ordered_day"] <= as_of
        ],
        [one for one in world.refunds if one["refunded_day"] <= as_of],
        world.codes,
        world.referrers,
    )
    assert rows(told(engines[1], world, as_of).named) == rows(told(engines[1], known, as_of).named)


def test_the_invented_worlds_hold_every_source_and_every_reason(engines: list[Engine]) -> None:
    found = [row for seed in range(12) for row in rows(told(engines[1], invented(seed), 140).named)]
    assert {row["refused"] for row in found} == {None, *REASONS}
    assert {row["via"] for row in found if row["refused"] is None} == set(VIA)
