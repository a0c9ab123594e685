"""Satisfaction of the whole shop: shares that say how many were heard, and what people did afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.given_back import speaking
from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.satisfaction import (
    DELIGHTED,
    DISSATISFIED,
    SAID,
    SATISFIED,
    STATES,
    UNKNOWN,
    satisfaction,
)
from metrics.shop_frames import ShopFrames, ShopRules
from metrics.shop_line import ShopLine, mean, share

AFTER_DAYS = 180
RECOVERED = "recovered"
"""A part of its own beside the states: a complaint that was closed, with no later word."""


def satisfaction_figures(
    frames: ShopFrames,
    told: Frame,
    valid: Frame,
    buyers: Frame,
    *,
    as_of_day: int,
    rules: ShopRules,
    materialise: Materialise,
) -> list[ShopLine]:
    """What customers thought as of the day, and what followed on what they thought `AFTER_DAYS` before.

    In: `told` (`person_id` of who told somebody, `day` of it), `valid_purchases`, `tenure.tenure`, all as of
    `as_of_day`.
    """
    touches, refunds = speaking(
        frames.touches,
        frames.refunds,
        frames.orders,
        as_of_day=as_of_day,
        rules=rules.purchases,
        materialise=materialise,
    )
    # What followed is looked at without repeat buying, so who bought until then need not be known then.
    nobody = buyers.filter(nw.col("purchases") < 1)
    now, then = (
        materialise(satisfaction(touches, refunds, told, who, as_of_day=day, rules=rules.satisfaction))
        for who, day in ((buyers, as_of_day), (nobody, as_of_day - AFTER_DAYS))
    )
    after = after_evidence(then, valid, as_of_day=as_of_day)
    return [*satisfaction_lines(now, buyers), *after_evidence_lines(after, step=rules.smallest)]


def satisfaction_lines(states: Frame, buyers: Frame) -> list[ShopLine]:
    """How many buyers stand where, and how many of them were heard at all.

    satisfaction_share: of all buyers, by state, `unknown` included. satisfaction_answers: the same of those
    whose state comes from their own answer, n beside it. response_rate: buyers who answered / buyers; whoever
    reads a share reads this too, since only who answers is measured. recovered_complaints: buyers whose
    newest complaint was closed, n = buyers with a complaint that counts. All within `satisfaction.days` days.

    In: `states` (`satisfaction.satisfaction`), `buyers` (`tenure.tenure`).

    Metric: satisfaction_share · Buyers by satisfaction · 満足度の構成比
    Metric: satisfaction_answers · Answers by satisfaction · 回答者の満足度の構成比
    Metric: response_rate · Response rate · 回答率
    Metric: recovered_complaints · Recovered complaints · 解消したご不満
    Unit: recovered_complaints: people; else share
    Source: rules A14 and B10; Oliver 1980
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: satisfaction.*, referral.rewarded, purchases.count_unpaid, purchases.exclude.*
    """
    rows = _counted(states, buyers)
    people, answered, recovered = (
        sum(row[name] for row in rows) for name in ("people", "answered", "recovered")
    )
    by_state = {row["satisfaction"]: row for row in rows}
    own_words = sum(row["own_words"] for row in rows)
    lines = []
    for state in STATES:
        found = by_state.get(state, {"people": 0, "own_words": 0})
        lines.append(ShopLine("satisfaction_share", state, share(found["people"], people), people))
        if state != UNKNOWN:
            of_answers = share(found["own_words"], own_words)
            lines.append(ShopLine("satisfaction_answers", state, of_answers, own_words))
    complaints = recovered + sum(row["complaints"] for row in rows)
    lines.append(ShopLine("response_rate", "", share(answered, people), people))
    lines.append(ShopLine("recovered_complaints", "", Decimal(recovered), complaints))
    return lines


def _counted(states: Frame, buyers: Frame) -> list[dict[str, Any]]:
    """At most one row per state."""
    complained, recovered = nw.col("open_complaint_day"), nw.col("recovered")
    told = states.select(
        "person_id",
        "satisfaction",
        answered=nw.col("answered").cast(nw.Int64),
        recovered=recovered.cast(nw.Int64),
        own_words=nw.col("strength").is_in(SAID).fill_null(False).cast(nw.Int64),
        complaints=(~complained.is_null() & ~recovered).cast(nw.Int64),
    )
    sums = ("answered", "recovered", "own_words", "complaints")
    counted = (
        buyers.select("person_id")
        .join(told, on="person_id", how="left")
        .with_columns(nw.col("satisfaction").fill_null(UNKNOWN))
        .group_by("satisfaction")
        .agg(nw.len().alias("people"), *(nw.col(name).sum().fill_null(0) for name in sums))
    )
    return [
        {name: value if name == "satisfaction" else int(value or 0) for name, value in row.items()}
        for row in counted.collect().rows(named=True)
    ]


def after_evidence(then: Frame, valid: Frame, *, as_of_day: int, days: int = AFTER_DAYS) -> Frame:
    """What people did in the `days` days after the evidence, by the state that it gave them.

    Everybody's evidence is taken as it stood `days` days before `as_of_day`, so that all of it is mature and
    no later word chooses who is looked at. A purchase of the evidence's own day is not one after it. Repeat
    buying is left out as evidence: that who bought again buys again would prove nothing.

    In: `then`: `satisfaction.satisfaction` as of `as_of_day` - `days`; `valid`: `purchases.valid_purchases`
    as of `as_of_day` (`person_id`, `ordered_day`, `net`).
    Out, one row per state: `state` (a code of `satisfaction.STATES`, or recovered), `people`, `came_back`
    (who bought at least once; both int), `net` (decimal).
    """
    state, evidence_day = nw.col("satisfaction"), nw.col("evidence_day")
    heard = then.filter(
        ~evidence_day.is_null(), nw.col("strength") != "repeat", evidence_day <= as_of_day - days
    ).select(
        "person_id",
        "evidence_day",
        state=nw.when(state == UNKNOWN).then(nw.lit(RECOVERED)).otherwise(state),
    )
    bought = (
        valid.select("person_id", "ordered_day", "net")
        .join(heard.select("person_id", "evidence_day"), on="person_id", how="inner")
        .filter(nw.col("ordered_day") > evidence_day, nw.col("ordered_day") <= evidence_day + days)
        .group_by("person_id")
        .agg(nw.col("net").sum())
    )
    return (
        heard.join(bought, on="person_id", how="left")
        .with_columns(came_back=(~nw.col("net").is_null()).cast(nw.Int64))
        .group_by("state")
        .agg(nw.len().cast(nw.Int64).alias("people"), nw.col("came_back").sum(), nw.col("net").sum())
        .with_columns(nw.col("net").fill_null(Decimal(0)))
    )


def after_evidence_lines(after: Frame, *, step: Decimal) -> list[ShopLine]:
    """The share who bought again in the 180 days after the evidence and what all spent on average, by state.

    Everybody's state is that of 180 days ago; `recovered` is a complaint that was closed. n = the people of
    the state, no value where there are none. Repeat buying is no evidence here. That one follows the other
    does not say that it is because of the other.

    In: `after_evidence`; `step`: the smallest amount of the reporting currency (1 for JPY, 0.01 for USD).

    Metric: repeat_after_evidence · Bought within 180 days after · 評価後180日以内の再購入率
    Metric: spend_after_evidence · Mean net spend within 180 days after · 評価後180日間の平均購入金額
    Unit: repeat_after_evidence: share; spend_after_evidence: reporting currency
    Source: rules B14 and B17
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: satisfaction.*, referral.rewarded, purchases.count_unpaid, purchases.exclude.*
    """
    found = {row["state"]: row for row in after.collect().rows(named=True)}
    lines = []
    for state in (DISSATISFIED, SATISFIED, DELIGHTED, RECOVERED):
        row = found.get(state, {"people": 0, "came_back": 0, "net": Decimal(0)})
        people = int(row["people"])
        back = share(int(row["came_back"]), people)
        lines.append(ShopLine("repeat_after_evidence", state, back, people))
        lines.append(ShopLine("spend_after_evidence", state, mean(Decimal(row["net"]), people, step), people))
    return lines
