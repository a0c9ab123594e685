"""Where new customers came from, from the shop to its figures; visits that the shop works out only later."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_support import Line, small

from sync.store import Store

NOW = "2026-10-01T12:00:00+09:00"
DAYS = [f"2026-10-{day:02}T12:00:00+09:00" for day in (2, 3)]
MUCH_LATER = "2026-11-15T12:00:00+09:00"
PLACE = '[shopify]\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n[salesforce]\ntimezone = "Asia/Tokyo"\n'
TOML = f'now = "{NOW}"\n{PLACE}currency = "JPY"\n'
SETTINGS = '\n[metrics]\nshop = {shop}\n[referral]\ncode_metafield = "custom.code"\n'
BEFORE = "2026-09-30T12:00:00+09:00"
Row = dict[str, object]
GOOGLE: Row = {
    "visit_source": "Google",
    "visit_source_type": "SEO",
    "referrer_url": "https://www.google.com/",
}
PENDING: Row = {"journey_pending": "true"}
READY: Row = {"journey_pending": "false"}


def order(number: int, **visit: object) -> Row:
    """The one order of the customer of the same number, unchanged since it was made."""
    stamps = {"processed_at": BEFORE, "updated_at": BEFORE}
    return {"id": 100 + number, "customer_id": number, **stamps, "total": 3_000, **visit}


def rows(orders: list[Row]) -> dict[str, list[Row]]:
    made = {"created_at": BEFORE, "updated_at": BEFORE}
    people: list[Row] = [
        {"id": number, "email": f"p{number}@example.com", "first_name": f"P{number}", **made}
        for number in range(1, 9)
    ]
    code: Row = {
        "owner_id": 7,
        "namespace": "custom",
        "key": "code",
        "type": "single_line_text_field",
        "value": "P7-1",
    }
    return {"shopify_customers": people, "shopify_orders": orders, "shopify_metafields": [code]}


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    earlier = order(7, processed_at="2026-09-01T12:00:00+09:00", updated_at="2026-09-01T12:00:00+09:00")
    clicked: Row = {**GOOGLE, "landing_page": "https://tea.example/?email=p2%40example.com&gclid=Cj0K"}
    orders = [
        order(1, **GOOGLE),
        order(2, **clicked),
        order(3, visit_source="direct"),
        order(4, utm_medium="email", utm_source="news", referrer_url="https://www.google.com/"),
        order(5, **PENDING),
        order(6, **PENDING),
        order(8, **PENDING),
        earlier,
    ]
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows(orders), TOML)) as made:
        made.configure(plain=True, more=SETTINGS.format(shop="false"), best_spend=50_000)
        made.provision()
        yield made


def visits(line: Line) -> dict[str, tuple[str | None, str | None]]:
    with Store.open(line.store) as store:
        found = store.rows("SELECT id, visit, referral_code FROM orders ORDER BY id")
    return {number[-1]: (visit, code) for number, visit, code in found}


def shares(line: Line) -> dict[str, Decimal]:
    """How many of the new customers came by each source."""
    with Store.open(line.store) as store:
        found = store.rows(
            """SELECT part, value * base FROM shop_scores
            WHERE name = 'new_by_source' AND part NOT LIKE '20%'
            AND as_of = (SELECT max(as_of) FROM shop_scores)"""
        )
    return {part: Decimal(people).quantize(Decimal(1)) for part, people in found if people}


def questions(line: Line) -> int:
    """How many GraphQL requests the last run sent to the shop."""
    return sum("graphql" in str(one["path"]) for one in line.served())


def notes(told: dict[str, Any]) -> list[Any]:
    return [note for note in told["notes"] if note["key"] == "visits_pending"]


def later(line: Line, tmp_path: Path, now: str, *orders: Row) -> dict[str, Any]:
    """A run at `now`, when the shop says this of orders that have not changed."""
    laid = {"shopify_orders": list(orders)} if orders else {}
    line.apply(tmp_path / f"later-{now[:10]}", laid, now)
    line.forget_requests()
    return line.sync().json


def test_a_search_an_advertisement_and_who_just_came_are_told_apart(line: Line) -> None:
    line.configure(plain=True, more=SETTINGS.format(shop="true"), best_spend=50_000)
    told = line.sync().json
    assert visits(line) == {
        "1": ("search", None),
        "2": ("ad", None),
        "3": ("direct", None),
        "4": ("search", None),
        "5": ("pending", None),
        "6": ("pending", None),
        "7": (None, None),
        "8": ("pending", None),
    }
    assert shares(line) == {"organic": 1, "advertising": 1, "unknown": 6}
    assert notes(told) == [{"key": "visits_pending", "count": "3", "days": "30"}]
    whole = line.store.read_bytes()
    assert b"google.com" not in whole
    assert b"Cj0K" not in whole


def test_what_a_shop_works_out_later_is_learnt_although_the_order_has_not_changed(
    line: Line, tmp_path: Path
) -> None:
    line.sync()
    first = later(line, tmp_path, DAYS[0], order(5, **READY, **GOOGLE))
    assert questions(line) == 2, "the survey, and the three orders by their ids"
    assert (visits(line)["5"], visits(line)["6"]) == (("search", None), ("pending", None))
    of_orders = first["streams"]["shopify.orders"]
    assert (of_orders["fetched"], of_orders["updated"], of_orders["unchanged"]) == (3, 1, 2)
    assert notes(first) == [{"key": "visits_pending", "count": "2", "days": "30"}]
    second = later(line, tmp_path, DAYS[1], order(6, **READY, referral_code="p7-1"))
    of_orders = second["streams"]["shopify.orders"]
    assert (of_orders["fetched"], of_orders["updated"], of_orders["unchanged"]) == (2, 1, 1)
    assert visits(line)["6"] == ("direct", "p7-1")
    assert notes(second) == [{"key": "visits_pending", "count": "1", "days": "30"}]
    given_up = later(line, tmp_path, MUCH_LATER)
    assert given_up["streams"]["shopify.orders"]["fetched"] == 0
    assert (notes(given_up), visits(line)["8"]) == ([], ("pending", None))
