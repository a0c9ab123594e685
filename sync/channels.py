"""Where an order was made: the platforms' words for it, as one code of the closed list of channels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, get_args

from sync import harmless
from sync.model import Account, Channel
from sync.personal import PLAIN_NUMBER, folded_tag

_SHOPIFY: Mapping[str, Channel] = {
    "web": "online",
    "checkout": "online",
    "checkout_next": "online",
    "subscription_contract": "online",
    "subscription_contract_checkout_one": "online",
    "pos": "store",
    "shopify_draft_order": "phone",
}
"""Order.sourceName to our channel."""
_KNOWN: Mapping[str, Channel] = {
    **{code: code for code in get_args(Channel)},
    **dict.fromkeys(
        ("amazon", "ebay", "etsy", "mercari", "qoo10", "rakuten", "walmart", "zozotown"), "marketplace"
    ),
    **dict.fromkeys(("facebook", "instagram", "pinterest", "tiktok", "youtube"), "social"),
}
"""First words of a name that can mean nothing else: `amazon-us`, `Rakuten Ichiba`. The settings win."""
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 80


class Placed(NamedTuple):
    """The channel of an order, and what its platform calls the source if neither the settings nor any table
    here knows that name; None where somebody does, or where there is no name."""

    channel: Channel
    unnamed: str | None = None


def of_source(name: str | None, account: Account) -> Placed:
    """By Shopify's Order.sourceName. A number there is the id of an app: it sells online unless the settings
    say that it brings the orders of a marketplace."""
    told = folded_tag(name) if name else ""
    if known := account.channels.get(told) or _SHOPIFY.get(told):
        return Placed(known)
    if told.isdecimal():
        return Placed("online", _kept(name, account))
    return _by_word(name, told, account)


def of_field(value: object, account: Account) -> Placed:
    """By the merchant's own Salesforce field, which may say nothing: what stands there is sold by people."""
    told = folded_tag(value) if isinstance(value, str) else ""
    if not told:
        return Placed("sales")
    known = account.channels.get(told)
    return Placed(known) if known else _by_word(str(value), told, account)


def _by_word(name: str | None, told: str, account: Account) -> Placed:
    word = _WORD.search(told)
    known = _KNOWN.get(word.group()) if word else None
    return Placed(known) if known else Placed("other", _kept(name, account))


def _kept(name: str | None, account: Account) -> str | None:
    """A name to be shown to the merchant. The id of an app may look like a telephone number."""
    told = (name or "").strip()[:_LONGEST]
    return told or None if PLAIN_NUMBER.fullmatch(told) else harmless.label(told or None, account)
