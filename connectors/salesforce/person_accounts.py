"""Rows of Account with one set of names, be the account a business or a person.

A Person Account is an Account that carries its person's fields under other names. Source: reference 5.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.salesforce.columns import IS_PERSON
from connectors.salesforce.names import PREFIX

_SILENT = frozenset({None, "", False, "false"})


def is_person(row: Mapping[str, Any]) -> bool:
    """Whether an Account row is a Person Account; rows come from JSON or from CSV."""
    return row.get(IS_PERSON) in (True, "true")


def unify(rows: Iterable[dict[str, Any]], names: Mapping[str, str]) -> None:
    """Move the person's fields (`names`: theirs to the common one) to their common names, in place.

    A business has none of them. Ours are the person's own, whatever the Account's field of that name holds;
    of a merchant's field the one that says something counts.
    """
    for row in rows:
        person = is_person(row)
        for theirs, common in names.items():
            value = row.pop(theirs, None)
            before = row.get(common)
            if person and (common.startswith(PREFIX) or value not in _SILENT or before in _SILENT):
                row[common] = value
            else:
                row.setdefault(common, None)
