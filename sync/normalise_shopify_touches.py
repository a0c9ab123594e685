"""Shopify's abandoned checkouts and draft orders to touches of the model.

Fields are those of the Admin GraphQL API 2026-10. Neither names an address of its own that would be read: who
left a checkout without being known as a customer is nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.shopify.names import number_of
from sync import shopify_shapes as shapes
from sync.edge import Edge, local_day
from sync.model import Account, Normalised, Quarantined, Rows, Touch

_PLATFORM = "shopify"


def _id_of(row: Mapping[str, Any]) -> str | None:
    return number_of(str(row.get("id") or "")) or None


_DATED = Edge(shapes.Dated, _id_of)


def checkouts(rows: Rows, account: Account) -> Normalised:
    """Checkouts that were left; `ended_day` where one was completed after all."""
    return _touches(rows, "abandoned_checkout", account)


def drafts(rows: Rows, account: Account) -> Normalised:
    """Draft orders; `ended_day` where one became an order, `sent_day` where its invoice was sent."""
    return _touches(rows, "draft_order", account)


def _touches(rows: Rows, name: str, account: Account) -> Normalised:
    made: list[Touch] = []
    bad: list[Quarantined] = []

    def make(node: shapes.Dated, _: Mapping[str, Any]) -> None:
        made.append(
            Touch(
                platform=_PLATFORM,
                account=account.account,
                object=name,
                id=number_of(node["id"]),
                created_at=node["createdAt"],
                updated_at=node["updatedAt"],
                record_id=_whose(node, account),
                day=_day(node["createdAt"], account),
                sent_day=_day(node.get("invoiceSentAt"), account),
                ended_day=_day(node.get("completedAt"), account),
            )
        )

    _DATED.build(rows, make, bad)
    return Normalised(touches=made, bad=bad)


def _whose(node: shapes.Dated, account: Account) -> str | None:
    customer = node.get("customer")
    number = number_of(customer["id"]) if customer else None
    if number is None or account.tombstones.has_record(_PLATFORM, account.account, number):
        return None
    return number


def _day(at: datetime | None, account: Account) -> int | None:
    return local_day(at, account.timezone)[1] if at else None
