"""Explaining one person: Shopify's own RFM group beside our segment, and whether the two agree."""

from __future__ import annotations

from typing import Literal

from metrics.rfm_agreement import OUR_BEST, OUR_GOOD, THEIR_GOOD

Agreement = Literal["agrees", "only_theirs", "only_ours", "not_compared"]


def agreement(group: str, segment: str) -> Agreement:
    """How the shares of `rfm_agreement` count somebody in one of Shopify's groups and one of our segments.

    `agrees`: champions or loyal there, and steady, trend or best and active here. `only_theirs`: good there
    alone, so that "theirs in ours" falls; `only_ours`: best and active here, and neither champions nor loyal
    there, so that "ours in theirs" falls. `not_compared`: no share counts this person. `group` in lower case.
    """
    if group in THEIR_GOOD:
        return "agrees" if segment in OUR_GOOD else "only_theirs"
    return "only_ours" if segment == OUR_BEST else "not_compared"
