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
from connectors.shopify.names import NAMESPACE, REFERRAL_ALIAS, alias

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

    def __init__(self, fields: Sequence[Field], referral_code: str | None) -> None:
        ours = [metafield(alias(field.key), NAMESPACE, field.key) for field in fields]
        if referral_code:
            parts = METAFIELD.match(referral_code)
            if not parts:
                raise MendSettings("shopify", "bad_metafield_name", referral_code, name=referral_code)
            ours.append(metafield(REFERRAL_ALIAS, *parts.groups()))
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
        fragment = self.fragments[stream]
        inner = fragment[fragment.index("{") + 1 : fragment.rindex("}")].strip()
        wanted = f", query: {orjson.dumps(search).decode()}" if search else ""
        return f"{{ {stream}(sortKey: UPDATED_AT{wanted}) {{ edges {{ node {{ {inner} }} }} }} }}"


def bulk_ids(stream: str) -> str:
    """A bulk query for every id of `stream`."""
    return f"{{ {stream}(sortKey: ID) {{ edges {{ node {{ id }} }} }} }}"


def changed_since(instant: datetime | None) -> str | None:
    """The search for rows changed at or after `instant` (UTC); None finds all.

    The date must be quoted: unquoted it is parsed at its colons and the term is silently dropped.
    """
    return f"updated_at:>='{instant:%Y-%m-%dT%H:%M:%SZ}'" if instant else None


def _with(fragment: str, selections: Sequence[str]) -> str:
    return f"{fragment[: fragment.rindex('}')]}{' '.join(selections)} }}"
