"""The GraphQL texts we send: files of `queries/`, completed by what is configured."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

import orjson

from connectors.base import Field
from connectors.errors import MendSettings
from connectors.shopify.names import FIRST_PURCHASE_ALIAS, NAMESPACE, REFERRAL_ALIAS, alias

METAFIELD = re.compile(r"^(\$?[A-Za-z0-9_:-]{2,255})\.([A-Za-z0-9_-]{2,64})$")
ROOT = {
    "customers": "customers",
    "orders": "orders",
    "abandoned_checkouts": "abandonedCheckouts",
    "draft_orders": "draftOrders",
}
"""The connection of the API that each stream is read from."""
SORT_KEYS = {
    "customers": "UPDATED_AT",
    "orders": "UPDATED_AT",
    # Checkouts cannot be sorted by their last change.
    "abandoned_checkouts": "ID",
    "draft_orders": "UPDATED_AT",
}
MOST_LINES = 50
"""How many lines of an order are read; the rest of longer orders is left out."""
_LINE = (
    "id title quantity product { id } discountedTotalSet(withCodeDiscounts: true) { shopMoney { amount } }"
)


@cache
def text(name: str) -> str:
    """The text of `queries/<name>.graphql`, white space squeezed."""
    whole = files("connectors.shopify").joinpath("queries", f"{name}.graphql").read_text(encoding="utf-8")
    return " ".join(whole.split())


def metafield(name: str, namespace: str, key: str, wanted: str = "value") -> str:
    """A selection of one metafield's value, or of what else is `wanted`, under the alias `name`."""
    return f'{name}: metafield(namespace: "{namespace}", key: "{key}") {{ {wanted} }}'


class Rows:
    """What a row of each stream holds, as a fragment for pages and as plain selections for bulk queries."""

    def __init__(
        self,
        fields: Sequence[Field],
        referral_code: str | None,
        first_purchase: str | None = None,
        *,
        answers: Mapping[str, str] | None = None,
        lines: bool = False,
    ) -> None:
        ours = [metafield(alias(field.key), NAMESPACE, field.key) for field in fields]
        if first_purchase:
            ours.append(metafield(FIRST_PURCHASE_ALIAS, *_place(first_purchase)))
        dated = {REFERRAL_ALIAS: referral_code, **(answers or {})}
        ours += [metafield(n, *_place(given), "value updatedAt") for n, given in dated.items() if given]
        self.lines = lines
        self.fragments = {
            "customers": _with(text("customer"), ours),
            "orders": text("order"),
            "abandoned_checkouts": text("abandoned_checkout"),
            "draft_orders": text("draft_order"),
        }

    def survey(self) -> str:
        """The one document that asks everything before the pull."""
        return " ".join([text("survey"), *(self._paged(stream) for stream in self.fragments)])

    def page(self, stream: str) -> str:
        """A further page of what changed in `stream`."""
        return f"{text(f'{stream}_page')} {self._paged(stream)}"

    def again(self) -> str:
        """Orders by their ids."""
        return f"{text('orders_again')} {self._paged('orders')}"

    def bulk(self, stream: str, search: str | None) -> str:
        """A bulk query over `stream`, oldest change first where the API can sort it so.

        Bulk queries take no variables and want `edges { node }`; sort key and range filter must agree where
        they can, or large shops time out. Lines come as rows of their own.
        """
        inner = selections(self.fragments[stream])
        if stream == "orders" and self.lines:
            inner += f" lineItems {{ edges {{ node {{ {_LINE} }} }} }}"
        wanted = f", query: {orjson.dumps(search).decode()}" if search else ""
        sorting = f"sortKey: {SORT_KEYS[stream]}{wanted}"
        return f"{{ {ROOT[stream]}({sorting}) {{ edges {{ node {{ {inner} }} }} }} }}"

    def _paged(self, stream: str) -> str:
        """The fragment of a row as pages hold it."""
        if stream == "orders" and self.lines:
            lines = f"lineItems(first: {MOST_LINES}) {{ nodes {{ {_LINE} }} }}"
            return _with(self.fragments[stream], [lines])
        return self.fragments[stream]


def bulk_sweep(stream: str) -> str:
    """A bulk query for every row of `stream` with what a sweep looks at."""
    fragment = text(f"{stream}_swept")
    return f"{{ {ROOT[stream]}(sortKey: ID) {{ edges {{ node {{ {selections(fragment)} }} }} }} }}"


def page_sweep(stream: str) -> str:
    """A page of the same rows."""
    return f"{text(f'{stream}_ids')} {text(f'{stream}_swept')}"


def changed_since(instant: datetime | None) -> str | None:
    """The search for rows changed at or after `instant` (UTC); None finds all.

    The date must be quoted: unquoted it is parsed at its colons and the term is silently dropped.
    """
    return f"updated_at:>='{instant:%Y-%m-%dT%H:%M:%SZ}'" if instant else None


def _place(given: str) -> tuple[str, str]:
    """Namespace and key of a merchant's metafield as the settings name it. Raises `MendSettings`."""
    parts = METAFIELD.match(given)
    if not parts:
        raise MendSettings("shopify", "bad_metafield_name", given, name=given)
    namespace, key = parts.groups()
    return namespace, key


def selections(fragment: str) -> str:
    """What stands between the outer braces of a fragment."""
    return fragment[fragment.index("{") + 1 : fragment.rindex("}")].strip()


def _with(fragment: str, selections: Sequence[str]) -> str:
    return f"{fragment[: fragment.rindex('}')]}{' '.join(selections)} }}"
