"""Signs of satisfaction: what was said, complaints, closings, word of mouth and repeat buying, as numbers.

A person's signs are boiled down to the greatest number of each sort, so that one pass over them is enough and
no engine has to look for the first row of a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw

from metrics.purchases import Frame
from metrics.whole_numbers import quotient

KINDS = ("quality_refund", "quality_return", "case", "stars", "nps", "expectation")
"""Kinds of dated evidence by number, the stronger later; besides these `word_of_mouth` and `repeat`."""
REFUND, RETURN, CASE, STARS, NPS, EXPECTATION = range(6)
STRENGTHS = ("behaviour", "score", "explicit")
"""How strong the kinds of `KINDS` are, by number; besides these `word_of_mouth` and `repeat`."""
BEHAVIOUR, SCORE, EXPLICIT = range(3)
DELIGHT, CONTENT, COMPLAINT = range(3)
"""What evidence says, the less favourable the greater: evaluation above, at or below the expectation."""
QUALITY_REASON = "quality"
"""The reason of a refund that speaks of the product, not of stock, fraud or an error of the shop."""
COMPLAINT_CASE = "complaint"

KEYS_A_DAY = 256
MARKS = ("word", "bad", "waiting", "said_day", "closed_day", "closed_complaint_day", "told_day", "repeat_day")
"""Of each person the greatest: `word`, `bad`, `waiting`: keys (see `day_of_key` and what follows it) of good
answers, of complaints and of Cases of a complaint that are still open; the days of answers, of Cases closed,
of such Cases of a complaint, of word of mouth, and the last purchase of who bought again."""


@dataclass(frozen=True, slots=True)
class SatisfactionRules:
    """How answers are read. An NPS of at most `nps_low` is dissatisfied, of at least `nps_high` delighted.

    Evidence counts for `days` days, its own included. `rewarded`: who refers somebody earns a reward, so a
    referral is no evidence of delight. `reviews_rewarded`: a review earns a reward, so five stars are none.
    """

    nps_low: int = 4
    nps_high: int = 9
    days: int = 365
    rewarded: bool = True
    reviews_rewarded: bool = False


def signs(
    touches: Frame, refunds: Frame, told: Frame, buyers: Frame, *, as_of_day: int, rules: SatisfactionRules
) -> Frame:
    """One row per person with a sign: `person_id` and the `MARKS`. Columns in as in `satisfaction`.

    Two spans of `rules.days` are looked at: what counts no more can tell what an open Case was answered by.
    """
    since, long_since = as_of_day - rules.days, as_of_day - 2 * rules.days
    touches = touches.filter(nw.col("kind").is_in(KINDS), nw.col("day") <= as_of_day)
    returned = nw.col("refunded_day")
    spoiled = refunds.filter(nw.col("reason") == QUALITY_REASON, returned <= as_of_day, returned > since)
    # Two orders of one day are one visit, also where the merchant counts every order as a purchase.
    last = nw.col("last_purchase_day")
    again = buyers.filter(last > nw.col("first_purchase_day"), last > since)
    found = [
        _evidence(touches.filter(nw.col("day") > long_since), as_of_day, rules),
        _closings(touches, since, as_of_day),
        _row(spoiled, bad=returned * KEYS_A_DAY + (BEHAVIOUR * 64 + COMPLAINT * 16 + REFUND)),
        _row(again, repeat_day=last),
    ]
    if not rules.rewarded:
        recent = told.filter(nw.col("day") <= as_of_day, nw.col("day") > since)
        found.append(_row(recent, told_day=nw.col("day")))
    return (
        nw.concat(found, how="vertical")
        .filter(~nw.col("person_id").is_null())
        .group_by("person_id")
        .agg(*(nw.col(name).max() for name in MARKS))
    )


def day_of_key(key: nw.Expr) -> nw.Expr:
    """The day of a key. A key is greater for the newer evidence, on one day for the stronger, then for the
    less favourable, then for the Case still open: 2 bits each, one for the Case, 3 for the kind."""
    return quotient(key, KEYS_A_DAY)


def strength_of_key(key: nw.Expr) -> nw.Expr:
    """The number in `STRENGTHS`."""
    return quotient(key, 64) % 4


def saying_of_key(key: nw.Expr) -> nw.Expr:
    """`DELIGHT`, `CONTENT` or `COMPLAINT`."""
    return quotient(key, 16) % 4


def is_open_of_key(key: nw.Expr) -> nw.Expr:
    """Whether it is a Case still open."""
    return quotient(key, 8) % 2 == 1


def kind_of_key(key: nw.Expr) -> nw.Expr:
    """The number in `KINDS`."""
    return key % 8


def _row(frame: Frame, **marks: nw.Expr) -> Frame:
    nothing = nw.lit(None).cast(nw.Int64)
    return frame.select("person_id", **{name: marks.get(name, nothing).cast(nw.Int64) for name in MARKS})


def _evidence(seen: Frame, as_of_day: int, rules: SatisfactionRules) -> Frame:
    """Answers, Cases of a complaint and returns as marks."""
    kind, ended = nw.col("kind"), nw.col("ended_day")
    number, bad, key = nw.col("number"), nw.col("saying") == COMPLAINT, nw.col("key")
    strength = nw.when(number == EXPECTATION).then(EXPLICIT).when(number > CASE).then(SCORE)
    read = (
        seen.with_columns(
            number=_chosen([(kind == code, nth) for nth, code in enumerate(KINDS)]),
            saying=_chosen(_readings(rules)),
            is_open=(kind == KINDS[CASE]) & (ended.is_null() | (ended > as_of_day)),
        )
        .filter(~nw.col("saying").is_null())
        .with_columns(strength=strength.otherwise(BEHAVIOUR).cast(nw.Int64))
        .with_columns(
            key=nw.col("day") * KEYS_A_DAY
            + nw.col("strength") * 64
            + nw.col("saying") * 16
            + nw.when("is_open").then(8).otherwise(0)
            + number
        )
    )
    return _row(
        read,
        word=nw.when(~bad).then(key),
        bad=nw.when(bad).then(key),
        waiting=nw.when("is_open").then(key),
        said_day=nw.when(number > CASE).then(nw.col("day")),
    )


def _readings(rules: SatisfactionRules) -> list[tuple[nw.Expr, int]]:
    """Which value of which kind says what. Texts are compared: a cast would fail on any other value."""
    scores = [str(score) for score in range(11)]
    readings: list[tuple[str, Sequence[str], int]] = [
        ("expectation", ["worse"], COMPLAINT),
        ("expectation", ["as"], CONTENT),
        ("expectation", ["better"], DELIGHT),
        ("nps", scores[: rules.nps_low + 1], COMPLAINT),
        ("nps", scores[rules.nps_low + 1 : rules.nps_high], CONTENT),
        ("nps", scores[rules.nps_high :], DELIGHT),
        ("stars", ["1", "2"], COMPLAINT),
        ("stars", ["3", "4"], CONTENT),
        ("stars", [] if rules.reviews_rewarded else ["5"], DELIGHT),
        ("case", [COMPLAINT_CASE], COMPLAINT),
    ]
    kind, value = nw.col("kind"), nw.col("value")
    said = [((kind == code) & value.is_in(texts), says) for code, texts, says in readings if texts]
    return [(kind == KINDS[RETURN], COMPLAINT), *said]


def _chosen(numbers: Sequence[tuple[nw.Expr, int]]) -> nw.Expr:
    """The number of the first condition that holds, null where none does."""
    (holds, number), *others = numbers
    chain = nw.when(holds).then(nw.lit(number, nw.Int64))
    for holds, number in others:
        chain = chain.when(holds).then(nw.lit(number, nw.Int64))
    return chain.otherwise(nw.lit(None, nw.Int64))


def _closings(touches: Frame, since: int, as_of_day: int) -> Frame:
    """When Cases were closed: any, and those of a complaint."""
    ended = nw.col("ended_day")
    closed = touches.filter(nw.col("kind") == KINDS[CASE], ended <= as_of_day, ended > since)
    of_complaint = nw.when(nw.col("value") == COMPLAINT_CASE).then(ended)
    return _row(closed, closed_day=ended, closed_complaint_day=of_complaint)
