"""Where new customers came from: read at the first valid order, a credited referrer before any link."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from metrics_engines import Engine
from metrics_frames import ORDERS, PERSONS, REFUNDS, by_person, order, refund, rows

from metrics.acquisition import SourceRules, acquired_by_month, acquisition, acquisition_lines
from metrics.calendar import day_of
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.shop_line import ShopLine
from metrics.tenure import tenure

VISITED = pa.schema([*ORDERS, pa.field("utm_medium", pa.string()), pa.field("visit", pa.string())])
UNVISITED = VISITED.remove(VISITED.get_field_index("visit"))
DAY = day_of(date(2026, 10, 31))


def came(
    order_id: str,
    person: str,
    medium: str | None,
    day: int = DAY,
    *,
    hour: int = 9,
    visit: str | None = None,
) -> dict[str, Any]:
    at = datetime(2026, 10, 31, hour, tzinfo=UTC)
    return order(order_id, person, day, "10", ordered_at=at) | {"utm_medium": medium, "visit": visit}


def sources(
    engine: Engine,
    orders: Any,
    *,
    refunds: Any = (),
    referred: Any = (),
    rules: Any = None,
    schema: pa.Schema = VISITED,
) -> Any:
    valid = engine.materialise(
        valid_purchases(
            engine.frame(orders, schema),
            engine.frame(refunds, REFUNDS),
            as_of_day=30_000,
            rules=PurchaseRules(),
        )
    )
    edges = engine.frame([{"person_id": person} for person in referred], PERSONS)
    buyers = tenure(valid, rules=PurchaseRules())
    found = engine.materialise(acquisition(valid, buyers, edges, materialise=engine.materialise, rules=rules))
    people = [row["person_id"] for row in rows(found)]
    assert len(people) == len(set(people)), "one row per buyer"
    return found


def test_every_medium_is_paid_organic_or_not_known(engine: Engine) -> None:
    media = {
        **dict.fromkeys(
            ("cpc", "CPC ", "ppc", "paid_social", "paidsearch", "display", "affiliate"), "advertising"
        ),
        **dict.fromkeys(("organic", "Organic"), "organic"),
        **dict.fromkeys(("email", "referral", "line", "", "(none)", "None ", "(not set)"), "unknown"),
    }
    orders = [came(str(number), f"<{medium}>", medium) for number, medium in enumerate(media)]
    orders.append(came("none", "<null>", None))
    expected = {f"<{medium}>": source for medium, source in media.items()} | {"<null>": "unknown"}
    assert by_person(sources(engine, orders), "source") == expected


def test_without_a_medium_the_visit_tells_and_a_medium_counts_before_it(engine: Engine) -> None:
    told = {
        "ad": (None, "ad", "advertising"),
        "search": (None, "search", "organic"),
        "blank medium": ("  ", "search", "organic"),
        "no medium": ("(none)", "search", "organic"),
        "direct": (None, "direct", "unknown"),
        "tagged direct": ("(none)", "direct", "unknown"),
        "other": (None, "other", "unknown"),
        "pending": (None, "pending", "unknown"),
        "mail from the web": ("email", "search", "unknown"),
        "paid search": ("cpc", "search", "advertising"),
        "seo link in an advertisement": ("organic", "ad", "organic"),
        "nothing": (None, None, "unknown"),
    }
    orders = [
        came(str(number), name, medium, visit=visit)
        for number, (name, (medium, visit, _)) in enumerate(told.items())
    ]
    assert by_person(sources(engine, orders), "source") == {name: row[2] for name, row in told.items()}
    referred = sources(engine, orders, referred=["search", "ad"])
    assert {name for name, source in by_person(referred, "source").items() if source == "referral"} == {
        "search",
        "ad",
    }


def test_only_the_first_orders_visit_is_read(engine: Engine) -> None:
    orders = [
        came("1", "a", None, visit="direct"),
        came("2", "a", None, DAY + 1, visit="search"),
        came("3", "b", None, visit="search", hour=10),
        came("4", "b", None, visit="pending", hour=9),
        came("5", "c", None, visit="search", hour=9),
        came("6", "c", "cpc", visit="ad", hour=10),
    ]
    read = by_person(sources(engine, orders), "source")
    assert read == {"a": "unknown", "b": "unknown", "c": "organic"}


def test_a_source_of_orders_that_knows_no_visits_is_read_all_the_same(engine: Engine) -> None:
    orders = [{k: v for k, v in came("1", "a", "cpc").items() if k != "visit"}]
    assert by_person(sources(engine, orders, schema=UNVISITED), "source") == {"a": "advertising"}


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
