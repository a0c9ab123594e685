"""Telling one person's word of mouth: both sides, and everybody who was named in vain."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from metrics_engines import Engine
from metrics_frames import order
from referral_rows import Told, with_code

from metrics.calendar import EPOCH
from metrics.explain_referral import Named, referral_told


def on(day: int) -> date:
    return EPOCH + timedelta(days=day)


@pytest.fixture(scope="module")
def told(engine: Engine) -> Told:
    orders = [
        order("a1", "a", 1_000, "10"),
        with_code("b1", "b", 1_010, "a", referral_code="h-code"),
        with_code("b2", "b", 1_012, "a"),
        with_code("d1", "d", 1_030, "b"),
        with_code("c1", "c", 1_040, "b"),
        with_code("e1", "e", 1_005, "b"),
    ]
    return Told(engine, orders, shared=[{"person_id": "d", "other_id": "b"}])


def test_who_brought_a_person_and_who_was_refused_with_the_purchase(told: Told) -> None:
    found = referral_told(told.named, "b")
    first = ("shopify", "one.myshopify.com", "b1")
    assert found.referred_by == Named("b", "a", first, on(1_010), "code", "a-code", None, flagged=False)
    assert [(one.referrer_id, one.order[2], one.via, one.refused) for one in found.refused] == [
        ("h", "b1", "link", "referrer_never_bought"),
        ("a", "b2", "code", "existing_customer"),
    ]


def test_whom_a_person_brought_the_newest_last(told: Told) -> None:
    found = referral_told(told.named, "b")
    assert [(one.person_id, one.ordered_on, one.flagged) for one in found.friends] == [
        ("d", on(1_030), True),
        ("c", on(1_040), False),
    ]
    assert found.newest_friend == found.friends[-1]
    assert [(one.person_id, one.refused) for one in found.friends_refused] == [("e", "referrer_not_earlier")]


def test_nothing_is_told_of_who_has_to_do_with_nobody(told: Told) -> None:
    found = referral_told(told.named, "z")
    assert (found.referred_by, found.newest_friend) == (None, None)
    assert (found.refused, found.friends, found.friends_refused) == ((), (), ())
