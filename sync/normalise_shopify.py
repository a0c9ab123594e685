"""Shopify rows to the model. Shopify's words stop here.

Fields are those of the Admin GraphQL API 2026-10; amounts are `totalPriceSet.shopMoney`, which no later
refund or edit of totals has been subtracted from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, NotRequired

from pydantic import AwareDatetime, Field, StringConstraints
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from connectors.base import Field as OurField
from connectors.shopify.names import OBJECT, alias, number_of
from sync import ours
from sync.edge import Edge, Unusable, local_day
from sync.keys import fold_code, fold_email, fold_phone
from sync.model import PURCHASE, Account, Normalised, Order, Quarantined, Record, Refund, Rows
from sync.money import rounded

Gid = Annotated[str, StringConstraints(pattern=r"^gid://shopify/[A-Za-z]+/[0-9]+$")]
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

_CHANNELS = {
    "web": "online",
    "checkout": "online",
    "checkout_next": "online",
    "subscription_contract": "online",
    "subscription_contract_checkout_one": "online",
    "pos": "store",
    "shopify_draft_order": "phone",
}
"""Order.sourceName to our channel; a number there is the id of an app, which sells online."""


class _Money(TypedDict):
    amount: Amount
    currencyCode: Currency


class _MoneyBag(TypedDict):
    shopMoney: _Money


class _Ref(TypedDict):
    id: Gid


class _Value(TypedDict):
    value: str | None


class _Email(TypedDict):
    emailAddress: str | None
    marketingState: NotRequired[str | None]


class _Phone(TypedDict):
    phoneNumber: str | None
    marketingState: NotRequired[str | None]


class _Customer(TypedDict):
    id: Gid
    createdAt: AwareDatetime
    updatedAt: AwareDatetime
    defaultEmailAddress: NotRequired[_Email | None]
    defaultPhoneNumber: NotRequired[_Phone | None]
    productSubscriberStatus: NotRequired[str | None]
    referral_code: NotRequired[_Value | None]


class _Refund(TypedDict):
    id: Gid
    processedAt: AwareDatetime
    totalRefundedSet: _MoneyBag


class _Utm(TypedDict):
    source: str | None
    medium: str | None
    campaign: str | None
    content: str | None


class _Visit(TypedDict):
    referralCode: NotRequired[str | None]
    utmParameters: NotRequired[_Utm | None]


class _Journey(TypedDict):
    lastVisit: NotRequired[_Visit | None]


class _Order(TypedDict):
    id: Gid
    name: NotRequired[str | None]
    processedAt: AwareDatetime
    updatedAt: AwareDatetime
    cancelledAt: NotRequired[AwareDatetime | None]
    test: bool
    displayFinancialStatus: NotRequired[str | None]
    sourceName: NotRequired[str | None]
    customer: NotRequired[_Ref | None]
    email: NotRequired[str | None]
    phone: NotRequired[str | None]
    tags: NotRequired[list[str]]
    discountCodes: NotRequired[list[str]]
    totalPriceSet: _MoneyBag
    refunds: NotRequired[list[_Refund]]
    customerJourneySummary: NotRequired[_Journey | None]


def _id_of(row: Mapping[str, Any]) -> str | None:
    return number_of(str(row.get("id") or "")) or None


_CUSTOMERS = Edge(_Customer, _id_of)
_ORDERS = Edge(_Order, _id_of)


def customers(rows: Rows, account: Account) -> Normalised:
    """Customer rows as records; e-mail and phone only as keyed hashes."""
    records: list[Record] = []
    bad: list[Quarantined] = []
    held = [(field, alias(field.key)) for field in account.fields]

    def make(node: _Customer, row: Mapping[str, Any]) -> None:
        records.append(_customer(node, account, ((field, _metafield(row, name)) for field, name in held)))

    _CUSTOMERS.build(rows, make, bad)
    return Normalised(records=records, bad=bad)


def _customer(node: _Customer, account: Account, held: Iterable[tuple[OurField, str | None]]) -> Record:
    email, phone, code = (
        node.get("defaultEmailAddress"),
        node.get("defaultPhoneNumber"),
        node.get("referral_code"),
    )
    phone_key, is_mobile = _phone_key(phone["phoneNumber"] if phone else None, account)
    return Record(
        platform="shopify",
        account=account.account,
        object=OBJECT,
        id=number_of(node["id"]),
        created_at=node["createdAt"],
        updated_at=node["updatedAt"],
        write_target=True,
        email_key=_email_key(email["emailAddress"] if email else None, account),
        phone_key=phone_key,
        phone_is_mobile=is_mobile,
        referral_code=fold_code(code["value"] if code else None),
        email_consent=_lower(email.get("marketingState") if email else None),
        sms_consent=_lower(phone.get("marketingState") if phone else None),
        subscription_status=_lower(node.get("productSubscriberStatus")),
        ours=ours.to_json(held),
    )


def orders(rows: Rows, account: Account) -> Normalised:
    """Order rows with their refunds; the day is that of `processedAt` in the shop's time zone."""
    made: list[Order] = []
    refunds: list[list[Refund]] = []
    bad: list[Quarantined] = []

    def make(node: _Order, _: Mapping[str, Any]) -> None:
        given_back = [_refund(refund, node, account) for refund in node.get("refunds", ())]
        made.append(_order(node, given_back, account))
        refunds.append(given_back)

    _ORDERS.build(rows, make, bad)
    return Normalised(orders=made, refunds=refunds, bad=bad)


