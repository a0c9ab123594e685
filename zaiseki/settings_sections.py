"""The sections of `zaiseki.toml`: every key, its default and its meaning.

`docs/settings.md` is checked against them. Secrets stand in the environment (`zaiseki.environment`).
"""

from __future__ import annotations

import difflib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from connectors.http import is_loopback
from metrics.fields import KEYS


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
    """

    domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*\.my\.salesforce\.com$")]
    api_version: Annotated[str, Field(pattern=r"^\d{2,3}\.0$")] = "67.0"
    purchases: Literal["order", "opportunity", "none"] = "order"
    accounts: Literal["auto", "always", "never"] = "auto"
    not_a_purchase: tuple[str, ...] = ()
    shopify_id_field: ApiName | None = None
    order_reference: ApiName | None = None
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
    channels: tuple[Literal["online", "store", "phone", "sales", "marketplace", "social", "other"], ...] = ()
    b2b: bool = False


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


class Referral(_Section):
    """Where a customer's personal discount code stands: a Shopify customer metafield, `namespace.key`, or a
    field of the Salesforce Contact."""

    code_metafield: Metafield | None = None
    salesforce_code_field: ApiName | None = None


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
    """Who is not scored: customers with a tag, Salesforce records with a ticked box."""

    tag: Tag | None = None
    field: ApiName | None = None


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
    history: History = History()
    segment: Segment = Segment()
    referral: Referral = Referral()
    currency: Currency = Currency()
    identity: Identity = Identity()
    privacy: Privacy = Privacy()
    write: Write = Write()

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
