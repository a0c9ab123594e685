"""The sections of `zaiseki.toml`: every key, its default and its meaning.

`docs/settings.md` is checked against them. Secrets stand in the environment (`zaiseki.environment`).
"""

from __future__ import annotations

import difflib
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from connectors.http import is_loopback
from metrics.catalogue import metrics_known
from metrics.fields import KEYS
from metrics.targets import check_targets
from sync.model import Channel
from sync.personal import folded_tag


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


ApiName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]
Metafield = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{3,255}\.[A-Za-z0-9_-]{2,64}$")]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Tag = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word most like `word`."""
    return max(known, key=lambda candidate: difflib.SequenceMatcher(None, word, candidate).ratio())


def _as_list(given: Any) -> Any:
    """One `[shopify]` is a list of one."""
    return (given,) if isinstance(given, dict) else given


def _loopback(url: str | None) -> str | None:
    if url is not None and not is_loopback(url):
        raise ValueError("only loopback addresses (a sandbox on this machine) may stand here")
    return url


def _regular_expression(pattern: str) -> str:
    """A pattern that both Python and the store's engine (RE2, so no lookaround) understand."""
    try:
        re.compile(pattern)
        pc.match_substring_regex(pa.array([""]), pattern)
    except (re.error, pa.ArrowInvalid):
        raise ValueError("not a regular expression (RE2: without lookaround and references)") from None
    return pattern


class Shopify(_Section):
    """A shop. Secrets: ZAISEKI_SHOPIFY_CLIENT_ID and _CLIENT_SECRET, or ZAISEKI_SHOPIFY_ACCESS_TOKEN; with
    several shops each has a name, and its secrets are ZAISEKI_SHOPIFY_<NAME>_CLIENT_ID and so on."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")] | None = None
    shop: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")]
    api_version: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] = "2026-10"
    url: str | None = None
    _check = field_validator("url")(_loopback)


class Salesforce(_Section):
    """The org. Secrets: ZAISEKI_SALESFORCE_CLIENT_ID and _CLIENT_SECRET (or _USERNAME, _PRIVATE_KEY_FILE).

    `currency`: what an org of one currency counts in, which no API tells; the reporting currency where unset.
    `channel_field`: where an order was made, in words of `[channels]`.
    """

    domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*\.my\.salesforce\.com$")]
    api_version: Annotated[str, Field(pattern=r"^\d{2,3}\.0$")] = "67.0"
    purchases: Literal["order", "opportunity", "none"] = "order"
    accounts: Literal["auto", "always", "never"] = "auto"
    not_a_purchase: tuple[str, ...] = ()
    shopify_id_field: ApiName | None = None
    order_reference: ApiName | None = None
    channel_field: ApiName | None = None
    currency: CurrencyCode | None = None
    url: str | None = None
    _check = field_validator("url")(_loopback)


class StoreSettings(_Section):
    """Where the store lies (relative to the settings file) and how much memory its engine may take."""

    path: Path = Path("zaiseki.duckdb")
    memory_limit: Annotated[str, Field(pattern=r"^\d+(MB|GB)$")] = "192MB"


class Exclude(_Section):
    """Whose or which orders never count: tags of the order or its customer, channels, business buyers."""

    tags: tuple[Tag, ...] = ()
    channels: tuple[Channel, ...] = ()
    b2b: bool = False


class Channels(_Section):
    """What the platforms call the places where orders are made: Shopify's source names, ids of apps, values
    of the merchant's own Salesforce field. Letter case and width aside; these win over what is known anyway.
    """

    online: tuple[Tag, ...] = ()
    store: tuple[Tag, ...] = ()
    phone: tuple[Tag, ...] = ()
    sales: tuple[Tag, ...] = ()
    marketplace: tuple[Tag, ...] = ()
    social: tuple[Tag, ...] = ()
    other: tuple[Tag, ...] = ()

    @model_validator(mode="after")
    def _apart(self) -> Channels:
        seen: dict[str, str] = {}
        for code, names in self:
            for name in names:
                if seen.setdefault(folded_tag(name), code) != code:
                    raise ValueError(f"'{name}' stands in two channels, {seen[folded_tag(name)]} and {code}")
        return self

    def by_name(self) -> dict[str, Channel]:
        """The channel of each name, folded."""
        return {folded_tag(name): code for code in get_args(Channel) for name in getattr(self, code)}


class Purchases(_Section):
    """What counts as a purchase. `duplicates = "none"`: no order stands in both systems, twins are chance."""

    unit: Literal["day", "order"] = "day"
    count_unpaid: bool = True
    duplicates: Literal["none"] | None = None
    exclude: Exclude = Exclude()


class Segment(_Section):
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


class Metrics(_Section):
    """What is read and counted beyond the fields. `products`: the lines of orders, for repeat by product.
    `shop`: the figures of the whole shop, after every run over a whole history."""

    products: bool = False
    shop: bool = True


class Products(_Section):
    """Products by id or title: trial offers (`front_end`), and what they lead to (`back_end`)."""

    front_end: tuple[Tag, ...] = ()
    back_end: tuple[Tag, ...] = ()

    @model_validator(mode="after")
    def _apart(self) -> Products:
        for product in self.front_end:
            if product.lower() in (other.lower() for other in self.back_end):
                raise ValueError(f"'{product}' cannot be both a trial offer and what it leads to")
        return self


class Referral(_Section):
    """How word of mouth is told: where a customer's personal code stands, and who else names a referrer.

    A personal code stands in a Shopify customer metafield (`namespace.key`), behind `code_tag` or as a tag of
    the shape `code_pattern`, or in a field of the Salesforce Contact. `referrer_field`: a Contact's or Lead's
    lookup to (or code of) who brought them. `rewarded`: a referral earns something, so it shows no delight.
    """

    code_metafield: Metafield | None = None
    code_tag: Tag | None = None
    code_pattern: Annotated[str, AfterValidator(_regular_expression)] | None = None
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


class Satisfaction(_Section):
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


class Funnel(_Section):
    """What steps are called in Salesforce, letter case aside: stages at which an opportunity is a proposal,
    statuses of a lead that nobody has worked on, and of one that came to nothing. That an opportunity is won
    or a lead converted, Salesforce says itself."""

    memory_stages: tuple[Tag, ...] = ("Proposal/Price Quote", "Negotiation/Review")
    lead_new: tuple[Tag, ...] = ("Open - Not Contacted", "New")
    lead_closed: tuple[Tag, ...] = ("Closed - Not Converted", "Unqualified")


class Contacts(_Section):
    """After how many days without a contact or a purchase a best customer stands on the list to call."""

    quiet_days: Annotated[int, Field(ge=1, le=3650)] = 90


class Market(_Section):
    """A market that the merchant states, for the shop's share of it: what it is, the year, and its sales in
    that year in the reporting currency. Nothing in the orders tells any of this."""

    total: Annotated[Decimal, Field(gt=0)]
    name: Tag
    year: Annotated[int, Field(ge=1900, le=2200)]


class Currency(_Section):
    """The currency of every sum; the shop's where unset. `rates`: its units for one unit of another."""

    reporting: CurrencyCode | None = None
    rates: dict[CurrencyCode, Annotated[Decimal, Field(gt=0)]] = {}


