"""Lists of people and codes: best customers to call, and personal codes that look wrong."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import write_scenario
from line_support import Line, small

NOW = "2026-10-01T12:00:00+09:00"
PLACE = '[shopify]\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n[salesforce]\ntimezone = "Asia/Tokyo"\n'
TOML = f'now = "{NOW}"\n{PLACE}currency = "JPY"\n'
SETTINGS = """
[metrics]
shop = true
[referral]
code_metafield = "custom.code"
code_pattern = "[a-z]+-[0-9]+"
max_redemptions = 2
"""
Row = dict[str, object]
CONTACT = "003000000000003AAA"


def at(day: str) -> str:
    return f"2026-{day}T12:00:00+09:00"


def customer(number: int, **more: object) -> Row:
    made = {"created_at": at("01-05"), "updated_at": at("01-05"), "email_consent": "SUBSCRIBED"}
    return {"id": number, "email": f"p{number}@example.com", "first_name": f"Name{number}", **made, **more}


def orders() -> list[Row]:
    bought = {
        1: ("01-10", "03-01", "04-10"),
        2: ("01-20", "04-25"),
        3: ("01-10", "04-12"),
        4: ("01-10", "04-11"),
        5: ("01-10", "09-15"),
        6: ("01-10", "04-09"),
        7: ("01-10", "04-10"),
    }
    made: list[Row] = []
    for who, days in bought.items():
        for day in days:
            number = 100 + len(made)
            common = {"processed_at": at(day), "updated_at": at(day), "total": 60_000 + who}
            made.append({"id": number, "customer_id": who, **common})
    redeemed = {"discount_codes": "Often-1", "total": 1_000}
    for number, day in enumerate(("02-01", "03-01", "04-01")):
        stamps = {"processed_at": at(day), "updated_at": at(day)}
        made.append({"id": 200 + number, "customer_id": 8, **stamps, **redeemed})
    made[-1]["discount_codes"] = "often-1;lost-9"
    return made


ROWS: dict[str, list[Row]] = {
    "shopify_customers": [
        *(customer(number) for number in (1, 2, 3, 5, 7, 8)),
        customer(4, email_consent="UNSUBSCRIBED"),
        customer(6),
    ],
    "shopify_orders": orders(),
    "shopify_metafields": [
        {
            "owner_id": who,
            "namespace": "custom",
            "key": "code",
            "type": "single_line_text_field",
            "value": code,
        }
        for who, code in ((1, "both-1"), (2, "BOTH-1"), (3, "often-1"))
    ],
    "salesforce_Account": [{"Id": "001000000000001AAA", "Name": "A1", "CreatedDate": at("01-06")}],
    "salesforce_Contact": [
        {
            "Id": CONTACT.replace("3AAA", f"{number}AAA"),
            "FirstName": f"Name{number}",
            "LastName": "L",
            "Email": f"p{number}@example.com",
            "AccountId": "001000000000001AAA",
            "CreatedDate": at("01-06"),
        }
        for number in (3, 6)
    ],
    "salesforce_Task": [
        {
            "Id": f"00T00000000000{number}AAA",
            "WhoId": CONTACT.replace("3AAA", f"{number}AAA"),
            "Status": "Completed",
            "TaskSubtype": "Call",
            "Subject": "Call",
            "ActivityDate": day,
            "CompletedDateTime": f"{day}T12:00:00+09:00",
            "CreatedDate": f"{day}T12:00:00+09:00",
        }
        for number, day in ((3, "2026-05-01"), (6, "2026-09-01"))
    ],
}


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("lists")
    with small(folder / "job", write_scenario(folder / "scenario", ROWS, TOML)) as made:
        made.configure(plain=True, more=SETTINGS, best_spend=100_000, steady_days=30, best_days=80)
        made.provision()
        made.sync()
        yield made


def figures(line: Line, *names: str) -> dict[str, int]:
    with duckdb.connect(str(line.store), read_only=True) as con:
        found = con.execute(
            "SELECT name, value FROM shop_scores WHERE list_contains(?, name)", [list(names)]
        ).fetchall()
    return {name: int(value) for name, value in found}


def test_the_best_whom_nobody_spoke_to_are_listed_by_tenure_then_spend(line: Line) -> None:
    told = line.run("contacts", "--json").json
    # 4 refuses, 5 bought and 6 was called within 90 days; 1 and 7 have one tenure, 7 spent less.
    assert [one["records"][0] for one in told["people"]] == [
        "shopify:2",
        "shopify:3",
        "shopify:1",
        "shopify:7",
    ]
    assert told["people"][1] == {
        "records": ["shopify:3", CONTACT],
        "segment": "best_active",
        "tenure_days": 92,
        "net_spend": "120006.0000",
        "last_purchase_on": "2026-04-12",
        "last_contact_on": "2026-05-01",
        "contact_by": ["email"],
    }
    assert (told["as_of"], told["quiet_days"], told["currency"]) == ("2026-10-01", 90, "JPY")
    # The list and the figures of the shop are the same people.
    counted = figures(line, "best_not_contacted", "best_to_contact")
    assert counted == {"best_not_contacted": told["quiet"], "best_to_contact": told["may_contact"]}
    assert (told["quiet"], told["may_contact"]) == (5, 4)


def test_the_list_names_records_and_never_people(line: Line) -> None:
    ran = line.run("contacts", "--limit", "2")
    assert "shopify:2" in ran.out and "shopify:3" in ran.out and "shopify:1" not in ran.out
    assert "5; one may contact 4" in ran.out and "zaiseki why RECORD" in ran.out
    assert "Name" not in ran.out and "@" not in ran.out
    japanese = line.run("--lang", "ja", "contacts").out
    assert "ご連絡できる方 4人" in japanese and "メール" in japanese


def test_the_file_has_everybody_with_the_ids_of_both_platforms(line: Line, tmp_path: Path) -> None:
    path = tmp_path / "call.csv"
    path.touch(mode=0o644)
    ran = line.run("contacts", "--csv", path)
    assert "4 people saved" in ran.out and path.stat().st_mode & 0o777 == 0o600
    with path.open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    assert [(one["shopify_ids"], one["salesforce_ids"], one["contact_by"]) for one in people] == [
        ("2", "", "email"),
        ("3", CONTACT, "email"),
        ("1", "", "email"),
        ("7", "", "email"),
    ]
    assert (people[1]["last_contact_on"], people[1]["currency"]) == ("2026-05-01", "JPY")
    refused = line.run("contacts", "--csv", tmp_path / "nowhere" / "call.csv")
    assert refused.code == 1 and "cannot be saved" in refused.err


def test_codes_that_look_wrong_are_told_with_their_holders(line: Line) -> None:
    assert line.run("codes", "--json").json == {
        "as_of": "2026-10-01",
        "max_redemptions": 2,
        "shared": {
            "total": 1,
            "codes": [{"code": "both-1", "count": 2, "holders": ["shopify:1", "shopify:2"]}],
        },
        "overused": {"total": 1, "codes": [{"code": "often-1", "count": 3, "holders": ["shopify:3"]}]},
        "unknown": {"total": 1, "codes": [{"code": "lost-9", "count": 1, "holders": []}]},
    }
    shown = line.run("codes")
    assert all(code in shown.out for code in ("both-1", "often-1", "lost-9")) and "both-1" not in shown.err
    assert figures(line, "codes_shared", "codes_overused", "codes_unknown") == dict.fromkeys(
        ("codes_shared", "codes_overused", "codes_unknown"), 1
    )


@pytest.mark.parametrize("command", ["contacts", "codes"])
def test_before_any_run_there_is_nothing_to_list(tmp_path: Path, line: Line, command: str) -> None:
    alone = Line(tmp_path, line.ready, inside=True)
    alone.configure(plain=True, best_spend=100)
    ran = alone.run(command)
    assert ran.code == 1 and "No sync has run" in ran.err
