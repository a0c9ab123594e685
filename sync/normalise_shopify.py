"""Shopify rows to the model. Shopify's words stop here.

Fields are those of the Admin GraphQL API 2026-10; amounts are `totalPriceSet.shopMoney`, which no later
refund or edit of totals has been subtracted from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal

from connectors.base import Field
from connectors.shopify.names import OBJECT, alias, number_of
from sync import ours
from sync import shopify_shapes as shapes
from sync.edge import Edge, Unusable, local_day
from sync.keys import fold_code, fold_email, fold_phone
from sync.model import PURCHASE, Account, Normalised, Order, Quarantined, Record, Refund, Rows
from sync.money import rounded

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


def _id_of(row: Mapping[str, Any]) -> str | None:
    return number_of(str(row.get("id") or "")) or None


_UTM: tuple[Literal["source", "medium", "campaign", "content"], ...] = (
    "source",
    "medium",
    "campaign",
    "content",
)
_CUSTOMERS = Edge(shapes.Customer, _id_of)
_ORDERS = Edge(shapes.Order, _id_of)


def customers(rows: Rows, account: Account) -> Normalised:
    """Customer rows as records; e-mail and phone only as keyed hashes."""
    records: list[Record] = []
    bad: list[Quarantined] = []
    held = [(field, alias(field.key)) for field in account.fields]

    def make(node: shapes.Customer, row: Mapping[str, Any]) -> None:
        records.append(_customer(node, account, ((field, _metafield(row, name)) for field, name in held)))

    _CUSTOMERS.build(rows, make, bad)
    return Normalised(records=records, bad=bad)


def _customer(node: shapes.Customer, account: Account, held: Iterable[tuple[Field, str | None]]) -> Record:
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

    def make(node: shapes.Order, _: Mapping[str, Any]) -> None:
        given_back = [_refund(refund, node, account) for refund in node.get("refunds", ())]
        made.append(_order(node, given_back, account))
        refunds.append(given_back)

    _ORDERS.build(rows, make, bad)
    return Normalised(orders=made, refunds=refunds, bad=bad)


def _order(node: shapes.Order, given_back: list[Refund], account: Account) -> Order:
    ordered_on, ordered_day = local_day(node["processedAt"], account.timezone)
    cancelled_at, customer = node.get("cancelledAt"), node.get("customer")
    cancelled = local_day(cancelled_at, account.timezone) if cancelled_at else (None, None)
    money = node["totalPriceSet"]["shopMoney"]
    return Order(
        platform="shopify",
        account=account.account,
        id=number_of(node["id"]),
        created_at=node["createdAt"],
        ordered_on=ordered_on,
        ordered_day=ordered_day,
        amount=_amount(money, "totalPriceSet", account),
        original_amount=money["amount"],
        currency=money["currencyCode"],
        kind=PURCHASE,
        channel=channel_of(node.get("sourceName")),
        updated_at=node["updatedAt"],
        name=node.get("name"),
        record_id=number_of(customer["id"]) if customer else None,
        email_key=_email_key(node.get("email"), account),
        # Reading a number costs more than all the rest of an order, and only guests are known by theirs.
        phone_key=None if customer else _phone_key(node.get("phone"), account)[0],
        ordered_at=node["processedAt"],
        cancelled_on=cancelled[0],
        cancelled_day=cancelled[1],
        is_test=node["test"],
        payment_status=node.get("displayFinancialStatus"),
        discount_codes=[code for code in map(fold_code, node.get("discountCodes", ())) if code],
        tags=node.get("tags", ()),
        detail=";".join(f"{r.id},{r.refunded_day},{r.amount}" for r in given_back),
        **_came_through(node),
    )


def _came_through(node: shapes.Order) -> dict[str, Any]:
    """What the visit before the order said of who sent it."""
    visit = (node.get("customerJourneySummary") or {}).get("lastVisit")
    if not visit:
        return {}
    utm = visit.get("utmParameters")
    told = {} if utm is None else {f"utm_{name}": utm[name] for name in _UTM}
    return {"referral_code": fold_code(visit.get("referralCode")), **told}


def _refund(node: shapes.Refund, order: shapes.Order, account: Account) -> Refund:
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


def _amount(money: shapes.Money, field: str, account: Account) -> Decimal:
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
