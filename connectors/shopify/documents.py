"""The GraphQL texts we send: files of `queries/`, completed by what is configured."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

import orjson

from connectors.base import Field
from connectors.errors import MendSettings
from connectors.shopify.names import FIRST_PURCHASE_ALIAS, NAMESPACE, REFERRAL_ALIAS, alias

METAFIELD = re.compile(r"^(\$?[A-Za-z0-9_:-]{2,255})\.([A-Za-z0-9_-]{2,64})$")
ROOT = {"customers": "Customer", "orders": "Order"}


@cache
def text(name: str) -> str:
    """The text of `queries/<name>.graphql`, white space squeezed."""
    whole = files("connectors.shopify").joinpath("queries", f"{name}.graphql").read_text(encoding="utf-8")
    return " ".join(whole.split())


def metafield(name: str, namespace: str, key: str) -> str:
    """A selection of one metafield's value under the alias `name`."""
    return f'{name}: metafield(namespace: "{namespace}", key: "{key}") {{ value }}'


class Rows:
    """What a row of each stream holds, as a fragment for pages and as plain selections for bulk queries."""

    def __init__(
        self, fields: Sequence[Field], referral_code: str | None, first_purchase: str | None = None
    ) -> None:
        ours = [metafield(alias(field.key), NAMESPACE, field.key) for field in fields]
        for name, given in ((REFERRAL_ALIAS, referral_code), (FIRST_PURCHASE_ALIAS, first_purchase)):
            if given:
                ours.append(metafield(name, *_place(given)))
        self.fragments = {
            "customers": _with(text("customer"), ours),
            "orders": text("order"),
        }

    def survey(self) -> str:
        """The one document that asks everything before the pull."""
        return " ".join([text("survey"), *self.fragments.values()])

    def page(self, stream: str) -> str:
        """A further page of what changed in `stream`."""
        return f"{text(f'{stream}_page')} {self.fragments[stream]}"

    def bulk(self, stream: str, search: str | None) -> str:
        """A bulk query over `stream`, oldest change first.

        Bulk queries take no variables and want `edges { node }`; sort key and range filter must agree, or
        large shops time out.
        """
        inner = _selections(self.fragments[stream])
        wanted = f", query: {orjson.dumps(search).decode()}" if search else ""
        return f"{{ {stream}(sortKey: UPDATED_AT{wanted}) {{ edges {{ node {{ {inner} }} }} }} }}"


def bulk_sweep(stream: str) -> str:
    """A bulk query for every row of `stream` with what a sweep looks at."""
    fragment = text(f"{stream}_swept")
    return f"{{ {stream}(sortKey: ID) {{ edges {{ node {{ {_selections(fragment)} }} }} }} }}"


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


def _selections(fragment: str) -> str:
    """What stands between the outer braces of a fragment."""
    return fragment[fragment.index("{") + 1 : fragment.rindex("}")].strip()


def _with(fragment: str, selections: Sequence[str]) -> str:
    return f"{fragment[: fragment.rindex('}')]}{' '.join(selections)} }}"
