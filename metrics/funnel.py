"""Funnel (AIDMA, 購買心理の段階): the furthest step toward the first purchase that has evidence.

A stage is reached by evidence alone and never lost by more of it. That somebody leaves (unsubscribes, a deal
is lost) is no stage: it stands apart, with its day where one is known.
"""

from __future__ import annotations

import narwhals as nw

from metrics.funnel_signs import (
    ATTENTION,
    DESIRE,
    EVIDENCE,
    EXITS,
    INTEREST,
    KINDS_A_DAY,
    MEMORY,
    STAGES,
    STATES,
    TOUCHES,
    first_of,
    is_left_open,
    marks,
)
from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.whole_numbers import quotient

TARGET, PROSPECT = "target", "prospect"
AUDIENCES = {ATTENTION: TARGET, INTEREST: PROSPECT}
"""What the merchant's school calls those who are at these stages: ターゲット and 見込み客."""


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
    |        | proposal, now or by its history (opportunity_stage): `day`; opportunity won, lead converted:
    |        | `ended_day` |
    | action | a valid purchase, and nothing else: the first purchase day |

    Skipped stages count as passed. What is dated later than the day asked about has not happened: a deal
    closed later is an open one, a lead converted later a new one, a checkout completed later is not
    completed. A completed checkout or draft is an order, which speaks for itself. An opportunity at proposal
    whose history is not seen bears the day of its creation. An opportunity lost remains a sign of desire.
    Exit: consent unsubscribed or redacted (`day`), lead closed and opportunity lost (`ended_day`), with no
    newer sign: any evidence above of a later day, a campaign's mail and the mere creation of a lead aside.
    What bears no day is a state of now, like consent itself, whatever day is asked about, and no sign is
    newer: consent opted_out ends with the consent alone; a lead closed without `ended_day` ends what is under
    way by it, so that a purchase, a lead worked on or an opportunity not yet closed speaks against it.

    In: `persons` (`person_id`, `known_day`: int, null if unknown); `touches` (`person_id`, `kind`, `day`,
    `ended_day`, `value`), other kinds are ignored; `buyers` (`tenure.tenure`).
    Out: one row per row of `persons`: `person_id`; `funnel_stage` (a code of `STAGES`), `funnel_evidence`
    (known, consent, campaign_response, lead_working, abandoned_checkout, draft_order, opportunity,
    second_checkout, invoice_sent, proposal, opportunity_won, lead_converted, purchase), `funnel_day` (its
    first day; of several on one day the first in the order of this list); `entered_day` (the first day of
    any sign, or when the person became known); `exited` (bool), `exit_evidence` (unsubscribed, lead_closed,
    opportunity_lost), null unless exited, and `exit_day`, null also where no day is known.

    Metric: funnel_stage · Funnel stage (AIDMA) · 購買心理の段階(AIDMA)
    Unit: code
    Source: rules B8 and B1; evidence by what the platforms' APIs hold (docs/metrics.md)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: funnel.*, purchases.count_unpaid, purchases.exclude.*
    """
    seen = touches.filter(
        ~nw.col("person_id").is_null(), nw.col("day") <= as_of_day, nw.col("kind").is_in(TOUCHES)
    )
    firsts = [nw.col(name).min() for name in (INTEREST, DESIRE, MEMORY, "touched_day")]
    reached = materialise(
        marks(seen, as_of_day)
        .group_by("person_id")
        .agg(*firsts, *(nw.col(name).max() for name in ("exit", "sign_day", *STATES)))
    )
    bought = buyers.select("person_id", "last_purchase_day", bought_day="first_purchase_day")
    everyone = (
        persons.select("person_id", "known_day")
        .join(reached, on="person_id", how="left")
        .join(materialise(_second_checkouts(seen, reached, as_of_day)), on="person_id", how="left")
        .join(bought, on="person_id", how="left")
    )
    return _worded(everyone, as_of_day)


def _second_checkouts(seen: Frame, reached: Frame, as_of_day: int) -> Frame:
    """`person_id` and `second`: the key of the first checkout left open on a later day than the first sign
    of desire."""
    first = reached.filter(~nw.col(DESIRE).is_null()).select(
        "person_id", desired_day=quotient(nw.col(DESIRE), KINDS_A_DAY)
    )
    return (
        seen.filter(nw.col("kind") == "abandoned_checkout", is_left_open(as_of_day))
        .select("person_id", "day")
        .join(first, on="person_id", how="inner")
        .filter(nw.col("day") > nw.col("desired_day"))
        .group_by("person_id")
        .agg(nw.col("day").min())
        .select("person_id", second=nw.col("day") * KINDS_A_DAY)
    )


def _worded(everyone: Frame, as_of_day: int) -> Frame:
    """The columns people read."""
    known_day, exit_day = nw.col("known_day"), nw.col("exit_day")
    keys = [(nw.col("funnel_stage") == code, nw.col(code)) for code in STAGES]
    dated = nw.col("left_then")
    why_left = [
        (dated & (nw.col("exit") % KINDS_A_DAY == number), nw.lit(kind)) for number, kind in enumerate(EXITS)
    ]
    why_left += [(nw.col("refuses") == 1, nw.lit(EXITS[0])), (nw.col("came_to_nothing"), nw.lit(EXITS[1]))]
    return (
        everyone.with_columns(
            known_day=nw.when(known_day <= as_of_day).then(known_day),
            memory=nw.min_horizontal(MEMORY, "second"),
            action=nw.col("bought_day") * KINDS_A_DAY,
            exit_day=quotient(nw.col("exit"), KINDS_A_DAY),
            newest_day=nw.max_horizontal("sign_day", "last_purchase_day"),
        )
        .with_columns(entered_day=nw.min_horizontal("known_day", "touched_day", "bought_day"))
        .with_columns(attention=nw.col("entered_day") * KINDS_A_DAY, funnel_stage=_furthest(), **_left())
        .with_columns(
            key=first_of(keys), exited=dated | nw.col("came_to_nothing") | ~nw.col("refuses").is_null()
        )
        .select(
            "person_id",
            "funnel_stage",
            funnel_evidence=_kind(),
            funnel_day=quotient(nw.col("key"), KINDS_A_DAY),
            entered_day="entered_day",
            exited="exited",
            exit_evidence=nw.when("exited").then(first_of(why_left)),
            exit_day=nw.when(dated).then(exit_day),
        )
    )


def _left() -> dict[str, nw.Expr]:
    """Whether somebody left on a day, with no newer sign, and whether a closed lead ended all there was."""
    exit_day, newest_day = nw.col("exit_day"), nw.col("newest_day")
    begun = ~nw.col("under_way").is_null() | ~nw.col("bought_day").is_null()
    return {
        "left_then": ~exit_day.is_null() & (newest_day.is_null() | (newest_day <= exit_day)),
        "came_to_nothing": ~nw.col("given_up").is_null() & ~begun,
    }


def _kind() -> nw.Expr:
    """The name of the evidence in `key`; who is known since nobody knows when has no key."""
    stage, number = nw.col("funnel_stage"), (nw.col("key") % KINDS_A_DAY).fill_null(0)
    return first_of(
        [
            ((stage == code) & (number == nth), nw.lit(kind))
            for code in STAGES
            for nth, kind in enumerate(EVIDENCE[code])
        ]
    )


def _furthest() -> nw.Expr:
    """The code of the last stage with a key; attention is where everybody is who is known."""
    reached = [(~nw.col(code).is_null(), nw.lit(code)) for code in reversed(STAGES[1:])]
    return first_of([*reached, (nw.lit(True), nw.lit(ATTENTION))])
