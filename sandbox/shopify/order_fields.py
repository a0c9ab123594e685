"""Orders, their lines and refunds, checkouts and drafts: which column answers which field."""

from sandbox.shopify.specs import (
    NULL,
    Either,
    Embed,
    Link,
    Many,
    MetafieldOf,
    Model,
    Nest,
    Spec,
    decimal,
    gid,
    listed,
    money,
    money_bag,
    plain,
    text,
    truth,
    whole,
)
from sandbox.shopify.visit_fields import JOURNEY

_REFUNDED = "(SELECT ifnull(sum(r.amount), 0) FROM shopify_refunds r WHERE r.order_id = $.id)"
_RECEIVED = (
    "CASE WHEN $.financial_status IN ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED') THEN $.total ELSE 0 END"
)


def _bag(amount: str) -> Embed:
    """An amount computed in the shop's currency; its presentment twin keeps the order's own rate."""
    rate = "ifnull($.presentment_total / nullif($.total, 0), 1)"
    return money_bag(decimal(amount), "$.currency", decimal(f"({amount}) * {rate}"), "$.presentment_currency")


_TAX = _bag("$.tax")
_SHIPPING = _bag("$.shipping")
_TOTAL = money_bag("$.total", "$.currency", "$.presentment_total", "$.presentment_currency")

RETURN_STATUS = (
    "ifnull((SELECT CASE WHEN sum(r.status = 'REQUESTED') THEN 'RETURN_REQUESTED'"
    " WHEN sum(r.status = 'OPEN') THEN 'IN_PROGRESS' WHEN sum(r.status = 'CLOSED') THEN 'RETURNED' END"
    " FROM shopify_returns r WHERE r.order_id = $.id), 'NO_RETURN')"
)
"""What the returns of an order come to; the real platform knows two more states."""

_ORDER: dict[str, Spec] = {
    "id": gid("Order", "$.id"),
    "legacyResourceId": plain("$.id"),
    "name": text("$.name"),
    "number": whole("CAST(trim($.name, '#') AS INTEGER)"),
    "createdAt": plain("$.created_at"),
    "processedAt": plain("$.processed_at"),
    "updatedAt": plain("$.updated_at"),
    "cancelledAt": plain("$.cancelled_at"),
    "cancelReason": plain("$.cancel_reason"),
    "test": truth("$.test"),
    "confirmed": truth("true"),
    "fullyPaid": truth("$.financial_status IN ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED')"),
    "unpaid": truth("$.financial_status IN ('PENDING', 'AUTHORIZED', 'EXPIRED')"),
    "displayFinancialStatus": plain("$.financial_status"),
    "displayFulfillmentStatus": plain("'FULFILLED'"),
    "returnStatus": plain(RETURN_STATUS),
    "sourceName": text("$.source_name"),
    "email": text("$.email"),
    "phone": text("$.phone"),
    "tags": listed("$.tags"),
    "discountCode": text("nullif(substr($.discount_codes, 1, instr($.discount_codes || ';', ';') - 1), '')"),
    "discountCodes": listed("$.discount_codes"),
    "currencyCode": plain("$.currency"),
    "presentmentCurrencyCode": plain("$.presentment_currency"),
    "totalPriceSet": _TOTAL,
    "originalTotalPriceSet": _TOTAL,
    "subtotalPriceSet": _TOTAL,
    "totalPrice": plain("$.total"),
    "totalTaxSet": _TAX,
    "currentTotalTaxSet": _TAX,
    "totalShippingPriceSet": _SHIPPING,
    "currentShippingPriceSet": _SHIPPING,
    "currentTotalPriceSet": _bag(f"$.total - {_REFUNDED}"),
    "currentSubtotalPriceSet": _bag(f"$.total - {_REFUNDED}"),
    "totalRefundedSet": _bag(_REFUNDED),
    "totalRefunded": plain(decimal(_REFUNDED)),
    "totalReceivedSet": _bag(_RECEIVED),
    "totalReceived": plain(decimal(_RECEIVED)),
    "netPaymentSet": _bag(f"{_RECEIVED} - {_REFUNDED}"),
    "netPayment": plain(decimal(f"{_RECEIVED} - {_REFUNDED}")),
    "totalOutstandingSet": _bag(f"CASE WHEN $.cancelled_at IS NULL THEN $.total - ({_RECEIVED}) ELSE 0 END"),
    "customer": Link("Customer", "$.customer_id"),
    "purchasingEntity": Either(
        (
            ("$.b2b", Link("PurchasingCompany", "$.id")),
            ("$.customer_id IS NOT NULL", Link("Customer", "$.customer_id")),
        )
    ),
    "refunds": Many("Refund", "order_id", "processed_at, id"),
    "lineItems": Nest("LineItem", "order_id"),
    "returns": Nest("Return", "order_id"),
    "metafield": MetafieldOf("ORDER"),
    "metafields": Nest("Metafield", "owner_id", "$.owner_type = 'ORDER'"),
    "landingPageUrl": text("$.landing_page"),
    "referrerUrl": text("$.referrer_url"),
    "referralCode": text("$.referral_code"),
    "customerJourneySummary": JOURNEY,
}

