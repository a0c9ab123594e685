"""What the access hides is found by the rows alone: orders older than 60 days, and customers' e-mails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_readback import read_shopify
from line_small import LATER, NOW, contacts, customers, orders, sales
from line_support import Line, small

Rows = Mapping[str, Sequence[Mapping[str, object]]]
Start = Callable[..., Line]
NO_HISTORY = ("person_id", "satisfaction", "contact_by")
BLIND = "[shopify]\nhide_scopes = true\n"
SHORT = BLIND + 'scopes = ["read_customers", "write_customers", "read_orders", "read_draft_orders"]\n'
NO_MAIL = "[shopify]\nprotected_data = false\n"
OLD, RECENT, YOUNG = "2026-01-01", "2026-08-04", "2026-09-20"
"""Long ago; 58 days before the present day; eleven days before it."""


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Start]:
    """Give a function: rows, the shop's part of scenario.toml -> a provisioned line."""
    with ExitStack() as stack:

        def start(rows: Rows, toml: str) -> Line:
            scenario = write_scenario(tmp_path / "scenario", rows, f'now = "{NOW}"\n{toml}')
            line = stack.enter_context(small(tmp_path / "job", scenario))
            line.provision()
            return line

        yield start


def shop(*days: str, since: str = OLD) -> Rows:
    """Ten customers who came on the day `since` and bought on each of `days`."""
    bought = [
        row
        for place, day in enumerate(days)
        for row in orders(range(10), day, start=1 + 10 * place, created_at=f"{day}T10:00:00Z")
    ]
    return {
        "shopify_customers": customers(range(10), created_at=f"{since}T09:00:00Z"),
        "shopify_orders": bought,
    }


def warned(told: Mapping[str, Any]) -> list[str]:
    """The codes of the warnings of a run."""
    return [warning["code"] for warning in told["warnings"]]


def written_fields(line: Line) -> set[str]:
    """The fields that hold anything on the shop."""
    return {key for values in read_shopify(line.ready).values() for key, value in values.items() if value}


def test_a_shop_that_may_hide_older_orders_gets_no_field_that_needs_them(begun: Start) -> None:
    line = begun(shop(OLD, RECENT), SHORT)
    told = line.sync().json
    assert warned(told) == ["history_suspicious"]
    assert (told["balanced"], told["segments"], told["planned"]) == (True, {}, 10)
    assert written_fields(line) <= set(NO_HISTORY)
    shown = line.run("plan")
    assert "shows no order older than 60 days" in shown.err and "read_all_orders" in shown.err


def test_whoever_sees_an_older_order_sees_them_all(begun: Start) -> None:
    line = begun(shop(OLD, RECENT), BLIND)
    told = line.sync().json
    assert warned(told) == []
    assert written_fields(line) >= {"segment", "tenure_days"}


@pytest.mark.parametrize("day", [RECENT, YOUNG])
def test_a_young_shop_is_not_suspected(begun: Start, day: str) -> None:
    line = begun(shop(day, since=day), BLIND)
    assert warned(line.sync().json) == []
    assert "segment" in written_fields(line)


def test_customers_older_than_every_order_are_suspicious_too(begun: Start) -> None:
    assert warned(begun(shop(YOUNG), BLIND).sync().json) == ["history_suspicious"]


def test_old_values_stay_while_history_is_hidden(begun: Start) -> None:
    line = begun(shop(OLD, RECENT), SHORT)
    line.sync()
    before = read_shopify(line.ready)
    line.apply(line.folder / "later", {}, LATER)
    assert warned(line.sync().json) == ["history_suspicious"]
    assert read_shopify(line.ready) == before


def test_a_shop_that_says_what_it_shows_is_never_suspected(begun: Start) -> None:
    told = begun(shop(RECENT), "").sync().json
    assert warned(told) == []


def people(count: int) -> Rows:
    """Customers who bought once, and a contact with the same address for each."""
    return {
        "shopify_customers": customers(range(count)),
        "shopify_orders": orders(range(count), "2026-05-01"),
        "salesforce_Contact": [
            row for number in range(count) for row in contacts([number], Email=f"p{number}@example.com")
        ],
    }


def test_where_the_shop_hides_addresses_nobody_is_joined_by_them(begun: Start) -> None:
    line = begun(people(60), NO_MAIL)
    told = line.sync().json
    assert warned(told) == ["emails_hidden"]
    assert (told["persons"], told["records"], told["balanced"]) == (120, 120, True)
    shown = line.run("plan")
    assert "60 of 60 customers with orders have no e-mail" in shown.err
    assert "protected customer data" in shown.err


def test_a_handful_without_an_address_proves_nothing(begun: Start) -> None:
    assert warned(begun(people(49), NO_MAIL).sync().json) == []


@pytest.mark.parametrize(("without", "refused"), [(62, True), (60, False)])
def test_only_above_a_fifth_of_the_buyers_are_addresses_taken_for_hidden(
    begun: Start, without: int, refused: bool
) -> None:
    rows = people(300)
    for customer in rows["shopify_customers"][:without]:
        customer["email"] = ""  # type: ignore[index]
    told = begun(rows, "").sync().json
    assert warned(told) == (["emails_hidden"] if refused else [])
    joined = 0 if refused else 300 - without
    assert told["persons"] == 600 - joined


def test_who_never_bought_says_nothing_of_what_is_hidden(begun: Start) -> None:
    rows = {**people(60), "shopify_orders": orders(range(10), "2026-05-01")}
    assert warned(begun(rows, NO_MAIL).sync().json) == []


def org(hidden: str) -> str:
    """The org's part of scenario.toml, where the integration user does not see everything."""
    return f"[salesforce]\n{hidden}\n"


def test_a_stream_that_the_org_does_not_show_is_left_out_with_a_word_about_it(begun: Start) -> None:
    line = begun(people(3), org('hidden_objects = ["Lead"]'))
    told = line.sync().json
    assert warned(told) == ["stream_unseen"]
    assert "salesforce.Lead" not in told["streams"]
    assert (told["balanced"], told["written"]) == (True, 6)
    assert "Lead" in line.run("plan").err


def test_where_the_org_hides_orders_what_needs_them_keeps_its_old_value(begun: Start) -> None:
    rows = {**people(3), "salesforce_Order": sales(range(3), "2026-06-01")}
    line = begun(rows, org('hidden_fields = ["Order.EffectiveDate"]'))
    told = line.sync().json
    assert warned(told) == ["orders_unreadable"]
    assert (told["balanced"], told["persons"], told["segments"]) == (True, 3, {})
    assert written_fields(line) <= set(NO_HISTORY)
    shown = line.run("plan").err
    assert "Order" in shown and "EffectiveDate" in shown
