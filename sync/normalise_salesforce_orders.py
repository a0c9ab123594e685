"""Salesforce orders, opportunities and their contact roles to the model.

EffectiveDate and CloseDate are days as they stand, in nobody's time zone. They may lie in the future (an
order placed for next month counts from then on) and before the shop opened (the org may be older).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sync import channels, personal
from sync import salesforce_shapes as shapes
from sync.edge import Edge, Unusable, day_of
from sync.model import (
    NOT_A_PURCHASE,
    PURCHASE,
    REDUCTION,
    Account,
    Normalised,
    Order,
    Quarantined,
    Refund,
    Role,
    Rows,
)
from sync.money import Converted, converted
from sync.normalise_salesforce import PLATFORM, id_of, is_forgotten

_COUNTS = "activated"
_P = TypeVar("_P", bound=shapes.Purchase)

_ORDERS = Edge(shapes.Order, id_of)
_OPPORTUNITIES = Edge(shapes.Opportunity, id_of)
_ROLES = Edge(shapes.ContactRole, id_of)


def orders(rows: Rows, account: Account) -> Normalised:
    """Order rows. What is not activated is kept but is no purchase; a reduction order is also a refund."""
    return _purchases(_ORDERS, rows, account, _order)


def opportunities(rows: Rows, account: Account) -> Normalised:
    """Opportunity rows as orders: who won it bought on its CloseDate. Their buyers stand in the roles."""
    return _purchases(_OPPORTUNITIES, rows, account, _opportunity)


def roles(rows: Rows, account: Account) -> Normalised:
    """Contact roles of opportunities; a forgotten contact is named by none."""
    made: list[Role] = []
    bad: list[Quarantined] = []

    def make(node: shapes.ContactRole, _: Mapping[str, Any]) -> None:
        contact = node.get("ContactId")
        role = Role(
            platform=PLATFORM,
            account=account.account,
            id=node["Id"],
            order_id=node["OpportunityId"],
            contact_id=None if is_forgotten(contact, account) else contact,
            is_primary=bool(node.get("IsPrimary")),
            updated_at=node["SystemModstamp"],
            deleted=node.get("IsDeleted", False),
        )
        made.append(role)

    _ROLES.build(rows, make, bad)
    return Normalised(roles=made, bad=bad)


def _purchases(
    edge: Edge[_P],
    rows: Rows,
    account: Account,
    of: Callable[[_P, Mapping[str, Any], Account], tuple[Order, list[Refund]]],
) -> Normalised:
    made: list[Order] = []
    refunds: list[list[Refund]] = []
    bad: list[Quarantined] = []

    def make(node: _P, row: Mapping[str, Any]) -> None:
        order, given_back = of(node, row, account)
        made.append(order)
        refunds.append(given_back)

    edge.build(rows, make, bad)
    return Normalised(orders=made, refunds=refunds, bad=bad)


def _order(node: shapes.Order, row: Mapping[str, Any], account: Account) -> tuple[Order, list[Refund]]:
    kind, original = _kind(node, account), node.get("OriginalOrderId")
    order = Order(
        **_shared(node, row, node["EffectiveDate"], node.get("TotalAmount"), account),
        **_whose(node, node.get("BillToContactId"), account),
        kind=kind,
        name=node.get("OrderNumber"),
        aliases=personal.order_marks(
            (node.get("Name"), node.get("OrderReferenceNumber"), node.get("PoNumber")), account
        ),
        detail=original or "",
    )
    reduces = kind == REDUCTION and not order.deleted
    return order, [_reduction(order, original)] if reduces and original else []


def _opportunity(
    node: shapes.Opportunity, row: Mapping[str, Any], account: Account
) -> tuple[Order, list[Refund]]:
    order = Order(
        **_shared(node, row, node["CloseDate"], node.get("Amount"), account),
        **_whose(node, None, account),
        kind=PURCHASE if node.get("IsWon") else NOT_A_PURCHASE,
        aliases=personal.order_marks((node.get("Name"),), account),
    )
    return order, []


def _shared(
    node: shapes.Purchase, row: Mapping[str, Any], on: date, told: Decimal | None, account: Account
) -> dict[str, Any]:
    currency, amount = node.get("CurrencyIsoCode") or account.currency, told or Decimal(0)
    deleted = node.get("IsDeleted", False)
    worth = _worth(amount, currency, on, account, deleted=deleted)
    reference = row.get(account.order_reference) if account.order_reference else None
    placed = channels.of_field(row.get(account.channel_field) if account.channel_field else None, account)
    return {
        "platform": PLATFORM,
        "account": account.account,
        "id": node["Id"],
        "created_at": node["CreatedDate"],
        "ordered_on": on,
        "ordered_day": day_of(on),
        "amount": worth.amount,
        "original_amount": amount,
        "currency": currency,
        "rate": worth.rate,
        "channel": placed.channel,
        "source": placed.unnamed,
        "updated_at": node["SystemModstamp"],
        "reference": personal.order_mark(reference, account),
        "deleted": deleted,
    }


def _whose(node: shapes.Purchase, buyer: str | None, account: Account) -> dict[str, Any]:
    """The contact and the account that a purchase names.

    Neither where the contact was forgotten, or the purchase itself with who made it: it would go over to the
    account's next contact, or to the account in its own name.
    """
    parent = node.get("AccountId")
    if is_forgotten(node["Id"], account) or is_forgotten(buyer, account):
        return {"record_id": None, "parent_id": None}
    return {"record_id": buyer, "parent_id": None if is_forgotten(parent, account) else parent}


def _worth(amount: Decimal, currency: str, on: date, account: Account, *, deleted: bool) -> Converted:
    try:
        return converted(amount, currency, on, account.rates, "CurrencyIsoCode")
    except Unusable:
        if not deleted:
            raise
        # That it is gone must be stored even where nobody says what it was worth; a rate of 0 marks that.
        return Converted(Decimal(0), Decimal(0))


def _kind(node: shapes.Order, account: Account) -> str:
    """Activated orders count. StatusCode is the platform's own category of the label in Status; orgs where
    the user cannot see it leave only the label."""
    status = node.get("StatusCode") or node.get("Status")
    if (status or "").casefold() != _COUNTS or node.get("Status") in account.not_a_purchase:
        return NOT_A_PURCHASE
    return REDUCTION if node.get("IsReductionOrder") and node.get("OriginalOrderId") else PURCHASE


def _reduction(order: Order, original: str) -> Refund:
    return Refund(
        platform=order.platform,
        account=order.account,
        id=order.id,
        order_id=original,
        source_id=order.id,
        refunded_at=None,
        refunded_on=order.ordered_on,
        refunded_day=order.ordered_day,
        original_amount=abs(order.original_amount),  # what is taken back shows as a negative total
        currency=order.currency,
        reason=None,
    )
