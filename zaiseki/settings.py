"""Reading `zaiseki.toml`, and one sentence for whatever is wrong with it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from zaiseki.environment import Secrets, shop_secret, variable
from zaiseki.errors import Stop
from zaiseki.settings_platforms import Salesforce, Shopify
from zaiseki.settings_sections import Settings
from zaiseki.settings_types import nearest

DEFAULT_FILE = "zaiseki.toml"

__all__ = ("Salesforce", "Settings", "Shopify", "documented_keys", "read_settings", "settings_file")


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
        raise _explain(path, error, raw) from error
    if not settings.shopify and settings.salesforce is None:
        raise Stop("settings_no_platform", path=str(path))
    return settings


def documented_keys() -> dict[str, Any]:
    """Every key as `section.key` (or `section.section.key`) with its default, for the documents to be
    checked against."""
    return dict(_keys_of(Settings, ()))


def _keys_of(model: type[BaseModel], sections: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        if inner := _model_of(model, name):
            yield from _keys_of(inner, (*sections, name))
        else:
            yield ".".join((*sections, name)), field.get_default()


def _explain(path: Path, error: ValidationError, raw: Mapping[str, Any]) -> Stop:
    """One sentence for the first thing wrong; a value is never repeated, it might be a misplaced secret."""
    found = error.errors(include_input=False, include_url=False)
    # A misspelt key is also a missing one: what was written helps more than what was not.
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    place = _place(first["loc"], raw)
    if first["type"] == "extra_forbidden":
        *sections, key = (part for part in first["loc"] if isinstance(part, str))
        if "_".join((*sections, key)) in Secrets.model_fields:
            return Stop("settings_secret", path=str(path), key=place, name=_variable(first["loc"], raw))
        known = _keys_at(sections)
        return Stop("settings_unknown_key", path=str(path), key=place, nearest=nearest(key, known))
    cause = first["msg"].removeprefix("Value error, ")
    return Stop("settings_bad_value", path=str(path), key=place, cause=cause)


def _place(loc: Sequence[str | int], raw: Mapping[str, Any]) -> str:
    """Where in the file: `segment.lapse_days`, `shopify[2].shop`; a lone `[shopify]` bears no number."""
    place = ""
    alone = not isinstance(raw.get("shopify"), list)
    for part in loc:
        if isinstance(part, int):
            place += "" if place == "shopify" and alone else f"[{part + 1}]"
        elif part != "[key]":
            place += f".{part}" if place else part
    return place


def _variable(loc: Sequence[str | int], raw: Mapping[str, Any]) -> str:
    """The variable in which a secret belongs that was written at `loc`."""
    sections = [part for part in loc if isinstance(part, str)]
    nth = next((part for part in loc if isinstance(part, int)), None)
    shops = raw.get("shopify")
    if nth is not None and isinstance(shops, list) and isinstance(name := shops[nth].get("name"), str):
        return shop_secret(name, sections[-1])
    return variable("_".join(sections))


def _model_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The model of a section, None for a plain key."""
    annotation = model.model_fields[name].annotation
    for part in (*get_args(annotation), annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def _keys_at(sections: Sequence[str]) -> tuple[str, ...]:
    model: type[BaseModel] = Settings
    for section in sections:
        model = _model_of(model, section) or model
    return tuple(model.model_fields)
