"""What the shop itself says of one person, as a shopkeeper reads it: its RFM group, and the subscription."""

from __future__ import annotations

from metrics.fields import SEGMENTS
from sync.decisions import Ref
from zaiseki.cli.shell import Shell
from zaiseki.explanation import Explanation
from zaiseki.messages import say
from zaiseki.named import name_of
from zaiseki.shop_states import RfmTold, rfm_told, subscription_told

STATUSES = ("active", "paused", "cancelled", "expired", "failed", "never_subscribed")
"""Shopify's statuses of a subscriber (enum CustomerProductSubscriberStatus) that have words here."""


def show_shop_states(shell: Shell, found: Explanation) -> None:
    """Print the shop's own group beside our segment, and whether this is a subscriber."""
    for one in rfm_told(found):
        shell.say("why_rfm", group=one.group.upper(), record=record_name(found, one.ref))
        _show_verdict(shell, found, one)
    told = subscription_told(found)
    if told is None:
        return
    statuses = [f"{record_name(found, ref)}: {_status(shell, status)}" for ref, status in told.records]
    records = ("、" if shell.language == "ja" else ", ").join(statuses)
    shell.say("why_subscriber" if told.active else "why_no_subscriber", records=records)


def record_name(found: Explanation, ref: Ref) -> str:
    """A record, with its shop where that is one of several."""
    of_several = found.several_shops and ref.platform == "shopify"
    return f"{name_of(ref)} {ref.account}" if of_several else name_of(ref)


def _show_verdict(shell: Shell, found: Explanation, one: RfmTold) -> None:
    if found.segment is None or one.agreement is None:
        shell.say("why_rfm_alone")
        return
    labels = {row[0]: row[1 if shell.language == "en" else 2] for row in SEGMENTS}
    shell.say(f"why_rfm_{one.agreement}", label=labels[found.segment.code])


def _status(shell: Shell, status: str) -> str:
    """A status in words; one that Shopify has added since stays as it is."""
    return _say(shell, f"why_status_{status}") if status in STATUSES else status


def _say(shell: Shell, key: str, **details: object) -> str:
    return say(key, shell.language, **details)
