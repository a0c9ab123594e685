"""From what identifies a person to a keyed hash of it: fold first, so that equal means equal, then HMAC.

Folding rules and their traps are measured in the project's reference on identity: NFKC unifies full-width and
half-width forms; phone numbers become E.164 and only numbers that can exist are kept.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import phonenumbers

from sync.errors import StoreUnusable

ENVIRONMENT_NAME = "ZAISEKI_HASH_KEY"
_KEY_BYTES = 32
_HASH_BYTES = 16
_FEWEST_DIGITS = 6
INVISIBLE = re.compile(
    "[\u00ad\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
"""What nobody sees: soft hyphens, zero-width characters, marks of direction, variation selectors."""
_PHONE_START = re.compile(r"^[+(\d\s.\-/)]*")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―ー−﹣", "-"))
_PERSONAL = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


@dataclass(frozen=True, slots=True)
class HashKey:
    """The secret under which identifiers are hashed; two stores with different keys cannot be compared."""

    secret: bytes

    def __repr__(self) -> str:
        return "HashKey(...)"

    def of(self, kind: str, folded: str) -> str:
        """HMAC-SHA-256 of `folded`, cut to 128 bits, as hex. `kind` keeps e-mails and phones apart."""
        return hmac.digest(self.secret, f"{kind}:{folded}".encode(), "sha256")[:_HASH_BYTES].hex()

    def number(self, kind: str, folded: str) -> int:
        """The same hash cut to 63 bits, as a number from 0 on: smaller to keep and to compare."""
        return int.from_bytes(hmac.digest(self.secret, f"{kind}:{folded}".encode(), "sha256")[:8]) >> 1


class Phone(NamedTuple):
    """A number in E.164 form and whether it can be one person's own (a mobile number)."""

    e164: str
    is_mobile: bool


def load(path: Path, environment: Mapping[str, str] | None = None) -> HashKey:
    """The key from ZAISEKI_HASH_KEY (base64) if set, else from `path`, which is made (mode 0600) if absent.

    Raises `sync.errors.StoreUnusable` (`key_file_unusable`).
    """
    given = (os.environ if environment is None else environment).get(ENVIRONMENT_NAME)
    if given:
        return _decode(given, ENVIRONMENT_NAME)
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return _make(path)
    except (OSError, UnicodeDecodeError) as error:
        raise StoreUnusable("key_file_unusable", path=str(path), cause=type(error).__name__) from error
    return _decode(text, str(path))


def _make(path: Path) -> HashKey:
    secret = secrets.token_bytes(_KEY_BYTES)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(base64.b64encode(secret).decode("ascii") + "\n")
    beside.rename(path)
    return HashKey(secret)


def _decode(text: str, place: str) -> HashKey:
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise StoreUnusable("key_file_unusable", path=place, cause="not base64") from error
    if len(secret) < _KEY_BYTES:
        raise StoreUnusable("key_file_unusable", path=place, cause=f"shorter than {_KEY_BYTES} bytes")
    return HashKey(secret)


def fold_email(text: str | None) -> str | None:
    """NFKC, trimmed, lower case, without what is invisible; None unless there is exactly one @ with something
    on both sides."""
    if not text:
        return None
    folded = unicodedata.normalize("NFKC", _visible(text)).strip().lower()
    before, _, after = folded.partition("@")
    return folded if before and after and "@" not in after and not _has_space(folded) else None


def _visible(text: str) -> str:
    return text if text.isascii() else INVISIBLE.sub("", text)


def _has_space(text: str) -> bool:
    return len(text.split(None, 1)) > 1


def fold_code(text: str | None) -> str | None:
    """A discount or referral code as people type it: NFKC, trimmed, case dropped; None if nothing is left."""
    return (unicodedata.normalize("NFKC", text).strip().casefold() or None) if text else None


def personal_codes(
    told: str | None, tags: Iterable[str], *, prefix: str | None, pattern: str | None
) -> list[str]:
    """The personal codes of a customer, folded and sorted: the one a field tells and those in tags.

    A tag that begins with `prefix` (letter case and width aside) holds a code behind it; a tag that is of
    the shape `pattern` as a whole, a regular expression, is a code itself.
    """
    folded, start = [tag for tag in map(fold_code, tags) if tag], fold_code(prefix)
    found = {fold_code(told)}
    if start:
        found |= {fold_code(tag.removeprefix(start)) for tag in folded if tag.startswith(start)}
    if pattern:
        shape = re.compile(pattern, re.IGNORECASE)
        found |= {tag for tag in folded if shape.fullmatch(tag)}
    return sorted(code for code in found if code)


def fold_order_name(text: str | None) -> str | None:
    """An order's name or number as people copy it: NFKC, trimmed, without the leading #, case dropped; None
    if nothing is left."""
    return (fold_code(text) or "").removeprefix("#").strip() or None


def fold_phone(text: str | None, region: str) -> Phone | None:
    """`text` as a number of `region` (ISO 3166 alpha-2), or of the country it names; None if none exists.

    Notes after the number, as in `090…(自宅)` or `… 内線12`, are dropped first: the parser refuses them. A
    number of one digit only behind its area or network code (090-0000-0000) is typed where there is none.
    """
    if not text:
        return None
    plain = unicodedata.normalize("NFKC", _visible(text)).strip().translate(_DASHES)
    found = _PHONE_START.match(plain)
    digits = found.group().strip() if found else ""
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or _is_placeholder(number):
        return None
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phone(shown, phonenumbers.number_type(number) in _PERSONAL)


def _is_placeholder(number: phonenumbers.PhoneNumber) -> bool:
    national = phonenumbers.national_significant_number(number)
    if len(set(national[-_FEWEST_DIGITS:])) > 1:
        return False  # finding the area code costs more than all the rest
    return len(set(national[phonenumbers.length_of_national_destination_code(number) :])) == 1
