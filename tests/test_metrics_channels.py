"""Channels: all alike; where a person chooses to be; what the shop sold where."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import narwhals as nw
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import ORDERS, REFUNDS, by_person, order, rows

from metrics.calendar import EPOCH, day_of, month_of
from metrics.channel_shares import channel_buyers, channel_lines, channel_months
from metrics.channels import channels, preferred_channel
from metrics.fields import CHANNELS
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.shop_line import ShopLine

CATALOGUE = [code for code, _, _ in CHANNELS]
OCTOBER, NOVEMBER = day_of(date(2026, 10, 31)), day_of(date(2026, 11, 1))


def valid(engine: Engine, orders: list[dict[str, Any]]) -> nw.LazyFrame[Any]:
    frame = engine.frame(orders, ORDERS)
    return valid_purchases(frame, engine.frame([], REFUNDS), as_of_day=30_000, rules=PurchaseRules())


def bought(person: str | None, day: int, channel: str | None, amount: str = "10") -> dict[str, Any]:
    return order(f"{person} {day} {channel} {amount}", person, day, amount, channel=channel)


def test_the_preferred_channel_has_most_purchase_days_then_the_latest_then_stands_first(
    engine: Engine,
) -> None:
    orders = [
        *(bought("days", 100 + day, "store") for day in range(2)),
        *(bought("days", 110, "online", amount) for amount in ("1", "2", "3")),
        bought("latest", 100, "online"),
        bought("latest", 101, "marketplace"),
        bought("same day", 100, "other"),
        bought("same day", 100, "phone"),
        bought("unknown", 100, None),
        bought("unknown", 100, "no channel of ours"),
        bought(None, 100, "online"),
    ]
    frame = engine.materialise(preferred_channel(valid(engine, orders), catalogue=CATALOGUE))
    chosen = {"days": "store", "latest": "marketplace", "same day": "phone"}
    assert by_person(frame, "preferred_channel") == chosen
    assert by_person(frame, "channel_count") == {"days": 2, "latest": 2, "same day": 2}


@examples(10)
@given(seed=st.integers(0, 2**32))
def test_preferred_and_all_channels_are_those_of_the_definition(engines: list[Engine], seed: int) -> None:
    chance = random.Random(seed)
    orders = [
        order(
            str(n),
            f"p{chance.randint(0, 9)}",
            chance.randint(100, 110),
            "5",
            channel=chance.choice(CATALOGUE),
        )
        for n in range(60)
    ]
    days: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for one in orders:
        days[one["person_id"]][one["channel"]].add(one["ordered_day"])
    expected = {
        person: max(used, key=lambda code: (len(used[code]), max(used[code]), -CATALOGUE.index(code)))
        for person, used in days.items()
    }
    for engine in engines:
        mine = valid(engine, orders)
        assert by_person(preferred_channel(mine, catalogue=CATALOGUE), "preferred_channel") == expected
        assert by_person(channels(mine, catalogue=CATALOGUE), "channels") == {
            person: ";".join(code for code in CATALOGUE if code in used) for person, used in days.items()
        }


def test_orders_net_and_buyers_by_channel_and_month(engine: Engine) -> None:
    orders = [
        bought("a", OCTOBER, "online", "10"),
        bought("a", OCTOBER, "online", "20"),
        bought("a", NOVEMBER, "marketplace", "30"),
        bought("b", NOVEMBER, "store", "40"),
        bought(None, NOVEMBER, "other", "100"),
        order("first", "c", 500, "0", amount_unknown=True, channel=None),
    ]
    mine = engine.materialise(valid(engine, orders))
    months = channel_months(mine, materialise=engine.materialise)
    assert rows(months) == [
        {"month": month_of(OCTOBER), "channel": "online", "orders": 2, "buyers": 1, "net": Decimal(30)},
        {"month": month_of(NOVEMBER), "channel": "marketplace", "orders": 1, "buyers": 1, "net": Decimal(30)},
        {"month": month_of(NOVEMBER), "channel": "other", "orders": 1, "buyers": 0, "net": Decimal(100)},
        {"month": month_of(NOVEMBER), "channel": "store", "orders": 1, "buyers": 1, "net": Decimal(40)},
    ]
    lines = channel_lines(months, channel_buyers(mine))
    assert ShopLine("direct_share", "", Decimal("0.3500"), 5) in lines
    assert ShopLine("marketplace_share", "", Decimal("0.1500"), 5) in lines
    assert ShopLine("direct_share", "2026-10", Decimal("1.0000"), 2) in lines
    assert ShopLine("marketplace_share", "2026-10", Decimal("0.0000"), 2) in lines
    assert ShopLine("channel_net", "2026-11 store", Decimal(40), 1) in lines
    assert ShopLine("channel_buyers", "2026-10 online", Decimal(1), 2) in lines
    assert ShopLine("omnichannel", "", Decimal("0.5000"), 2) in lines


def test_nothing_sold_is_no_share(engine: Engine) -> None:
    mine = valid(engine, [])
    lines = channel_lines(channel_months(mine, materialise=engine.materialise), channel_buyers(mine))
    assert lines == [
        ShopLine("direct_share", "", None, 0),
        ShopLine("marketplace_share", "", None, 0),
        ShopLine("omnichannel", "", None, 0),
    ]


def test_a_month_is_that_of_the_shops_calendar(engine: Engine) -> None:
    days = [day_of(date(2023, 12, 31)) + step for step in range(0, 800, 7)]
    months = channel_months(
        valid(engine, [bought("a", day, "online") for day in days]), materialise=engine.materialise
    )
    expected: dict[int, int] = defaultdict(int)
    for day in days:
        on = EPOCH + timedelta(days=day)
        expected[on.year * 12 + on.month - 1] += 1
    assert {row["month"]: row["orders"] for row in rows(months)} == expected
