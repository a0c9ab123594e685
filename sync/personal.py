"""What a row says of whom it is about, as keyed hashes: address, number, name; and the merchant's tags."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sync import addresses, names
from sync.keys import fold_email, fold_order_name, fold_phone
from sync.model import Account, Quarantined

NAME_COLUMNS = tuple(
    f"{script}_{part}" for script in ("han", "kana", "latin") for part in ("family", "given", "whole")
)
"""The name columns of `Record`, in the order in which `sync.names.hashed` gives them."""
PLAIN_NUMBER = re.compile(r"[0-9]{1,9}|[1-9][0-9]{9,19}")
"""An order's number; a telephone number that is long enough begins with 0, or with a +."""
_GID = re.compile(r"gid://shopify/order/([0-9]+)")
_WHOLE = re.compile(r"([0-9]+)\.0+")


class Keys(NamedTuple):
    """Keyed hashes of one row's address and number. `by_relay`: nothing but a marketplace's relay address
    tells who it is."""

    email_key: str | None = None
    phone_key: str | None = None
    phone_is_mobile: bool | None = None
    by_relay: bool = False


def keys_of(email: str | None, phones: Iterable[str | None], account: Account) -> Keys:
    """The keys of an address and of the first mobile number (else the first number) among `phones`.

    Shared and placeholder addresses are no keys, relay addresses neither.
    """
    email_key, kind = _email(email, account)
    phone = None
    for text in phones:
        found = fold_phone(text, account.region) if text else None
        if found and (phone is None or found.is_mobile):
            phone = found
        if phone and phone.is_mobile:
            break
    if phone is None:
        return Keys(email_key, by_relay=kind == "relay")
    key = account.key.of("phone", phone.e164)
    return Keys(email_key, key, phone.is_mobile, by_relay=kind == "relay" and not phone.is_mobile)


def left_alone(
    bad: Iterable[Quarantined], known: Iterable[str], platform: str, account: Account
) -> tuple[list[Quarantined], list[str]]:
    """Rows that could not be read, without those of forgotten records, and the ids of the latter that are
    not `known` yet: nobody needs to look at who was forgotten."""
    kept, forgotten = [], []
    for row in bad:
        if account.tombstones.has_record(platform, account.account, row.id):
            forgotten.append(row.id)
        else:
            kept.append(row)
    return kept, [one for one in dict.fromkeys(forgotten) if one not in known]


def guest_keys(email: str | None, phone: str | None, at: datetime, account: Account) -> dict[str, Any]:
    """The key columns of an order of `at` that names no customer. Only a mobile number is anybody's own.

    Who was forgotten since is nobody.
    """
    keys = keys_of(email, (phone,), account)
    phone_key = keys.phone_key if keys.phone_is_mobile else None
    if account.tombstones.has_keys(keys.email_key, phone_key, at):
        return {}
    return {"email_key": keys.email_key, "phone_key": phone_key}


def email_key_of(email: str | None, account: Account) -> str | None:
    """The key of an address that can be one person's own."""
    return _email(email, account)[0]


def _email(email: str | None, account: Account) -> tuple[str | None, str | None]:
    folded = fold_email(email)
    if folded is None:
        return None, None
    kind = addresses.identifies(folded, relay_domains=account.relay_domains, no_keys=account.no_keys)
    return (account.key.of("email", folded) if kind == "personal" else None), kind


def names_of(family: str | None, given: str | None, account: Account) -> dict[str, Any]:
    """The name columns of a record."""
    if not family and not given:
        return {}
    hashed = names.hashed(names.fold_name(family, given), account.key)
    return dict(zip(NAME_COLUMNS, hashed, strict=True))


def folded_tag(tag: str) -> str:
    """A tag as the platforms compare it: width and case dropped."""
    return unicodedata.normalize("NFKC", tag).strip().casefold()


def watched(tags: Iterable[str], account: Account) -> tuple[list[str], bool]:
    """Those tags that the settings name, folded and sorted, and whether the one that excludes is there."""
    if not account.watched_tags and account.exclude_tag is None:
        return [], False
    folded = {folded_tag(tag) for tag in tags}
    excludes = account.exclude_tag is not None and folded_tag(account.exclude_tag) in folded
    return sorted(folded & account.watched_tags), excludes


def ticked(row: Mapping[str, Any], field: str | None) -> bool:
    """Whether a check box of the merchant's own is ticked; a field that is not there is not."""
    return field is not None and str(row.get(field)).casefold() == "true"


def order_mark(text: object, account: Account) -> str | None:
    """What an order is called, folded, to be compared with what other orders are called or name.

    Only plain numbers are kept as they stand: people write names and phone numbers into free text, so
    anything else becomes a keyed hash, which compares just as well.
    """
    folded = fold_order_name(str(text)) if text is not None else None
    if not folded or PLAIN_NUMBER.fullmatch(folded):
        return folded
    found = _GID.fullmatch(folded) or _WHOLE.fullmatch(folded)
    number = found.group(1) if found else folded
    return number if PLAIN_NUMBER.fullmatch(number) else account.key.of("order", number)


def order_marks(texts: Iterable[object], account: Account) -> list[str]:
    """What an order is called, each name once."""
    return list(dict.fromkeys(mark for text in texts if (mark := order_mark(text, account))))
