"""Our fields as a platform holds them, as one canonical text per record.

What we would write and what the platform gives back for it must be the same text, or every run would write
again. So numbers get their field's decimals, lists their catalogue order, and a blank is absent. What does
not parse was edited by hand: it is kept as it stands, and so differs from anything we would write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from connectors.base import Field


def canonical(field: Field, held: Any) -> str | None:
    """`held` (text, number, or JSON text of a list) as the canonical text of `field`; None if blank."""
    text = str(held) if held is not None else ""
    if text == "":
        return None
    if field.kind == "integer":
        return _number(text, 0)
    if field.kind == "decimal":
        return _number(text, field.scale)
    return _listed(field, text) if field.kind == "list" else text


def _number(text: str, scale: int) -> str:
    """`text` with exactly `scale` decimals, or as it stands where that would change its value."""
    try:
        number = Decimal(text)
        shown = number.quantize(Decimal(1).scaleb(-scale))
    except InvalidOperation:
        return text
    return f"{shown:f}" if shown == number else text


def _listed(field: Field, text: str) -> str | None:
    if text.startswith("["):
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
        codes = [str(code) for code in found]
    else:
        codes = text.split(";")
    order = {choice.code: place for place, choice in enumerate(field.choices)}
    return ";".join(sorted(codes, key=lambda code: (order.get(code, len(order)), code))) or None


def to_json(held: Iterable[tuple[Field, Any]]) -> str:
    """Canonical JSON text of our fields: keys sorted, blanks left out."""
    texts = {field.key: canonical(field, value) for field, value in held if value is not None}
    return dump({key: text for key, text in texts.items() if text is not None})


def dump(texts: Mapping[str, str]) -> str:
    """`texts` as JSON with sorted keys, so that equal values are equal texts."""
    return orjson.dumps(texts, option=orjson.OPT_SORT_KEYS).decode()


def merged(held: str, keys: Iterable[str], values: Iterable[str | None]) -> str:
    """The canonical JSON text `held` after `keys` took on canonical `values` (None: blank)."""
    texts = {**orjson.loads(held), **dict(zip(keys, values, strict=True))}
    return dump({key: text for key, text in texts.items() if text})
