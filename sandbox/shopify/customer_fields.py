"""Customers as the API shows them: which column answers which field."""

from sandbox.shopify.specs import (
    NULL,
    Embed,
    Leaf,
    Link,
    MetafieldOf,
    Model,
    Nest,
    Spec,
    decimal,
    gid,
    listed,
    money,
    plain,
    text,
    truth,
)

_ORDERS = "(SELECT {0} FROM shopify_orders o WHERE o.customer_id = $.id)"
_COUNT = _ORDERS.format("count(*)")
_SPENT = _ORDERS.format(
    "ifnull(sum(CASE WHEN o.cancelled_at IS NULL AND NOT o.test THEN o.total ELSE 0 END), 0)"
)
_LAST = (
    "(SELECT o.id FROM shopify_orders o WHERE o.customer_id = $.id"
    " ORDER BY o.processed_at DESC, o.id DESC LIMIT 1)"
)
_NAME = "nullif(trim(ifnull($.first_name, '') || ' ' || ifnull($.last_name, '')), '')"

_EMAIL: dict[str, Spec] = {
    "emailAddress": text("$.email"),
    "marketingState": plain("$.email_consent"),
    "marketingOptInLevel": plain("CASE $.email_consent WHEN 'SUBSCRIBED' THEN 'SINGLE_OPT_IN' END"),
    "marketingUpdatedAt": plain(
        "ifnull($.email_consent_at, CASE WHEN $.email_consent <> 'NOT_SUBSCRIBED' THEN $.created_at END)"
    ),
    "validFormat": truth("$.email LIKE '%_@_%'"),
    "openTrackingLevel": plain("'UNKNOWN'"),
}
_SMS_AT = plain("ifnull($.sms_consent_at, CASE WHEN $.sms_consent <> 'NOT_SUBSCRIBED' THEN $.created_at END)")
_SMS: dict[str, Spec] = {
    "state": plain("$.sms_consent"),
    "optInLevel": plain("CASE $.sms_consent WHEN 'SUBSCRIBED' THEN 'SINGLE_OPT_IN' END"),
    "updatedAt": _SMS_AT,
}
_PHONE: dict[str, Spec] = {
    "phoneNumber": text("$.phone"),
    "marketingState": plain("$.sms_consent"),
    "marketingUpdatedAt": _SMS_AT,
    "smsMarketingConsent": Embed(_SMS),
}
_HAS_EMAIL = "$.email IS NOT NULL"
_HAS_PHONE = "$.phone IS NOT NULL"

_BOTH: dict[str, Spec] = {
    "displayName": text(f"coalesce({_NAME}, $.email, $.phone, '')"),
    "firstName": text("$.first_name"),
    "lastName": text("$.last_name"),
    "numberOfOrders": plain(_COUNT),
    "defaultEmailAddress": Embed(_EMAIL, when=_HAS_EMAIL),
    "defaultPhoneNumber": Embed(_PHONE, when=_HAS_PHONE),
    "mergeable": Embed({"isMergeable": truth("true")}),
    "metafield": MetafieldOf("CUSTOMER"),
    "metafields": Nest("Metafield", "owner_id", "$.owner_type = 'CUSTOMER'"),
}


_PERSONAL: dict[str, Spec] = {
    "displayName": text("''"),
    "verifiedEmail": truth("false"),
    "validEmailAddress": truth("false"),
    "firstName": NULL,
    "lastName": NULL,
    "email": NULL,
    "phone": NULL,
    "defaultEmailAddress": NULL,
    "defaultPhoneNumber": NULL,
    "emailMarketingConsent": NULL,
    "smsMarketingConsent": NULL,
}
"""What an app sees of a customer without approval for names, addresses and numbers."""


def customer_models(currency: str, *, personal: bool) -> dict[str, Model]:
    """Declare customers, and the same people as members of a segment; `currency` is the shop's.

    Names, addresses and numbers are null unless the app may see `personal` data.
    """
    shared = _BOTH | {"amountSpent": money(decimal(_SPENT), f"'{currency}'")}
    customer: dict[str, Spec] = {
        "id": gid("Customer", "$.id"),
        "legacyResourceId": plain("$.id"),
        "createdAt": plain("$.created_at"),
        "updatedAt": plain("$.updated_at"),
        "locale": text("$.locale"),
        "tags": listed("$.tags"),
        "state": plain("'DISABLED'"),
        "email": text("$.email"),
        "phone": text("$.phone"),
        "verifiedEmail": truth(_HAS_EMAIL),
        "validEmailAddress": truth(_HAS_EMAIL),
        "canDelete": truth(f"{_COUNT} = 0"),
        "lifetimeDuration": Leaf("'\"\"'"),
        "productSubscriberStatus": plain("'NEVER_SUBSCRIBED'"),
        "statistics": Embed({"rfmGroup": plain("$.rfm_group")}),
        "lastOrder": Link("Order", _LAST),
        "orders": Nest("Order", "customer_id"),
        "emailMarketingConsent": Embed(
            {
                "marketingState": plain("$.email_consent"),
                "marketingOptInLevel": _EMAIL["marketingOptInLevel"],
            },
            when=_HAS_EMAIL,
        ),
        "smsMarketingConsent": Embed({"marketingState": plain("$.sms_consent")}, when=_HAS_PHONE),
    }
    member: dict[str, Spec] = {
        "id": gid("CustomerSegmentMember", "$.id"),
        "lastOrderId": gid("Order", _LAST),
    }
    hidden = {} if personal else _PERSONAL
    return {
        "Customer": Model(
            "shopify_customers",
            shared | customer | hidden,
            scope="read_customers",
            protected=True,
            sort_keys={
                "CREATED_AT": "created_at",
                "UPDATED_AT": "updated_at",
                "NAME": "ifnull(last_name, '') || ',' || ifnull(first_name, '')",
            },
        ),
        "CustomerSegmentMember": Model(
            "shopify_customers", shared | member | hidden, scope="read_customers", protected=True
        ),
    }