def _order(node: _Order, given_back: list[Refund], account: Account) -> Order:
    ordered_on, ordered_day = local_day(node["processedAt"], account.timezone)
    cancelled_at, customer = node.get("cancelledAt"), node.get("customer")
    cancelled = local_day(cancelled_at, account.timezone) if cancelled_at else (None, None)
    money = node["totalPriceSet"]["shopMoney"]
    visit = (node.get("customerJourneySummary") or {}).get("lastVisit") or {}
    utm: Mapping[str, Any] = visit.get("utmParameters") or {}
    return Order(
        platform="shopify",
        account=account.account,
        id=number_of(node["id"]),
        name=node.get("name"),
        record_id=number_of(customer["id"]) if customer else None,
        parent_id=None,
        email_key=_email_key(node.get("email"), account),
        # Reading a number costs more than all the rest of an order, and only guests are known by theirs.
        phone_key=None if customer else _phone_key(node.get("phone"), account)[0],
        ordered_at=node["processedAt"],
        ordered_on=ordered_on,
        ordered_day=ordered_day,
        amount=_amount(money, "totalPriceSet", account),
        original_amount=money["amount"],
        currency=money["currencyCode"],
        rate=Decimal(1),
        cancelled_on=cancelled[0],
        cancelled_day=cancelled[1],
        is_test=node["test"],
        payment_status=node.get("displayFinancialStatus"),
        kind=PURCHASE,
        channel=channel_of(node.get("sourceName")),
        discount_codes=[code for code in map(fold_code, node.get("discountCodes", ())) if code],
        referral_code=fold_code(visit.get("referralCode")),
        utm_source=utm.get("source"),
        utm_medium=utm.get("medium"),
        utm_campaign=utm.get("campaign"),
        utm_content=utm.get("content"),
        reference=None,
        tags=node.get("tags", []),
        deleted=False,
        updated_at=node["updatedAt"],
        detail=";".join(f"{r.id},{r.refunded_day},{r.amount}" for r in given_back),
    )


def _refund(node: _Refund, order: _Order, account: Account) -> Refund:
    refunded_on, refunded_day = local_day(node["processedAt"], account.timezone)
    order_id = number_of(order["id"])
    return Refund(
        platform="shopify",
        account=account.account,
        id=number_of(node["id"]),
        order_id=order_id,
        source_id=order_id,
        refunded_at=node["processedAt"],
        refunded_on=refunded_on,
        refunded_day=refunded_day,
        amount=_amount(node["totalRefundedSet"]["shopMoney"], "refunds.totalRefundedSet", account),
        reason=None,
    )


def channel_of(source_name: str | None) -> str:
    """Where an order was made, by Shopify's sourceName; `other` for what the table does not know."""
    name = (source_name or "").strip().lower()
    return "online" if name.isdecimal() else _CHANNELS.get(name, "other")


def _amount(money: _Money, field: str, account: Account) -> Decimal:
    if money["currencyCode"] != account.reporting:
        raise Unusable(field, f"no_rate:{money['currencyCode']}")
    return rounded(money["amount"], account.reporting)


def _metafield(row: Mapping[str, Any], name: str) -> str | None:
    held = row.get(name)
    if held is None:
        return None
    value = held.get("value") if isinstance(held, Mapping) else held
    if not isinstance(held, Mapping) or not isinstance(value, str | None):
        raise Unusable(name, "string_type")
    return value


def _email_key(text: str | None, account: Account) -> str | None:
    folded = fold_email(text)
    return account.key.of("email", folded) if folded else None


def _phone_key(text: str | None, account: Account) -> tuple[str | None, bool | None]:
    phone = fold_phone(text, account.region)
    return (account.key.of("phone", phone.e164), phone.is_mobile) if phone else (None, None)


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None
