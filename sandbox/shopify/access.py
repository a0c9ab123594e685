"""What the app may see: its scopes, protected data, and the 60 days of orders without read_all_orders."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.clock import stamp_text
from sandbox.shopify.problems import Problem, access_denied, not_approved
from sandbox.shopify.specs import Model

if TYPE_CHECKING:
    from sandbox.state import State

ORDER_WINDOW = timedelta(days=60)


@dataclass(frozen=True)
class Access:
    """The rights of one request; `orders_since` is stored text, None where all orders may be read."""

    scopes: frozenset[str]
    approved: bool
    orders_since: str | None

    def has(self, scope: str) -> bool:
        """Say whether a scope is granted; writing includes reading."""
        return scope in self.scopes or scope.replace("read_", "write_", 1) in self.scopes

    def refusal(self, field: str, type_name: str, model: Model) -> Problem | None:
        """Say why a field about this model may not be read, if it may not."""
        if model.scope is not None and not self.has(model.scope):
            return access_denied(field, model.scope)
        if model.protected and not self.approved:
            return not_approved(type_name)
        return None

    def visible(self, model: Model, alias: str) -> str:
        """Give the SQL condition of the rows that may be seen; rows outside are missing, not refused."""
        if model.windowed and self.orders_since is not None:
            return f"{alias}.created_at >= '{self.orders_since}'"
        return "true"


def access_of(state: "State") -> Access:
    """Read the rights off the scenario, as of now."""
    config = state.config.shopify
    scopes: Collection[str] = config.scopes
    all_orders = "read_all_orders" in scopes
    return Access(
        scopes=frozenset(scopes),
        approved=config.protected_data != "refused",
        orders_since=None if all_orders else stamp_text(state.clock.now() - ORDER_WINDOW),
    )
