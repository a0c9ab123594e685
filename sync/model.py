"""The one model: what every platform's rows become. No row holds a name, e-mail or phone, only keyed hashes.

Names follow the design: `_at` is a UTC datetime, `_on` a date in the shop's time zone, `_day` the same date
as days since 1970-01-01. Money is Decimal in the reporting currency, rounded to that currency's scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from connectors.base import Field, Platform
from sync.keys import HashKey
from sync.rates import Rates
from sync.tombstones import NOBODY, Tombstones

PURCHASE = "purchase"
"""`Order.kind` of a row that may count as a purchase; every other kind never does."""
NOT_A_PURCHASE = "not_a_purchase"
REDUCTION = "reduction"
"""`Order.kind` of a Salesforce reduction order: it counts as a refund of its original."""

Channel = Literal["online", "store", "phone", "sales", "marketplace", "social", "other"]
"""Where an order was made: the closed list."""
Rows = Sequence[Mapping[str, Any]]


class Record(NamedTuple):
    """One customer-like record of a platform, or a guest derived from orders.

    `ours` is canonical JSON text of our fields as the platform holds them (keys sorted, blanks absent).
    `email_consent` and `sms_consent` hold the platform's state in lower case (`subscribed`, `unsubscribed`,
    `redacted`, `pending`, ...), None for silence; `opted_out` refuses and tells nothing of what was before.

    `alias_id` is another id under which the platform names the same record (the contact of a Person
    Account). `linked_*` name the record that this one is said to be: the shop's customer by the merchant's
    own field, or the contact a lead was converted to. Names are keyed hashes per script, each cut to 63
    bits (see `sync.names`): family, given, and both together. `tags` holds only those that the settings
    name, folded. `excluded`: the merchant keeps this record out of scoring. `by_relay`: known only by a
    marketplace's relay address. `has_email`: the platform shows an address, of whatever use it is as a key.
    `first_purchase_day`: what the merchant's own field says, before any order. `referral_codes`: the personal
    codes of this customer, folded and sorted.

    `created_day` is the shop-local day of `created_at`, `consent_day` and `sms_consent_day` when the consents
    to e-mail and to messages last changed, `code_day` when the field with the personal code was last written
    (a tag has no day). `lead_state` is `new`, `working`, `converted` or `closed` for a lead, None for all
    others, `lead_ended_day` the day of its conversion. `referrer_id` is the record of the same account that
    the merchant's own field names as who introduced this one. `expectation` (`worse`, `as`, `better`), `nps`
    (0 to 10) and `stars` (1 to 5) are what the customer answered last, each with its day. `rfm_group` is the
    shop's own group, in lower case.
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
    han_family: int | None = None
    han_given: int | None = None
    han_whole: int | None = None
    kana_family: int | None = None
    kana_given: int | None = None
    kana_whole: int | None = None
    latin_family: int | None = None
    latin_given: int | None = None
    latin_whole: int | None = None
    parent_id: str | None = None
    alias_id: str | None = None
    linked_platform: str | None = None
    linked_account: str | None = None
    linked_id: str | None = None
    referral_codes: Sequence[str] = ()
    email_consent: str | None = None
    sms_consent: str | None = None
    phone_refused: bool | None = None
    subscription_status: str | None = None
    lead_source: str | None = None
    tags: Sequence[str] = ()
    excluded: bool = False
    by_relay: bool = False
    has_email: bool = False
    first_purchase_day: int | None = None
    created_day: int | None = None
    consent_day: int | None = None
    sms_consent_day: int | None = None
    code_day: int | None = None
    lead_state: str | None = None
    lead_ended_day: int | None = None
    referrer_id: str | None = None
    expectation: str | None = None
    expectation_day: int | None = None
    nps: int | None = None
    nps_day: int | None = None
    stars: int | None = None
    stars_day: int | None = None
    rfm_group: str | None = None
    ours: str = "{}"


class Order(NamedTuple):
    """One order. `detail` is a digest of what belongs to it but is stored apart (its refunds); it only
    serves to see whether the order changed and is not stored.

    `amount` is in the reporting currency, converted at `rate` (reporting units for one unit of `currency`)
    when first stored; `original_amount`, `tax` and `shipping` are in `currency`. `aliases` are all names the
    order bears, as `sync.personal.order_marks` makes them; `reference` is what the merchant's own field says
    of the other system's order, made likewise. `source` is what the platform calls the channel where nobody
    has said which one that is. `visit` is where the visit before the order came from, one of
    `sync.visits.VISITS`, None where nothing tells. `record_platform` and `record_account` say where
    `record_id` is at home if not in the order's own account (orders from a history file)."""

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
    aliases: Sequence[str] = ()
    record_id: str | None = None
    record_platform: str | None = None
    record_account: str | None = None
    parent_id: str | None = None
    email_key: str | None = None
    phone_key: str | None = None
    ordered_at: datetime | None = None
    rate: Decimal = Decimal(1)
    tax: Decimal | None = None
    shipping: Decimal | None = None
    is_b2b: bool = False
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
    visit: str | None = None
    source: str | None = None
    reference: str | None = None
    tags: Sequence[str] = ()
    deleted: bool = False
    detail: str = ""


