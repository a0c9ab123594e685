"""The shapes of Shopify rows that normalising asks for: fields of the Admin GraphQL API 2026-10."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NotRequired

from pydantic import AwareDatetime, Field, StringConstraints
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

Gid = Annotated[str, StringConstraints(pattern=r"^gid://shopify/[A-Za-z]+/[0-9]+$")]
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Money(TypedDict):
    """An amount and its currency."""

    amount: Amount
    currencyCode: Currency


class MoneyBag(TypedDict):
    """An amount in the currency of the shop."""

    shopMoney: Money


class Ref(TypedDict):
    """Another object, by its id."""

    id: Gid


Entity = TypedDict("Entity", {"__typename": str})
"""Who buys: `Customer` for themselves, `PurchasingCompany` for a company. (In a class the name would be
mangled.)"""


class Value(TypedDict):
    """The value of a metafield."""

    value: str | None


class Answer(TypedDict):
    """The value of a metafield (an answer, a code), and when it was last written."""

    value: str | None
    updatedAt: NotRequired[AwareDatetime | None]


class Statistics(TypedDict):
    """What the shop itself makes of a customer."""

    rfmGroup: NotRequired[str | None]


class Email(TypedDict):
    """An e-mail address and its marketing state."""

    emailAddress: str | None
    marketingState: NotRequired[str | None]
    marketingUpdatedAt: NotRequired[AwareDatetime | None]


class Phone(TypedDict):
    """A phone number and its marketing state."""

    phoneNumber: str | None
    marketingState: NotRequired[str | None]
    marketingUpdatedAt: NotRequired[AwareDatetime | None]


class Customer(TypedDict):
    """A customer; our own metafields stand beside, under aliases that depend on the catalogue."""

    id: Gid
    createdAt: AwareDatetime
    updatedAt: AwareDatetime
    firstName: NotRequired[str | None]
    lastName: NotRequired[str | None]
    tags: NotRequired[list[str]]
    defaultEmailAddress: NotRequired[Email | None]
    defaultPhoneNumber: NotRequired[Phone | None]
    productSubscriberStatus: NotRequired[str | None]
    statistics: NotRequired[Statistics | None]
    referral_code: NotRequired[Answer | None]
    first_purchase: NotRequired[Value | None]
    expectation: NotRequired[Answer | None]
    nps: NotRequired[Answer | None]
    stars: NotRequired[Answer | None]


class Refund(TypedDict):
    """A refund inside its order."""

    id: Gid
    processedAt: AwareDatetime
    note: NotRequired[str | None]
    totalRefundedSet: MoneyBag


class Utm(TypedDict):
    """What a link to the shop said of itself."""

    source: str | None
    medium: str | None
    campaign: str | None
    content: str | None


class Visit(TypedDict):
    """One visit to the shop."""

    referralCode: NotRequired[str | None]
    source: NotRequired[str | None]
    sourceType: NotRequired[str | None]
    referrerUrl: NotRequired[str | None]
    landingPage: NotRequired[str | None]
    utmParameters: NotRequired[Utm | None]


class Journey(TypedDict):
    """The visits before an order; not `ready` while the platform has not worked them out yet."""

    ready: NotRequired[bool]
    lastVisit: NotRequired[Visit | None]


class LineMoney(TypedDict):
    """An amount in the currency of the order it is part of."""

    amount: Amount


class LineBag(TypedDict):
    """An amount in the currency of the shop."""

    shopMoney: LineMoney


class Line(TypedDict):
    """One product of an order."""

    id: Gid
    title: str | None
    quantity: int
    product: NotRequired[Ref | None]
    discountedTotalSet: LineBag


class Lines(TypedDict):
    """The products of an order, also where a bulk query gave them."""

    nodes: list[Line]


class Order(TypedDict):
    """An order."""

    id: Gid
    name: NotRequired[str | None]
    createdAt: AwareDatetime
    processedAt: AwareDatetime
    updatedAt: AwareDatetime
    cancelledAt: NotRequired[AwareDatetime | None]
    test: bool
    displayFinancialStatus: NotRequired[str | None]
    sourceName: NotRequired[str | None]
    customer: NotRequired[Ref | None]
    email: NotRequired[str | None]
    phone: NotRequired[str | None]
    tags: NotRequired[list[str]]
    discountCodes: NotRequired[list[str]]
    totalPriceSet: MoneyBag
    totalTaxSet: NotRequired[MoneyBag | None]
    totalShippingPriceSet: NotRequired[MoneyBag | None]
    purchasingEntity: NotRequired[Entity | None]
    refunds: NotRequired[list[Refund]]
    customerJourneySummary: NotRequired[Journey | None]
    lineItems: NotRequired[Lines | None]


class Dated(TypedDict):
    """An abandoned checkout or a draft order."""

    id: Gid
    createdAt: AwareDatetime
    updatedAt: AwareDatetime
    completedAt: NotRequired[AwareDatetime | None]
    invoiceSentAt: NotRequired[AwareDatetime | None]
    customer: NotRequired[Ref | None]


class ReturnLine(TypedDict):
    """Why one product came back."""

    returnReason: str
    returnReasonNote: NotRequired[str | None]


class ReturnLines(TypedDict):
    """The products of a return, also where a bulk query gave them."""

    nodes: list[ReturnLine]


class ReturnedOrder(TypedDict):
    """The order that a return belongs to."""

    id: Gid
    updatedAt: AwareDatetime
    customer: NotRequired[Ref | None]


class Return(TypedDict):
    """A return."""

    id: Gid
    status: str
    createdAt: AwareDatetime
    order: ReturnedOrder
    returnLineItems: ReturnLines
