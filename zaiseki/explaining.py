"""What follows for one person from what the store has: orders, score and segment, what waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.calendar import EPOCH, day_of
from metrics.explain import (
    OrderTold,
    is_left_truncated,
    orders_told,
    reconcile,
    refunds_told,
    segment_told,
)
from metrics.explain_experience import action_told, channels_told, funnel_told, satisfaction_told
from metrics.purchases import valid_purchases, weighed_orders
from metrics.scores import Given, ScoreRules, as_told, score_persons
from metrics.segment import Thresholds
from metrics.tenure import own_interval
from sync import frames, one_person, twins
from sync.store import Store
from zaiseki import word_of_mouth
from zaiseki.came_by import came_by
from zaiseki.codes_held import codes_held
from zaiseki.counting import purchase_rules, score_rules, settle_firsts
from zaiseki.expectation import expectation_of
from zaiseki.explanation import Explanation
from zaiseki.friends import friends_of
from zaiseki.members import Member
from zaiseki.planning import thresholds_of
from zaiseki.scoring import given_of
from zaiseki.segments_past import segments_past
from zaiseki.settings import Settings
from zaiseki.waiting import changes_by_waiting


def explain_person(store: Store, found: Explanation, person_id: str, settings: Settings) -> Explanation:
    """`found`, which has the members of a person already, with all that follows as of its run."""
    as_of = found.run.as_of or EPOCH
    found = _with_orders(store, found, person_id, as_of, settings)
    found = _with_expectation(store, _with_score(store, found, person_id, as_of, settings), as_of)
    return replace(
        found,
        codes=codes_held(store, person_id, found.friends.everyone if found.friends else ()),
        review=tuple(one_person.undecided(store)),
        log=tuple(one_person.joins_and_splits(store, person_id)),
    )


def _with_orders(
    store: Store, found: Explanation, person_id: str, as_of: date, settings: Settings
) -> Explanation:
    """Every order and refund, whether it counts, and since when there could have been any."""
    rules = purchase_rules(settings)
    every = _every_order(store, found, person_id, settings)
    settle_firsts(store, rules, as_of_day=day_of(as_of))
    if not store.rows("SELECT 1 FROM person_orders WHERE amount_unknown AND person_id = ?", person_id):
        every = every.filter(~nw.col("amount_unknown"))
    refunds = _of(store, "person_refunds", person_id)
    weighed = weighed_orders(every, refunds, as_of_day=day_of(as_of), rules=rules)
    rows = weighed.collect("pyarrow").to_native().to_pylist()
    told = orders_told(rows, excluded=found.excluded)
    twins.find(
        store,
        valid_purchases(
            _of(store, "person_orders", person_id), refunds, as_of_day=day_of(as_of), rules=rules
        ),
    )
    begin = one_person.first_day_of_all(store)
    begin_on = None if begin is None else EPOCH + timedelta(days=begin)
    return replace(
        found,
        orders=told,
        facts=tuple(rows),
        refunds=tuple(refunds_told(refunds)),
        sums=reconcile(told, unit=rules.unit),
        left_truncated=is_left_truncated(told, begin_on, known=_knows_the_first(told, found.members)),
        data_begin_on=begin_on,
        possible_twins=tuple(one_person.possible_twins(store)),
    )


def _every_order(store: Store, found: Explanation, person_id: str, settings: Settings) -> nw.LazyFrame[Any]:
    """Every order, by the rules that the run made the frames with; the frames are made anew by that."""
    return one_person.every_order(
        store,
        person_id,
        [member.ref for member in found.members],
        max_sharing=settings.identity.max_sharing,
        referrer_sources=settings.referral.referrer_source,
    )


def _with_score(
    store: Store, found: Explanation, person_id: str, as_of: date, settings: Settings
) -> Explanation:
    """The score and what explains it; what needs a segment only where the run knew the whole history."""
    thresholds = thresholds_of(found.run) if found.run.thresholds else None
    # Without a threshold nothing that needs one is told.
    rules = score_rules(settings, thresholds or Thresholds(Decimal(0)))
    kept = one_person.kept_score(store, person_id)
    given = _given(store, person_id, with_friends=kept is not None)
    score = _score(store, given, as_of, rules)
    if score is None:
        return replace(found, stale=kept is not None, thresholds=thresholds)
    stale, score = score != kept, as_told(score)
    found = replace(
        found,
        score=score,
        stale=stale,
        satisfaction=satisfaction_told(score, _touches(given), days=rules.satisfaction.days),
        coming=changes_by_waiting(
            store, given, score, as_of=as_of, rules=rules, acting=thresholds is not None
        ),
    )
    return found if thresholds is None else _with_history(store, found, given, as_of, rules)


def _with_history(
    store: Store, found: Explanation, given: Given, as_of: date, rules: ScoreRules
) -> Explanation:
    """What follows from the score and every purchase there was."""
    score = found.score or {}
    days = {one.ordered_on for one in found.orders if one.left_out is None}
    friends = None if score["referrals"] is None else friends_of(store, score["person_id"])
    return replace(
        found,
        thresholds=rules.thresholds,
        segment=segment_told(score, rules.thresholds, as_of),
        segments=segments_past(store, given, as_of=as_of, rules=rules.purchases, thresholds=rules.thresholds),
        own_interval=own_interval(score["tenure_days"], len(days) - 1) if days else None,
        channels=channels_told(found.orders),
        funnel=funnel_told(score),
        action=action_told(score, as_of),
        came_by=came_by(store, given, friends, as_of=as_of, rules=rules.purchases),
        friends=friends,
    )


def _with_expectation(store: Store, found: Explanation, as_of: date) -> Explanation:
    """What the models expect that the run fitted; of nobody who is not scored."""
    if found.score is None:
        return found
    whole = bool(found.run.thresholds)
    told = expectation_of(store, found.orders, as_of=as_of, by_relay=found.by_relay, whole_history=whole)
    return replace(found, expectation=told)


def _of(store: Store, name: frames.Name, person_id: str) -> nw.LazyFrame[Any]:
    """One person's rows of a frame."""
    return frames.frame(store, name).filter(nw.col("person_id") == person_id)


def _given(store: Store, person_id: str, *, with_friends: bool) -> Given:
    """The scorers' frames of one person. What others did (referrals) is the run's word."""
    given = given_of(store, word_of_mouth.kept_friends(store, person_id) if with_friends else None)
    named = {one.name for one in fields(given)} - {"friends"}
    return replace(
        given, **{name: getattr(given, name).filter(nw.col("person_id") == person_id) for name in named}
    )


def _score(store: Store, given: Given, as_of: date, rules: ScoreRules) -> dict[str, Any] | None:
    """The score by what is stored now."""
    scored = score_persons(given, as_of_day=day_of(as_of), rules=rules, materialise=store.materialise)
    found = scored.collect("pyarrow").to_native().to_pylist()
    return found[0] if found else None


def _touches(given: Given) -> list[dict[str, Any]]:
    """What happened beside orders, each with its date."""
    rows = given.touches.select("kind", "day", "value").collect().rows(named=True)
    return [{**row, "on": EPOCH + timedelta(days=row["day"])} for row in rows if row["day"] is not None]


def _knows_the_first(orders: Sequence[OrderTold], members: Sequence[Member]) -> bool:
    """Whether the merchant told what this person bought before the data begin."""
    return any(one.platform == "history" for one in orders) or any(
        member.first_purchase_on for member in members
    )
