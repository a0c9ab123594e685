"""Why rows are set aside, in words: the codes of our own checks and of the library that validates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from metrics.fields import Language
from zaiseki.messages import say

_FAMILIES = {
    "cause_missing": ("missing",),
    "cause_no_number": [
        "decimal_parsing",
        "decimal_type",
        "finite_number",
        "int_parsing",
        "int_type",
        "int_from_float",
        "float_parsing",
        "float_type",
    ],
    "cause_too_fine": ("decimal_max_places",),
    "cause_too_large": (
        "decimal_max_digits",
        "decimal_whole_digits",
        "too_large",
        "less_than_equal",
        "less_than",
    ),
    "cause_negative": ("negative", "greater_than_equal", "greater_than"),
    "cause_no_date": [
        "date_type",
        "date_parsing",
        "date_from_datetime_parsing",
        "date_from_datetime_inexact",
        "datetime_type",
        "datetime_parsing",
        "datetime_from_date_parsing",
        "datetime_object_invalid",
    ],
    "cause_no_offset": ("timezone_aware",),
    "cause_no_text": ("string_type",),
    "cause_wrong_length": ("string_too_long", "string_too_short"),
    "cause_wrong_form": [
        "string_pattern_mismatch",
        "literal_error",
        "enum",
        "value_error",
        "ValueError",
        "OverflowError",
        "InvalidOperation",
    ],
    "cause_wrong_shape": ("dict_type", "list_type", "tuple_type", "bool_type", "bool_parsing"),
    "cause_too_many_cells": ("too_many_cells",),
    "cause_given_twice": ("given_twice",),
    "cause_in_the_future": ("in_the_future",),
    "cause_before_opened_on": ("before_opened_on",),
    "cause_other_currency": ("other_currency",),
    "cause_no_rate": ("no_rate",),
}
_KEYS: Mapping[str, str] = MappingProxyType({code: key for key, codes in _FAMILIES.items() for code in codes})


def cause_words(cause: str, language: Language) -> str:
    """What a cause means, e.g. `no_rate:EUR` as "no exchange rate for EUR"; an unknown code itself."""
    code, _, detail = cause.partition(":")
    key = _KEYS.get(code)
    return cause if key is None else say(key, language, detail=detail)


def some(ids: Sequence[str], count: int) -> str:
    """The ids that are told, with a mark where there are more than those."""
    return ", ".join((*ids, "…") if count > len(ids) else ids)
