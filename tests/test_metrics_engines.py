"""Everybody's scores with all their evidence, row by row the same on every engine."""

from __future__ import annotations

import random
from typing import Any

from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import CONSENTS, SUBSCRIPTIONS, rows
from metrics_touches import TOLD
from shop_world import LAST, RULES, World, busy_shop

from metrics.attribution import referrals
from metrics.evidence import SatisfactionRules
from metrics.purchases import valid_purchases
from metrics.referral import referral_scores
from metrics.scores import Given, ScoreRules, score_persons
from metrics.tenure import tenure

STATES = ("subscribed", "pending", "unsubscribed", None)


def consents(world: World, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [
        {
            "person_id": one["person_id"],
            "email_consent": chance.choice(STATES),
            "sms_consent": chance.choice(STATES),
            "phone_refused": chance.random() < 0.2,
        }
        for one in world.persons
    ]


def scored(engine: Engine, seed: int, day: int) -> list[dict[str, Any]]:
    """Scores of a shop in which everything is known that can be, on one engine."""
    world = busy_shop(seed)
    frames = world.frames(engine, day)
    assert frames.named is not None
    valid = valid_purchases(frames.orders, frames.refunds, as_of_day=day, rules=RULES.purchases)
    buyers = engine.materialise(tenure(valid, rules=RULES.purchases))
    edges = engine.materialise(referrals(frames.named))
    known = Given(
        persons=frames.persons,
        orders=frames.orders,
        refunds=frames.refunds,
        consents=engine.frame(consents(world, seed), CONSENTS),
        touches=frames.touches,
        subscriptions=engine.frame(world.statuses, SUBSCRIPTIONS),
        told=engine.frame([{"person_id": one["person_id"], "day": day} for one in world.persons[:3]], TOLD),
        friends=referral_scores(edges, buyers, materialise=engine.materialise),
    )
    rules = ScoreRules(RULES.purchases, RULES.thresholds, SatisfactionRules())
    return rows(score_persons(known, as_of_day=day, rules=rules, materialise=engine.materialise))


@examples(3)
@given(seed=st.integers(0, 10_000), ago=st.integers(0, 900))
def test_every_engine_scores_everybody_alike(engines: list[Engine], seed: int, ago: int) -> None:
    one, *others = [scored(engine, seed, LAST - ago) for engine in engines]
    assert len(one) == len(busy_shop(seed).persons)
    assert all(one == other for other in others)


def test_a_busy_shop_has_something_of_everything_to_be_alike_in(engine: Engine) -> None:
    found = scored(engine, 1, LAST)
    silent = {key for key in found[0] if all(row[key] is None for row in found)}
    assert silent == set()
