"""Sections of `zaiseki.toml` on orders: which of them count, where they were made, in which money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from sync.model import Channel
from sync.personal import folded_tag
from zaiseki.settings_types import ApiName, CurrencyCode, Metafield, Section, Tag


class Exclude(Section):
    """Whose or which orders never count: tags of the order or its customer, channels, business buyers."""

    tags: tuple[Tag, ...] = ()
    channels: tuple[Channel, ...] = ()
    b2b: bool = False


class Purchases(Section):
    """What counts as a purchase. `duplicates = "none"`: no order stands in both systems, twins are chance."""

    unit: Literal["day", "order"] = "day"
    count_unpaid: bool = True
    duplicates: Literal["none"] | None = None
    exclude: Exclude = Exclude()


class Channels(Section):
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


class Currency(Section):
    """The currency of every sum; the shop's where unset. `rates`: its units for one unit of another."""

    reporting: CurrencyCode | None = None
    rates: dict[CurrencyCode, Annotated[Decimal, Field(gt=0)]] = Field(default={})


class History(Section):
    """What happened before the shop existed here: a file of orders, fields with the first purchase."""

    orders_csv: Path | None = None
    opened_on: date | None = None
    first_purchase_metafield: Metafield | None = None
    first_purchase_field: ApiName | None = None
