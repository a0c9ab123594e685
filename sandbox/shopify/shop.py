"""The shop itself, the installed app, and the types a metafield can have: objects without a table."""

from typing import Any

from sandbox.shopify.conditions import Filter
from sandbox.shopify.context import Context
from sandbox.shopify.execute import Refs, ref
from sandbox.shopify.ids import gid
from sandbox.shopify.metafield_rows import AT_PLACE
from sandbox.shopify.namespaces import stored_namespace
from sandbox.shopify.selection import Field

SHOP_ID = 1
APP_ID = 1
_PLANS = {"standard": "Basic", "advanced": "Advanced", "plus": "Shopify Plus"}
_TYPES = (
    "boolean",
    "color",
    "date",
    "date_time",
    "dimension",
    "id",
    "json",
    "language",
    "link",
    "money",
    "multi_line_text_field",
    "number_decimal",
    "number_integer",
    "rating",
    "rich_text_field",
    "single_line_text_field",
    "url",
    "volume",
    "weight",
)


def shop_object(context: Context) -> dict[str, Any]:
    """Describe the shop."""
    config = context.state.config.shopify
    now = context.state.clock.now().astimezone(config.zone)
    minutes = int((now.utcoffset() or now - now).total_seconds() // 60)
    plus = config.plan == "plus"
    return {
        "id": gid("Shop", SHOP_ID),
        "name": config.shop.split(".")[0],
        "email": "shop@example.com",
        "contactEmail": "shop@example.com",
        "myshopifyDomain": config.shop,
        "url": f"https://{config.shop}",
        "primaryDomain": {
            "id": gid("Domain", 1),
            "host": config.shop,
            "url": f"https://{config.shop}",
            "sslEnabled": True,
        },
        "currencyCode": config.currency,
        "enabledPresentmentCurrencies": [config.currency],
        "ianaTimezone": config.timezone,
        "timezoneAbbreviation": now.tzname(),
        "timezoneOffset": now.strftime("%z"),
        "timezoneOffsetMinutes": minutes,
        "shopAddress": {"id": gid("ShopAddress", SHOP_ID), "countryCodeV2": config.country},
        "plan": {
            "displayName": _PLANS[config.plan],
            "publicDisplayName": _PLANS[config.plan],
            "shopifyPlus": plus,
            "partnerDevelopment": False,
        },
        "taxesIncluded": False,
        "createdAt": "1990-01-01T00:00:00Z",
        "updatedAt": context.state.stamp(),
        "metafield": lambda asked: owned_metafield(context, "SHOP", SHOP_ID, asked),
        "metafields": Filter("t0.owner_type = 'SHOP'"),
        "customers": Filter(),
        "orders": Filter(),
    }


def app_installation(context: Context) -> dict[str, Any]:
    """Describe the app as it is installed: its scopes above all."""
    config = context.state.config.shopify
    scopes = [{"handle": one, "description": one} for one in config.scopes if not config.hide_scopes]
    app = {
        "id": gid("App", APP_ID),
        "handle": "sandbox-app",
        "title": "Sandbox app",
        "apiKey": context.state.secrets.shopify_client_id,
        "embedded": False,
        "requestedAccessScopes": scopes,
        "availableAccessScopes": scopes,
    }
    return {
        "id": gid("AppInstallation", APP_ID),
        "accessScopes": scopes,
        "app": app,
        "metafield": lambda asked: owned_metafield(context, "API_PERMISSION", APP_ID, asked),
        "metafields": Filter("t0.owner_type = 'API_PERMISSION'"),
    }


def owned_metafield(context: Context, owner_type: str, owner_id: int, asked: Field) -> Refs:
    """Find the metafield that a field's arguments name."""
    row = context.db.execute(
        f"SELECT id FROM shopify_metafields WHERE {AT_PLACE}",
        (owner_type, owner_id, stored_namespace(asked.arguments.get("namespace")), asked.arguments["key"]),
    ).fetchone()
    return ref("Metafield", row["id"] if row else None)


def metafield_types() -> list[dict[str, Any]]:
    """List the types a metafield definition can have."""
    return [
        {
            "name": name,
            "category": "NUMBER" if name.startswith("number") else "TEXT",
            "supportsDefinitionMigrations": False,
            "supportedValidations": [],
        }
        for name in (*_TYPES, *(f"list.{one}" for one in _TYPES if one not in ("boolean", "json", "money")))
    ]
