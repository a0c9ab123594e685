"""Which country an org says it is in: where its addresses have no picklists, anybody types what they like.

`countries.tsv` holds ISO 3166 codes with the names in English, Japanese and the country's own languages: by
Unicode CLDR as libphonenumber ships it, by ISO, and what people write besides. Asking libphonenumber itself
would load 100 MB of area codes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def code_of(told: str) -> str:
    """The ISO 3166 alpha-2 code of a country, told by a code of two or three letters or by a name.

    Empty where it is none that is known. Letter case, width and blanks do not matter.
    """
    return _codes().get(_fold(told), "")


@cache
def _codes() -> Mapping[str, str]:
    lines = files("connectors.salesforce").joinpath("countries.tsv").read_text(encoding="utf-8").splitlines()
    found: dict[str, str] = {}
    for line in lines[1:]:
        alpha_2, alpha_3, names = line.split("\t")
        found |= {_fold(told): alpha_2 for told in (alpha_2, alpha_3, *names.split(";"))}
    return found


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
