"""Sections of `zaiseki.toml` on what is measured: thresholds, products, referrals, answers, the market."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from zaiseki.settings_types import ApiName, Metafield, Section, Tag, regular_expression


class Segment(Section):
    """The thresholds of the customer portfolio. A key set here wins over `zaiseki.thresholds.toml`."""

    best_spend: Annotated[Decimal, Field(gt=0)] | None = None
    steady_days: Annotated[int, Field(gt=0)] = 90
    best_days: Annotated[int, Field(gt=0)] = 210
    lapse_days: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Segment:
        if self.steady_days >= self.best_days:
            raise ValueError(
                f"steady_days ({self.steady_days}) must be less than best_days ({self.best_days})"
            )
        return self


class Metrics(Section):
    """What is read and counted beyond the fields. `products`: the lines of orders, for repeat by product.
    `shop`: the figures of the whole shop, after every run over a whole history."""

    products: bool = False
    shop: bool = True


class Products(Section):
    """Products by id or title: trial offers (`front_end`), and what they lead to (`back_end`)."""

    front_end: tuple[Tag, ...] = ()
    back_end: tuple[Tag, ...] = ()

    @model_validator(mode="after")
    def _apart(self) -> Products:
        for product in self.front_end:
            if product.lower() in (other.lower() for other in self.back_end):
                raise ValueError(f"'{product}' cannot be both a trial offer and what it leads to")
        return self


class Referral(Section):
    """How word of mouth is told: where a customer's personal code stands, and who else names a referrer.

    A personal code stands in a Shopify customer metafield (`namespace.key`), behind `code_tag` or as a tag of
    the shape `code_pattern`, or in a field of the Salesforce Contact. `referrer_field`: a Contact's or Lead's
    lookup to (or code of) who brought them. `rewarded`: a referral earns something, so it shows no delight.
    """

    code_metafield: Metafield | None = None
    code_tag: Tag | None = None
    code_pattern: Annotated[str, AfterValidator(regular_expression)] | None = None
    salesforce_code_field: ApiName | None = None
    referrer_field: ApiName | None = None
    referrer_source: tuple[Tag, ...] = ()
    rewarded: bool = True
    window_days: Annotated[int, Field(ge=31, le=3650)] = 180
    max_redemptions: Annotated[int, Field(ge=1)] | None = None


Expectation = Literal["worse", "as", "better"]
EXPECTATION_VALUES: dict[Expectation, tuple[Tag, ...]] = {
    "worse": ("worse", "below", "worse than expected", "below expectations", "期待以下"),
    "as": ("as", "met", "as expected", "期待通り"),
    "better": ("better", "above", "better than expected", "above expectations", "期待以上"),
}
"""What customers answer where the settings do not say."""


def _with_defaults(given: Any) -> Any:
    return EXPECTATION_VALUES | given if isinstance(given, dict) else given


class Satisfaction(Section):
    """How answers are read: an NPS of at most the first number of `nps` is dissatisfied, of at least the
    second delighted. Evidence counts for `days`. `reviews_rewarded`: a review earns something, so five stars
    show no delight.

    The answers stand in Shopify customer metafields or Salesforce Contact fields; the latter have no day of
    their own, `answered_on_field` tells it. `expectation_values` lists those that mean worse than, as and
    better than expected, letter case and width aside. `quality_notes`: a refund whose note holds one of these
    words tells that something was wrong with the goods. `complaint_types`: a Case of one of these types or
    reasons is a complaint.
    """

    expectation_metafield: Metafield | None = None
    expectation_values: Annotated[dict[Expectation, tuple[Tag, ...]], BeforeValidator(_with_defaults)] = (
        EXPECTATION_VALUES
    )
    nps_metafield: Metafield | None = None
    stars_metafield: Metafield | None = None
    expectation_field: ApiName | None = None
    nps_field: ApiName | None = None
    stars_field: ApiName | None = None
    answered_on_field: ApiName | None = None
    complaint_types: tuple[Tag, ...] = ("Complaint", "Problem", "クレーム", "苦情")
    quality_notes: tuple[Tag, ...] = ("defect", "damaged", "broken", "不良", "破損", "欠陥", "不具合")
    nps: tuple[Annotated[int, Field(ge=0, le=9)], Annotated[int, Field(ge=1, le=10)]] = (4, 9)
    days: Annotated[int, Field(ge=31, le=3650)] = 365
    reviews_rewarded: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Satisfaction:
        if self.nps[0] >= self.nps[1]:
            raise ValueError("the first number of nps must be less than the second")
        return self

    @model_validator(mode="after")
    def _dated(self) -> Satisfaction:
        asked = any((self.expectation_field, self.nps_field, self.stars_field))
        if asked and self.answered_on_field is None:
            raise ValueError("answered_on_field must name the field with the day of the answers")
        return self


class Funnel(Section):
    """What steps are called in Salesforce, letter case aside: stages at which an opportunity is a proposal,
    statuses of a lead that nobody has worked on, and of one that came to nothing. That an opportunity is won
    or a lead converted, Salesforce says itself."""

    memory_stages: tuple[Tag, ...] = ("Proposal/Price Quote", "Negotiation/Review")
    lead_new: tuple[Tag, ...] = ("Open - Not Contacted", "New")
    lead_closed: tuple[Tag, ...] = ("Closed - Not Converted", "Unqualified")


class Contacts(Section):
    """After how many days without a contact or a purchase a best customer stands on the list to call."""

    quiet_days: Annotated[int, Field(ge=1, le=3650)] = 90


class Market(Section):
    """A market that the merchant states, for the shop's share of it: what it is, the year, and its sales in
    that year in the reporting currency. Nothing in the orders tells any of this."""

    total: Annotated[Decimal, Field(gt=0)]
    name: Tag
    year: Annotated[int, Field(ge=1900, le=2200)]
