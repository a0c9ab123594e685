"""From settings and secrets to connectors; nothing is called yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import SecretStr

from connectors.base import Connector, Field
from connectors.salesforce import SalesforceAccess, SalesforceConnector
from connectors.shopify import ShopifyAccess, ShopifyConnector
from zaiseki.environment import Secrets
from zaiseki.errors import Stop
from zaiseki.settings import Salesforce, Settings, Shopify

Progress = Callable[[str, int], None]


def connect(
    settings: Settings,
    secrets: Secrets,
    fields: Sequence[Field],
    scratch: Path,
    progress: Progress,
    *,
    admin: bool = False,
) -> tuple[Connector, ...]:
    """One connector for each configured platform; `admin` prefers the credentials that may create fields.

    Raises `Stop` where credentials are missing.
    """
    made: list[Connector] = []
    if settings.shopify:
        made.append(
            ShopifyConnector(
                shopify_access(settings.shopify, secrets),
                fields,
                referral_code=settings.referral.code_metafield,
                scratch=scratch,
                on_progress=progress,
            )
        )
    if settings.salesforce:
        made.append(
            SalesforceConnector(
                salesforce_access(settings.salesforce, secrets, admin=admin),
                fields,
                shopify_id_field=settings.salesforce.shopify_id_field,
                order_reference=None,
                purchases=settings.salesforce.purchases,
                code_field=None,
                job_access=_job_access(settings.salesforce, secrets) if admin else None,
                scratch=scratch,
                on_progress=progress,
            )
        )
    return tuple(made)


def shopify_access(shop: Shopify, secrets: Secrets) -> ShopifyAccess:
    """How to reach the shop. Raises `Stop` where neither a token nor client credentials are set."""
    token = _plain(secrets.shopify_access_token)
    secret = _plain(secrets.shopify_client_secret)
    if not token and not (secrets.shopify_client_id and secret):
        raise Stop(
            "secret_missing",
            platform="Shopify",
            names="ZAISEKI_SHOPIFY_CLIENT_ID + ZAISEKI_SHOPIFY_CLIENT_SECRET"
            " (or ZAISEKI_SHOPIFY_ACCESS_TOKEN)",
        )
    return ShopifyAccess(
        shop=shop.shop,
        api_version=shop.api_version,
        client_id=secrets.shopify_client_id,
        client_secret=secret,
        access_token=token,
        url=shop.url,
    )


def salesforce_access(org: Salesforce, secrets: Secrets, *, admin: bool) -> SalesforceAccess:
    """How to reach the org. Raises `Stop` where neither a secret nor a user name with its key is set."""
    client_id, secret, username, key_file = (
        secrets.salesforce_client_id,
        secrets.salesforce_client_secret,
        secrets.salesforce_username,
        secrets.salesforce_private_key_file,
    )
    if admin and secrets.salesforce_admin_client_id:
        client_id, secret, username, key_file = (
            secrets.salesforce_admin_client_id,
            secrets.salesforce_admin_client_secret,
            secrets.salesforce_admin_username,
            secrets.salesforce_admin_private_key_file,
        )
    if not client_id or not (_plain(secret) or (username and key_file)):
        raise Stop(
            "secret_missing",
            platform="Salesforce",
            names="ZAISEKI_SALESFORCE_CLIENT_ID + ZAISEKI_SALESFORCE_CLIENT_SECRET"
            " (or + ZAISEKI_SALESFORCE_USERNAME + ZAISEKI_SALESFORCE_PRIVATE_KEY_FILE)",
        )
    return SalesforceAccess(
        domain=org.domain,
        api_version=org.api_version,
        client_id=client_id,
        client_secret=_plain(secret),
        username=username,
        private_key=_private_key(key_file) if key_file and not _plain(secret) else None,
        url=org.url,
    )


def _job_access(org: Salesforce, secrets: Secrets) -> SalesforceAccess | None:
    """How the job itself logs in, where `provision` has other credentials: the job needs the access."""
    if not (secrets.salesforce_admin_client_id and secrets.salesforce_client_id):
        return None
    return salesforce_access(org, secrets, admin=False)


def _plain(secret: SecretStr | None) -> str | None:
    return (secret.get_secret_value() or None) if secret else None


def _private_key(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop("private_key_unreadable", path=str(path)) from error