_CURRENCY = "(SELECT o.currency FROM shopify_orders o WHERE o.id = $.order_id)"

_LINE: dict[str, Spec] = {
    "id": gid("LineItem", "$.id"),
    "title": text("$.title"),
    "name": text("$.title"),
    "quantity": whole("$.quantity"),
    "currentQuantity": whole("$.quantity"),
    "product": Embed(
        {
            "id": gid("Product", "$.product_id"),
            "legacyResourceId": plain("$.product_id"),
            "title": text("$.title"),
        },
        when="$.product_id IS NOT NULL",
    ),
    "originalTotalSet": money_bag("$.amount", _CURRENCY),
    "discountedTotalSet": money_bag("$.amount", _CURRENCY),
}

_COMPANY: dict[str, Spec] = {
    "company": Embed({"id": gid("Company", "$.id"), "name": text("'Company ' || $.id")}),
    "location": Embed({"id": gid("CompanyLocation", "$.id"), "name": text("'Company ' || $.id")}),
}
"""Who buys where an order is a company's: one company for each order is enough to tell them apart."""

_REFUND: dict[str, Spec] = {
    "id": gid("Refund", "$.id"),
    "legacyResourceId": plain("$.id"),
    "createdAt": plain("$.processed_at"),
    "processedAt": plain("$.processed_at"),
    "updatedAt": plain("$.processed_at"),
    "note": text("$.note"),
    "order": Link("Order", "$.order_id"),
    "totalRefunded": money("$.amount", _CURRENCY),
    "totalRefundedSet": money_bag("$.amount", _CURRENCY),
}

_RETURN: dict[str, Spec] = {
    "id": gid("Return", "$.id"),
    "name": text("'#R' || $.id"),
    "status": plain("$.status"),
    "createdAt": plain("$.created_at"),
    "order": Link("Order", "$.order_id"),
    "returnLineItems": Nest("ReturnLineItem", "return_id"),
}

_RETURN_LINE: dict[str, Spec] = {
    "id": gid("ReturnLineItem", "$.id"),
    "quantity": whole("1"),
    "returnReason": plain("$.reason"),
    "returnReasonNote": text("$.note"),
}


def order_models(currency: str, *, personal: bool) -> dict[str, Model]:
    """Declare the types of this file; `currency` is the shop's, for rows that carry none.

    Addresses and numbers are null unless the app may see `personal` data.
    """
    order = _ORDER if personal else _ORDER | dict.fromkeys(("email", "phone"), NULL)
    total = money_bag("$.total", f"'{currency}'")
    totals: dict[str, Spec] = {
        "totalPriceSet": total,
        "subtotalPriceSet": total,
        "totalLineItemsPriceSet": total,
    }
    dated: dict[str, Spec] = {
        "createdAt": plain("$.created_at"),
        "updatedAt": plain("$.updated_at"),
        "completedAt": plain("$.completed_at"),
        "customer": Link("Customer", "$.customer_id"),
    }
    checkout: dict[str, Spec] = {
        "id": gid("AbandonedCheckout", "$.id"),
        "name": text("'#' || $.id"),
        "abandonedCheckoutUrl": text("'https://checkout.example.com/' || $.id || '/recover'"),
    }
    draft: dict[str, Spec] = {
        "id": gid("DraftOrder", "$.id"),
        "legacyResourceId": plain("$.id"),
        "name": text("'#D' || $.id"),
        "status": plain("$.status"),
        "invoiceSentAt": plain("$.invoice_sent_at"),
        "metafield": MetafieldOf("DRAFTORDER"),
        "metafields": Nest("Metafield", "owner_id", "$.owner_type = 'DRAFTORDER'"),
    }
    return {
        "Order": Model(
            "shopify_orders",
            order,
            scope="read_orders",
            protected=True,
            windowed=True,
            sort_keys={
                "CREATED_AT": "created_at",
                "UPDATED_AT": "updated_at",
                "PROCESSED_AT": "processed_at",
                "ORDER_NUMBER": "id",
                "FINANCIAL_STATUS": "financial_status",
            },
        ),
        "PurchasingCompany": Model("shopify_orders", _COMPANY, scope="read_orders"),
        "LineItem": Model("shopify_order_lines", _LINE),
        "Refund": Model("shopify_refunds", _REFUND, scope="read_orders"),
        "Return": Model("shopify_returns", _RETURN, scope="read_returns"),
        "ReturnLineItem": Model("shopify_return_lines", _RETURN_LINE, scope="read_returns"),
        "AbandonedCheckout": Model(
            "shopify_abandoned_checkouts",
            checkout | dated | totals,
            scope="read_orders",
            protected=True,
            sort_keys={"CREATED_AT": "created_at"},
        ),
        "DraftOrder": Model(
            "shopify_draft_orders",
            draft | dated | totals,
            scope="read_draft_orders",
            protected=True,
            sort_keys={"UPDATED_AT": "updated_at", "STATUS": "status"},
        ),
    }
