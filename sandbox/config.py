"""What `scenario.toml` may say, checked strictly: an unknown key is an error that names it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sandbox.faults import Rule

ALL_SCOPES = (
    "read_all_orders",
    "read_orders",
    "write_orders",
    "read_customers",
    "write_customers",
    "read_customer_merge",
    "write_customer_merge",
    "read_draft_orders",
    "read_discounts",
    "read_products",
)
"""What an app has been granted where the scenario says nothing."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _check_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not an IANA time zone such as Asia/Tokyo")
    return name


class ShopifyConfig(_Strict):
    """The shop: `shop` is kept as its full domain, `currency` as an ISO 4217 code."""

    shop: str = "sandbox.myshopify.com"
    timezone: str = "UTC"
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    """Country of the shop's address (ISO 3166), null where the scenario does not say."""
    plan: Literal["standard", "advanced", "plus"] = "standard"
    scopes: tuple[str, ...] = ALL_SCOPES
    metafield_writes_bump: bool = True
    """Whether writing a metafield moves the owner's `updatedAt`."""
    protected_data: bool | Literal["refused"] = True
    """Whether the app is approved for protected customer data: false hides names, addresses and numbers
    (level 2), "refused" denies customers and orders altogether (level 1)."""
    hide_scopes: bool = False
    """Whether the app's scopes cannot be read: the list is empty, while they hold as before."""
    merge_bumps_orders: bool = False
    """Whether orders that move with a merged customer get a new `updatedAt`; what Shopify does is unknown."""
    token_seconds: int = Field(default=86_399, gt=0)
    """Lifetime of a client-credentials token, in seconds of wall time."""

    _zone = field_validator("timezone")(_check_zone)

    @field_validator("shop")
    @classmethod
    def _full_domain(cls, shop: str) -> str:
        return shop if shop.endswith(".myshopify.com") else f"{shop}.myshopify.com"

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.timezone)


class SalesforceConfig(_Strict):
    """The org: `currencies` maps further active currencies to their rate against `currency`.

    `dated_rates`: an org of several currencies has Advanced Currency Management, and with it dated rates.
    """

    person_accounts: bool = False
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    currencies: dict[str, Decimal] = Field(default_factory=dict)
    tells_currency: bool = True
    """Whether an org of one currency tells it to the integration user (Connect REST API)."""
    country: str | None = Field(default=None, max_length=80)
    """Country of the org's address as somebody typed it: a code (ISO 3166) or a name; the code that goes with
    its currency unless given."""
    dated_rates: bool = True
    daily_requests: int = Field(default=15_000, ge=0)
    timezone: str = "UTC"
    session_seconds: int = Field(default=7_200, gt=0)
    """Lifetime of a session, in seconds of wall time."""
    hidden_objects: tuple[str, ...] = ()
    """Objects the integration user cannot see."""
    hidden_fields: tuple[str, ...] = ()
    """Fields the integration user cannot see, as `Object.Field`."""
    read_only_fields: tuple[str, ...] = ()
    """Fields the integration user can see and not edit, as `Object.Field`."""

    _zone = field_validator("timezone")(_check_zone)


class ScenarioConfig(_Strict):
    """A parsed `scenario.toml`. `now` is aware; without an offset it is read in the shop's time zone."""

    now: datetime = Field(default_factory=lambda: datetime.now(UTC))
    shopify: ShopifyConfig = Field(default_factory=ShopifyConfig)
    salesforce: SalesforceConfig = Field(default_factory=SalesforceConfig)
    faults: tuple[Rule, ...] = ()

    @field_validator("now", mode="before")
    @classmethod
    def _now_is_a_time(cls, now: Any) -> Any:
        if isinstance(now, int | float) or (isinstance(now, str) and now.strip().lstrip("+-").isdigit()):
            raise ValueError("a date and time is needed, such as 2026-10-01T12:00:00+09:00")
        return now

    @model_validator(mode="after")
    def _now_is_aware(self) -> "ScenarioConfig":
        if self.now.tzinfo is None:
            # The model is frozen; this is the one place where a value depends on another.
            object.__setattr__(self, "now", self.now.replace(tzinfo=self.shopify.zone))
        return self
