"""Expectation against evaluation (事前期待と事後評価): what a person said or did, against what was expected.

Silence is no satisfaction: who said nothing and did nothing is not known. Repeat buying and word of mouth are
two axes; the one never stands for the other.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from metrics.evidence import (
    CASE,
    COMPLAINT,
    CONTENT,
    DELIGHT,
    KINDS,
    STRENGTHS,
    SatisfactionRules,
    day_of_key,
    is_open_of_key,
    kind_of_key,
    saying_of_key,
    signs,
    strength_of_key,
)
from metrics.purchases import Frame

DISSATISFIED, SATISFIED, DELIGHTED, UNKNOWN = STATES = ("dissatisfied", "satisfied", "delighted", "unknown")
SAID = ("explicit", "score")
"""What a person answered when asked, unlike what is read out of what the person did."""
_STATE_SAID = {DELIGHT: DELIGHTED, CONTENT: SATISFIED, COMPLAINT: DISSATISFIED}


def satisfaction(
    touches: Frame,
    refunds: Frame,
    told: Frame,
    buyers: Frame,
    *,
    as_of_day: int,
    rules: SatisfactionRules,
) -> Frame:
    """What each person's newest evidence says, the first row that holds:

    | # | the newest of what was said and of complaints | reads | evidence |
    |---|---|---|---|
    | 1 | a complaint, a Case of it is open or none was closed since | dissatisfied | the complaint |
    | 2 | a complaint that was closed, word of mouth after the closing | delighted | word of mouth |
    | 3 | a complaint that was closed | unknown, recovered | the complaint |
    | 4 | said "satisfied", word of mouth after it | delighted | word of mouth |
    | 5 | said "satisfied" or "delighted" | as said | what was said |
    | 6 | neither; unrewarded word of mouth | delighted | word of mouth |
    | 7 | neither; bought on two days or more | satisfied | the last purchase |
    | 8 | nothing | unknown | none |

    Said is an answer: worse / as / better than expected (`explicit`), NPS or stars (`score`). A complaint is
    such an answer on the low side, a Case of that type, or a refund or return for quality (`behaviour`) of an
    order that counts, or did until it was given back or cancelled.
    Newest is by day; on one day by strength (explicit, score, behaviour), then the less favourable. So an
    answer wins over what is not newer, and a newer complaint makes `dissatisfied`. Word of mouth outweighs
    no open complaint. Evidence of day d counts on the days d to d + `satisfaction.days` - 1.

    A Case is closed by its own closing; an answer by any Case closed on a later day; a refund or return by
    any Case closed on that day or later. None of them counts as closed while a Case of a complaint is open
    that came less than `satisfaction.days` days before it, with no good answer since.

    In: `touches` (`person_id`, `kind`, `day`, `ended_day`, `value`) of the kinds expectation (worse, as,
    better), nps ("0" to "10"), stars ("1" to "5"), case (complaint or other; `ended_day` closed) and
    quality_return; every other kind is ignored, as is a value that is none of these. `refunds`
    (`person_id`, `refunded_day`, `reason`); of both, what `given_back.speaking` leaves. `told`: `person_id`
    of who told somebody, `day` of it; `buyers`: `tenure.tenure`. Nothing after `as_of_day` is seen.
    Out: one row for everybody of whom there is some sign, `unknown` holds for all others:
    `person_id`; `satisfaction` (a code of `STATES`); `evidence` (a code of `KINDS`, word_of_mouth, repeat or
    null), `strength`, `evidence_day`, `expires_day` (the first day on which it does not count any more; by
    waiting alone the code changes on no other day); `open_complaint_day` (the day of the complaint in row 1,
    else null); `recovered` (the newest complaint was closed; stays true under a later word) and
    `recovered_day` (of the closing); `answered` (something was said). Days are ints.

    Metric: satisfaction · Expectation against evaluation · 事前期待と事後評価
    Unit: code
    Source: rules A19, B10 to B14; Oliver 1980 (expectancy disconfirmation); ACSI's second question
    Since: 0.2.0 (2026-11-22)
    Verdict: kept; the order of days and strengths is ours
    Settings: satisfaction.*, referral.rewarded, purchases.count_unpaid, purchases.exclude.*
    """
    found = signs(touches, refunds, told, buyers, as_of_day=as_of_day, rules=rules)
    return _worded(_decided(_weighed(found, rules), as_of_day - rules.days), rules)


def _weighed(found: Frame, rules: SatisfactionRules) -> Frame:
    """With days and kinds read out of the keys, and `recovered_day`: when the newest complaint was closed.

    It is null where there is no complaint, none was closed since, or a Case of one is still open.
    """
    bad_day, closed, waiting = nw.col("bad_day"), nw.col("closed_day"), nw.col("waiting")
    from_case = nw.col("bad_kind") == CASE
    later = nw.when(nw.col("bad_kind") > CASE).then(closed > bad_day).otherwise(closed >= bad_day)
    unanswered = (waiting > nw.col("word")).fill_null(True)
    waits = (day_of_key(waiting) > bad_day - rules.days).fill_null(False) & unanswered
    still_open = from_case & is_open_of_key(nw.col("bad"))
    closing = nw.when(from_case).then(nw.col("closed_complaint_day")).when(later).then(closed)
    return (
        found.with_columns(
            newest=nw.max_horizontal("word", "bad"),
            word_day=day_of_key(nw.col("word")),
            bad_day=day_of_key(nw.col("bad")),
            bad_kind=kind_of_key(nw.col("bad")),
        )
        .with_columns(waits=waits | still_open.fill_null(False), closing=closing.otherwise(None))
        .with_columns(recovered_day=nw.when(~nw.col("waits")).then(nw.col("closing")))
    )


def _decided(weighed: Frame, since: int) -> Frame:
    """With `row`, the number in the table; evidence counts that is newer than the day `since`."""
    newest, recovered_day, bad_day = nw.col("newest"), nw.col("recovered_day"), nw.col("bad_day")
    row = nw.col("row")
    return (
        weighed.with_columns(counts=(day_of_key(newest) > since).fill_null(False))
        .with_columns(complains=nw.col("counts") & (newest == nw.col("bad")).fill_null(False))
        .with_columns(spoken_day=nw.when("complains").then(recovered_day).otherwise(nw.col("word_day")))
        .with_columns(told_since=(nw.col("told_day") > nw.col("spoken_day")).fill_null(False))
        .with_columns(
            row=_row(),
            answered=(nw.col("said_day") > since).fill_null(False),
            recovered=(~recovered_day.is_null()) & (bad_day > since).fill_null(False),
        )
        .with_columns(dated=row.is_in([1, 3, 5]), by_mouth=row.is_in([2, 4, 6]))
    )


def _row() -> nw.Expr:
    """The number of the first row of the table that holds."""
    complains, counts, told_since = nw.col("complains"), nw.col("counts"), nw.col("told_since")
    return (
        nw.when(complains & nw.col("recovered_day").is_null())
        .then(nw.lit(1, nw.Int64))
        .when(complains & told_since)
        .then(nw.lit(2, nw.Int64))
        .when(complains)
        .then(nw.lit(3, nw.Int64))
        .when(counts & told_since & (saying_of_key(nw.col("newest")) == CONTENT))
        .then(nw.lit(4, nw.Int64))
        .when(counts)
        .then(nw.lit(5, nw.Int64))
        .when(~nw.col("told_day").is_null())
        .then(nw.lit(6, nw.Int64))
        .when(~nw.col("repeat_day").is_null())
        .then(nw.lit(7, nw.Int64))
        .otherwise(nw.lit(8, nw.Int64))
    )


def _worded(decided: Frame, rules: SatisfactionRules) -> Frame:
    """The columns people read."""
    row, newest, dated, by_mouth = (nw.col(name) for name in ("row", "newest", "dated", "by_mouth"))
    day = nw.when(dated).then(day_of_key(newest)).when(by_mouth).then(nw.col("told_day"))
    other = nw.when(by_mouth).then(nw.lit("word_of_mouth")).when(row == 7).then(nw.lit("repeat"))
    state = (
        nw.when(row.is_in([1, 5]))
        .then(_coded(saying_of_key(newest), _STATE_SAID))
        .when(by_mouth)
        .then(nw.lit(DELIGHTED))
        .when(row == 7)
        .then(nw.lit(SATISFIED))
        .otherwise(nw.lit(UNKNOWN))
    )
    return decided.with_columns(
        kind=_coded(kind_of_key(newest), dict(enumerate(KINDS))),
        rank=_coded(strength_of_key(newest), dict(enumerate(STRENGTHS))),
        evidence_day=day.when(row == 7).then(nw.col("repeat_day")).otherwise(None),
    ).select(
        "person_id",
        satisfaction=state,
        evidence=nw.when(dated).then(nw.col("kind")).otherwise(other),
        strength=nw.when(dated).then(nw.col("rank")).otherwise(other),
        evidence_day="evidence_day",
        expires_day=nw.col("evidence_day") + rules.days,
        open_complaint_day=nw.when(row == 1).then(nw.col("evidence_day")),
        recovered="recovered",
        recovered_day=nw.when("recovered").then(nw.col("recovered_day")),
        answered="answered",
    )


def _coded(number: nw.Expr, codes: Mapping[int, str]) -> nw.Expr:
    (first, code), *others = codes.items()
    chain = nw.when(number == first).then(nw.lit(code))
    for nth, text in others:
        chain = chain.when(number == nth).then(nw.lit(text))
    return chain.otherwise(nw.lit(None, nw.String))
