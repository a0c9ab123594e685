"""Explaining one person: where they came from, and what of the first purchase says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import narwhals as nw

from metrics.acquisition import REFERRAL, UNKNOWN, SourceRules, acquisition
from metrics.calendar import EPOCH
from metrics.lives import KEY, Materialise
from metrics.purchases import Frame

Decided = Literal["referrer", "medium", "other_medium", "visit", "nothing", "own_field"]


@dataclass(frozen=True, slots=True)
class AcquisitionTold:
    """Where a buyer came from: `source`, one of `acquisition.SOURCES`, read from the first purchase.

    `decided_by`: `referrer` (somebody is credited with bringing them, whatever the link said), `medium` (by
    the link's `utm_medium`), `other_medium` (it is neither advertising nor organic), `visit` (the link says
    nothing, where the visit came from does), `nothing` (neither does) or `own_field` (no order is known, only
    that the merchant's own field names a day). `order`: platform, account and id of the order, None where a
    field alone tells of it; `on`: its day. `medium`, `link_source`, `campaign`: the link's own words, as the
    order bears them; `visit`: where the visit came from, None where nobody knows.
    """

    source: str
    decided_by: Decided
    order: tuple[str, str, str] | None
    on: date
    medium: str | None
    link_source: str | None
    campaign: str | None
    visit: str | None


def acquisition_told(
    valid: Frame,
    buyers: Frame,
    edges: Frame,
    *,
    materialise: Materialise,
    rules: SourceRules | None = None,
) -> AcquisitionTold | None:
    """Where one person came from, by `acquisition.acquisition`; None for who never bought.

    In: the frames of that function, of this one person; `valid` also with `amount_unknown`, `utm_source` and
    `utm_campaign`.
    """
    rules = rules or SourceRules()
    found = acquisition(valid, buyers, edges, materialise=materialise, rules=rules)
    sources = found.collect().rows(named=True)
    if not sources:
        return None
    source, first = sources[0]["source"], _first_order(valid, buyers)
    return AcquisitionTold(
        source=source,
        decided_by=_decided_by(source, first, rules),
        order=None if first["amount_unknown"] else (first["platform"], first["account"], first["order_id"]),
        on=EPOCH + timedelta(days=sources[0]["first_purchase_day"]),
        medium=first["utm_medium"],
        link_source=first["utm_source"],
        campaign=first["utm_campaign"],
        visit=first["visit"],
    )


def _first_order(valid: Frame, buyers: Frame) -> dict[str, Any]:
    """The order that `acquisition` reads: the earliest of the first purchase day."""
    first_day = buyers.select("person_id", ordered_day=nw.col("first_purchase_day"))
    known = "visit" in valid.collect_schema().names()
    visit = nw.col("visit") if known else nw.lit(None, nw.String)
    place = nw.col("order_id").cum_count().over("person_id", order_by=["ordered_at", *KEY])
    earliest = (
        valid.join(first_day, on=["person_id", "ordered_day"], how="inner")
        .with_columns(place=place)
        .filter(nw.col("place") == 1)
        .select(*KEY, "amount_unknown", "utm_medium", "utm_source", "utm_campaign", visit=visit)
    )
    return dict(earliest.collect().rows(named=True)[0])


def _decided_by(source: str, first: dict[str, Any], rules: SourceRules) -> Decided:
    if source == REFERRAL:
        return "referrer"
    if first["amount_unknown"]:
        return "own_field"
    if (first["utm_medium"] or "").strip().lower() not in rules.silent:
        return "other_medium" if source == UNKNOWN else "medium"
    return "nothing" if source == UNKNOWN else "visit"
