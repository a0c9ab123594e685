"""What the figures of the shop are made from: the frames, and what the merchant's settings say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from metrics.acquisition import SourceRules
from metrics.contacts import ContactRules
from metrics.evidence import SatisfactionRules
from metrics.koopman import Market
from metrics.products import ProductRules
from metrics.purchases import Frame, PurchaseRules
from metrics.segment import Thresholds
from metrics.word_of_mouth import WINDOW_DAYS


@dataclass(frozen=True, slots=True)
class ShopFrames:
    """What is known, as the scorers of each part take it; None: not read.

    `persons` (`person_id`, `known_day`); `orders`, `refunds` as in `purchases.valid_purchases` (orders with
    `ordered_at`, `channel`, `discount_codes`, `utm_medium`, `visit`; refunds with `reason`); `touches` as in
    `satisfaction` and `funnel`; `subscriptions` as in `subscribers`; `rfm_groups` as in `rfm_agreement`;
    `codes`: `code`, `person_id`; `scores`: a row per person, `person_id`, `segment`, `contact_by` and, where
    it is known, `next_action`; `named`: `attribution.named_referrers` as of the day, None where nothing
    tracks referrals; `order_lines` as in `products`; `invitations` as in `word_of_mouth`.
    """

    persons: Frame
    orders: Frame
    refunds: Frame
    touches: Frame
    subscriptions: Frame
    rfm_groups: Frame
    codes: Frame
    scores: Frame
    named: Frame | None = None
    order_lines: Frame | None = None
    invitations: Frame | None = None


@dataclass(frozen=True, slots=True)
class ShopRules:
    """Everything that the merchant's settings say of the figures; `smallest`: of the reporting currency."""

    purchases: PurchaseRules
    thresholds: Thresholds
    smallest: Decimal
    satisfaction: SatisfactionRules = field(default_factory=SatisfactionRules)
    contacts: ContactRules = field(default_factory=ContactRules)
    products: ProductRules = field(default_factory=ProductRules)
    sources: SourceRules = field(default_factory=SourceRules)
    window_days: int = WINDOW_DAYS
    max_redemptions: int | None = None
    code_pattern: str | None = None
    market: Market | None = None
