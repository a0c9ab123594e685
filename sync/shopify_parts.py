"""What belongs to a Shopify order and is stored apart: its refunds, and its products where they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from connectors.shopify.documents import MOST_LINES
from connectors.shopify.names import number_of
from sync import harmless, personal
from sync import shopify_shapes as shapes
from sync.edge import Unusable, local_day
from sync.model import Account, OrderLine, Refund

_PLATFORM = "shopify"


def digest(refunds: Sequence[Refund], lines: Sequence[OrderLine]) -> str:
    """A text that changes whenever the parts of an order do."""
    given_back = ";".join(f"{r.id},{r.refunded_day},{r.original_amount},{r.reason or ''}" for r in refunds)
    if not lines:
        return given_back
    bought = repr(
        [(line.id, line.product_id, line.title, line.quantity, line.original_amount) for line in lines]
    )
    return f"{given_back}|{hashlib.blake2b(bought.encode(), digest_size=16).hexdigest()}"


def refunds_of(node: shapes.Order, account: Account) -> list[Refund]:
    """The refunds of an order. Raises `sync.edge.Unusable`."""
    return [_refund(refund, node, account) for refund in node.get("refunds", ())]


def _refund(node: shapes.Refund, order: shapes.Order, account: Account) -> Refund:
    refunded_on, refunded_day = local_day(node["processedAt"], account.timezone)
    order_id, money = number_of(order["id"]), node["totalRefundedSet"]["shopMoney"]
    if money["amount"] < 0:
        raise Unusable("refunds.totalRefundedSet", "negative")
    if money["currencyCode"] != order["totalPriceSet"]["shopMoney"]["currencyCode"]:
        raise Unusable("refunds.totalRefundedSet", "other_currency")
    return Refund(
        platform=_PLATFORM,
        account=account.account,
        id=number_of(node["id"]),
        order_id=order_id,
        source_id=order_id,
        refunded_at=node["processedAt"],
        refunded_on=refunded_on,
        refunded_day=refunded_day,
        original_amount=money["amount"],
        currency=money["currencyCode"],
        reason=_reason(node.get("note"), account),
    )


def _reason(note: str | None, account: Account) -> str | None:
    """`quality` where a note says that something was wrong with the goods; the note itself is not kept."""
    folded = personal.folded_tag(note) if note else ""
    return "quality" if any(word in folded for word in account.quality_words) else None


def lines_of(node: shapes.Order, account: Account) -> list[OrderLine]:
    """The first lines of an order, as many as pages hold, however they were read: so that reading it by
    another way changes nothing."""
    told = node.get("lineItems")
    return [_line(line, node, account) for line in told["nodes"][:MOST_LINES]] if told else []


def _line(line: shapes.Line, order: shapes.Order, account: Account) -> OrderLine:
    product = line.get("product")
    return OrderLine(
        platform=_PLATFORM,
        account=account.account,
        id=number_of(line["id"]),
        order_id=number_of(order["id"]),
        product_id=number_of(product["id"]) if product else None,
        title=harmless.label(line["title"], account),
        quantity=line["quantity"],
        original_amount=line["discountedTotalSet"]["shopMoney"]["amount"],
    )
