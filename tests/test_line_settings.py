"""A setting that changes says something else of what was read before; the next run goes by it, and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_readback import Value, read_salesforce, read_shopify
from line_small import NOW, contacts, customers, orders, sales
from line_support import Line, small

ANNA, BEN = 1, 2
STAMPS = {"CreatedDate": "2026-05-01T00:00:00Z", "LastModifiedDate": "2026-05-01T00:00:00Z"}
DEAL, ROLE, CONTACT = "006000000000001AAA", "00K000000000001AAA", "003000000000001AAA"
ROWS: dict[str, list[dict[str, Any]]] = {
    "shopify_customers": [*customers([ANNA], tags="Staff;vip"), *customers([BEN])],
    "shopify_orders": [
        *orders([ANNA], "2026-03-01"),
        *orders([BEN], "2026-03-01", start=2, tags="Sample"),
    ],
    "salesforce_Contact": contacts([ANNA], Email=f"p{ANNA}@example.com"),
    "salesforce_Order": sales([ANNA], "2026-04-01", total="20.00"),
    "salesforce_Opportunity": [
        {"Id": DEAL, "Name": "Deal", "StageName": "Closed Won", "IsWon": "true", "IsClosed": "true"}
        | {"CloseDate": "2026-05-01", "Amount": "300.00", **STAMPS}
    ],
    "salesforce_OpportunityContactRole": [
        {"Id": ROLE, "OpportunityId": DEAL, "ContactId": CONTACT, "IsPrimary": "true", **STAMPS}
    ],
}


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    scenario = write_scenario(tmp_path / "scenario", ROWS, f'now = "{NOW}"\n')
    with small(tmp_path / "job", scenario) as started:
        started.provision()
        yield started


def configure(line: Line, more: str = "", *, salesforce: str = "") -> None:
    """The plain settings with `more` sections, and more keys for the org."""
    line.configure(plain=True, best_spend=100, more=f"\n{more}\n")
    text = line.settings.read_text(encoding="utf-8")
    line.settings.write_text(
        text.replace("[salesforce]\n", f"[salesforce]\n{salesforce}\n"), encoding="utf-8"
    )


def of(line: Line, number: int, key: str) -> Value:
    """What the shop shows of a customer."""
    return read_shopify(line.ready)[str(1_000 + number)][key]


def test_salesforce_purchases_are_those_that_the_settings_name(line: Line) -> None:
    told = line.sync().json
    assert of(line, ANNA, "net_spend") == 10 + 20
    for setting, spend, streams in (
        ("none", 10, set()),
        ("opportunity", 10 + 300, {"salesforce.Opportunity", "salesforce.OpportunityContactRole"}),
        ("order", 10 + 20, {"salesforce.Order"}),
    ):
        configure(line, salesforce=f'purchases = "{setting}"')
        told = line.sync().json
        assert (told["balanced"], of(line, ANNA, "net_spend")) == (True, spend), setting
        # Opportunities are signs of interest in any case.
        signs = {"salesforce.OpportunityContactRole", "salesforce.OpportunityHistory"}
        assert {name for name in told["streams"] if name.startswith("salesforce.O")} == streams | signs
        assert line.sync().json["planned"] == 0


HISTORY = '[history]\norders_csv = "before.csv"'


def test_orders_from_before_lengthen_tenure_as_long_as_their_file_is_named(line: Line) -> None:
    line.sync()
    assert of(line, ANNA, "tenure_days") == 31
    (line.folder / "before.csv").write_text(
        f"order_id,ordered_on,amount,email\nA1,2019-04-01,50,p{ANNA}@example.com\nA2,2019-04-02,60,\n"
        "A3,no day,70,x@example.com\n",
        encoding="utf-8",
    )
    configure(line, HISTORY)
    told = line.sync(code=3).json
    told_line = told["streams"]["history.orders"]
    assert (told_line["inserted"], told_line["quarantined"], told_line["on_platform"]) == (2, 1, 3)
    assert (told["balanced"], told["orders_unattributed"]) == (True, 1)
    assert of(line, ANNA, "first_purchase_on") == date(2019, 4, 1)
    assert of(line, ANNA, "net_spend") == 80
    line.run("status", "--acknowledge")
    again = line.sync().json
    assert (again["planned"], again["streams"]["history.orders"]["unchanged"]) == (0, 2)
    configure(line)
    told = line.sync().json
    assert "history.orders" not in told["streams"]
    assert of(line, ANNA, "tenure_days") == 31


def test_a_history_file_that_is_not_there_stops_the_run_before_it_begins(line: Line) -> None:
    configure(line, HISTORY)
    line.forget_requests()
    error = line.sync(code=1).json["error"]
    assert error["code"] == "history_missing" and "before.csv" in error["message"]
    assert line.served() == []


def test_who_is_kept_out_of_scoring_loses_our_fields_everywhere(line: Line) -> None:
    line.sync()
    configure(line, '[privacy]\nexclude = { tag = "staff" }')
    told = line.sync().json
    assert (told["people"]["excluded"], told["written"], told["balanced"]) == (1, 2, True)
    assert set(read_shopify(line.ready)[str(1_000 + ANNA)].values()) == {None}
    assert {value for one in read_salesforce(line.ready).values() for value in one.values()} == {None}
    assert of(line, BEN, "segment") == "first_active"
    assert line.sync().json["planned"] == 0
    configure(line)
    assert line.sync().json["written"] == 2
    assert of(line, ANNA, "net_spend") == 30


def test_orders_with_a_tag_of_theirs_or_of_their_customer_do_not_count(line: Line) -> None:
    configure(line, '[purchases.exclude]\ntags = ["ＳＡＭＰＬＥ", "staff"]')
    line.sync()
    assert of(line, ANNA, "net_spend") == 20, "the contact that bought on Salesforce bears no tag"
    assert of(line, BEN, "segment") == "prospect"
    configure(line, '[purchases.exclude]\ntags = ["sample"]')
    line.sync()
    assert (of(line, ANNA, "net_spend"), of(line, BEN, "segment")) == (30, "prospect")


def test_a_shop_that_opened_later_sets_older_orders_aside(line: Line) -> None:
    configure(line, "[history]\nopened_on = 2026-03-02")
    told = line.sync(code=3).json
    assert told["streams"]["shopify.orders"]["quarantined"] == 2
    assert (told["balanced"], of(line, BEN, "segment")) == (True, "prospect")


def test_only_the_kinds_of_records_named_are_written_to(line: Line) -> None:
    configure(line, '[write]\nobjects = ["Contact"]')
    told = line.sync().json
    assert {name: one["written"] for name, one in told["writes"].items()} == {"shopify": 0, "salesforce": 1}
    assert set(read_shopify(line.ready)[str(1_000 + ANNA)].values()) == {None}


LEAD, SPARE = "00Q000000000001AAA", "00Q000000000002AAA"


def test_a_write_to_one_record_reaches_a_lead_by_either_form_of_its_id(line: Line) -> None:
    leads = [
        {"Id": one, "LastName": f"P{ANNA}", "Email": f"p{ANNA}@example.com", "Company": "-", **STAMPS}
        for one in (LEAD, SPARE)
    ]
    line.apply(line.folder / "leads", {"salesforce_Lead": leads}, NOW)
    told = line.sync("--only", LEAD[:15]).json
    assert (told["planned"], told["written"], told["writes"]["salesforce"]["written"]) == (1, 1, 1)
    told = line.sync("--only", LEAD).json
    assert told["planned"] == 0
    assert line.sync().json["written"] == 4, "two customers, a contact and the other lead"