class Identity(_Section):
    """How records become persons. `phone_region`: country code of national numbers, e.g. `JP`.

    `max_sharing`: an address or number that more people's names share identifies nobody. `max_members`:
    a person of more records waits for a look. `relay_domains` and `no_keys`: addresses that are no keys.
    """

    phone_region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    max_sharing: Annotated[int, Field(ge=1)] = 3
    max_members: Annotated[int, Field(ge=2)] = 20
    relay_domains: tuple[Tag, ...] = ()
    no_keys: tuple[Tag, ...] = ()


class History(_Section):
    """What happened before the shop existed here: a file of orders, fields with the first purchase."""

    orders_csv: Path | None = None
    opened_on: date | None = None
    first_purchase_metafield: Metafield | None = None
    first_purchase_field: ApiName | None = None


class PrivacyExclude(_Section):
    """Who is not scored: customers with a tag, Salesforce records with a ticked box.

    `objects`: on which the box `field` was made. Where it is not seen on one of them the run stops; with none
    named, whoever has a lead or a business account on which it is not seen keeps the old values.
    """

    tag: Tag | None = None
    field: ApiName | None = None
    objects: tuple[Literal["Contact", "Lead", "Account"], ...] = ()

    @model_validator(mode="after")
    def _of_a_box(self) -> PrivacyExclude:
        if self.objects and self.field is None:
            raise ValueError("objects says where the box is; field must name it")
        return self


class Privacy(_Section):
    """Whom the job leaves alone."""

    exclude: PrivacyExclude = PrivacyExclude()


class Sync(_Section):
    """How the job reads. `sweep_days`: how often every id is compared with the platforms'."""

    sweep_days: Annotated[int, Field(ge=1, le=365)] = 7


class Write(_Section):
    """What is written where, and how much may change by surprise (a share, 0.05 is five per cent)."""

    platforms: tuple[Literal["shopify", "salesforce"], ...] = ("shopify", "salesforce")
    objects: tuple[Literal["customer", "Contact", "PersonAccount", "Lead", "Account"], ...] = (
        "customer",
        "Contact",
        "PersonAccount",
        "Lead",
        "Account",
    )
    fields: tuple[str, ...] = KEYS
    max_segment_moves: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.05")

    @field_validator("fields")
    @classmethod
    def _known(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            if key not in KEYS:
                raise ValueError(f"'{key}' is no field; did you mean '{nearest(key, KEYS)}'?")
        return keys


class Settings(_Section):
    """The whole file. At least one platform must be there."""

    shopify: Annotated[tuple[Shopify, ...], BeforeValidator(_as_list)] = ()
    salesforce: Salesforce | None = None
    store: StoreSettings = StoreSettings()
    sync: Sync = Sync()
    purchases: Purchases = Purchases()
    channels: Channels = Channels()
    history: History = History()
    segment: Segment = Segment()
    metrics: Metrics = Metrics()
    products: Products = Products()
    referral: Referral = Referral()
    satisfaction: Satisfaction = Satisfaction()
    funnel: Funnel = Funnel()
    contacts: Contacts = Contacts()
    market: Market | None = None
    targets: dict[str, Decimal] = {}
    currency: Currency = Currency()
    identity: Identity = Identity()
    privacy: Privacy = Privacy()
    write: Write = Write()

    @field_validator("targets")
    @classmethod
    def _known(cls, targets: dict[str, Decimal]) -> dict[str, Decimal]:
        if targets:
            check_targets(targets, tuple(metric.id for metric in metrics_known() if metric.of_shop))
        return targets

    @field_validator("shopify")
    @classmethod
    def _told_apart(cls, shops: tuple[Shopify, ...]) -> tuple[Shopify, ...]:
        names = {shop.name for shop in shops}
        if len(shops) > 1 and None in names:
            raise ValueError("each of several shops needs a name of its own")
        if len(names) < len(shops):
            raise ValueError("two shops bear the same name")
        if len({shop.shop for shop in shops}) < len(shops):
            raise ValueError("the same shop stands here twice")
        return shops
