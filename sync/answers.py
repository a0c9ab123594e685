"""What a customer answered when asked: the expectation, the recommendation from 0 to 10, the stars.

An answer that is none of the known ones says no more than a blank: the record itself is as good as ever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sync.keys import fold_code
from sync.model import Account

MOST_NPS = 10
MOST_STARS = 5


def columns(told: Mapping[str, tuple[object, int | None]], account: Account) -> dict[str, Any]:
    """The answer columns of a record, from each answer's value and the day it was given (null: not known).

    `told` is by `expectation`, `nps` and `stars`; what is not asked may be missing.
    """
    found: dict[str, Any] = {}
    for name, (value, day) in told.items():
        read = expectation(value, account) if name == "expectation" else _number(name, value)
        if read is not None:
            found |= {name: read, f"{name}_day": day}
    return found


def expectation(value: object, account: Account) -> str | None:
    """`worse`, `as` or `better`, by the answers that the settings list."""
    return account.expectations.get(fold_code(value) or "") if isinstance(value, str) else None


def _number(name: str, value: object) -> int | None:
    return nps(value) if name == "nps" else stars(value)


def nps(value: object) -> int | None:
    """A whole number from 0 to 10."""
    found = _decimal(value)
    return int(found) if found is not None and found == int(found) and 0 <= found <= MOST_NPS else None


def stars(value: object) -> int | None:
    """Whole stars from 1 to 5, halves counting up; also as Shopify's ratings say it, on a scale up to 5."""
    rating = _rating(value)
    if rating is not None and _decimal(rating.get("scale_max")) != MOST_STARS:
        return None
    found = _decimal(value if rating is None else rating.get("value"))
    whole = None if found is None else int(found.to_integral_value(ROUND_HALF_UP))
    return whole if whole is not None and 1 <= whole <= MOST_STARS else None


def _rating(value: object) -> Mapping[str, Any] | None:
    try:
        found = json.loads(value) if isinstance(value, str) and value.lstrip().startswith("{") else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else None


def _decimal(value: object) -> Decimal | None:
    try:
        found = Decimal(str(value).strip()) if value is not None else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and abs(found) <= MOST_NPS else None
