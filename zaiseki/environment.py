"""What stands in the environment: secrets, which must never stand in the file, and the operator's limits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors.retry import SECONDS as RETRY_SECONDS
from zaiseki.errors import Stop


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
