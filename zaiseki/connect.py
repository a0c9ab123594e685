"""From settings and secrets to connectors; nothing is called yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import SecretStr

from connectors.base import Connector, Field
from connectors.salesforce import SalesforceAccess, SalesforceConnector
from connectors.shopify import ShopifyAccess, ShopifyConnector
from zaiseki.environment import Secrets, shop_secret, variable
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
    """One connector for each shop and the org; `admin` prefers the credentials that may create fields.

    Raises `Stop` where credentials are missing.
    """
    made: list[Connector] = [
        ShopifyConnector(
            shopify_access(shop, secrets, alone=len(settings.shopify) == 1),
            fields,
            name=name,
            referral_code=settings.referral.code_metafield,
            first_purchase=settings.history.first_purchase_metafield,
            answers=answer_metafields(settings),
            lines=settings.metrics.products,
            scratch=scratch,
            on_progress=progress,
        )
        for name, shop in named_shops(settings).items()
    ]
    if org := settings.salesforce:
        access = salesforce_access(org, secrets, admin=admin)
        job_access = _job_access(org, secrets) if admin else None
        connector = _salesforce(
            settings, org, access, fields, job_access=job_access, scratch=scratch, progress=progress
        )
        made.append(connector)
    return tuple(made)


def _salesforce(
    settings: Settings,
    org: Salesforce,
    access: SalesforceAccess,
    fields: Sequence[Field],
    *,
    job_access: SalesforceAccess | None,
    scratch: Path,
    progress: Progress,
) -> SalesforceConnector:
    return SalesforceConnector(
        access,
        fields,
        shopify_id_field=org.shopify_id_field,
        order_reference=org.order_reference,
        channel_field=org.channel_field,
        code_field=settings.referral.salesforce_code_field,
        first_purchase_field=settings.history.first_purchase_field,
        exclude_field=settings.privacy.exclude.field,
        exclude_on=settings.privacy.exclude.objects,
        person_fields=_person_fields(settings),
        purchases=org.purchases,
        accounts=org.accounts,
        memory_stages=settings.funnel.memory_stages,
        objects=settings.write.objects,
        job_access=job_access,
        scratch=scratch,
        on_progress=progress,
    )


def answer_metafields(settings: Settings) -> dict[str, str]:
    """The shop's metafields with what customers answered, by what they were asked."""
    given = settings.satisfaction
    told = {
        "expectation": given.expectation_metafield,
        "nps": given.nps_metafield,
        "stars": given.stars_metafield,
    }
    return {asked: place for asked, place in told.items() if place}


def answer_fields(settings: Settings) -> dict[str, str]:
    """The org's fields with what customers answered, by what they were asked."""
    given = settings.satisfaction
    told = {"expectation": given.expectation_field, "nps": given.nps_field, "stars": given.stars_field}
    return {asked: place for asked, place in told.items() if place}


def _person_fields(settings: Settings) -> tuple[str, ...]:
    """Further fields of the merchant's on people: answers with their day, and who introduced somebody."""
    answers = answer_fields(settings)
    day = settings.satisfaction.answered_on_field if answers else None
    return tuple(name for name in (*answers.values(), day, settings.referral.referrer_field) if name)


def named_shops(settings: Settings) -> dict[str, Shopify]:
    """The shops by the name of their connector: `shopify` alone, `shopify:<name>` beside others."""
    if len(settings.shopify) == 1:
        return {"shopify": settings.shopify[0]}
    return {f"shopify:{shop.name}": shop for shop in settings.shopify}


def shopify_access(shop: Shopify, secrets: Secrets, *, alone: bool = True) -> ShopifyAccess:
    """How to reach a shop, `alone` or one of several. Raises `Stop` where neither a token nor client
    credentials are set for it."""
    own = secrets.of_shop(shop.name, alone=alone)
    if not own.enough():
        client_id, client_secret, token = (
            variable(f"shopify_{key}") if alone else shop_secret(str(shop.name), key)
            for key in ("client_id", "client_secret", "access_token")
        )
        names = f"{client_id} + {client_secret} (or {token})"
        raise Stop("secret_missing", platform="Shopify" if alone else f"Shopify ({shop.name})", names=names)
    return ShopifyAccess(
        shop=shop.shop,
        api_version=shop.api_version,
        client_id=own.client_id,
        client_secret=_plain(own.client_secret),
        access_token=_plain(own.access_token),
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
