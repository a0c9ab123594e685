"""Sections of `zaiseki.toml` on the platforms and the store: how they are reached, read and written to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from metrics.fields import KEYS
from zaiseki.settings_types import ApiName, CurrencyCode, Section, loopback, nearest


class Shopify(Section):
    """A shop. Secrets: ZAISEKI_SHOPIFY_CLIENT_ID and _CLIENT_SECRET, or ZAISEKI_SHOPIFY_ACCESS_TOKEN; with
    several shops each has a name, and its secrets are ZAISEKI_SHOPIFY_<NAME>_CLIENT_ID and so on."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")] | None = None
    shop: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")]
    api_version: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] = "2026-10"
    url: str | None = None
    _check = field_validator("url")(loopback)


class Salesforce(Section):
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
    _check = field_validator("url")(loopback)


class StoreSettings(Section):
    """Where the store lies (relative to the settings file) and how much memory its engine may take."""

    path: Path = Path("zaiseki.duckdb")
    memory_limit: Annotated[str, Field(pattern=r"^\d+(MB|GB)$")] = "192MB"


class Sync(Section):
    """How the job reads. `sweep_days`: how often every id is compared with the platforms'."""

    sweep_days: Annotated[int, Field(ge=1, le=365)] = 7


class Write(Section):
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
