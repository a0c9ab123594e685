"""What stands in the environment: secrets, which must never stand in the file, and the operator's limits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors.retry import SECONDS as RETRY_SECONDS
from zaiseki.errors import Stop


class ShopSecrets(BaseModel):
    """The secrets of one shop: client credentials, or a static token of an older custom app."""

    model_config = ConfigDict(frozen=True)

    client_id: str | None = None
    client_secret: SecretStr | None = None
    access_token: SecretStr | None = None

    def enough(self) -> bool:
        """Whether a shop can be called with them."""
        return bool(self.access_token or (self.client_id and self.client_secret))


class Secrets(BaseSettings):
    """What must never stand in the file; read from the environment only.

    `retry_seconds` is no secret but the operator's: `connectors.retry` reads it, here it is checked.
    """

    model_config = SettingsConfigDict(
        env_prefix="ZAISEKI_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    shopify_client_id: str | None = None
    shopify_client_secret: SecretStr | None = None
    shopify_access_token: SecretStr | None = None
    salesforce_client_id: str | None = None
    salesforce_client_secret: SecretStr | None = None
    salesforce_username: str | None = None
    salesforce_private_key_file: Path | None = None
    salesforce_admin_client_id: str | None = None
    salesforce_admin_client_secret: SecretStr | None = None
    salesforce_admin_username: str | None = None
    salesforce_admin_private_key_file: Path | None = None
    retry_seconds: Annotated[float, Field(ge=0, le=86_400)] = RETRY_SECONDS

    def of_shop(self, name: str | None, *, alone: bool = True) -> ShopSecrets:
        """The secrets of a shop: under its name where it has one, those without a name for a lone shop."""
        own = _named_secrets(name) if name else ShopSecrets()
        if own.enough() or not alone:
            return own
        return ShopSecrets(
            client_id=self.shopify_client_id,
            client_secret=self.shopify_client_secret,
            access_token=self.shopify_access_token,
        )


def _named_secrets(name: str) -> ShopSecrets:
    found = {key: os.environ.get(shop_secret(name, key)) or None for key in ShopSecrets.model_fields}
    return ShopSecrets.model_validate(found)


def read_secrets() -> Secrets:
    """What the environment holds. Raises `Stop` for a value that is not usable."""
    try:
        return Secrets()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = variable(str(first["loc"][0]))
        raise Stop("environment_bad_value", name=name, cause=first["msg"]) from None


def variable(secret: str) -> str:
    """The name in the environment of a field of `Secrets`."""
    return f"{Secrets.model_config['env_prefix']}{secret}".upper()


def shop_secret(name: str, secret: str) -> str:
    """The name in the environment of a secret of one of several shops: ZAISEKI_SHOPIFY_<NAME>_CLIENT_ID."""
    return variable(f"shopify_{name}_{secret}")
