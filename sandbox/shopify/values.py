"""Metafield values: which texts a type takes, and how the platform normalises them."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

RAW_JSON_TYPES = (
    "boolean",
    "number_integer",
    "json",
    "money",
    "rating",
    "dimension",
    "volume",
    "weight",
    "link",
    "rich_text_field",
)
"""Types whose `jsonValue` is the value itself; of all others it is the value as a JSON string."""

_MEASURES = ("dimension", "volume", "weight")
_TEXTS = ("single_line_text_field", "multi_line_text_field")
_MOST_CHARACTERS = {"json": 131_072, "id": 2_048, "url": 2_048}
_TRUTHS = {"true": "true", "t": "true", "1": "true", "false": "false", "f": "false", "0": "false"}


class InvalidValue(Exception):
    """A value that its type or its definition does not take; the message is the platform's."""


def normalise_value(kind: str, text: str, rules: Mapping[str, str] | None = None) -> str:
    """Check one value against its type and its definition's validations; gives the text that is stored."""
    if len(text) > _MOST_CHARACTERS.get(kind, 65_536):
        raise InvalidValue(f"Value is too long (maximum is {_MOST_CHARACTERS.get(kind, 65_536)} characters).")
    if not text.strip():
        raise InvalidValue("Value can't be blank.")
    if not kind.startswith("list."):
        return _single(kind, text, rules or {})
    items = _json(text)
    if not isinstance(items, list):
        raise InvalidValue("Value must be a JSON array.")
    if len(items) > 128:
        raise InvalidValue("Value can't have more than 128 items.")
    texts = [one if isinstance(one, str) else json.dumps(one) for one in items]
    done = [_single(kind.removeprefix("list."), one, rules or {}) for one in texts]
    plain = kind.removeprefix("list.") not in RAW_JSON_TYPES
    return "[" + ",".join(json.dumps(one, ensure_ascii=False) if plain else one for one in done) + "]"


def is_known_type(kind: str) -> bool:
    """Say whether there is such a metafield type."""
    base = kind.removeprefix("list.")
    return base in _READERS or base in _MEASURES or base in _TEXTS or base.endswith("_reference")


def _single(kind: str, text: str, rules: Mapping[str, str]) -> str:
    if not is_known_type(kind):
        raise InvalidValue(f"Type {kind} is not a metafield type.")
    if kind in _MEASURES:
        return _object("value", "unit")(text)
    value = _READERS[kind](text) if kind in _READERS else text
    if rules:
        _obey(kind, value, rules)
    return value


def _obey(kind: str, value: str, rules: Mapping[str, str]) -> None:
    choices = rules.get("choices")
    if choices is not None and value not in json.loads(choices):
        listed = ", ".join(json.dumps(one, ensure_ascii=False) for one in json.loads(choices))
        raise InvalidValue(f"Value does not exist in provided choices: [{listed}].")
    if "regex" in rules and not re.search(rules["regex"], value):
        raise InvalidValue("Value does not match the validation pattern.")
    size, of = None, "of "
    if kind in _TEXTS:
        size, of = Decimal(len(value)), "length of "
    elif kind.startswith("number_"):
        size = Decimal(value)
    _check_bounds(size, rules, of)


def _check_bounds(size: Decimal | None, rules: Mapping[str, str], of: str) -> None:
    if size is None:
        return
    if "min" in rules and size < Decimal(rules["min"]):
        raise InvalidValue(f"Value has a minimum {of}{rules['min']}.")
    if "max" in rules and size > Decimal(rules["max"]):
        raise InvalidValue(f"Value has a maximum {of}{rules['max']}.")


def _integer(text: str) -> str:
    if not re.fullmatch(r"[+-]?\d+", text.strip()) or abs(int(text)) > 9_007_199_254_740_991:
        raise InvalidValue("Value must be an integer.")
    return str(int(text))


def _decimal(text: str) -> str:
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise InvalidValue("Value must be a decimal.") from error
    if not value.is_finite() or abs(value) > Decimal("9999999999999.999999999"):
        raise InvalidValue("Value must be between +/-9999999999999.999999999.")
    cut = value.quantize(Decimal("1e-9"), rounding=ROUND_DOWN)
    plain = format(cut, "f").rstrip("0")
    return plain + "0" if plain.endswith(".") else plain


def _boolean(text: str) -> str:
    if text.strip().lower() not in _TRUTHS:
        raise InvalidValue("Value must be true or false.")
    return _TRUTHS[text.strip().lower()]


def _date(text: str) -> str:
    if (
        not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip())
        or _or_none(date.fromisoformat, text.strip()) is None
    ):
        raise InvalidValue('Value must be in "YYYY-MM-DD" format.')
    return text.strip()


def _date_time(text: str) -> str:
    at = _or_none(datetime.fromisoformat, text.strip())
    if at is None or "T" not in text:
        raise InvalidValue('Value must be in "YYYY-MM-DDTHH:MM:SS" format.')
    return str(at.replace(microsecond=0).isoformat()) + ("+00:00" if at.tzinfo is None else "")


def _single_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise InvalidValue("Value must be a single line text string.")
    return text


def _url(text: str) -> str:
    if not re.match(r"(https?://|mailto:|sms:|tel:)\S+$", text):
        raise InvalidValue("Value must be one of the following URL schemes: http, https, mailto, sms, tel.")
    return text


def _color(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise InvalidValue("Value must be a hex color code, such as #000000.")
    return text


def _object(*keys: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        value = _json(text)
        if not isinstance(value, dict) or not set(keys) <= set(value):
            raise InvalidValue(f"Value must be a JSON object with {', '.join(keys)}.")
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    return read


def _any_json(text: str) -> str:
    return json.dumps(_json(text), separators=(",", ":"), ensure_ascii=False)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidValue(f"Value is invalid JSON: {error}.") from error


def _or_none(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError:
        return None


_READERS: dict[str, Callable[[str], str]] = {
    "boolean": _boolean,
    "color": _color,
    "date": _date,
    "date_time": _date_time,
    "id": _single_line,
    "json": _any_json,
    "language": _single_line,
    "link": _object("text", "url"),
    "money": _object("amount", "currency_code"),
    "multi_line_text_field": str,
    "number_decimal": _decimal,
    "number_integer": _integer,
    "rating": _object("value", "scale_min", "scale_max"),
    "rich_text_field": _any_json,
    "single_line_text_field": _single_line,
    "url": _url,
}
