"""A way to tell a friend: when it was handed over, from the platforms to the suggestion and the K-factor."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from conftest import write_scenario
from line_support import Line, small

NOW = "2026-10-01T12:00:00+09:00"
LATER = "2026-10-03T12:00:00+09:00"
PLACE = '[shopify]\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n[salesforce]\ntimezone = "Asia/Tokyo"\n'
TOML = f'now = "{NOW}"\n{PLACE}currency = "JPY"\n'
SETTINGS = """
[metrics]
shop = true
[referral]
code_metafield = "custom.code"
[satisfaction]
nps_metafield = "survey.nps"
"""
Row = dict[str, object]


def at(day: str) -> str:
    return f"2026-{day}T12:00:00+09:00"


def customer(number: int, changed: str = "01-05") -> Row:
    made = {"created_at": at("01-05"), "updated_at": at(changed)}
    return {"id": number, "email": f"p{number}@example.com", "first_name": f"P{number}", **made}


def order(number: int, who: int, day: str) -> Row:
    return {
        "id": number,
        "customer_id": who,
        "processed_at": at(day),
        "updated_at": at(day),
        "total": 3_000,
    }


def metafield(who: int, name: str, value: str) -> Row:
    namespace, key = name.split(".")
    kind = "number_integer" if key == "nps" else "single_line_text_field"
    return {"owner_id": who, "namespace": namespace, "key": key, "type": kind, "value": value}


def person(line: Line, record: str) -> dict[str, Any]:
    found: dict[str, Any] = line.run("why", record, "--json").json
    return found


def test_who_got_a_code_since_the_delight_is_not_invited_to_refer_again(tmp_path: Path) -> None:
    rows = {
        "shopify_customers": [customer(1), customer(2)],
        "shopify_orders": [order(11, 1, "09-20"), order(12, 2, "09-20")],
        "shopify_metafields": [
            metafield(1, "survey.nps", "10"),
            metafield(2, "survey.nps", "10"),
            metafield(2, "custom.code", "OLD-2"),
        ],
    }
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, TOML)) as line:
        line.configure(plain=True, more=SETTINGS, best_spend=50_000)
        line.provision()
        line.sync()
        assert {actions(line)[who] for who in ("1", "2")} == {"invite_referral"}

        handed = {
            "shopify_customers": [customer(1, "10-03")],
            "shopify_metafields": [metafield(1, "custom.code", "NEW-1")],
        }
        line.apply(tmp_path / "later", handed, LATER)
        line.sync()
        assert actions(line) == {"1": "follow_up_first", "2": "invite_referral"}
        found = person(line, "shopify:1")
        assert found["scores"]["next_action"] == "follow_up_first"
        assert [one for one in found["changes_by_waiting"] if "invite_referral" in one.values()] == []

        # As of the day before nobody had handed it over.
        line.sync("--as-of", "2026-10-02", "--approve")
        assert actions(line)["1"] == "invite_referral"


def actions(line: Line) -> dict[str, str]:
    with duckdb.connect(str(line.store), read_only=True) as con:
        return dict(
            con.execute("SELECT id, next_action FROM scores JOIN members USING (person_id)").fetchall()
        )


def test_a_lead_that_names_who_brought_it_is_a_recorded_invitation(tmp_path: Path) -> None:
    contact, lead = "003000000000001AAA", "00Q00000000000{}AAA"
    rows = {
        "shopify_customers": [customer(1), customer(2), customer(3)],
        "shopify_orders": [order(11, 1, "01-10"), order(12, 2, "02-10"), order(13, 3, "02-20")],
        "salesforce_Account": [{"Id": "001000000000001AAA", "Name": "A1", "CreatedDate": at("01-06")}],
        "salesforce_Contact": [
            {
                "Id": contact,
                "LastName": "L1",
                "FirstName": "P1",
                "Email": "p1@example.com",
                "AccountId": "001000000000001AAA",
                "CreatedDate": at("01-06"),
                "Brought_By__c": "",
            }
        ],
        "salesforce_Lead": [
            {
                "Id": lead.format(number),
                "LastName": "Z",
                "FirstName": f"P{number}",
                "Company": "-",
                "Email": f"p{number}@example.com",
                "CreatedDate": at("02-01"),
                "Brought_By__c": contact,
            }
            for number in (2, 4)
        ],
    }
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, TOML)) as line:
        line.configure(
            plain=True,
            more=SETTINGS.replace("[referral]", '[referral]\nreferrer_field = "Brought_By__c"'),
            best_spend=50_000,
        )
        line.provision()
        line.sync()
        with duckdb.connect(str(line.store), read_only=True) as con:
            found = con.execute(
                """SELECT name, value, base FROM shop_scores WHERE part = '' AND name IN
                ('k_invite', 'invitations_per_customer', 'invitation_conversion')"""
            ).fetchall()
    # Customer 1 brought two leads, and one of them bought; three customers have had their 180 days.
    assert {name: (value, base) for name, value, base in found} == {
        "invitations_per_customer": (Decimal("0.6667"), 3),
        "invitation_conversion": (Decimal("0.5"), 2),
        "k_invite": (Decimal("0.3333"), 3),
    }
