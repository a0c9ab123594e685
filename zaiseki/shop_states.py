"""What the shop itself says of one person: its own RFM group beside our segment, and the subscription.

It keeps no day with either, so that both are those of now.
"""

from __future__ import annotations

from dataclasses import dataclass

from metrics.explain_rfm import Agreement, agreement
from metrics.subscribers import ACTIVE
from sync.decisions import Ref
from zaiseki.explanation import Explanation


@dataclass(frozen=True, slots=True)
class RfmTold:
    """The group (in lower case) on one record of the shop, and whether our segment agrees with it; None
    where no segment is known."""

    ref: Ref
    group: str
    agreement: Agreement | None


@dataclass(frozen=True, slots=True)
class SubscriptionTold:
    """Every record that tells of a subscription, with its status; `active`: one of them is."""

    records: tuple[tuple[Ref, str], ...]

    @property
    def active(self) -> bool:
        """Whether this is a subscriber, as the next action and the shop's figures take it."""
        return any(status == ACTIVE for _, status in self.records)


def rfm_told(found: Explanation) -> tuple[RfmTold, ...]:
    """The shop's own group on every record that has one."""
    segment = found.segment.code if found.segment else None
    return tuple(
        RfmTold(one.ref, one.rfm_group, agreement(one.rfm_group, segment) if segment else None)
        for one in found.members
        if one.state == "live" and one.rfm_group
    )


def subscription_told(found: Explanation) -> SubscriptionTold | None:
    """What the records say of a subscription; None where none says anything."""
    told = [
        (one.ref, one.subscription_status)
        for one in found.members
        if one.state == "live" and one.subscription_status
    ]
    return SubscriptionTold(tuple(told)) if told else None
