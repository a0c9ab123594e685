"""Explaining one person's word of mouth: who brought them and by what, who was refused, whom they brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw

from metrics.attribution import VIA
from metrics.calendar import EPOCH
from metrics.purchases import Frame


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody named as the referrer of a purchase.

    `via` is one of `attribution.VIA`, `code` the personal code (None for a lookup), `order` platform, account
    and id of the purchase; `refused` is None for the one credited, else one of `attribution.REASONS`;
    `flagged`: the two share an address or number.
    """

    person_id: str
    referrer_id: str
    order: tuple[str, str, str]
    ordered_on: date
    via: str
    code: str | None
    refused: str | None
    flagged: bool


@dataclass(frozen=True, slots=True)
class ReferralTold:
    """`referred_by`: who is credited with bringing this person, None if nobody. `refused`: who else was
    named, the earliest purchase and its most trusted source first. `friends`: whom this person brought, the
    newest last. `friends_refused`: who named this person in vain."""

    referred_by: Named | None
    refused: tuple[Named, ...]
    friends: tuple[Named, ...]
    friends_refused: tuple[Named, ...]

    @property
    def newest_friend(self) -> Named | None:
        """The friend whose first purchase is the latest."""
        return self.friends[-1] if self.friends else None


def referral_told(named: Frame, person_id: str) -> ReferralTold:
    """What `attribution.named_referrers` (of everybody) says of one person, on both sides."""
    concerned = (nw.col("person_id") == person_id) | (nw.col("referrer_id") == person_id)
    rows = named.filter(concerned).collect("pyarrow").to_native().to_pylist()
    told = sorted((_told(row) for row in rows), key=_place)
    mine = [one for one in told if one.person_id == person_id]
    theirs = [one for one in told if one.referrer_id == person_id != one.person_id]
    credited = [one for one in mine if one.refused is None]
    return ReferralTold(
        referred_by=credited[0] if credited else None,
        refused=tuple(one for one in mine if one.refused is not None),
        friends=tuple(one for one in theirs if one.refused is None),
        friends_refused=tuple(one for one in theirs if one.refused is not None),
    )


def _told(row: Mapping[str, Any]) -> Named:
    return Named(
        person_id=row["person_id"],
        referrer_id=row["referrer_id"],
        order=(row["platform"], row["account"], row["order_id"]),
        ordered_on=EPOCH + timedelta(days=row["ordered_day"]),
        via=row["via"],
        code=row["code"],
        refused=row["refused"],
        flagged=row["flagged"],
    )


def _place(one: Named) -> tuple[Any, ...]:
    return (one.ordered_on, one.order, VIA.index(one.via), one.person_id, one.referrer_id)
