"""Values on their way in and out: what a field accepts, how it is stored, how JSON and CSV show it.

Stored: times as `YYYY-MM-DDTHH:MM:SSZ`, dates as `YYYY-MM-DD`, booleans as 0 and 1, numbers as numbers,
all else as text.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sandbox.salesforce.errors import RowError
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import NUMBER_TYPES, Field

Stored = str | int | float | None

_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
_STORED_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
_EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>().]+\Z")


class BadValueError(Exception):
    """A field does not accept a value."""

    def __init__(self, error: RowError) -> None:
        super().__init__(error.message)
        self.error = error


def _refuse(field: Field, code: str, message: str) -> BadValueError:
    return BadValueError(RowError(code, message, (field.name,)))


def _wrong_type(field: Field, value: object) -> BadValueError:
    return _refuse(
        field, "INVALID_TYPE_ON_FIELD_IN_RECORD", f"{field.label}: value not of required type: {value}"
    )


def store_time(text: str) -> str:
    """Turn an ISO 8601 time with an offset into the stored form."""
    if _STORED_TIME.match(text):
        return text
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time needs an offset")
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _boolean(field: Field, value: Any) -> Stored:
    if value in (True, False):
        return int(value)
    text = str(value).strip().lower()
    if text not in ("true", "false", "1", "0"):
        raise _wrong_type(field, value)
    return int(text in ("true", "1"))


def _number(field: Field, value: Any) -> Stored:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise _wrong_type(field, value) from error
    if isinstance(value, bool) or not number.is_finite():
        raise _wrong_type(field, value)
    if field.type == "int":
        if number != int(number):
            raise _wrong_type(field, value)
        return int(number)
    if abs(number) >= 10 ** (field.precision - field.scale):
        # Salesforce's own text; it names the largest magnitude by its power of ten.
        raise _refuse(
            field,
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
        )
    return float(number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP))


def _date(field: Field, value: Any) -> Stored:
    text = str(value)
    try:
        if _DATE.match(text):
            date.fromisoformat(text)
            return text
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError as error:
        raise _wrong_type(field, value) from error


def _datetime(field: Field, value: Any) -> Stored:
    text = str(value)
    try:
        return store_time(text + "T00:00:00Z" if _DATE.match(text) else text)
    except ValueError as error:
        raise _wrong_type(field, value) from error


def _id(field: Field, value: Any) -> Stored:
    text = str(value)
    found = full_id(text)
    if found is None:
        raise _refuse(field, "MALFORMED_ID", f"{field.label}: id value of incorrect type: {text}")
    return found


def _text(field: Field, value: Any) -> Stored:
    text = value if isinstance(value, str) else json.dumps(value)
    if len(text) > field.length > 0:
        raise _refuse(
            field,
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
        )
    return text


def _email(field: Field, value: Any) -> Stored:
    text = _text(field, value)
    if not _EMAIL.match(str(text)):
        raise _refuse(field, "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}")
    return text


def _picklist(field: Field, value: Any) -> Stored:
    text = str(value)
    if field.restricted and not any(text == choice for choice, _ in field.choices):
        raise _refuse(
            field,
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {text}",
        )
    return _text(field, value)


_ACCEPT: Mapping[str, Callable[[Field, Any], Stored]] = {
    "boolean": _boolean,
    "int": _number,
    **dict.fromkeys(NUMBER_TYPES, _number),
    "date": _date,
    "datetime": _datetime,
    "id": _id,
    "reference": _id,
    "email": _email,
    "picklist": _picklist,
}


def accept(field: Field, value: Any) -> Stored:
    """Turn a value that a client sent into the stored form, or raise `BadValueError`; blank text is null."""
    if value is None or value == "":
        if field.type == "boolean":
            raise _wrong_type(field, "null")
        return None
    return _ACCEPT.get(field.type, _text)(field, value)


def shown_in_json(field_type: str, value: Any) -> Any:
    """Turn a stored value into the one that REST answers with."""
    if value is None:
        return None
    if field_type == "datetime":
        return f"{value[:19]}.000+0000"
    if field_type == "boolean":
        return bool(value)
    if field_type == "address":
        return json.loads(value)
    return value
