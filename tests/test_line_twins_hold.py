"""Orders that look as if they stood in both systems hold the write until the settings say what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import write_scenario
from line_readback import read_both
from line_small import TOML, contacts, customers, orders, sales
from line_support import Line, small

Rows = Mapping[str, Sequence[Mapping[str, object]]]
Start = Callable[..., Line]
ENOUGH = 60
NO_TWINS = '\n[purchases]\nduplicates = "none"\n'


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Start]:
    """Give a function: rows -> a provisioned line."""
    with ExitStack() as stack:

        def start(rows: Rows) -> Line:
            scenario = write_scenario(tmp_path / "scenario", rows, TOML)
            line = stack.enter_context(small(tmp_path / "job", scenario))
            line.provision()
            return line

        yield start


def both(twins: int = ENOUGH, others: int = 0) -> Rows:
    """People whose one order stands in both systems, a day later on Salesforce; `others` bought in the shop
    and, for another sum, on Salesforce."""
    people = range(twins + others)
    copied, alone = range(twins), range(twins, twins + others)
    return {
        "shopify_customers": customers(people),
        "shopify_orders": orders(people, "2026-05-01"),
        "salesforce_Contact": [
            row for number in people for row in contacts([number], Email=f"p{number}@example.com")
        ],
        "salesforce_Order": [
            *(
                {**row, "Shopify_Order__c": number + 1}
                for number, row in enumerate(sales(copied, "2026-05-02"))
            ),
            *sales(alone, "2026-05-02", start=1 + twins, total="33.00"),
        ],
    }


def test_so_many_twins_hold_the_write_and_no_approval_passes_them(begun: Start) -> None:
    line = begun(both())
    for words in ((), ("--approve",)):
        with line.watched() as tried:
            ran = line.sync(*words, code=2)
        assert tried == []
        facts = {"count": "60", "shopify": "60", "salesforce": "60"}
        assert ran.holds == [("possible_twins", facts)]
        told = ran.json
        assert (told["held"], told["written"], told["balanced"]) == (120, 0, True)
        assert told["people"]["possible_twins"] == 60
    shown = line.run("sync", "--approve")
    assert shown.code == 2
    assert "60 orders look as if they stood in both systems" in shown.err
    assert "salesforce.order_reference" in shown.err and "purchases.duplicates" in shown.err


def test_a_plan_tells_of_the_hold_and_is_not_held(begun: Start) -> None:
    ran = begun(both()).run("plan")
    assert (ran.code, "sync would be held" in ran.err or "both systems" in ran.err) == (0, True)


def test_the_merchants_word_that_nothing_stands_twice_lets_it_pass(begun: Start) -> None:
    line = begun(both())
    line.configure(plain=True, best_spend=100, more=NO_TWINS)
    told = line.sync().json
    assert (told["holds"], told["written"]) == ([], 120)
    assert {one["net_spend"] for one in read_both(line.ready)["shopify"].values()} == {20}


def test_the_field_that_names_the_shops_order_lets_each_order_count_once(begun: Start) -> None:
    line = begun(both())
    text = line.settings.read_text().replace(
        "[salesforce]", '[salesforce]\norder_reference = "Shopify_Order__c"'
    )
    line.settings.write_text(text)
    told = line.sync().json
    assert (told["holds"], told["people"]["duplicates"], told["people"]["possible_twins"]) == ([], 60, 0)
    held = read_both(line.ready)
    for records in held.values():
        assert {(one["net_spend"], one["purchases"]) for one in records.values()} == {(10, 1)}
    assert "Counted once: 60 orders" in line.run("plan").out


def test_a_handful_of_twins_is_reported_and_nothing_is_held_or_dropped(begun: Start) -> None:
    line = begun(both(49))
    told = line.sync().json
    assert (told["holds"], told["people"]["possible_twins"], told["people"]["duplicates"]) == ([], 49, 0)
    assert {one["net_spend"] for one in read_both(line.ready)["shopify"].values()} == {20}
    assert "49 pairs" in line.run("plan").out


def test_few_twins_among_many_orders_are_chance(begun: Start) -> None:
    told = begun(both(50, others=950)).sync().json
    assert (told["holds"], told["people"]["possible_twins"]) == ([], 50)
