"""Where new customers came from: read at the first valid order, a credited referrer before any link."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from metrics_engines import Engine
from metrics_frames import ORDERS, PERSONS, REFUNDS, by_person, order, refund

from metrics.acquisition import SourceRules, acquired_by_month, acquisition, acquisition_lines
from metrics.calendar import day_of
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.shop_line import ShopLine
from metrics.tenure import tenure

VISITED = pa.schema([*ORDERS, pa.field("utm_medium", pa.string())])
DAY = day_of(date(2026, 10, 31))


def came(order_id: str, person: str, medium: str | None, day: int = DAY, hour: int = 9) -> dict[str, Any]:
    at = datetime(2026, 10, 31, hour, tzinfo=UTC)
    return order(order_id, person, day, "10", ordered_at=at) | {"utm_medium": medium}


def sources(engine: Engine, orders: Any, *, refunds: Any = (), referred: Any = (), rules: Any = None) -> Any:
    valid = engine.materialise(
        valid_purchases(
            engine.frame(orders, VISITED),
            engine.frame(refunds, REFUNDS),
            as_of_day=30_000,
            rules=PurchaseRules(),
        )
    )
    edges = engine.frame([{"person_id": person} for person in referred], PERSONS)
    buyers = tenure(valid, rules=PurchaseRules())
    return engine.materialise(acquisition(valid, buyers, edges, materialise=engine.materialise, rules=rules))


def test_every_medium_is_paid_organic_or_not_known(engine: Engine) -> None:
    media = {
        **dict.fromkeys(
            ("cpc", "CPC ", "ppc", "paid_social", "paidsearch", "display", "affiliate"), "advertising"
        ),
        **dict.fromkeys(("organic", "Organic", "(none)"), "organic"),
        **dict.fromkeys(("email", "referral", "line", ""), "unknown"),
    }
    orders = [came(str(number), f"<{medium}>", medium) for number, medium in enumerate(media)]
    orders.append(came("none", "<null>", None))
    expected = {f"<{medium}>": source for medium, source in media.items()} | {"<null>": "unknown"}
    assert by_person(sources(engine, orders), "source") == expected


def test_a_credited_referrer_counts_before_the_link(engine: Engine) -> None:
    orders = [came("1", "a", "cpc"), came("2", "b", None), came("3", "c", "cpc")]
    read = by_person(sources(engine, orders, referred=["a", "b"]), "source")
    assert read == {"a": "referral", "b": "referral", "c": "advertising"}


def test_only_the_first_valid_order_is_read(engine: Engine) -> None:
    orders = [
        came("1", "later", "organic"),
        came("2", "later", "cpc", DAY + 1),
        came("3", "same day", "cpc", hour=10),
        came("4", "same day", "organic", hour=9),
        came("5", "silent first", None, hour=9),
        came("6", "silent first", "cpc", hour=10),
        came("7", "refunded", "cpc"),
        came("8", "refunded", "organic", DAY + 1),
    ]
    read = by_person(sources(engine, orders, refunds=[refund("7", DAY, "10")]), "source")
    assert read == {
        "later": "organic",
        "same day": "organic",
        "silent first": "unknown",
        "refunded": "organic",
    }


def test_the_merchant_may_name_other_media(engine: Engine) -> None:
    rules = SourceRules(advertising=("flyer",), paid_prefixes=(), organic=("line",))
    orders = [came("1", "a", "flyer"), came("2", "b", "line"), came("3", "c", "paid"), came("4", "d", "cpc")]
    read = by_person(sources(engine, orders, rules=rules), "source")
    assert read == {"a": "advertising", "b": "organic", "c": "unknown", "d": "unknown"}


def test_shares_of_new_customers_stand_beside_how_many_are_not_known(engine: Engine) -> None:
    orders = [
        came("1", "a", "cpc"),
        came("2", "b", "cpc"),
        came("3", "c", None),
        came("4", "d", "organic", DAY + 1),
    ]
    found = sources(engine, orders, referred=["b"])
    lines = acquisition_lines(acquired_by_month(found, materialise=engine.materialise))
    assert lines[:4] == [
        ShopLine("new_by_source", source, Decimal("0.2500"), 4)
        for source in ("advertising", "organic", "referral", "unknown")
    ]
    assert ShopLine("new_by_source", "2026-10 unknown", Decimal("0.3333"), 3) in lines
    assert ShopLine("new_by_source", "2026-11 organic", Decimal("1.0000"), 1) in lines
    assert len(lines) == 12
