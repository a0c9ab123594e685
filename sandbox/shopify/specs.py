"""How a GraphQL field is drawn from SQLite: small declarations that the projector turns into SQL.

A `$` in SQL stands for the alias of the row's table. Every leaf is an expression that gives JSON text, so
that one SELECT writes a whole node and no Python runs per field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Leaf:
    """A scalar, an enum or a list of them: `sql` gives its JSON text."""

    sql: str


@dataclass(frozen=True)
class Embed:
    """An object that stands on the same row; null where the condition `when` does not hold."""

    fields: Mapping[str, "Spec"]
    when: str | None = None


@dataclass(frozen=True)
class Link:
    """Another row of a modelled type; `number` gives its id, null where there is none."""

    type_name: str
    number: str


@dataclass(frozen=True)
class Either:
    """A row of one of several types: the first whose condition holds."""

    cases: tuple[tuple[str, Link], ...]


@dataclass(frozen=True)
class Many:
    """A plain list of rows whose `column` holds this row's id."""

    type_name: str
    column: str
    order: str


@dataclass(frozen=True)
class Each:
    """A plain list of objects that stands on the row as a JSON array; `$.value` is one of them."""

    array: str
    fields: Mapping[str, "Spec"]


@dataclass(frozen=True)
class Nest:
    """A connection to rows whose `column` holds this row's id."""

    type_name: str
    column: str
    condition: str = "true"


@dataclass(frozen=True)
class MetafieldOf:
    """The one metafield with the namespace and key that the arguments name."""

    owner_type: str


Spec = Leaf | Embed | Link | Either | Many | Each | Nest | MetafieldOf


@dataclass(frozen=True)
class Model:
    """A type with a table: its fields, its sort keys (columns without `$`) and the scope it needs."""

    table: str
    fields: Mapping[str, Spec]
    scope: str | None = None
    sort_keys: Mapping[str, str] = field(default_factory=dict)
    protected: bool = False
    """Whether it is protected customer data."""
    windowed: bool = False
    """Whether rows older than 60 days need read_all_orders."""


def plain(sql: str) -> Leaf:
    """Text that needs no escaping: times, enum names, numbers written as strings."""
    return Leaf(f"ifnull('\"' || {sql} || '\"', 'null')")


NULL = Leaf("'null'")
"""What is not shown."""


def text(sql: str) -> Leaf:
    """Free text."""
    return Leaf(f"json_quote({sql})")


def whole(sql: str) -> Leaf:
    """A whole number."""
    return Leaf(f"ifnull({sql}, 'null')")


def truth(sql: str) -> Leaf:
    """A boolean."""
    return Leaf(f"CASE WHEN {sql} THEN 'true' ELSE 'false' END")


def listed(sql: str) -> Leaf:
    """A `;`-joined list as an array of strings."""
    return Leaf(
        f"CASE WHEN {sql} = '' THEN '[]' ELSE '[' || replace(json_quote({sql}), ';', '\",\"') || ']' END"
    )


def gid(type_name: str, sql: str) -> Leaf:
    """A global id."""
    return plain(f"'gid://shopify/{type_name}/' || {sql}")


def decimal(sql: str) -> str:
    """Write a computed number as the platform writes decimals: no trailing zeros, at least one place."""
    cut = f"rtrim(printf('%.2f', {sql}), '0')"
    return f"CASE WHEN {cut} LIKE '%.' THEN {cut} || '0' ELSE {cut} END"


def money(amount: str, currency: str) -> Embed:
    """A MoneyV2; both arguments are SQL that gives text."""
    return Embed({"amount": plain(amount), "currencyCode": plain(currency)})


def money_bag(
    amount: str, currency: str, shown: str | None = None, shown_currency: str | None = None
) -> Embed:
    """A MoneyBag: in the shop's currency, and in the one shown to the buyer."""
    return Embed(
        {
            "shopMoney": money(amount, currency),
            "presentmentMoney": money(shown or amount, shown_currency or currency),
        }
    )
