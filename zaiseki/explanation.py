"""What is told of one person.

`zaiseki.why` and `zaiseki.explaining` make it, `zaiseki.show_why` and `zaiseki.disclosure` show it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from metrics.explain import OrderTold, Reconciliation, SegmentTold
from metrics.explain_expectation import ExpectationTold
from metrics.explain_experience import ActionTold, ChannelTold, FunnelTold, SatisfactionTold
from metrics.segment import Thresholds
from sync.decisions import Ref
from sync.runs import Run
from zaiseki.came_by import CameBy
from zaiseki.codes_held import HeldCode
from zaiseki.friends import Friends
from zaiseki.members import Member
from zaiseki.segments_past import Span
from zaiseki.waiting import Change


@dataclass(frozen=True, slots=True)
class Explanation:
    """One person, as of the run that scored last.

    `person_id` is None for a record that is nobody's (its `members` entry says why). `facts` are the orders
    as the store has them. `score` is None where the person is not scored, else the row of the scores;
    `stale` where what is stored has moved on since. `segment` and `thresholds` are None where the run knew
    no whole history; `funnel` and `action` are None then too, and `segments` (the history) and `channels`
    are empty. `own_interval` is in days, None unless there are two purchase days. `coming` is what waiting
    alone brings, the earliest first. `came_by` is None for who never bought. `friends` is None where nothing
    tracks referrals. `codes` are the personal codes of this person and of who is named as its referrer.
    `expectation` is what the run's models of return expect, None for who is not scored.
    The data begin on `data_begin_on`. `shops` are those the settings name. `possible_twins` is empty where
    the settings have answered whether orders stand in both systems. `review` is what waits for somebody to
    decide and names one of the records, or holds them in a group of too many (`too_many`). `stored` are the
    rows of every table that name the person, by table.
    """

    asked: Ref
    run: Run
    currency: str
    unit: str
    person_id: str | None
    members: tuple[Member, ...]
    orders: tuple[OrderTold, ...] = ()
    facts: tuple[Mapping[str, Any], ...] = ()
    refunds: tuple[Mapping[str, Any], ...] = ()
    sums: Reconciliation | None = None
    score: Mapping[str, Any] | None = None
    stale: bool = False
    segment: SegmentTold | None = None
    thresholds: Thresholds | None = None
    segments: tuple[Span, ...] = ()
    own_interval: Decimal | None = None
    channels: tuple[ChannelTold, ...] = ()
    satisfaction: SatisfactionTold | None = None
    funnel: FunnelTold | None = None
    action: ActionTold | None = None
    coming: tuple[Change, ...] = ()
    came_by: CameBy | None = None
    friends: Friends | None = None
    codes: tuple[HeldCode, ...] = ()
    expectation: ExpectationTold | None = None
    left_truncated: bool = False
    data_begin_on: date | None = None
    possible_twins: tuple[Mapping[str, Any], ...] = ()
    review: tuple[Mapping[str, Any], ...] = ()
    log: tuple[Mapping[str, Any], ...] = ()
    stored: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    shops: frozenset[str] = frozenset()

    @property
    def excluded(self) -> bool:
        """Whether the merchant keeps this person out of scoring."""
        return any(member.excluded and member.state == "live" for member in self.members)

    @property
    def by_relay(self) -> bool:
        """Whether this is somebody of whom nothing but a marketplace's relay address tells who it is."""
        live = [member.by_relay for member in self.members if member.state == "live"]
        return self.person_id is not None and bool(live) and all(live)

    @property
    def several_shops(self) -> bool:
        """Whether it takes the account to say which shop is meant."""
        of_orders = {one.account for one in self.orders if one.platform == "shopify"}
        of_records = {one.ref.account for one in self.members if one.ref.platform == "shopify"}
        return len(self.shops | of_orders | of_records) > 1
