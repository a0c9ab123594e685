"""The whole of `zaiseki.toml`: its sections, each with every key, its default and its meaning.

`docs/settings.md` is checked against them. Secrets stand in the environment (`zaiseki.environment`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from metrics.catalogue import metrics_known
from metrics.targets import check_targets
from zaiseki.settings_metrics import (
    Contacts,
    Funnel,
    Market,
    Metrics,
    Products,
    Referral,
    Satisfaction,
    Segment,
)
from zaiseki.settings_orders import Channels, Currency, History, Purchases
from zaiseki.settings_people import Identity, Privacy
from zaiseki.settings_platforms import Salesforce, Shopify, StoreSettings, Sync, Write
from zaiseki.settings_types import Section


def _as_list(given: Any) -> Any:
    """One `[shopify]` is a list of one."""
    return (given,) if isinstance(given, dict) else given


class Settings(Section):
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
    targets: dict[str, Decimal] = Field(default={})
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
