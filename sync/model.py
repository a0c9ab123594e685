"""The one model: what every platform's rows become. No row holds a name, e-mail or phone, only keyed hashes.

Names follow the design: `_at` is a UTC datetime, `_on` a date in the shop's time zone, `_day` the same date
as days since 1970-01-01. Money is Decimal in the reporting currency, rounded to that currency's scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from connectors.base import Field, Platform
from sync.keys import HashKey

PURCHASE = "purchase"
"""`Order.kind` of a row that may count as a purchase; every other kind never does."""
NOT_A_PURCHASE = "not_a_purchase"
REDUCTION = "reduction"
"""`Order.kind` of a Salesforce reduction order: it counts as a refund of its original."""

Rows = Sequence[Mapping[str, Any]]


class Record(NamedTuple):
    """One customer-like record of a platform, or a guest derived from orders.

    `ours` is canonical JSON text of our fields as the platform holds them (keys sorted, blanks absent).
    `email_consent` and `sms_consent` hold the platform's state in lower case (`subscribed`, `unsubscribed`,
    `redacted`, `pending`, ...), None for silence.
    """

    platform: str
    account: str
    object: str
    id: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deleted: bool = False
    merged_into: str | None = None
    write_target: bool = False
    email_key: str | None = None
    phone_key: str | None = None
    phone_is_mobile: bool | None = None
    name_han: str | None = None
    name_kana: str | None = None
    name_latin: str | None = None
    parent_id: str | None = None
    linked_platform: str | None = None
    linked_account: str | None = None
    linked_id: str | None = None
    referral_code: str | None = None
    email_consent: str | None = None
    sms_consent: str | None = None
    phone_refused: bool | None = None
    subscription_status: str | None = None
    lead_source: str | None = None
    ours: str = "{}"


class Order(NamedTuple):
    """One order. `detail` is a digest of what belongs to it but is stored apart (its refunds); it only
    serves to see whether the order changed and is not stored."""

    platform: str
    account: str
    id: str
    created_at: datetime | None
    ordered_on: date
    ordered_day: int
    amount: Decimal
    original_amount: Decimal
    currency: str
    kind: str
    channel: str
    updated_at: datetime
    name: str | None = None
    record_id: str | None = None
    parent_id: str | None = None
    email_key: str | None = None
    phone_key: str | None = None
    ordered_at: datetime | None = None
    rate: Decimal = Decimal(1)
    cancelled_on: date | None = None
    cancelled_day: int | None = None
    is_test: bool = False
    payment_status: str | None = None
    discount_codes: Sequence[str] = ()
    referral_code: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_content: str | None = None
    reference: str | None = None
    tags: Sequence[str] = ()
    deleted: bool = False
    detail: str = ""


class Refund(NamedTuple):
    """Money given back for `order_id`. `source_id` is the row that told of it: the order itself on
    Shopify, the reduction order on Salesforce."""

    platform: str
    account: str
    id: str
    order_id: str
    source_id: str
    refunded_at: datetime | None
    refunded_on: date
    refunded_day: int
    amount: Decimal
    reason: str | None


class Quarantined(NamedTuple):
    """A row that could not be used: which field, and why; never the value."""

    id: str
    field: str
    cause: str


@dataclass(frozen=True, slots=True)
class Normalised:
    """One batch in the model's words. Deleted rows are among the records and orders; `refunds` holds those
    of each order, in the same order."""

    records: Sequence[Record] = ()
    orders: Sequence[Order] = ()
    refunds: Sequence[Sequence[Refund]] = ()
    bad: Sequence[Quarantined] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """All that normalising the rows of one platform account depends on.

    `timezone` gives orders their day; `currency` is the account's own, `reporting` the one everything is
    counted in; `region` is the country (ISO 3166 alpha-2) of phone numbers that name none.
    `shopify_id_field`, `code_field` and `order_reference` name the merchant's own Salesforce fields.
    """

    platform: Platform
    account: str
    timezone: ZoneInfo
    currency: str
    reporting: str
    region: str
    fields: tuple[Field, ...]
    key: HashKey
    shopify_id_field: str | None = None
    code_field: str | None = None
    order_reference: str | None = None
    not_a_purchase: tuple[str, ...] = ()
    """Labels of Salesforce order statuses that are no purchases although they are activated."""
