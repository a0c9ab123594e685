"""What a touch is a sign of on the way to the first purchase: of a stage, of leaving, of a state of now."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from metrics.purchases import Frame
from metrics.whole_numbers import quotient

ATTENTION, INTEREST, DESIRE, MEMORY, ACTION = STAGES = ("attention", "interest", "desire", "memory", "action")
POSITIVE_CONSENT = ("subscribed", "pending")
REFUSALS = ("unsubscribed", "redacted")
STANDING_REFUSAL = "opted_out"
"""A refusal that is in force now and bears no day."""

EVIDENCE = {
    ATTENTION: ("known",),
    INTEREST: ("consent", "campaign_response", "lead_working"),
    DESIRE: ("abandoned_checkout", "draft_order", "opportunity"),
    MEMORY: ("second_checkout", "invoice_sent", "proposal", "opportunity_won", "lead_converted"),
    ACTION: ("purchase",),
}
"""The kinds of evidence of every stage; of several on one day the first is told."""
EXITS = ("unsubscribed", "lead_closed", "opportunity_lost")
KINDS_A_DAY = 8
STATES = ("refuses", "given_up", "under_way")
"""What is so now, since nobody knows when: mail is refused, a lead was closed, something is being tried."""
TOUCHES = (
    "consent",
    "campaign_sent",
    "campaign_response",
    "abandoned_checkout",
    "draft_order",
    "invoice_sent",
    "lead",
    "opportunity",
    "opportunity_stage",
)


def marks(seen: Frame, as_of_day: int) -> Frame:
    """Every touch with what it is a sign of, as keys: day x `KINDS_A_DAY` + the number of the evidence.

    `touched_day`: its day; `sign_day`: the newest day on which it is a sign of anything but leaving.
    """
    ended = nw.col("ended_day")
    dated = seen.with_columns(
        is_over=ended.is_null() | (ended <= as_of_day),
        end=ended.fill_null(nw.col("day")),
        is_left_open=is_left_open(as_of_day),
    )
    marked = dated.with_columns(**_stage_keys(), **_states(), exit=_exit_key(), touched_day=nw.col("day"))
    return marked.with_columns(sign_day=quotient(nw.max_horizontal(INTEREST, DESIRE, MEMORY), KINDS_A_DAY))


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
        (kind.is_in(("opportunity", "opportunity_stage")) & (value == "proposal"), day),
        (deal & (value == "won") & over, end),
        (lead & (value == "converted") & over, end),
    ]
    return {INTEREST: _key(interest), DESIRE: _key(desire), MEMORY: _key(memory)}


def _exit_key() -> nw.Expr:
    kind, value, over, end = nw.col("kind"), nw.col("value"), nw.col("is_over"), nw.col("end")
    return _key(
        [
            ((kind == "consent") & value.is_in(REFUSALS), nw.col("day")),
            ((kind == "lead") & (value == "closed") & over & ~nw.col("ended_day").is_null(), end),
            ((kind == "opportunity") & (value == "lost") & over, end),
        ]
    )


def _states() -> dict[str, nw.Expr]:
    """What holds now without a day, as 1 or null: for `STATES`."""
    kind, value, left_open = nw.col("kind"), nw.col("value"), nw.col("is_left_open")
    undated = nw.col("ended_day").is_null()
    untold = (value != "won") & (value != "lost")
    holds = (
        (kind == "consent") & (value == STANDING_REFUSAL),
        (kind == "lead") & (value == "closed") & undated,
        ((kind == "lead") & (value == "working"))
        | ((kind == "opportunity") & left_open & (untold | ~undated)),
    )
    return {name: nw.when(one).then(nw.lit(1, nw.Int64)) for name, one in zip(STATES, holds, strict=True)}


def is_left_open(as_of_day: int) -> nw.Expr:
    """Whether a touch had not ended by then."""
    return nw.col("ended_day").is_null() | (nw.col("ended_day") > as_of_day)


def _key(evidence: Sequence[tuple[nw.Expr, nw.Expr]]) -> nw.Expr:
    """The key of the first condition that holds with its day; the place in the list is the kind's number."""
    numbered = [(holds, day * KINDS_A_DAY + nth) for nth, (holds, day) in enumerate(evidence)]
    return first_of(numbered).cast(nw.Int64)


def first_of(cases: Sequence[tuple[nw.Expr, nw.Expr]]) -> nw.Expr:
    """What the first condition that holds comes with, null where none does."""
    (holds, then), *others = cases
    chain = nw.when(holds).then(then)
    for holds, then in others:
        chain = chain.when(holds).then(then)
    return chain.otherwise(None)
