"""What counts as a purchase by the merchant's settings, over the store's orders as they are now."""

from __future__ import annotations

from collections.abc import Collection

from metrics.evidence import SatisfactionRules
from metrics.purchases import PurchaseRules, superseded_firsts
from metrics.scores import ScoreRules
from metrics.segment import Thresholds
from sync import frames
from sync.personal import folded_tag
from sync.store import Store
from zaiseki.settings import Settings


def purchase_rules(settings: Settings) -> PurchaseRules:
    """What the merchant counts as a purchase."""
    exclude = settings.purchases.exclude
    return PurchaseRules(
        unit=settings.purchases.unit,
        count_unpaid=settings.purchases.count_unpaid,
        exclude_tags=tuple(folded_tag(tag) for tag in exclude.tags),
        exclude_channels=exclude.channels,
        exclude_b2b=exclude.b2b,
    )


def score_rules(settings: Settings, thresholds: Thresholds) -> ScoreRules:
    """All of the merchant's rules that scores depend on."""
    given = settings.satisfaction
    answers = SatisfactionRules(
        nps_low=given.nps[0],
        nps_high=given.nps[1],
        days=given.days,
        rewarded=settings.referral.rewarded,
        reviews_rewarded=given.reviews_rewarded,
    )
    return ScoreRules(purchase_rules(settings), thresholds, answers)


def refresh_frames(
    store: Store,
    rules: PurchaseRules,
    *,
    as_of_day: int,
    max_sharing: int = frames.MAX_SHARING,
    referrer_sources: Collection[str] = (),
) -> None:
    """Make the scorers' frames anew, with the first purchases from fields that say more than the orders.

    `max_sharing` and `referrer_sources` are as in `frames.refresh`.
    """
    frames.refresh(store, max_sharing=max_sharing, referrer_sources=referrer_sources)
    settle_firsts(store, rules, as_of_day=as_of_day)


def settle_firsts(store: Store, rules: PurchaseRules, *, as_of_day: int) -> None:
    """Take out of the frames the first purchases that say no more than the orders that count."""
    if store.rows("SELECT 1 FROM person_orders WHERE amount_unknown LIMIT 1"):
        orders, refunds = frames.frame(store, "person_orders"), frames.frame(store, "person_refunds")
        frames.drop_firsts(store, superseded_firsts(orders, refunds, as_of_day=as_of_day, rules=rules))
