"""Whether an e-mail address can stand for one person: many do not, whoever's name is beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from sync.keys import fold_email

Standing = Literal["personal", "shared", "relay"]

RELAY_DOMAINS = (
    "members.ebay.com",
    "relay.walmart.com",
    "fw.rakuten.ne.jp",
    "scs.tiktokw.us",
    "scs2.tiktokw.us",
)
"""Marketplaces that hide their buyers behind addresses made for an order or for one shop. Apple's and other
private relays are not among them: such an address is one person's, and stays."""
_RELAY = re.compile(r"marketplace\.amazon\.[a-z.]+|members\.ebay\.[a-z.]+")
# RFC 2142, and what shops and offices use besides.
_ROLES = """
info marketing sales support abuse noc security postmaster hostmaster webmaster usenet news www uucp ftp
admin administrator root office contact contactus customerservice customer-service service help helpdesk
enquiries enquiry inquiries inquiry reception staff order orders billing accounting invoices shop store
noreply no-reply no_reply donotreply do-not-reply mailer-daemon newsletter hr jobs recruit press pr
toiawase otoiawase soumu eigyou"""
_MADE_UP = """
no none nomail no-mail no_mail noemail no-email no_email nothing noaddress na n-a null nil unknown dummy
test testtest xxx xxxx aaa aaaa asdf fake anonymous nashi fumei"""
ROLES = frozenset(_ROLES.split())
"""Local parts of addresses that a post has, not a person."""
PLACEHOLDERS = frozenset(_MADE_UP.split())
"""Local parts typed where there is no address."""
PLACEHOLDER_DOMAINS = ("invalid", "localhost", "nomail.com", "no-mail.com", "noemail.com", "no-email.com")
"""Domains typed where there is no address; the first two can never exist (RFC 2606)."""


def identifies(
    email: str | None, *, relay_domains: Sequence[str] = (), no_keys: Sequence[str] = ()
) -> Standing:
    """What an address is good for: `personal` ones are keys, `shared` ones (of a post, or made up) are not,
    nor is a marketplace's `relay`, by which somebody may be known nevertheless.

    `relay_domains` are further such domains; `no_keys` are addresses, or domains (`acme.example` or
    `@acme.example`), that identify nobody here. A domain stands for those below it. Neither case nor width
    matters. No address at all is `shared`.
    """
    folded = fold_email(email)
    if folded is None:
        return "shared"
    local, _, domain = folded.rpartition("@")
    above = _above(domain)
    if _RELAY.fullmatch(domain) or not above.isdisjoint(_set((*RELAY_DOMAINS, *relay_domains))):
        return "relay"
    refused = _set((*PLACEHOLDER_DOMAINS, *no_keys))
    made_up = local in ROLES or local in PLACEHOLDERS
    return "shared" if made_up or folded in refused or not above.isdisjoint(refused) else "personal"


def _above(domain: str) -> set[str]:
    """The domain and every one it stands below."""
    labels = domain.split(".")
    return {".".join(labels[nth:]) for nth in range(len(labels))}


@lru_cache(maxsize=16)
def _set(entries: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold_email(entry) or entry.strip().lower().removeprefix("@") for entry in entries)