class Refund(NamedTuple):
    """Money given back for `order_id`. `source_id` is the row that told of it: the order itself on
    Shopify, the reduction order on Salesforce. `original_amount` is in `currency`, 0 or more; it is
    converted at the rate of the order it belongs to, so that a full refund takes back exactly the order."""

    platform: str
    account: str
    id: str
    order_id: str
    source_id: str
    refunded_at: datetime | None
    refunded_on: date
    refunded_day: int
    original_amount: Decimal
    currency: str
    reason: str | None


class Role(NamedTuple):
    """Who bought by a Salesforce opportunity: its primary contact."""

    platform: str
    account: str
    id: str
    order_id: str
    contact_id: str | None
    is_primary: bool
    updated_at: datetime
    deleted: bool = False


class Touch(NamedTuple):
    """Something else that happened with a customer: not an order, and nothing the customer's record holds.

    `object` is the kind of row: `abandoned_checkout`, `draft_order`, `opportunity`, `opportunity_stage`,
    `campaign_member`, `case`, `task`, `event`, `return`. `day` is when it began (of an event, when it
    ended), `ended_day` when it was over (a checkout completed, a case or an opportunity closed, a campaign
    answered), `sent_day` when an invoice went out; days are shop-local. `value`: of an opportunity `open`,
    `proposal`, `won` or `lost`, of a stage that one was at `proposal` or `open`, of a case `complaint` or
    `other`, of a return `quality` or `other`, else None. Whose it is: `record_id`, a record of the same
    account, or for an opportunity its primary contact (`opportunity_id`, told by the roles) before
    `record_id`, its account; a stage is its opportunity's; a return without `record_id` is that of the guest
    who made the order `order_id`.
    """

    platform: str
    account: str
    object: str
    id: str
    created_at: datetime | None
    updated_at: datetime
    deleted: bool = False
    record_id: str | None = None
    opportunity_id: str | None = None
    order_id: str | None = None
    day: int | None = None
    sent_day: int | None = None
    ended_day: int | None = None
    value: str | None = None


class OrderLine(NamedTuple):
    """One product of an order; `original_amount` is in the order's currency, for the whole quantity."""

    platform: str
    account: str
    id: str
    order_id: str
    product_id: str | None
    title: str | None
    quantity: int
    original_amount: Decimal


class Quarantined(NamedTuple):
    """A row that could not be used: which field, and why; never the value."""

    id: str
    field: str
    cause: str


@dataclass(frozen=True, slots=True)
class Normalised:
    """One batch in the model's words. Deleted rows are among the records and orders; `refunds` holds those
    of each order, in the same order, and `lines` its products (empty where those are not read).
    `forgotten` are the ids of rows that a tombstone keeps out: they are counted and not stored; `gone` those
    of them that the platform has deleted."""

    records: Sequence[Record] = ()
    orders: Sequence[Order] = ()
    refunds: Sequence[Sequence[Refund]] = ()
    roles: Sequence[Role] = ()
    touches: Sequence[Touch] = ()
    lines: Sequence[Sequence[OrderLine]] = ()
    bad: Sequence[Quarantined] = ()
    forgotten: Sequence[str] = ()
    gone: Sequence[str] = ()


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
    rates: Rates
    now: datetime
    """The platform's clock when the run began: nothing can have been bought after it."""
    tombstones: Tombstones = NOBODY
    shopify_id_field: str | None = None
    code_field: str | None = None
    order_reference: str | None = None
    not_a_purchase: tuple[str, ...] = ()
    """Labels of Salesforce order statuses that are no purchases although they are activated."""
    first_purchase_field: str | None = None
    exclude_tag: str | None = None
    exclude_field: str | None = None
    watched_tags: frozenset[str] = frozenset()
    """Customer tags, folded, that the settings name; others are not stored."""
    relay_domains: tuple[str, ...] = ()
    no_keys: tuple[str, ...] = ()
    """Addresses and `domains` that identify nobody, beside those that are known anyway."""
    code_tag: str | None = None
    """A customer's tag that begins so holds a personal code behind it."""
    code_pattern: str | None = None
    """A customer's tag of this shape as a whole is a personal code."""
    expectations: Mapping[str, str] = field(default_factory=dict)
    """What customers answer when asked whether it was as expected, folded, to `worse`, `as` or `better`."""
    channels: Mapping[str, Channel] = field(default_factory=dict)
    """The platforms' names of where an order was made, folded, to the channels that the settings say."""
    channel_field: str | None = None
    """The merchant's own Salesforce field on what purchases are read of that tells where it was made."""
    quality_words: tuple[str, ...] = ()
    """Words, folded, by which the note of a refund tells that something was wrong with the goods."""
    referrer_field: str | None = None
    """The merchant's own Salesforce field that names who introduced somebody: by id or by personal code."""
    answer_fields: Mapping[str, str] = field(default_factory=dict)
    """Salesforce fields with what customers answered, by what they were asked."""
    answered_on_field: str | None = None
    """The Salesforce field with the day of those answers."""
    complaint_types: frozenset[str] = frozenset()
    """Types and reasons, folded, by which a case is a complaint."""
    memory_stages: frozenset[str] = frozenset()
    """Stages, folded, at which an opportunity is a proposal."""
    lead_new: frozenset[str] = frozenset()
    """Statuses, folded, of leads that nobody has worked on yet."""
    lead_closed: frozenset[str] = frozenset()
    """Statuses, folded, of leads that came to nothing."""
    opened_on: date | None = None
    """Orders before this day cannot be: the shop had not opened. None: no check."""
