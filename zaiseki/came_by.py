"""Where one person came from: the order it is read from, and the record that names who brought them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from metrics.calendar import EPOCH, day_of
from metrics.explain_acquisition import AcquisitionTold, acquisition_told
from metrics.explain_referral import Named
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.scores import Given
from metrics.tenure import tenure
from sync.decisions import Ref
from sync.store import Store
from zaiseki.friends import Friends

_NAMED_IN = """
SELECT i.platform, i.account, i.object, i.id, i.created_day, r.lead_source
FROM introduced i JOIN records r USING (platform, account, object, id)
WHERE i.person_id = ? AND i.referrer_id = ? ORDER BY i.created_day NULLS LAST, i.object, i.id LIMIT 1"""


@dataclass(frozen=True, slots=True)
class NamedIn:
    """The record that names who brought somebody, the day it was made, and what it says of its source."""

    ref: Ref
    created_on: date | None
    lead_source: str | None


@dataclass(frozen=True, slots=True)
class CameBy:
    """What tells where a buyer came from. `referrer`: who is credited, None unless that decided; `named_in`:
    the oldest record that names them, None where an order does."""

    told: AcquisitionTold
    referrer: Named | None
    named_in: NamedIn | None


def came_by(
    store: Store, given: Given, friends: Friends | None, *, as_of: date, rules: PurchaseRules
) -> CameBy | None:
    """Where one person came from, None for who never bought.

    `given`: this person's frames; `friends`: their word of mouth by the last run, None where nothing tracks
    it, and then nobody is credited.
    """
    referrer = friends.told.referred_by if friends else None
    valid = valid_purchases(given.orders, given.refunds, as_of_day=day_of(as_of), rules=rules)
    valid = store.materialise(valid)
    buyers = store.materialise(tenure(valid, rules=rules))
    edges = buyers.select("person_id").head(1 if referrer else 0)
    told = acquisition_told(valid, buyers, edges, materialise=store.materialise)
    if told is None:
        return None
    named_in = _named_in(store, referrer) if referrer and referrer.via == "lookup" else None
    return CameBy(told, referrer, named_in)


def _named_in(store: Store, named: Named) -> NamedIn | None:
    """None where the record that the last run read says something else by now."""
    rows = store.rows(_NAMED_IN, named.person_id, named.referrer_id)
    if not rows:
        return None
    *ref, created_day, lead_source = rows[0]
    on = None if created_day is None else EPOCH + timedelta(days=created_day)
    return NamedIn(Ref(*ref), on, lead_source)
