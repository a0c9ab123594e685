"""The settings in `zaiseki.toml`, which anybody may read; secrets stand in the environment.

Every key, its default and its meaning stand here once; `docs/settings.md` is checked against them.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from connectors.http import is_loopback
from metrics.fields import KEYS
from zaiseki.environment import Secrets, variable
from zaiseki.errors import Stop

DEFAULT_FILE = "zaiseki.toml"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _loopback(url: str | None) -> str | None:
    if url is not None and not is_loopback(url):
        raise ValueError("only loopback addresses (a sandbox on this machine) may stand here")
    return url


class Shopify(_Section):
    """The shop. Secrets: ZAISEKI_SHOPIFY_CLIENT_ID and _CLIENT_SECRET, or ZAISEKI_SHOPIFY_ACCESS_TOKEN."""

    shop: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")]
    api_version: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] = "2026-10"
    url: str | None = None
    _check = field_validator("url")(_loopback)


class Salesforce(_Section):
    """The org. Secrets: ZAISEKI_SALESFORCE_CLIENT_ID and _CLIENT_SECRET (or _USERNAME, _PRIVATE_KEY_FILE)."""

    domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*\.my\.salesforce\.com$")]
    api_version: Annotated[str, Field(pattern=r"^\d{2,3}\.0$")] = "67.0"
    purchases: Literal["order", "none"] = "order"
    not_a_purchase: tuple[str, ...] = ()
    shopify_id_field: str | None = None
    url: str | None = None
    _check = field_validator("url")(_loopback)


class StoreSettings(_Section):
    """Where the store lies (relative to the settings file) and how much memory its engine may take."""

    path: Path = Path("zaiseki.duckdb")
    memory_limit: Annotated[str, Field(pattern=r"^\d+(MB|GB)$")] = "192MB"


class Purchases(_Section):
    """What counts as a purchase."""

    unit: Literal["day", "order"] = "day"
    count_unpaid: bool = True


class Segment(_Section):
    """The thresholds of the customer portfolio. A key set here wins over `zaiseki.thresholds.toml`."""

    best_spend: Annotated[Decimal, Field(gt=0)] | None = None
    steady_days: Annotated[int, Field(gt=0)] = 90
    best_days: Annotated[int, Field(gt=0)] = 210
    lapse_days: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Segment:
        if self.steady_days >= self.best_days:
            raise ValueError(
                f"steady_days ({self.steady_days}) must be less than best_days ({self.best_days})"
            )
        return self


class Referral(_Section):
    """Where a customer's personal discount code stands: a Shopify customer metafield, `namespace.key`."""

    code_metafield: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{3,255}\.[A-Za-z0-9_-]{2,64}$")] | None = (
        None
    )


class Currency(_Section):
    """The currency of every sum; the shop's where unset."""

    reporting: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None


class Identity(_Section):
    """How records become persons. `phone_region`: country code of national numbers, e.g. `JP`."""

    phone_region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


class Write(_Section):
    """What is written where, and how much may change by surprise (a share, 0.05 is five per cent)."""

    platforms: tuple[Literal["shopify", "salesforce"], ...] = ("shopify", "salesforce")
    fields: tuple[str, ...] = KEYS
    max_segment_moves: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.05")

    @field_validator("fields")
    @classmethod
    def _known(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            if key not in KEYS:
                raise ValueError(f"'{key}' is no field; did you mean '{nearest(key, KEYS)}'?")
        return keys


class Settings(_Section):
    """The whole file. At least one platform must be there."""

    shopify: Shopify | None = None
    salesforce: Salesforce | None = None
    store: StoreSettings = StoreSettings()
    purchases: Purchases = Purchases()
    segment: Segment = Segment()
    referral: Referral = Referral()
    currency: Currency = Currency()
    identity: Identity = Identity()
    write: Write = Write()


def settings_file(given: Path | None) -> Path:
    """The settings file: what was given, else ZAISEKI_CONFIG, else `./zaiseki.toml`."""
    return (given or Path(os.environ.get("ZAISEKI_CONFIG") or DEFAULT_FILE)).expanduser().absolute()


def read_settings(path: Path) -> Settings:
    """The settings in `path`. Raises `Stop` with the place and the next step for anything not understood."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Stop("settings_missing", path=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Stop("settings_unreadable", path=str(path), cause=type(error).__name__) from error
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise Stop("settings_malformed", path=str(path), cause=str(error)) from error
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise _explain(path, error) from error
    if settings.shopify is None and settings.salesforce is None:
        raise Stop("settings_no_platform", path=str(path))
    return settings


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word most like `word`."""
    return max(known, key=lambda candidate: difflib.SequenceMatcher(None, word, candidate).ratio())


def _explain(path: Path, error: ValidationError) -> Stop:
    """One sentence for the first thing wrong; a value is never repeated, it might be a misplaced secret."""
    found = error.errors(include_input=False, include_url=False)
    # A misspelt key is also a missing one: what was written helps more than what was not.
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        *sections, key = (str(part) for part in first["loc"])
        if "_".join((*sections, key)) in Secrets.model_fields:
            name = variable("_".join((*sections, key)))
            return Stop("settings_secret", path=str(path), key=place, name=name)
        known = _keys_at(sections)
        return Stop("settings_unknown_key", path=str(path), key=place, nearest=nearest(key, known))
    cause = first["msg"].removeprefix("Value error, ")
    return Stop("settings_bad_value", path=str(path), key=place, cause=cause)


def _model_of(model: type[BaseModel], section: str) -> type[BaseModel]:
    annotation = model.model_fields[section].annotation
    return next(
        part
        for part in (*get_args(annotation), annotation)
        if isinstance(part, type) and issubclass(part, BaseModel)
    )


def _keys_at(sections: list[str]) -> tuple[str, ...]:
    model: type[BaseModel] = Settings
    for section in sections:
        model = _model_of(model, section)
    return tuple(model.model_fields)


def documented_keys() -> dict[str, Any]:
    """Every key as `section.key` with its default, for the documents to be checked against."""
    return {
        f"{section}.{key}": field.get_default()
        for section in Settings.model_fields
        for key, field in _model_of(Settings, section).model_fields.items()
    }
