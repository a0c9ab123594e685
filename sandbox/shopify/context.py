"""What one GraphQL request carries through its execution."""

import sqlite3
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandbox.shopify.access import Access, access_of
from sandbox.shopify.customer_fields import customer_models
from sandbox.shopify.database import prepared_connection
from sandbox.shopify.order_fields import order_models
from sandbox.shopify.other_fields import OTHER_MODELS
from sandbox.shopify.runtime import Runtime
from sandbox.shopify.specs import Model

if TYPE_CHECKING:
    from sandbox.state import State


@dataclass
class Context:
    """The sandbox, the rights, and what was noticed on the way: `errors` and `extensions.search`."""

    runtime: Runtime
    db: sqlite3.Connection
    access: Access
    models: dict[str, Model]
    errors: list[dict[str, Any]] = field(default_factory=list)
    search: list[dict[str, Any]] = field(default_factory=list)

    @property
    def state(self) -> "State":
        """The sandbox that is served."""
        return self.runtime.state

    @property
    def currency(self) -> str:
        """The shop's currency."""
        return self.state.config.shopify.currency


def new_context(runtime: Runtime) -> Context:
    """Open a context for one request on this thread's connection."""
    state = runtime.state
    shop = state.config.shopify
    models = models_of(shop.currency, personal=shop.protected_data is True)
    return Context(runtime, prepared_connection(state), access_of(state), models)


@lru_cache(maxsize=8)
def models_of(currency: str, *, personal: bool = True) -> dict[str, Model]:
    """Give all types that have a table, for a shop's currency and an app that may see `personal` data."""
    orders = order_models(currency, personal=personal)
    return orders | customer_models(currency, personal=personal) | OTHER_MODELS
