"""Shopify rows to the model. Shopify's words stop here.

Fields are those of the Admin GraphQL API 2026-10; amounts are `totalPriceSet.shopMoney`, which no later
refund or edit of totals has been subtracted from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from connectors.base import Field
from connectors.shopify.names import ANSWERS, OBJECT, alias, number_of
from sync import answers, channels, harmless, ours, personal, shopify_parts, visits
from sync import shopify_shapes as shapes
from sync.edge import BEFORE_OPENED_ON, IN_THE_FUTURE, SLACK, Edge, Unusable, day_told, local_day
from sync.model import PURCHASE, Account, Normalised, Order, OrderLine, Quarantined, Record, Refund, Rows
from sync.money import converted

_PLATFORM = "shopify"
_COMPANY = "PurchasingCompany"


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
    """Customer rows as records; e-mail, phone and names only as keyed hashes."""
    records: list[Record] = []
    bad: list[Quarantined] = []
    forgotten: list[str] = []
    held = [(field, alias(field.key)) for field in account.fields]

    def make(node: shapes.Customer, row: Mapping[str, Any]) -> None:
        number = number_of(node["id"])
        if account.tombstones.has_record(_PLATFORM, account.account, number):
            forgotten.append(number)
            return
        records.append(_customer(node, account, ((field, _metafield(row, name)) for field, name in held)))

    _CUSTOMERS.build(rows, make, bad)
    bad, unread = personal.left_alone(bad, forgotten, _PLATFORM, account)
    return Normalised(records=records, bad=bad, forgotten=[*forgotten, *unread])


def _customer(node: shapes.Customer, account: Account, held: Iterable[tuple[Field, str | None]]) -> Record:
    email, phone, code = (
        node.get("defaultEmailAddress"),
        node.get("defaultPhoneNumber"),
        node.get("referral_code"),
    )
    keys = personal.keys_of(
        email["emailAddress"] if email else None, (phone["phoneNumber"] if phone else None,), account
    )
    tags, excluded = personal.watched(node.get("tags", ()), account)
    first = node.get("first_purchase")
    return Record(
        platform=_PLATFORM,
        account=account.account,
        object=OBJECT,
        id=number_of(node["id"]),
        created_at=node["createdAt"],
        updated_at=node["updatedAt"],
        write_target=True,
        email_key=keys.email_key,
        phone_key=keys.phone_key,
        phone_is_mobile=keys.phone_is_mobile,
        **personal.names_of(node.get("lastName"), node.get("firstName"), account),
        referral_codes=harmless.codes(code["value"] if code else None, node.get("tags", ()), account),
        email_consent=_lower(email.get("marketingState") if email else None),
        sms_consent=_lower(phone.get("marketingState") if phone else None),
        subscription_status=_lower(node.get("productSubscriberStatus")),
        tags=tags,
        excluded=excluded,
        by_relay=keys.by_relay,
        has_email=bool(email and email["emailAddress"]),
        first_purchase_day=day_told(first["value"] if first else None, account),
        created_day=local_day(node["createdAt"], account.timezone)[1],
        consent_day=_changed_on(email, account),
        sms_consent_day=_changed_on(phone, account),
        code_day=_written_on(code, account),
        rfm_group=_lower((node.get("statistics") or {}).get("rfmGroup")),
        **_answers(node, account),
        ours=ours.to_json(held),
    )


def _changed_on(medium: shapes.Email | shapes.Phone | None, account: Account) -> int | None:
    at = medium.get("marketingUpdatedAt") if medium else None
    return local_day(at, account.timezone)[1] if at else None


def _written_on(code: shapes.Answer | None, account: Account) -> int | None:
    at = code.get("updatedAt") if code and (code["value"] or "").strip() else None
    return local_day(at, account.timezone)[1] if at else None


def _answers(node: shapes.Customer, account: Account) -> dict[str, Any]:
    """What the metafields say that the customer answered, on the day on which each was written."""
    told = {}
    for name in ANSWERS:
        held: shapes.Answer | None = node.get(name)  # type: ignore[assignment]  # a name of the list above
        if held is not None:
            at = held.get("updatedAt") or node["updatedAt"]
            told[name] = (held["value"], local_day(at, account.timezone)[1])
    return answers.columns(told, account) if told else {}


def orders(rows: Rows, account: Account) -> Normalised:
    """Order rows with their refunds; the day is that of `processedAt` in the shop's time zone."""
    made: list[Order] = []
    refunds: list[list[Refund]] = []
    lines: list[list[OrderLine]] = []
    bad: list[Quarantined] = []

    def make(node: shapes.Order, _: Mapping[str, Any]) -> None:
        given_back = shopify_parts.refunds_of(node, account)
        bought = shopify_parts.lines_of(node, account)
        made.append(_order(node, shopify_parts.digest(given_back, bought), account))
        refunds.append(given_back)
        lines.append(bought)

    _ORDERS.build(rows, make, bad)
    return Normalised(orders=made, refunds=refunds, lines=lines, bad=bad)


