"""Salesforce record ids: 15 case-sensitive characters, and 3 more that make them safe in any case."""

import hashlib
import re

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\Z")


def checksum(short_id: str) -> str:
    """Give the 3 characters that follow a 15-character id: a bit for every upper-case letter, 5 bits each."""
    out = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, char in enumerate(short_id[start : start + 5]) if "A" <= char <= "Z")
        out += _ALPHABET[bits]
    return out


def full_id(text: str) -> str | None:
    """Give the 18-character form of a 15- or 18-character id, or None where the text is no id."""
    if not _ID.match(text):
        return None
    return text if len(text) == 18 else text + checksum(text)


def make_id(prefix: str, number: int) -> str:
    """Make the 18-character id of the n-th record of the object with this key prefix."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    short_id = f"{prefix}5g0{digits:0>9}"
    return short_id + checksum(short_id)


def derived_id(prefix: str, source: str) -> str:
    """Make an id that is always the same for the same source text, such as an account's id."""
    return make_id(prefix, int.from_bytes(hashlib.sha256(source.encode()).digest()[:5], "big") + 62**6)
