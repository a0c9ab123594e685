"""Days: each shop's own calendar through daylight saving, imports, orders that cannot be."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sync_rows import NOW, SALESFORCE, SHOPIFY, order, refund, sf_order

from sync import normalise_salesforce_orders, normalise_shopify
from sync.edge import day_told
from sync.model import Normalised, Order


def shop(row: dict[str, Any], **changes: Any) -> Normalised:
    return normalise_shopify.orders([row], dataclasses.replace(SHOPIFY, **changes))


def org(row: dict[str, Any], **changes: Any) -> Normalised:
    return normalise_salesforce_orders.orders([row], dataclasses.replace(SALESFORCE, **changes))


def one(made: Normalised) -> Order:
    assert made.bad == []
    (order,) = made.orders
    return order


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        # Spring: 02:00 becomes 03:00; the day has 23 hours, and both its ends belong to it.
        ("America/New_York", "2026-03-08T05:00:00Z", "2026-03-08"),
        ("America/New_York", "2026-03-09T03:59:59Z", "2026-03-08"),
        ("America/New_York", "2026-03-09T04:00:00Z", "2026-03-09"),
        # Autumn: 02:00 becomes 01:00; the day has 25 hours.
        ("America/New_York", "2026-11-01T04:00:00Z", "2026-11-01"),
        ("America/New_York", "2026-11-02T04:59:59Z", "2026-11-01"),
        ("America/New_York", "2026-11-02T05:00:00Z", "2026-11-02"),
        ("Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29"),
        ("Europe/Berlin", "2026-03-29T22:00:00Z", "2026-03-30"),
        ("Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25"),
        # Lord Howe moves by half an hour: +10:30 in winter, +11 in summer.
        ("Australia/Lord_Howe", "2026-04-04T13:00:00Z", "2026-04-05"),
        ("Australia/Lord_Howe", "2026-04-05T13:29:59Z", "2026-04-05"),
        ("Australia/Lord_Howe", "2026-04-05T13:30:00Z", "2026-04-06"),
        ("Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-04"),
        ("Australia/Lord_Howe", "2026-10-04T12:59:59Z", "2026-10-04"),
        ("Australia/Lord_Howe", "2026-10-04T13:00:00Z", "2026-10-05"),
        # Cairo begins summer at midnight: that day begins at 01:00.
        ("Africa/Cairo", "2026-04-23T21:59:59Z", "2026-04-23"),
        ("Africa/Cairo", "2026-04-23T22:00:00Z", "2026-04-24"),
        # Samoa left out a whole day.
        ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"),
    ],
)  # fmt: skip
def test_daylight_saving_moves_no_order_to_another_day(zone: str, at: str, day: str) -> None:
    row = order(1, processedAt=at, cancelledAt=at, refunds=[refund(1, "5", at)])
    made = shop(row, timezone=ZoneInfo(zone))
    ((given,),) = made.refunds
    days = [one(made).ordered_on, one(made).cancelled_on, given.refunded_on]
    assert [on.isoformat() for on in days if on] == [day] * 3


def test_several_shops_date_the_same_instant_each_in_its_own_zone() -> None:
    row = order(1, processedAt="2026-06-30T20:00:00Z")
    days = {
        zone: one(shop(row, timezone=ZoneInfo(zone))).ordered_on.isoformat()
        for zone in ("Asia/Tokyo", "America/Los_Angeles")
    }
    assert days == {"Asia/Tokyo": "2026-07-01", "America/Los_Angeles": "2026-06-30"}


def test_an_imported_order_bears_the_day_it_was_processed_not_the_day_of_the_import() -> None:
    made = one(shop(order(1, createdAt="2026-11-20T00:00:00Z", processedAt="2014-05-05T03:00:00Z")))
    assert made.ordered_on.isoformat() == "2014-05-05"


@pytest.mark.parametrize(
    ("ahead", "kept"), [(timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False)]
)
def test_a_shop_order_of_the_day_after_tomorrow_is_set_apart(ahead: timedelta, kept: bool) -> None:
    made = shop(order(1, processedAt=(NOW + ahead).isoformat()))
    assert bool(made.orders) is kept
    assert [bad.cause for bad in made.bad] == ([] if kept else ["in_the_future:2026-11-22"])


def test_a_salesforce_order_may_lie_in_the_future_for_as_of_keeps_it_out() -> None:
    assert one(org(sf_order(1, EffectiveDate="2027-06-01"))).ordered_on.isoformat() == "2027-06-01"


OPENED = date(2020, 4, 1)


def test_a_shop_order_from_before_the_shop_opened_is_set_apart_by_the_shops_own_day() -> None:
    before, first = "2020-03-31T14:59:59Z", "2020-03-31T15:00:00Z"
    made = shop(order(1, processedAt=before), opened_on=OPENED)
    assert [(bad.field, bad.cause) for bad in made.bad] == [("processedAt", "before_opened_on")]
    assert not made.orders
    assert one(shop(order(1, processedAt=first), opened_on=OPENED)).ordered_on == OPENED
    assert one(shop(order(1, processedAt="1970-01-01T00:00:00Z"))).ordered_day == 0


def test_the_org_may_be_older_than_the_shop() -> None:
    assert one(org(sf_order(1, EffectiveDate="2012-01-01"), opened_on=OPENED)).ordered_on == date(2012, 1, 1)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2015-04-01", "2015-04-01"),
        (" 2015-04-01 ", "2015-04-01"),
        ("2015-04-01T16:00:00Z", "2015-04-02"),
        ("2015-04-01T16:00:00.000+0000", "2015-04-02"),
        ("2026-11-21", "2026-11-21"),
        ("2026-11-22", None),
        ("spring 2015", None),
        ("", None),
        (None, None),
        (20150401, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_a_merchants_first_purchase_is_a_day_that_was_or_none(value: object, day: str | None) -> None:
    at = day_told(value, SHOPIFY)
    assert at == (date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal() if day else None)


def test_now_is_the_platforms_clock_and_not_this_machines() -> None:
    past = datetime(1998, 6, 30, tzinfo=UTC)
    made = shop(order(1, processedAt="1998-07-02T00:00:00Z"), now=past)
    assert [bad.cause for bad in made.bad] == ["in_the_future:1998-07-02"]
