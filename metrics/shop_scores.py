"""The shop as of a day: every figure of the whole shop, from one pass over what they share."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from metrics import attribution, contacts, products, word_of_mouth
from metrics.acquisition import acquired_by_month, acquisition, acquisition_lines
from metrics.best_reach import best_reach_lines
from metrics.channel_shares import channel_buyers, channel_lines, channel_months
from metrics.cohorts import cohort_lines
from metrics.continuation import continuation_lines
from metrics.expectation_shop import expectation_lines
from metrics.funnel import funnel
from metrics.funnel_shop import funnel_cohorts, funnel_lines
from metrics.human_touches import human_touch_lines
from metrics.koopman import koopman_lines
from metrics.lives import KEY, Materialise
from metrics.migration import migration_lines
from metrics.monthly import monthly, monthly_lines
from metrics.portfolio import portfolio_lines
from metrics.purchase_steps import purchase_steps
from metrics.purchases import Frame, valid_purchases
from metrics.referral_codes import code_lines
from metrics.referred_value import referred_value_lines
from metrics.repeat import repeat_lines
from metrics.rfm_agreement import rfm_agreement_lines
from metrics.satisfaction_shop import satisfaction_figures
from metrics.segment_moves import segment_move_lines
from metrics.segment_spans import segment_spans
from metrics.shop_frames import ShopFrames, ShopRules
from metrics.shop_line import ShopLine
from metrics.shop_people import known_on
from metrics.spend_distribution import interval_lines, purchase_lines, spend_lines
from metrics.subscribers import subscriber_lines
from metrics.tenure import tenure
from metrics.tenure_distribution import tenure_lines
from metrics.viral import growth_lines

MONTHS = 24
"""Months that are told one by one: this one, and two years to compare it with."""
MIGRATION_DAYS = 180
BEST_DAYS = 365
_NEEDED = (
    *(*KEY, "person_id", "ordered_day", "ordered_at", "net", "channel", "discount_codes"),
    *("utm_medium", "visit"),
)
"""Columns of valid purchases that some figure reads; the rest would only take memory."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """What several figures are made of, each computed once."""

    valid: Frame
    buyers: Frame
    steps: Frame
    spans: Frame
    edges: Frame


def shop_lines(
    frames: ShopFrames, *, as_of_day: int, rules: ShopRules, materialise: Materialise
) -> list[ShopLine]:
    """Every figure of the shop as of `as_of_day`, part by part, in the order of `shop_order`.

    Dated events after `as_of_day` are not seen, nor people who were not known yet (`shop_people.known_on`);
    consent, codes, subscriptions and RFM groups are those of now. Gaps and targets look at these lines and
    are no part of them (`gaps.gap_lines`, `targets.target_lines`). A few thousand lines: they grow with the
    shop's months, not with its people.
    """
    known = _shared(frames, as_of_day, rules, materialise)
    frames = known_on(frames, known.buyers, as_of_day=as_of_day, materialise=materialise)
    return [
        *_repeat(frames, known, as_of_day, rules, materialise),
        *_portfolio(frames, known, as_of_day, rules, materialise),
        *_word_of_mouth(frames, known, as_of_day, rules, materialise),
        *_satisfaction(frames, known, as_of_day, rules, materialise),
        *_funnel(frames, known, as_of_day, materialise),
        *channel_lines(channel_months(known.valid, materialise=materialise), channel_buyers(known.valid)),
        *_acquisition(known, rules, materialise),
        *_contacts(frames, known, as_of_day, rules, materialise),
        *human_touch_lines(frames.touches, as_of_day=as_of_day, months=MONTHS, materialise=materialise),
        *rfm_agreement_lines(frames.rfm_groups, frames.scores),
        *expectation_lines(
            known.valid,
            known.buyers,
            as_of_day=as_of_day,
            smallest=rules.smallest,
            materialise=materialise,
        ),
        *koopman_lines(known.valid, rules.market, as_of_day=as_of_day),
    ]


def _shared(frames: ShopFrames, as_of_day: int, rules: ShopRules, materialise: Materialise) -> _Shared:
    counted = valid_purchases(frames.orders, frames.refunds, as_of_day=as_of_day, rules=rules.purchases)
    valid = materialise(counted.select(*_NEEDED))
    buyers = materialise(tenure(valid, rules=rules.purchases))
    spans = segment_spans(
        frames.orders,
        frames.refunds,
        as_of_day=as_of_day,
        rules=rules.purchases,
        thresholds=rules.thresholds,
        materialise=materialise,
    )
    steps = materialise(purchase_steps(valid, rules=rules.purchases))
    edges = _no_edges(buyers) if frames.named is None else attribution.referrals(frames.named)
    return _Shared(valid, buyers, steps, materialise(spans), materialise(edges))


def _no_edges(buyers: Frame) -> Frame:
    nobody = buyers.filter(nw.col("purchases") < 1)
    return nobody.select(
        "person_id",
        referrer_id=nw.col("person_id"),
        ordered_day=nw.col("first_purchase_day"),
        cycle_days=nw.col("tenure_days"),
    )


def _portfolio(
    frames: ShopFrames, known: _Shared, as_of_day: int, rules: ShopRules, materialise: Materialise
) -> list[ShopLine]:
    # Whoever is active at the end of the oldest month told bought less than L days before it.
    oldest = as_of_day - MONTHS * 31 - rules.thresholds.lapse_days
    found = monthly(
        known.valid.filter(nw.col("ordered_day") >= oldest),
        known.buyers,
        as_of_day=as_of_day,
        months=MONTHS,
        rules=rules.purchases,
        lapse_days=rules.thresholds.lapse_days,
        materialise=materialise,
    )
    spans, then = known.spans, as_of_day - MIGRATION_DAYS
    return [
        *portfolio_lines(frames.scores),
        *tenure_lines(known.buyers),
        *spend_lines(known.buyers, step=rules.smallest),
        *purchase_lines(known.buyers),
        *interval_lines(known.buyers),
        *monthly_lines(found, step=rules.smallest),
        *segment_move_lines(spans, as_of_day=as_of_day, months=MONTHS, materialise=materialise),
        *migration_lines(spans, from_day=then, to_day=as_of_day),
        *best_reach_lines(spans, known.buyers, as_of_day=as_of_day, horizon_days=BEST_DAYS),
    ]


def _repeat(
    frames: ShopFrames, known: _Shared, as_of_day: int, rules: ShopRules, materialise: Materialise
) -> list[ShopLine]:
    lapse_days, lines = rules.thresholds.lapse_days, frames.order_lines
    trial_only, by_product = None, []
    if lines is not None:
        by_product = products.product_lines(
            known.valid, lines, as_of_day=as_of_day, rules=rules.products, materialise=materialise
        )
    if lines is not None and rules.products.front_end:
        trial_only = materialise(products.trial_only(known.valid, lines, rules.products))
    return [
        *by_product,
        *repeat_lines(known.steps, as_of_day=as_of_day, trial_only=trial_only),
        *continuation_lines(known.valid, as_of_day=as_of_day),
        *cohort_lines(known.steps, as_of_day=as_of_day, materialise=materialise),
        *subscriber_lines(known.buyers, frames.subscriptions, as_of_day=as_of_day, lapse_days=lapse_days),
    ]


def _word_of_mouth(
    frames: ShopFrames, known: _Shared, as_of_day: int, rules: ShopRules, materialise: Materialise
) -> list[ShopLine]:
    if frames.named is None:
        return []
    found = word_of_mouth.word_of_mouth_lines(
        known.buyers,
        known.edges,
        as_of_day=as_of_day,
        window_days=rules.window_days,
        invitations=frames.invitations,
    )
    return [
        *found,
        *growth_lines(found),
        *word_of_mouth.refusal_lines(frames.named),
        *code_lines(
            known.valid,
            frames.codes,
            max_redemptions=rules.max_redemptions,
            pattern=rules.code_pattern,
        ),
        *referred_value_lines(
            known.valid,
            known.steps,
            known.edges,
            as_of_day=as_of_day,
            step=rules.smallest,
            materialise=materialise,
        ),
    ]


def _satisfaction(
    frames: ShopFrames, known: _Shared, as_of_day: int, rules: ShopRules, materialise: Materialise
) -> list[ShopLine]:
    told = known.edges.select(person_id=nw.col("referrer_id"), day=nw.col("ordered_day"))
    return satisfaction_figures(
        frames,
        told,
        known.valid,
        known.buyers,
        as_of_day=as_of_day,
        rules=rules,
        materialise=materialise,
    )


def _funnel(frames: ShopFrames, known: _Shared, as_of_day: int, materialise: Materialise) -> list[ShopLine]:
    stages = funnel(
        frames.persons, frames.touches, known.buyers, as_of_day=as_of_day, materialise=materialise
    )
    return funnel_lines(funnel_cohorts(materialise(stages), materialise=materialise))


def _acquisition(known: _Shared, rules: ShopRules, materialise: Materialise) -> list[ShopLine]:
    sources = acquisition(
        known.valid, known.buyers, known.edges, materialise=materialise, rules=rules.sources
    )
    return acquisition_lines(acquired_by_month(materialise(sources), materialise=materialise))


def _contacts(
    frames: ShopFrames, known: _Shared, as_of_day: int, rules: ShopRules, materialise: Materialise
) -> list[ShopLine]:
    spend = known.buyers.select("person_id", "tenure_days", "net_spend", "last_purchase_day")
    scored = frames.scores.select("person_id", "segment", "contact_by")
    people = materialise(scored.join(spend, on="person_id", how="left"))
    quiet = materialise(
        contacts.quiet_best(people, frames.touches, as_of_day=as_of_day, rules=rules.contacts)
    )
    lines = contacts.contact_lines(people, quiet)
    if "next_action" in frames.scores.collect_schema().names():
        lines += contacts.no_next_touch_lines(frames.scores)
    return lines
