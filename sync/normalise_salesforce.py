"""Salesforce rows to the model. Salesforce's words stop here.

Rows are flat: API name to text (from CSV) or JSON value, blanks None; deleted rows come along with
IsDeleted true. EffectiveDate is a day as it stands, in nobody's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, NotRequired

from pydantic import AwareDatetime, Field, StringConstraints
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from connectors.salesforce.names import api_name
from sync import ours
from sync.edge import Edge, Unusable, day_of
from sync.keys import Phone, fold_code, fold_email, fold_phone
from sync.model import (
    NOT_A_PURCHASE,
    PURCHASE,
    REDUCTION,
    Account,
    Normalised,
    Order,
    Quarantined,
    Record,
    Refund,
    Rows,
)
from sync.money import rounded

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$")]
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]

_SHOPIFY_ID = re.compile(r"(?:gid://shopify/Customer/)?([0-9]+)")
_CHANNEL = "sales"
_COUNTS = "activated"


class _Contact(TypedDict):
    Id: Id
    CreatedDate: AwareDatetime
    SystemModstamp: AwareDatetime
    IsDeleted: NotRequired[bool]
    MasterRecordId: NotRequired[Id | None]
    AccountId: NotRequired[Id | None]
    Email: NotRequired[str | None]
    Phone: NotRequired[str | None]
    MobilePhone: NotRequired[str | None]
    HasOptedOutOfEmail: NotRequired[bool | None]
    DoNotCall: NotRequired[bool | None]
    LeadSource: NotRequired[str | None]


class _Order(TypedDict):
    Id: Id
    CreatedDate: AwareDatetime
    SystemModstamp: AwareDatetime
    IsDeleted: NotRequired[bool]
    AccountId: NotRequired[Id | None]
    BillToContactId: NotRequired[Id | None]
    EffectiveDate: date
    Status: NotRequired[str | None]
    StatusCode: NotRequired[str | None]
    TotalAmount: NotRequired[Amount | None]
    IsReductionOrder: NotRequired[bool]
    OriginalOrderId: NotRequired[Id | None]
    OrderNumber: NotRequired[str | None]
    Name: NotRequired[str | None]
    OrderReferenceNumber: NotRequired[str | None]
    PoNumber: NotRequired[str | None]
    CurrencyIsoCode: NotRequired[str | None]


def _id_of(row: Mapping[str, Any]) -> str | None:
    return str(row.get("Id") or "") or None


_CONTACTS = Edge(_Contact, _id_of)
_ORDERS = Edge(_Order, _id_of)


def contacts(rows: Rows, account: Account) -> Normalised:
    """Contact rows as records. A deleted one keeps no keys; a merged one names the record that stayed."""
    records: list[Record] = []
    bad: list[Quarantined] = []
    held = [(field, api_name(field.key)) for field in account.fields]

    def make(node: _Contact, row: Mapping[str, Any]) -> None:
        records.append(_contact(node, row, held, account))

    _CONTACTS.build(rows, make, bad)
    return Normalised(records=records, bad=bad)


def _contact(node: _Contact, row: Mapping[str, Any], held: list[tuple[Any, str]], account: Account) -> Record:
    live = not node.get("IsDeleted", False)
    email = fold_email(node.get("Email")) if live else None
    phone = _phone(node, account) if live else None
    linked = _linked(row, account) if live else None
    code = row.get(account.code_field) if account.code_field and live else None
    return Record(
        platform="salesforce",
        account=account.account,
        object="Contact",
        id=node["Id"],
        created_at=node["CreatedDate"],
        updated_at=node["SystemModstamp"],
        deleted=node.get("IsDeleted", False),
        merged_into=node.get("MasterRecordId"),
        write_target=True,
        email_key=account.key.of("email", email) if email else None,
        phone_key=account.key.of("phone", phone.e164) if phone else None,
        phone_is_mobile=phone.is_mobile if phone else None,
        parent_id=node.get("AccountId"),
        linked_platform="shopify" if linked else None,
        linked_id=linked,
        referral_code=fold_code(str(code)) if code is not None else None,
        email_consent="unsubscribed" if node.get("HasOptedOutOfEmail") else None,
        phone_refused=node.get("DoNotCall"),
        lead_source=node.get("LeadSource"),
        ours=ours.to_json((field, row.get(name)) for field, name in held) if live else "{}",
    )


def orders(rows: Rows, account: Account) -> Normalised:
    """Order rows. What is not activated is kept but is no purchase; a reduction order is also a refund."""
    made: list[Order] = []
    refunds: list[list[Refund]] = []
    bad: list[Quarantined] = []

    def make(node: _Order, row: Mapping[str, Any]) -> None:
        order = _order(node, row, account)
        made.append(order)
        refunds.append([_reduction(node, order)] if order.kind == REDUCTION and not order.deleted else [])

    _ORDERS.build(rows, make, bad)
    return Normalised(orders=made, refunds=refunds, bad=bad)


def _order(node: _Order, row: Mapping[str, Any], account: Account) -> Order:
    currency = node.get("CurrencyIsoCode") or account.currency
    amount = node.get("TotalAmount") or Decimal(0)
    if currency != account.reporting:
        raise Unusable("CurrencyIsoCode", f"no_rate:{currency}")
    reference = row.get(account.order_reference) if account.order_reference else None
    return Order(
        platform="salesforce",
        account=account.account,
        id=node["Id"],
        created_at=node["CreatedDate"],
        ordered_on=node["EffectiveDate"],
        ordered_day=day_of(node["EffectiveDate"]),
        amount=rounded(amount, account.reporting),
        original_amount=amount,
        currency=currency,
        kind=_kind(node, account),
        channel=_CHANNEL,
        updated_at=node["SystemModstamp"],
        name=node.get("Name") or node.get("OrderReferenceNumber") or node.get("PoNumber"),
        record_id=node.get("BillToContactId"),
        parent_id=node.get("AccountId"),
        reference=str(reference) if reference is not None else None,
        deleted=node.get("IsDeleted", False),
        detail=node.get("OriginalOrderId") or "",
    )


def _kind(node: _Order, account: Account) -> str:
    """Activated orders count. StatusCode is the platform's own category of the label in Status; orgs where
    the user cannot see it leave only the label."""
    status = node.get("StatusCode") or node.get("Status")
    if (status or "").casefold() != _COUNTS or node.get("Status") in account.not_a_purchase:
        return NOT_A_PURCHASE
    return REDUCTION if node.get("IsReductionOrder") and node.get("OriginalOrderId") else PURCHASE


def _reduction(node: _Order, order: Order) -> Refund:
    return Refund(
        platform=order.platform,
        account=order.account,
        id=order.id,
        order_id=node.get("OriginalOrderId") or "",
        source_id=order.id,
        refunded_at=None,
        refunded_on=order.ordered_on,
        refunded_day=order.ordered_day,
        amount=abs(order.amount),  # the platform shows what is taken back as a negative total
        reason=None,
    )


def _phone(node: _Contact, account: Account) -> Phone | None:
    return fold_phone(node.get("MobilePhone"), account.region) or fold_phone(
        node.get("Phone"), account.region
    )


def _linked(row: Mapping[str, Any], account: Account) -> str | None:
    """The Shopify customer that the merchant's own field names, by number or by global id."""
    held = row.get(account.shopify_id_field) if account.shopify_id_field else None
    found = _SHOPIFY_ID.fullmatch(str(held).strip()) if held is not None else None
    return found.group(1) if found else None
