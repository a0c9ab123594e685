"""Words of the merchant's that are kept as they stand, and what becomes of them where they are somebody's.

Codes, campaign names and order ids are there to be read. People put addresses and phone numbers into them
all the same: those are kept as a keyed hash where they must be compared, and not at all elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

from sync.keys import fold_code, fold_phone, personal_codes
from sync.model import Account
from sync.personal import PLAIN_NUMBER

_FEWEST_DIGITS = 7
_NUMBERS = re.compile(r"\+?\(?[0-9](?:[ \-./()]{0,3}[0-9]){6,}")


def code(text: str | None, account: Account) -> str | None:
    """A discount or referral code, folded to be compared; a hash where it holds an address or a number.

    None where it was somebody's own who was forgotten: whoever used it would lead back to them.
    """
    folded = fold_code(text)
    if folded and is_personal(folded, account.region):
        folded = account.key.of("code", folded)
    return None if folded and account.tombstones.has_code(folded) else folded


def codes(told: str | None, tags: Iterable[str], account: Account) -> list[str]:
    """The personal codes of a customer, each as `code` gives it: the one a field tells and those in tags."""
    found = personal_codes(told, tags, prefix=account.code_tag, pattern=account.code_pattern)
    return sorted({kept for one in found if (kept := code(one, account))})


def label(text: str | None, account: Account) -> str | None:
    """A word that tells where somebody came from; None where it holds an address or a number."""
    return None if text and is_personal(text, account.region) else text


def order_id(text: str, account: Account) -> str:
    """What a merchant's own file calls an order; a hash where that holds an address or a phone number.

    A plain number is an order's own, as in `sync.personal.order_mark`.
    """
    plain = PLAIN_NUMBER.fullmatch(text) is not None
    return text if plain or not is_personal(text, account.region) else account.key.of("order", text)


def is_personal(text: str, region: str) -> bool:
    """Whether an e-mail address or a phone number that can be (of `region`, or naming its country) stands in
    `text`, also as links spell them. Whatever has an @ is taken for an address."""
    plain = unicodedata.normalize("NFKC", unquote(text) if "%" in text else text)
    if "@" in plain:
        return True
    # Reading numbers is dear, and next to no word has as many digits.
    if sum(map(str.isdigit, plain)) < _FEWEST_DIGITS:
        return False
    return any(fold_phone(found, region) for found in (plain, *_NUMBERS.findall(plain)))
