"""Explaining one person: which orders count and which do not, how it adds up, and why that segment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.calendar import EPOCH
from metrics.segment import Thresholds

DUPLICATE = "duplicate"
"""Why a copy of an order of the shop is left out; all other reasons are those of `purchases`."""
EXCLUDED_PERSON = "excluded_person"
"""Why no order of a person counts whom the merchant keeps out of scoring."""
NOTHING = Decimal(0)
LEFT_TRUNCATED_DAYS = 30
"""Who first bought in so many days from where the data begin may have bought before."""


@dataclass(frozen=True, slots=True)
class OrderTold:
    """One order of a person. `refunded` is what came back of it so far, `net` what is left, both in the
    reporting currency. `left_out` says why it does not count, None where it does. `of` is the order
    (platform, account, id) it is a copy of, or that it reduces. `amount_unknown`: no order at all but a
    first purchase that the merchant's own field tells."""

    platform: str
    account: str
    order_id: str
    name: str | None
    ordered_on: date
    channel: str | None
    amount: Decimal
    refunded: Decimal
    net: Decimal
    left_out: str | None
    of: tuple[str, str, str] | None
    amount_unknown: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """So many orders under one head (an account's own address, or a reason), and what they come to."""

    head: tuple[str, ...]
    orders: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How what the platforms show becomes what is counted.

    Orders: the sum of `shown` = `counted` + the sum of `left_out`. Money: the sum of `shown` = `net_spend` +
    `refunds` + the sum of `left_out`. `purchases` = `counted` + `from_fields` - `same_day`, where
    `same_day` are counted orders of a day that counts already (0 if the unit is orders) and `from_fields`
    first purchases that only a field tells. `shown` is by platform and account, `left_out` by reason.
    """

    shown: tuple[Sum, ...]
    counted: int
    purchases: int
    net_spend: Decimal
    refunds: Decimal
    same_day: int
    from_fields: int
    left_out: tuple[Sum, ...]


@dataclass(frozen=True, slots=True)
class SegmentTold:
    """The segment of a person and the facts that make it.

    `lapses_on`: from that day on who has not bought again is lapsed; `next_code` is the segment that day
    brings, None for who never bought or has lapsed already: only an event changes that.
    """

    code: str
    purchases: int
    tenure_days: int | None
    net_spend: Decimal
    last_purchase_on: date | None
    days_since: int | None
    lapses_on: date | None
    next_code: str | None

    @property
    def tier(self) -> str:
        """The code without its half."""
        return self.code.removesuffix("_active").removesuffix("_lapsed")


def orders_told(rows: Iterable[Mapping[str, Any]], *, excluded: bool = False) -> tuple[OrderTold, ...]:
    """A person's orders, the oldest first.

    In: rows of `purchases.weighed_orders` with `name`, `ordered_on`, `of_platform`, `of_account`,
    `of_order_id` and `duplicate_by` (null unless the order is a copy), as in `sync.one_person`. Of an
    `excluded` person none counts.
    """
    told = (_told(row) for row in rows)
    if excluded:
        told = (replace(one, left_out=EXCLUDED_PERSON) for one in told)
    return tuple(sorted(told, key=lambda one: (one.ordered_on, one.platform, one.account, one.order_id)))


def refunds_told(refunds: nw.LazyFrame[Any]) -> list[dict[str, Any]]:
    """Rows of the frame `person_refunds` with the day as a date, by order and day."""
    names = ("platform", "account", "order_id", "refunded_day", "amount")
    rows = refunds.select(*names).sort(*names).collect().rows(named=True)
    return [
        {
            **{name: row[name] for name in names[:3]},
            "refunded_on": EPOCH + timedelta(days=row["refunded_day"]),
            "amount": row["amount"],
        }
        for row in rows
    ]


def reconcile(orders: Sequence[OrderTold], *, unit: str) -> Reconciliation:
    """Add a person's orders up; `unit` as in `purchases.PurchaseRules`."""
    told = [one for one in orders if not one.amount_unknown]
    counted = [one for one in told if one.left_out is None]
    from_fields = sum(one.amount_unknown and one.left_out is None for one in orders)
    days = {one.ordered_on for one in orders if one.left_out is None}
    same_day = len(counted) + from_fields - len(days) if unit == "day" else 0
    return Reconciliation(
        shown=_sums(told, lambda one: (one.platform, one.account)),
        counted=len(counted),
        purchases=len(counted) + from_fields - same_day,
        net_spend=sum((one.net for one in counted), NOTHING),
        refunds=sum((one.refunded for one in counted), NOTHING),
        same_day=same_day,
        from_fields=from_fields,
        left_out=_sums([one for one in told if one.left_out], lambda one: (one.left_out or "",)),
    )


def segment_told(score: Mapping[str, Any], thresholds: Thresholds, as_of: date) -> SegmentTold:
    """Why a person is in a segment as of a day. In: the person's row of `scores.score_persons`."""
    last, code = score["last_purchase_on"], score["segment"]
    return SegmentTold(
        code=code,
        purchases=score["purchases"],
        tenure_days=score["tenure_days"],
        net_spend=score["net_spend"],
        last_purchase_on=last,
        days_since=(as_of - last).days if last else None,
        lapses_on=last + timedelta(days=thresholds.lapse_days) if last else None,
        next_code=f"{code.removesuffix('_active')}_lapsed" if code.endswith("_active") else None,
    )


def is_left_truncated(orders: Sequence[OrderTold], data_begin_on: date | None, *, known: bool) -> bool:
    """Whether this person may have bought before the data begin, so that the tenure may be too short.

    `known`: somebody says when the first purchase was (a history file, a field of the merchant's own).
    """
    days = [one.ordered_on for one in orders if one.left_out is None]
    if known or not days or data_begin_on is None:
        return False
    return (min(days) - data_begin_on).days < LEFT_TRUNCATED_DAYS


def _told(row: Mapping[str, Any]) -> OrderTold:
    of = (row["of_platform"], row["of_account"], row["of_order_id"])
    return OrderTold(
        platform=row["platform"],
        account=row["account"],
        order_id=row["order_id"],
        name=row["name"],
        ordered_on=row["ordered_on"],
        channel=row["channel"],
        amount=row["amount"],
        refunded=row["amount"] - row["net"],
        net=row["net"],
        left_out=DUPLICATE if row["duplicate_by"] else row["left_out"],
        of=None if of[2] is None else of,
        amount_unknown=row["amount_unknown"],
    )


def _sums(orders: Iterable[OrderTold], head_of: Any) -> tuple[Sum, ...]:
    """Orders added up under their heads, the head with most orders first."""
    found: dict[tuple[str, ...], list[Decimal]] = {}
    for one in orders:
        found.setdefault(head_of(one), []).append(one.amount)
    sums = (Sum(head, len(amounts), sum(amounts, NOTHING)) for head, amounts in found.items())
    return tuple(sorted(sums, key=lambda one: (-one.orders, one.head)))