def _order(node: shapes.Order, detail: str, account: Account) -> Order:
    ordered_on, ordered_day = _bought_on(node, account)
    cancelled_at = node.get("cancelledAt")
    cancelled = local_day(cancelled_at, account.timezone) if cancelled_at else (None, None)
    money = node["totalPriceSet"]["shopMoney"]
    if money["amount"] < 0:
        raise Unusable("totalPriceSet", "negative")
    amount, rate = converted(
        money["amount"], money["currencyCode"], ordered_on, account.rates, "totalPriceSet"
    )
    entity, name = node.get("purchasingEntity"), node.get("name")
    placed = channels.of_source(node.get("sourceName"), account)
    whose = _whose(node, account)
    return Order(
        platform=_PLATFORM,
        account=account.account,
        id=number_of(node["id"]),
        created_at=node["createdAt"],
        ordered_on=ordered_on,
        ordered_day=ordered_day,
        amount=amount,
        original_amount=money["amount"],
        currency=money["currencyCode"],
        kind=PURCHASE,
        channel=placed.channel,
        source=placed.unnamed,
        updated_at=node["updatedAt"],
        name=harmless.label(name, account),
        aliases=personal.order_marks((name,), account),
        ordered_at=node["processedAt"],
        rate=rate,
        tax=_part(node.get("totalTaxSet")),
        shipping=_part(node.get("totalShippingPriceSet")),
        is_b2b=entity is not None and entity["__typename"] == _COMPANY,
        cancelled_on=cancelled[0],
        cancelled_day=cancelled[1],
        is_test=node["test"],
        payment_status=node.get("displayFinancialStatus"),
        tags=personal.watched(node.get("tags", ()), account)[0],
        detail=detail,
        **whose,
        # What the forgotten have used and followed is about them as much as their address.
        **(_came_by(node, account) if whose else {}),
    )


def _bought_on(node: shapes.Order, account: Account) -> tuple[date, int]:
    """The day of an order. Imports may bear any `processedAt`: one that cannot be (yet) is refused."""
    ordered_on, ordered_day = local_day(node["processedAt"], account.timezone)
    if node["processedAt"] > account.now + SLACK:
        raise Unusable("processedAt", f"{IN_THE_FUTURE}:{ordered_on}")
    if account.opened_on is not None and ordered_on < account.opened_on:
        raise Unusable("processedAt", BEFORE_OPENED_ON)
    return ordered_on, ordered_day


def _whose(node: shapes.Order, account: Account) -> dict[str, Any]:
    """Who ordered: the customer, else the guest's address and number; empty where they were forgotten."""
    customer, tombstones = node.get("customer"), account.tombstones
    if customer:
        number = number_of(customer["id"])
        if tombstones.has_record(_PLATFORM, account.account, number):
            return {}
        # Reading a number costs more than all the rest of an order, and only guests are known by theirs.
        return {"record_id": number, "email_key": personal.email_key_of(node.get("email"), account)}
    return personal.guest_keys(node.get("email"), node.get("phone"), node["processedAt"], account)


def _codes(node: shapes.Order, account: Account) -> list[str]:
    return [code for told in node.get("discountCodes", ()) if (code := harmless.code(told, account))]


def _came_by(node: shapes.Order, account: Account) -> dict[str, Any]:
    """The codes used, and what the visit before the order said of who sent it."""
    return {"discount_codes": _codes(node, account), **_visited(node, account)}


def _visited(node: shapes.Order, account: Account) -> dict[str, Any]:
    journey = node.get("customerJourneySummary")
    if not journey:
        return {}
    visit = journey.get("lastVisit")
    came = visits.came_from(visit, ready=journey.get("ready", True))
    if not visit:
        return {"visit": came}
    utm = visit.get("utmParameters")
    told = {} if utm is None else {f"utm_{name}": harmless.code(utm[name], account) for name in _UTM}
    return {"visit": came, "referral_code": harmless.code(visit.get("referralCode"), account), **told}


def _part(bag: shapes.MoneyBag | None) -> Decimal | None:
    return bag["shopMoney"]["amount"] if bag else None


def _metafield(row: Mapping[str, Any], name: str) -> str | None:
    held = row.get(name)
    if held is None:
        return None
    value = held.get("value") if isinstance(held, Mapping) else held
    if not isinstance(held, Mapping) or not isinstance(value, str | None):
        raise Unusable(name, "string_type")
    return value


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None
