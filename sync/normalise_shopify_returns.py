"""Shopify's returns to touches of the model. Shopify's words stop here.

Fields are those of the Admin GraphQL API 2026-10. A return belongs to the customer of its order; without
one, to the guest of that order's address and number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.shopify.names import number_of
from sync import personal
from sync import shopify_shapes as shapes
from sync.edge import Edge, local_day
from sync.model import Account, Normalised, Quarantined, Rows, Touch

_PLATFORM = "shopify"
_TAKEN_BACK = "CANCELED"
"""A return that its customer or the shop called off. One that was declined still says what was wrong."""
_QUALITY = frozenset({"DEFECTIVE", "NOT_AS_DESCRIBED", "WRONG_ITEM"})
"""Reasons that are the shop's fault; size, colour, style and a change of mind are not."""


def _id_of(row: Mapping[str, Any]) -> str | None:
    return number_of(str(row.get("id") or "")) or None


_RETURNS = Edge(shapes.Return, _id_of)


def returns(rows: Rows, account: Account) -> Normalised:
    """Returns on the day they were asked for; `value` is `quality` or `other`, null where called off."""
    made: list[Touch] = []
    bad: list[Quarantined] = []

    def make(node: shapes.Return, _: Mapping[str, Any]) -> None:
        made.append(
            Touch(
                platform=_PLATFORM,
                account=account.account,
                object="return",
                id=number_of(node["id"]),
                created_at=node["createdAt"],
                updated_at=node["order"]["updatedAt"],
                record_id=_whose(node, account),
                order_id=number_of(node["order"]["id"]),
                day=local_day(node["createdAt"], account.timezone)[1],
                value=_reason(node, account),
            )
        )

    _RETURNS.build(rows, make, bad)
    return Normalised(touches=made, bad=bad)


def _reason(node: shapes.Return, account: Account) -> str | None:
    """Whether any line was sent back for the goods' sake; the note itself is not kept."""
    if node["status"] == _TAKEN_BACK:
        return None
    lines = node["returnLineItems"]["nodes"]
    quality = any(line["returnReason"] in _QUALITY or _noted(line, account) for line in lines)
    return "quality" if quality else "other"


def _noted(line: shapes.ReturnLine, account: Account) -> bool:
    note = line.get("returnReasonNote")
    folded = personal.folded_tag(note) if note else ""
    return any(word in folded for word in account.quality_words)


def _whose(node: shapes.Return, account: Account) -> str | None:
    customer = node["order"].get("customer")
    number = number_of(customer["id"]) if customer else None
    if number is None or account.tombstones.has_record(_PLATFORM, account.account, number):
        return None
    return number
