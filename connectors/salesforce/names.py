"""How our fields are called in an org, and how values look in its JSON and CSV."""

from __future__ import annotations

import re

import orjson

from connectors.base import Field

PREFIX = "Zaiseki_"
INTEGRATION_SET = "Zaiseki_Integration"
"""The permission set of the user that writes."""
VIEWER_SET = "Zaiseki_Viewer"
"""The permission set of the people who read."""
PERSON_ACCOUNT = "PersonAccount"
SOBJECTS = {"Contact": "Contact", PERSON_ACCOUNT: "Account", "Lead": "Lead", "Account": "Account"}
"""What may carry our fields, and the object through which each is written."""
NULL = "#N/A"
"""What blanks a field in a bulk file; an empty cell there leaves the field as it is."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def api_name(key: str, target: str = "Contact") -> str:
    """The API name of the field with this catalogue key: `person_id` gives `Zaiseki_Person_Id__c`.

    A Person Account shows the fields of Contact on its Account as `__pc`.
    """
    suffix = "__pc" if target == PERSON_ACCOUNT else "__c"
    return PREFIX + "_".join(part.capitalize() for part in key.split("_")) + suffix


def json_value(field: Field, text: str | None) -> object:
    """A canonical text as the org's JSON wants it: numbers exact and unquoted, blanks null."""
    if text is not None and field.kind in ("integer", "decimal") and _NUMBER.fullmatch(text):
        # A fragment goes out digit for digit; a float would not.
        return orjson.Fragment(text.encode())
    return text or None


def csv_value(text: str | None) -> str:
    """A canonical text as a bulk file wants it."""
    return NULL if text is None or text == "" else text
