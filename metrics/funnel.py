"""Funnel (AIDMA, 購買心理の段階): the furthest step toward the first purchase that has evidence.

A stage is reached by evidence alone and never lost by more of it. That somebody leaves (unsubscribes, a deal
is lost) is no stage: it stands apart, with its day.
"""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from metrics.lives import Materialise
from metrics.purchases import Frame

ATTENTION, INTEREST, DESIRE, MEMORY, ACTION = STAGES = ("attention", "interest", "desire", "memory", "action")
TARGET, PROSPECT = "target", "prospect"
AUDIENCES = {ATTENTION: TARGET, INTEREST: PROSPECT}
"""What the merchant's school calls those who are at these stages: ターゲット and 見込み客."""
POSITIVE_CONSENT = ("subscribed", "pending")
REFUSALS = ("unsubscribed", "redacted")

EVIDENCE = {
    ATTENTION: ("known",),
    INTEREST: ("consent", "campaign_response", "lead_working"),
    DESIRE: ("abandoned_checkout", "draft_order", "opportunity"),
    MEMORY: ("second_checkout", "invoice_sent", "proposal", "opportunity_won", "lead_converted"),
    ACTION: ("purchase",),
}
"""The kinds of evidence of every stage; of several on one day the first is told."""
EXITS = ("unsubscribed", "lead_closed", "opportunity_lost")
_KINDS_A_DAY = 8
_TOUCHES = (
    "consent",
    "campaign_sent",
    "campaign_response",
    "abandoned_checkout",
    "draft_order",
    "invoice_sent",
    "lead",
    "opportunity",
)


def funnel(
    persons: Frame, touches: Frame, buyers: Frame, *, as_of_day: int, materialise: Materialise
) -> Frame:
    """Everybody's furthest stage with its evidence and day, and whether they left.

    | stage | evidence, its day |
    |---|---|
    | attention | known: `known_day` |
    | interest | consent subscribed or pending; campaign_response; lead working: `day` |
    | desire | abandoned_checkout and draft_order that were not completed, opportunity: `day` |
    | memory | abandoned_checkout on a later day than the first sign of desire, invoice_sent, opportunity at
    |        | proposal: `day`; opportunity won, lead converted: `ended_day` |
    | action | a valid purchase, and nothing else: the first purchase day |

    Skipped stages count as passed. What is dated later than `as_of_day` has not happened: a deal closed
    later is an open one, a lead converted later a new one, a checkout completed later is not completed. A
    completed checkout or draft is an order, which speaks for itself. Salesforce keeps no date of a status:
    a proposal bears the day of the opportunity's creation. An opportunity lost remains a sign of desire.
    Exit: consent unsubscribed or redacted (`day`), lead closed (`ended_day`, else `day`), opportunity lost
    (`ended_day`), with no newer sign: any evidence above of a later day, a campaign's mail and the mere
    creation of a lead aside.

    In: `persons` (`person_id`, `known_day`: int, null if unknown); `touches` (`person_id`, `kind`, `day`,
    `ended_day`, `value`), other kinds are ignored; `buyers` (`tenure.tenure`).
    Out: one row per row of `persons`: `person_id`; `funnel_stage` (a code of `STAGES`), `funnel_evidence`
    (known, consent, campaign_response, lead_working, abandoned_checkout, draft_order, opportunity,
    second_checkout, invoice_sent, proposal, opportunity_won, lead_converted, purchase), `funnel_day` (its
    first day; of several on one day the first in the order of this list); `entered_day` (the first day of
    any sign, or when the person became known); `exited` (bool), `exit_evidence` (unsubscribed, lead_closed,
    opportunity_lost) and `exit_day`, null unless exited.

    Metric: funnel_stage · Funnel stage (AIDMA) · 購買心理の段階(AIDMA)
    Unit: code
    Source: rules B8 and B1; evidence by what the platforms' APIs hold (docs/metrics.md)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: funnel.*
    """
    seen = touches.filter(
        ~nw.col("person_id").is_null(), nw.col("day") <= as_of_day, nw.col("kind").is_in(_TOUCHES)
    )
    firsts = [nw.col(name).min() for name in (INTEREST, DESIRE, MEMORY, "touched_day")]
    reached = materialise(
        _marks(seen, as_of_day)
        .group_by("person_id")
        .agg(*firsts, nw.col("exit").max(), nw.col("sign_day").max())
    )
    bought = buyers.select("person_id", "last_purchase_day", bought_day="first_purchase_day")
    everyone = (
        persons.select("person_id", "known_day")
        .join(reached, on="person_id", how="left")
        .join(materialise(_second_checkouts(seen, reached, as_of_day)), on="person_id", how="left")
        .join(bought, on="person_id", how="left")
    )
    return _worded(everyone, as_of_day)


def _marks(seen: Frame, as_of_day: int) -> Frame:
    """Every touch with what it is a sign of, as keys: day x `_KINDS_A_DAY` + the number of the evidence.

    `touched_day`: its day; `sign_day`: the newest day on which it is a sign of anything but leaving.
    """
    ended = nw.col("ended_day")
    dated = seen.with_columns(
        is_over=ended.is_null() | (ended <= as_of_day),
        end=ended.fill_null(nw.col("day")),
        is_left_open=_is_left_open(as_of_day),
    )
    return dated.with_columns(**_stage_keys(), exit=_exit_key(), touched_day=nw.col("day")).with_columns(
        sign_day=nw.max_horizontal(INTEREST, DESIRE, MEMORY) // _KINDS_A_DAY
    )


def _stage_keys() -> dict[str, nw.Expr]:
    """What a touch is evidence of, stage by stage; the places are those of `EVIDENCE`."""
    kind, value, day, end = nw.col("kind"), nw.col("value"), nw.col("day"), nw.col("end")
    lead, deal, over, left_open = (
        kind == "lead",
        kind == "opportunity",
        nw.col("is_over"),
        nw.col("is_left_open"),
    )
    interest = [
        ((kind == "consent") & value.is_in(POSITIVE_CONSENT), day),
        (kind == "campaign_response", day),
        (lead & (value == "working"), day),
    ]
    desire = [
        ((kind == "abandoned_checkout") & left_open, day),
        ((kind == "draft_order") & left_open, day),
        (deal, day),
    ]
    memory = [
        (nw.lit(False), day),  # a second checkout shows only beside the first
        (kind == "invoice_sent", day),
        (deal & (value == "proposal"), day),
        (deal & (value == "won") & over, end),
        (lead & (value == "converted") & over, end),
    ]
    return {INTEREST: _key(interest), DESIRE: _key(desire), MEMORY: _key(memory)}


def _exit_key() -> nw.Expr:
    kind, value, over, end = nw.col("kind"), nw.col("value"), nw.col("is_over"), nw.col("end")
    return _key(
        [
            ((kind == "consent") & value.is_in(REFUSALS), nw.col("day")),
            ((kind == "lead") & (value == "closed") & over, end),
            ((kind == "opportunity") & (value == "lost") & over, end),
        ]
    )


def _is_left_open(as_of_day: int) -> nw.Expr:
    return nw.col("ended_day").is_null() | (nw.col("ended_day") > as_of_day)


def _key(evidence: Sequence[tuple[nw.Expr, nw.Expr]]) -> nw.Expr:
    """The key of the first condition that holds with its day; the place in the list is the kind's number."""
    numbered = [(holds, day * _KINDS_A_DAY + nth) for nth, (holds, day) in enumerate(evidence)]
    return _first(numbered).cast(nw.Int64)


def _second_checkouts(seen: Frame, reached: Frame, as_of_day: int) -> Frame:
    """`person_id` and `second`: the key of the first checkout left open on a later day than the first sign
    of desire."""
    first = reached.filter(~nw.col(DESIRE).is_null()).select(
        "person_id", desired_day=nw.col(DESIRE) // _KINDS_A_DAY
    )
    return (
        seen.filter(nw.col("kind") == "abandoned_checkout", _is_left_open(as_of_day))
        .select("person_id", "day")
        .join(first, on="person_id", how="inner")
        .filter(nw.col("day") > nw.col("desired_day"))
        .group_by("person_id")
        .agg(nw.col("day").min())
        .select("person_id", second=nw.col("day") * _KINDS_A_DAY)
    )


def _worded(everyone: Frame, as_of_day: int) -> Frame:
    """The columns people read."""
    known_day, exit_day, newest_day = nw.col("known_day"), nw.col("exit_day"), nw.col("newest_day")
    left = ~exit_day.is_null() & (newest_day.is_null() | (newest_day <= exit_day))
    keys = [(nw.col("funnel_stage") == code, nw.col(code)) for code in STAGES]
    why_left = [(nw.col("exit") % _KINDS_A_DAY == number, nw.lit(kind)) for number, kind in enumerate(EXITS)]
    return (
        everyone.with_columns(
            known_day=nw.when(known_day <= as_of_day).then(known_day),
            memory=nw.min_horizontal(MEMORY, "second"),
            action=nw.col("bought_day") * _KINDS_A_DAY,
            exit_day=nw.col("exit") // _KINDS_A_DAY,
            newest_day=nw.max_horizontal("sign_day", "last_purchase_day"),
        )
        .with_columns(entered_day=nw.min_horizontal("known_day", "touched_day", "bought_day"))
        .with_columns(attention=nw.col("entered_day") * _KINDS_A_DAY, funnel_stage=_furthest(), exited=left)
        .with_columns(key=_first(keys))
        .select(
            "person_id",
            "funnel_stage",
            funnel_evidence=_kind(),
            funnel_day=nw.col("key") // _KINDS_A_DAY,
            entered_day="entered_day",
            exited="exited",
            exit_evidence=nw.when("exited").then(_first(why_left)),
            exit_day=nw.when("exited").then(exit_day),
        )
    )


def _kind() -> nw.Expr:
    """The name of the evidence in `key`; who is known since nobody knows when has no key."""
    stage, number = nw.col("funnel_stage"), (nw.col("key") % _KINDS_A_DAY).fill_null(0)
    return _first(
        [
            ((stage == code) & (number == nth), nw.lit(kind))
            for code in STAGES
            for nth, kind in enumerate(EVIDENCE[code])
        ]
    )


def _furthest() -> nw.Expr:
    """The code of the last stage with a key; attention is where everybody is who is known."""
    reached = [(~nw.col(code).is_null(), nw.lit(code)) for code in reversed(STAGES[1:])]
    return _first([*reached, (nw.lit(True), nw.lit(ATTENTION))])


def _first(cases: Sequence[tuple[nw.Expr, nw.Expr]]) -> nw.Expr:
    """What the first condition that holds comes with, null where none does."""
    (holds, then), *others = cases
    chain = nw.when(holds).then(then)
    for holds, then in others:
        chain = chain.when(holds).then(then)
    return chain.otherwise(None)
